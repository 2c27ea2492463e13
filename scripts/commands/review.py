"""``books review``: the check on a proposal."""

import os
import uuid
from pathlib import Path

import click

from core import git
from core.findings import UserError
from core.home import Home
from core.journal.change import ChangeSet, FileChange
from core.journal.read import read
from core.journal.write import apply
from core.people import PEOPLE, people_in
from scripts import books as loading
from scripts.forges import FORGES, OWNER_HOOKS, SERVER_HOOKS, files_for, hook
from scripts.judging import Asked, folder_of, judged
from scripts.output import put
from scripts.owning import codeowners

FORMS = ("text", "md", "json")


@click.group("review", invoke_without_command=True)
@click.option("--base", default="", metavar="REV", help="What it is proposed to; its rules hold.")
@click.option("--head", default="", metavar="REV", help="What is proposed; only data is taken.")
@click.option("--file", default="", metavar="FILE", help="The root file, where it is no home.")
@click.option("--author", "authors", multiple=True, help="Who proposes it, besides the commits.")
@click.option(
    "--approved-by", "approvers", multiple=True, help="E-mail, login or name. Repeatable."
)
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write to a file instead.")
@click.option("--folder", default="", help="The home's folder, in a bare repository.")
@click.option("--before-approval", is_flag=True, help="Name missing approvals, refuse nothing.")
@click.option("--strict", is_flag=True, help="Warnings refuse it too.")
@click.pass_context
def command(
    ctx: click.Context,
    base: str,
    head: str,
    file: str,
    authors: tuple[str, ...],
    approvers: tuple[str, ...],
    form: str,
    output: Path | None,
    folder: str,
    before_approval: bool,
    strict: bool,
) -> int:
    """The check on a proposal: what it does to the books, what is wrong with it, and who may.

    \b
      books review --base main --head import/open
      books review --base main --head feature --approved-by ann@example.com
      books review --base "$BASE" --head "$HEAD" --format md --output comment.md

    Rules, policy, options, plugins and people are the base's; of the head only data is read, in a
    child process with limits (within bubblewrap where it is at hand), and none of its code is run.
    Nothing is checked out: it works in a bare repository as well. In CI $BOOKS_APPROVED_BY names
    approvers too, apart by blanks or commas.

    Exit status: 0 fine, 1 refused (the proposal brings an error, or nobody who may approved it),
    2 it cannot be judged.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    if not base or not head:
        hint = "books review --base main --head HEAD"
        raise UserError("what is proposed, and to what?", hint=hint)
    told = os.environ.get("BOOKS_APPROVED_BY", "").replace(",", " ").split()
    asked = Asked(
        base=base,
        head=head,
        folder=folder_of(ctx.find_root().obj),
        root=file,
        authors=authors,
        approvers=(*approvers, *told),
        form=form,
        strict=strict,
        within=folder,
        before_approval=before_approval,
    )
    code, text = judged(asked)
    put(text, output)
    return code


@command.command("codeowners")
@click.pass_context
def owners(ctx: click.Context) -> None:
    """Print CODEOWNERS, for a forge to ask the right people, from rules/people.yaml.

    \b
      books review codeowners > .github/CODEOWNERS
    """
    home = loading.home_from(ctx)
    people = people_in(home.rules)
    if people is None:
        raise UserError("names nobody: there is no such file", file=PEOPLE.as_posix())
    registry = read(home.main_root, home=home).registry
    click.echo(codeowners(people, registry, git.prefix(home.path)), nl=False)


@command.command("install")
@click.option(
    "--forge", type=click.Choice([*FORGES, "hook"]), required=True, help="Where proposals are made."
)
@click.option("--dry-run", is_flag=True, help="Show what would be written.")
@click.option("--commit/--no-commit", default=True, help="Commit in a git home.  [default: commit]")
@click.pass_context
def install(ctx: click.Context, forge: str, dry_run: bool, commit: bool) -> None:
    """Have proposals checked: workflows for a forge, or git's own hooks.

    \b
      books review install --forge github
      books review install --forge hook                     pre-commit and pre-push, for you
      books --home books.git review install --forge hook    pre-receive, on a server

    A workflow has no secrets in the part that reads what strangers propose. A hook that is already
    there stays.
    """
    if forge == "hook":
        _hooks(folder_of(ctx.find_root().obj), dry_run=dry_run)
        return
    home = loading.home_from(ctx)
    above = git.prefix(home.path)
    if above and not dry_run:
        raise UserError(
            f"the home lies in {above} of its repository, and forges look at the top",
            hint=f"--dry-run shows the files; add --folder {above.rstrip('/')} to 'books review'",
        )
    change = _change(home, forge)
    click.echo(change.diff(), nl=False)
    if not change.files:
        click.echo("It is there already.")
    elif dry_run:
        click.echo("Dry run: nothing was written.")
    else:
        done = apply(home, change, key=str(uuid.uuid4()), actor="review", commit=commit)
        click.echo(f"Wrote {', '.join(path.as_posix() for path in done.files)}.")


def _change(home: Home, forge: str) -> ChangeSet:
    files = tuple(
        FileChange(path, full.read_bytes() if (full := home.path / path).is_file() else None,
                   text.encode())
        for path, text in files_for(forge).items()
    )  # fmt: skip
    return ChangeSet(f"Have proposals reviewed on {forge}", files).effective()


def _hooks(folder: Path, *, dry_run: bool) -> None:
    where = git.hooks(folder)
    if where is None:
        raise UserError("is no git repository", file=str(folder), hint="git init")
    for name in SERVER_HOOKS if git.is_bare(folder) else OWNER_HOOKS:
        path = where / name
        if path.exists() and path.read_text(encoding="utf-8") != hook(name):
            click.echo(f"{path} is there already and stays")
        elif dry_run:
            click.echo(f"would write {path}")
        else:
            where.mkdir(exist_ok=True)
            path.write_text(hook(name), encoding="utf-8")
            path.chmod(0o755)
            click.echo(f"wrote {path}")
