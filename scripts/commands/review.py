"""``books review``: the check on a proposal."""

import os
from pathlib import Path

import click

from core.findings import UserError
from scripts.judging import Asked, folder_of, judged

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
        base, head, folder_of(ctx.find_root().obj), file, authors, (*approvers, *told), form, strict
    )
    code, text = judged(asked)
    if output:
        output.write_text(text, encoding="utf-8")
        click.echo(f"wrote {output}", err=True)
    else:
        click.echo(text, nl=False)
    return code
