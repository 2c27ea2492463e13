"""``books explain CODE``: what a finding's code means."""

import difflib

import click

from core.findings import UserError
from scripts.codes import CODES, SECTIONS, page
from scripts.completing import finding_codes
from scripts.table import print_table


@click.command("explain")
@click.argument("code", required=False, default="", shell_complete=finding_codes)
def command(code: str) -> None:
    """What a finding's code means: what is wrong, what to do, and where the rule comes from.

    \b
      books explain VEIL-005
      books explain             every code with its title
    """
    if not code:
        rows = ((c.code, c.title) for section in SECTIONS for c in section.codes)
        print_table(("code", "title"), rows)
        return
    known = CODES.get(code.upper())
    if known is None:
        near = difflib.get_close_matches(code.upper(), CODES, n=1)
        hint = f"did you mean {near[0]}?" if near else "'books explain' lists them"
        raise UserError(f"there is no finding code '{code}'", hint=hint)
    click.echo(page(known), nl=False)
