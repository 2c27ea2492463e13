"""The accounts that a cure posts to: those that are open, else new ones, opened with their role."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from beancount.core import data
from beancount.parser import parser

from core.entity import Entity
from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.journal.change import Block
from core.journal.edit import Edit
from core.journal.placement import accounts_file
from plugins.veil.chart import for_note

# Role: the name that an account of it gets, and its line in the statements.
_NEW = {
    "due-from": ("Assets:{entity}:DueFrom:{other}", "due-from-related"),
    "due-to": ("Liabilities:{entity}:DueTo:{other}", "due-to-related"),
    "loan-to": ("Assets:{entity}:LoanTo:{other}", "loans-given"),
    "loan-from": ("Liabilities:{entity}:LoanFrom:{other}", "related-loans"),
    "invest-in": ("Assets:{entity}:InvestIn:{other}", "investments"),
    "contribution": ("Equity:{entity}:Members:{other}:Contributions", "capital"),
    "distribution": ("Equity:{entity}:Members:{other}:Distributions", "capital"),
    "distribution-income": ("Income:{entity}:DistributionsFrom:{other}", "other-income"),
    "guaranteed-payment": ("Expenses:{entity}:GuaranteedPayments:{other}", "operating-expenses"),
    "guaranteed-payment-income": ("Income:{entity}:GuaranteedPayments:{other}", "revenue"),
}
ROLES = frozenset(_NEW)
_OPEN = re.compile(r"\S+ open ")
_ABOUT = {
    role: re.compile(
        pattern.replace("{entity}", r"(?P<entity>[^:]+)").replace("{other}", r"(?P<other>[^:]+)")
        + r"(:[^:]+)?"
    )
    for role, (pattern, _) in _NEW.items()
}


def account_for(
    entity: str, roles: Sequence[str], other: str, day: dt.date, books: Books, note: str = ""
) -> str:
    """The entity's first account of one of the roles towards ``other`` that is open on the day (of
    a loan that of the note, else the only one that is of no note); where there is none, the name
    that one is given (``openings`` opens it)."""
    for role in roles:
        found = [
            account
            for account in books.accounts.values()
            if account.entity == entity
            and account.role == role
            and account.counterparty.casefold() == other.casefold()
            and account.is_open(day)
        ]
        if note and role.startswith("loan"):
            found = for_note(found, note, books)
        if found:
            return found[0].name
    name = _NEW[roles[0]][0].format(entity=entity, other=other)
    return f"{name}:{note}" if note and roles[0].startswith("loan") else name


def money_of(entity: str, day: dt.date, books: Books) -> str:
    """The entity's first open bank account, or an empty string."""
    return next(
        (
            a.name
            for a in books.accounts.values()
            if a.entity == entity and a.role == "bank" and a.is_open(day)
        ),
        "",
    )


def in_transit_of(entity: str, day: dt.date, books: Books) -> str:
    """The entity's first open account for money under way, or an empty string."""
    return next(
        (
            a.name
            for a in books.accounts.values()
            if a.entity == entity and a.role == "in-transit" and a.is_open(day)
        ),
        "",
    )


def openings(
    blocks: Iterable[tuple[Path, Entity, Block]], edits: Iterable[Edit], books: Books
) -> list[tuple[Path, Entity, Block]]:
    """The ``open`` directives of accounts that the cure posts to and that are not there.

    Raises UserError where such an account is there and not open on the day: then its opening date
    is to be mended first.
    """
    used: dict[str, dt.date] = {}
    texts = [block.text for _, _, block in blocks]
    for edit in edits:
        texts += [edit.instead] if edit.instead else []
        for account in edit.accounts.values():
            used[account] = min(edit.txn.date, used.get(account, edit.txn.date))
        for account, _, _ in edit.more:
            used[account] = min(edit.txn.date, used.get(account, edit.txn.date))
    entries, _, _ = parser.parse_string("\n\n".join(texts))
    for entry in entries:
        if isinstance(entry, data.Transaction):
            for posting in entry.postings:
                first = used.get(posting.account, entry.date)
                used[posting.account] = min(entry.date, first)
    found = []
    for name, day in sorted(used.items()):
        known = books.accounts.get(name)
        if known and known.is_open(day):
            continue
        if known:
            raise UserError(
                f"{name} is not open on {day}",
                hint=f"it was opened on {known.opened}: mend its opening in the accounts file",
                code=EXIT_FINDINGS,
            )
        found.append(_opened(name, day, books))
    return found


def with_openings(text: str, books: Books) -> str:
    """The text of a cure, ready to paste: before it the ``open`` directives of the accounts between
    entities that it posts to and that are not there. Empty where one is there and not open yet."""
    entries, _, _ = parser.parse_string(text)
    found: dict[str, str] = {}
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            known = books.accounts.get(posting.account)
            if known and not known.is_open(entry.date):
                return ""
            if not known and any(each.fullmatch(posting.account) for each in _ABOUT.values()):
                found[posting.account] = _opened(posting.account, entry.date, books)[2].text
    return "\n\n".join([*(text for _, text in sorted(found.items())), text])


def without_openings(text: str) -> str:
    """The text of a cure without those: who writes it opens what is missing himself."""
    blocks = text.split("\n\n")
    return "\n\n".join(block for block in blocks if not _OPEN.match(block))


def _opened(name: str, day: dt.date, books: Books) -> tuple[Path, Entity, Block]:
    for role, pattern in _ABOUT.items():
        match = pattern.fullmatch(name)
        entity = books.registry.entities.get(match["entity"]) if match else None
        if match and entity:
            text = (
                f'{day} open {name}\n  role: "{role}"\n  counterparty: "{match["other"]}"\n'
                f'  line: "{_NEW[role][1]}"'
            )
            return accounts_file(entity), entity, Block(day, text)
    raise UserError(
        f"{name} is no account that is open on {day}",
        hint="open it in the accounts file, or name another with --account",
        code=EXIT_FINDINGS,
    )
