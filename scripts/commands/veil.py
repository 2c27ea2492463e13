"""``books veil``: mending what crosses between entities, and the statement of it."""

import click

from scripts.commands import veil_pair, veil_report, veil_settle
from scripts.commands.veil_distribute import distribute
from scripts.commands.veil_document import document
from scripts.commands.veil_fix import fix
from scripts.commands.veil_loan import loan


@click.group("veil")
def command() -> None:
    """Mend what crosses between entities unpaired, unclassified or undocumented, and report it."""


for each in (
    document,
    loan,
    distribute,
    fix,
    veil_pair.command,
    veil_settle.command,
    veil_report.command,
):
    command.add_command(each)
