"""What is done to a home while its machine dies: one entry, or a pair in two journals."""

import datetime as dt
import tempfile
from pathlib import Path

from core import git
from core.home import Home
from core.journal.change import Block, ChangeSet
from core.journal.placement import placed
from core.journal.read import read
from core.journal.recovery import Applied
from core.journal.write import apply
from scripts import starter

LINK = "ic-26-aaaaaa"
DAY = dt.date(2026, 9, 3)
HALVES = {
    "Acme": '2026-09-03 * "Jane" "Draw" ^ic-26-aaaaaa\n'
    '  transfer: "distribution"\n'
    "  Equity:Acme:Members:Jane:Distributions  10.00 USD\n"
    "  Liabilities:Acme:AP",
    "Jane": '2026-09-03 * "Acme" "Draw" ^ic-26-aaaaaa\n'
    '  transfer: "distribution"\n'
    "  Assets:Jane:Cash  10.00 USD\n"
    "  Assets:Jane:InvestIn:Acme",
}
# Jane's half goes into a folder that is not there yet.
FILES = {"Acme": "2026/2026-09.beancount", "Jane": "2027/2027-01.beancount"}
EXPORT = """\
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,09/04/2026,"PAPER MILL",-20.00,ACH_DEBIT,80.00,,
DEBIT,09/03/2026,"CLOUD NINE",-12.34,ACH_DEBIT,100.00,,
CREDIT,09/01/2026,"CUSTOMER",112.34,ACH_CREDIT,112.34,,
"""


def new_home(path: Path) -> Home:
    """Jane and Acme LLC since 2020, a git repository with one commit and nothing booked."""
    parties = [starter.party("Acme", is_person=False), starter.party("Jane", is_person=True)]
    files = starter.files(parties, dt.date(2020, 1, 1), dt.date(2026, 9, 30), "USD")
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    git.init(path)
    git.commit(path, list(files), "Start", {})
    return Home(path)


def change(home: Home, deed: str, link: str = LINK) -> ChangeSet:
    """``append``: Acme's half alone; ``pair``: both halves, in two journals."""
    books = read(home.main_root, home=home)
    names = ["Acme"] if deed == "append" else ["Acme", "Jane"]
    entities = [books.registry.entities[name] for name in names]
    blocks = [
        (Path("ledger", e.folder, FILES[e.name]), e, Block(DAY, half.replace(LINK, link)))
        for e, half in ((e, HALVES[e.name]) for e in entities)
    ]
    files, _ = placed(home, books, blocks)
    return ChangeSet(deed.capitalize(), tuple(files))


def post(path: Path, deed: str) -> Applied:
    """Computes the change and gives it to the door."""
    home = Home(path)
    return apply(home, change(home, deed), key="k")


def warm() -> None:
    """Everything imported and every cache filled before the first fork."""
    with tempfile.TemporaryDirectory() as scratch:
        post(new_home(Path(scratch)).path, "pair")
