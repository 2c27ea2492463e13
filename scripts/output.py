"""Where a report goes: onto the screen, or into the file that ``--output`` names."""

from pathlib import Path

import click

from core.findings import UserError
from reports.pages.page import Page


def put(made: str | bytes, output: Path | None) -> bool:
    """Shows a report, or writes it into a file and says so; whether it was written.

    Raises UserError where the file cannot be written.
    """
    if output is None:
        click.echo(made, nl=isinstance(made, str) and not made.endswith("\n"))
        return False
    try:
        output.write_bytes(made if isinstance(made, bytes) else made.encode())
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror}", file=str(output), hint="choose another --output"
        ) from error
    click.echo(f"wrote {output}", err=True)
    return True


def as_pdf(page: Page) -> bytes:
    """A page as PDF; it says which characters the PDF's fonts do not have."""
    from reports.pages.pdf import pdf, unprintable  # and typst with it

    missing = unprintable(page)
    if missing:
        said = "the PDF's fonts do not have these characters, which print as boxes"
        click.echo(f"books: {said}: {missing}; --format html has them", err=True)
    return pdf(page)
