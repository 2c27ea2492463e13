"""A bank for tests: statements of a few lines, imported as an owner would import them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from beancount.core import data

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.write import apply
from importers.plan import plan_import
from importers.planned import ImportPlan
from importers.statement import Statement, StatementFile, StatementLine

ACCOUNTS = {
    "Assets:Acme:Bank:Checking": ("bank", "chase-4411"),
    "Assets:Acme:Bank:Savings": ("bank", "ally-7788"),
    "Liabilities:Acme:Card:Amex": ("card", "amex-1005"),
    "Liabilities:Acme:Card:Visa": ("card", "amex-2009"),
    "Assets:Jane:Bank:Checking": ("bank", "usbank-3321"),
}
# The number each file says, by account.
NUMBERS = {name: f"0000{account_id[-4:]}" for name, (_, account_id) in ACCOUNTS.items()}
CHECKING, SAVINGS, AMEX, VISA, JANES = ACCOUNTS


def open_accounts(home: Home, names: Sequence[str] = tuple(ACCOUNTS)) -> None:
    """Opens the accounts in the books."""
    for name in names:
        role, account_id = ACCOUNTS[name]
        root, entity = name.split(":")[:2]
        line = "cards" if role == "card" else "cash-and-equivalents"
        path = home.ledger / entity.lower() / "accounts.beancount"
        path.write_text(
            f'{path.read_text()}2020-01-01 open {name} USD\n  role: "{role}"\n'
            f'  account-id: "{account_id}"\n  title-holder: "{entity}"\n  line: "{line}"\n'
        )
        assert root in {"Assets", "Liabilities"}


def line(
    day: int, amount: str, payee: str = "Corner Shop", *, bank_id: str = "", month: int = 9
) -> StatementLine:
    """A line of September 2026."""
    cells = {"Date": f"{month:02}/{day:02}/2026", "Description": payee, "Amount": amount}
    date = dt.date(2026, month, day)
    return StatementLine(date, Decimal(amount), None, payee, "", day, cells, bank_id)


def statement(account: str, *lines: StatementLine, version: str = "csv-1", **more) -> Statement:
    """A statement of one of the accounts; ``version`` tells the ids of two formats apart."""
    identity = (version, ("Date", "Description", "Amount"))
    kind = ACCOUNTS[account][0]
    return Statement(NUMBERS[account], "USD", tuple(lines), kind=kind, identity=identity, **more)


def plan(home: Home, files: dict[str, Sequence[Statement]]) -> ImportPlan:
    """The import of files, by name, that hold these statements."""
    by_path: dict[Path, StatementFile] = {}
    for name, statements in files.items():
        path = home.path.parent / name
        path.write_text(repr(tuple(statements)))
        by_path[path] = StatementFile(path, path.suffix[1:], "Bank", tuple(statements))
    return plan_import(
        list(by_path),
        home=home,
        books=read(home.main_root),
        reader=lambda path: by_path[path],
        ask=lambda statement, hints: None,
    )


def bring(home: Home, name: str, *statements: Statement) -> Books:
    """The books after the import of one file."""
    apply(home, plan(home, {name: statements}).change, key=str(uuid.uuid4()))
    return read(home.main_root)


def told(books: Books) -> list[tuple[int, str, list[tuple[str, str, list[str]]]]]:
    """Each transaction: its day, what it waits for, and its postings with the ids they carry."""
    return [
        (txn.date.day, str(txn.meta.get("review", "")), [_posting(p) for p in txn.postings])
        for txn in books.transactions
    ]


def _posting(posting: data.Posting) -> tuple[str, str, list[str]]:
    ids = [key for key in posting.meta or {} if key == "id" or key.startswith("id-")]
    return posting.account, str(posting.units.number), sorted(ids)
