"""``books check --watch``: findings as you save.

Says what a save brought and what it cured, not the whole list again.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import click
from watchfiles import watch

from core import show
from core.findings import Finding, UserError
from core.home import Home
from core.journal.books import Books
from core.memory import collecting

Check = Callable[[], tuple[Books, list[Finding]]]
_OURS = {".beancount", ".yaml", ".yml"}
_SETTLED = 30  # milliseconds without another change
_LOOKS_UP = 200  # milliseconds after which the watcher says that it is there


def watching(home: Home, check: Check) -> None:
    """Checks whenever something below ledger/ or rules/ is saved, until Ctrl-C."""
    known: dict[str, Finding] | None = None
    changes = watch(
        home.ledger, home.rules, step=_SETTLED, rust_timeout=_LOOKS_UP, yield_on_timeout=True
    )
    with collecting(), suppress(KeyboardInterrupt):
        for found in changes:
            if known is None:  # only now: what is saved while this check runs is seen next
                known = _told({}, check, "")
                click.echo(f"Watching {home.ledger} and {home.rules}; Ctrl-C ends.")
            elif found:
                there = (Path(name) for _, name in found)  # editors also write what they rename
                names = sorted({path.name for path in there if path.suffix in _OURS})
                known = _told(known, check, _shortened(names))


def _told(known: dict[str, Finding], check: Check, names: str) -> dict[str, Finding]:
    """Checks, says what is new and what is gone, and gives what is known now."""
    began = time.perf_counter()
    try:
        books, findings = check()
    except UserError as error:
        click.echo(f"books: {error}", err=True)
        return known
    seconds = time.perf_counter() - began
    now = {finding.fingerprint: finding for finding in findings}
    fresh = [finding for key, finding in now.items() if key not in known]
    gone = [finding for key, finding in known.items() if key not in now]
    if known or names:
        click.echo(f"\n{time.strftime('%X')} {names} ({seconds:.2f} s)")
    for finding in gone:
        click.echo(f"cured: {finding.code} {finding.message}")
    if fresh:
        text = show.as_text(fresh, books.base, as_of=books.as_of)
        click.echo(text.rsplit("\n", 2)[0])  # without its summary: these are not all
    click.echo(show.summary(findings, books.as_of))
    return now


def _shortened(names: Sequence[str], most: int = 3) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
