"""``books``: one click group; each command is a module of ``scripts/commands``, loaded late."""

import difflib
import gc
import importlib
import sys
import traceback
from typing import Any

import click

from core.findings import EXIT_FAULT, UserError
from core.masked import masked
from core.memory import collector_paused
from scripts.everywhere import with_options

COMMANDS = {
    "adjust": "An adjusting entry of a period, and its reversal.",
    "adopt": "What an existing Beancount ledger lacks; nothing is changed.",
    "audit": "Who changed the books in a period, what, when and why.",
    "bank": "Connect a bank, see how it is, mend and end the connection.",
    "budget": "A month of the budget, and deciding on it.",
    "cache": "What was computed once and kept, outside the books.",
    "check": "Lint, Beancount's own checks, and every rule.",
    "close": "Close a period: the checklist, and its seal.",
    "completion": "The completion script for bash, zsh or fish.",
    "coverage": "Which days statements and feeds cover, and the holes.",
    "demo": "Copy the example, import its bank files, check, report and serve.",
    "explain": "What a finding's code means, and what to do.",
    "diff": "What a change does to the books: figures, findings, transactions.",
    "export": "The books as Parquet files, for other programs.",
    "forecast": "The cash of the days to come, and the first day it is short.",
    "history": "One entry through edits, moves and renames, over all commits.",
    "import": "Read bank files into the books; nothing is entered twice.",
    "inbox": "What nobody has decided yet, and deciding it.",
    "init": "Start your own books.",
    "migrate": "Bring the files of rules/ to the version that this program reads.",
    "reconcile": "A statement beside the books: what matches, what is outstanding.",
    "reopen": "Open a closed period again: two people and a reason.",
    "report": "Statements, each with the identities that prove it.",
    "review": "The check on a proposal: base's rules, head's data, who may.",
    "rules": "Try the rules on the history, and have rules proposed.",
    "schedule": "Fetch every night without anybody, onto a branch of its own.",
    "secrets": "What is kept encrypted: names, never values.",
    "serve": "Browse the books: a guarded, read-only Fava with our pages.",
    "status": "Last run, next run, how fresh each account is, what needs you.",
    "sync": "Fetch what the connected banks have, into the books.",
    "verify": "Compute every closed period again, and name what differs.",
    "veil": "Mend what crosses between entities.",
}


class LazyGroup(click.Group):
    """Loads a command's module only when it is used, so that ``--help`` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(
            f"scripts.commands.{cmd_name.replace('import', 'import_')}"
        )
        command = module.command
        return with_options(command) if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the command that was meant where the name is misspelt."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if near:
                said = f"{error.message} Did you mean '{near[0]}'?"
                raise click.UsageError(said, ctx) from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", metavar="DIR", help="The books: a directory with ledger/ and rules/.")
@click.version_option(package_name="bulkhead-books", prog_name="books")
@click.pass_context
def cli(ctx: click.Context, home: str | None) -> None:
    """Plain-text books for several companies and a household, with the wall between them checked.

    The books are found by --home, $BOOKS_HOME, or the nearest parent folder that holds ledger/
    and rules/.
    """
    ctx.obj = home


with_options(cli)


def main(args: list[str] | None = None) -> None:
    """Runs the command line; a fault of ours says so and exits 3, without a traceback."""
    try:
        with collector_paused():  # a command ends before garbage could matter
            code: Any = cli.main(args, prog_name="books", standalone_mode=False)
            gc.freeze()  # else Python looks through all books for garbage before it ends
    except UserError as error:
        click.echo(masked(f"books: {error}"), err=True)
        sys.exit(error.code)
    except (click.exceptions.Abort, KeyboardInterrupt):  # click sees it only within a command
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:  # the last line of defence: people see one sentence
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
        click.echo(
            masked(f"books: a fault of ours ({type(error).__name__} at {place}): {error}\n")
            + "  Nothing that was not reported as done was done. Please report this.",
            err=True,
        )
        sys.exit(EXIT_FAULT)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
