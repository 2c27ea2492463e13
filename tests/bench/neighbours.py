"""Other programs that read plain-text books, where they are installed: hledger, ledger, uromyces.

They get the same transactions and balance assertions: ledger and hledger as one journal in their
own notation, without metadata, with costs as prices; uromyces the same files, with a root that
names no plugin, registry or policy (it runs no plugin from another place, and does not read each
kind of metadata). What they are asked is what reads and proves all of it.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from beancount.core import amount, data, position
from measure import Job, command

from core.home import Home
from core.journal.read import read

JOURNAL, ROOT = "books.journal", "plain.beancount"
_OURS = ("plugin ", "registry.beancount", "policy.beancount")


def neighbours(home: Home, beside: Path) -> list[tuple[str, Job]]:
    """A job for each that is there; what they read is written into the folder ``beside``."""
    asked = {
        "hledger check": ("hledger", "-f", beside / JOURNAL, "check"),
        "ledger balance": ("ledger", "-f", beside / JOURNAL, "balance"),
        "uro check": ("uro", "check", beside / ROOT),
    }
    there = [
        (name, command(*words)) for name, words in asked.items() if shutil.which(name.split()[0])
    ]
    if there:  # written by another process: what this one holds would count as its children's
        command(sys.executable, __file__, home.path, beside)()
    return there


def write(home: Home, beside: Path) -> None:
    """The journal of ledger and hledger, and the root of uromyces."""
    (beside / JOURNAL).write_text("\n\n".join(_journal(home)), encoding="utf-8")
    lines = home.main_root.read_text(encoding="utf-8").splitlines()
    place = home.main_root.parent.resolve()
    kept = [line for line in lines if not any(word in line for word in _OURS)]
    root = [line.replace('include "', f'include "{place}/') for line in kept]
    (beside / ROOT).write_text("\n".join(root), encoding="utf-8")


def _journal(home: Home) -> Iterator[str]:
    """The entries in the notation that ledger and hledger share, in the order of the books."""
    for entry in read(home.main_root, home=home).entries:
        if isinstance(entry, data.Transaction):
            said = [f"{entry.date} * {entry.payee or entry.narration}"]
            said += [f"    {leg.account}  {_units(leg)}" for leg in entry.postings]
            yield "\n".join(said)
        elif isinstance(entry, data.Balance):
            # Theirs hold at the posting: an empty one, before those of the day.
            held = f"0 {_unit(entry.amount)} = {_amount(entry.amount)}"
            yield f"{entry.date} * Statement\n    {entry.account}  {held}"


def _units(leg: data.Posting) -> str:
    assert leg.units
    said = _amount(leg.units)
    if isinstance(leg.cost, position.Cost):
        return f"{said} @ {leg.cost.number} {leg.cost.currency}"
    return f"{said} @ {_amount(leg.price)}" if leg.price else said


def _amount(of: amount.Amount) -> str:
    return f"{of.number} {_unit(of)}"


def _unit(of: amount.Amount) -> str:
    """A commodity; theirs wants quotes where it has more than letters."""
    return of.currency if of.currency.isalpha() else f'"{of.currency}"'


if __name__ == "__main__":
    write(Home(Path(sys.argv[1])), Path(sys.argv[2]))
