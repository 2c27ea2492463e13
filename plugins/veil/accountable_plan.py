"""The clock of an accountable plan: Reg. 1.62-2(g)(2)(i), the fixed-date method.

An advance within 30 days before the expense, its report within 60 days and the return of what is
left within 120 days after it. What misses the clock is pay.
"""

import datetime as dt
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape
from core.money import at_cents
from plugins.rule import Rule, Scope, about, described
from plugins.veil.declared import accounts_of_roles, dealings
from plugins.veil.owner_pay import is_payroll, recipients
from plugins.veil.transfers import entities_of, is_mixed, posting_party

_FACTOR = "Absence of records; disguised pay"
_ADVANCE, _REPORT, _RETURN = (dt.timedelta(days=days) for days in (30, 60, 120))
_OWED = {"due-from", "due-to"}
_ASKED = frozenset({"due-from", "due-to", "payroll"})
_CLASSES = {"reimbursement", "payroll"}


@dataclass
class _Open:
    """An amount that a company advanced (or owes) and that later entries settle, oldest first."""

    txn: data.Transaction
    rest: Decimal
    incurred: dt.date | None  # when the expense was paid or incurred, as far as it is known
    is_advance: bool
    early: bool = False  # it was told that it came too early


@dataclass
class _Account:
    """What is open on one due-from or due-to account of one currency."""

    open: deque[_Open] = field(default_factory=deque)

    def settled(self, number: Decimal) -> Iterator[_Open]:
        """The open amounts that ``number`` settles, wholly or in part."""
        while number > 0 and self.open:
            first = self.open[0]
            part = min(number, first.rest)
            first.rest -= part
            number -= part
            yield first
            if not first.rest:
                self.open.popleft()


def clock_missed(books: Books) -> Iterator[Finding]:
    """VEIL-004: an employee's expense reported late, an advance too early, or an excess kept.

    The clock is the law's for employees: those declared, and owners on payroll. For other owners it
    is house policy, where ``custom "veil-rule" "VEIL-004"`` has ``owners: TRUE``.
    """
    people = _People(books)
    accounts: dict[tuple[str, str], _Account] = {}
    for txn in books.transactions:
        if not may_have_clock(txn, books) or is_mixed(txn, books):
            continue
        yield from _judged(txn, accounts, people, books)
    for (name, currency), account in accounts.items():
        if books.role(name) == "due-from":
            yield from _kept(account, currency, people, books)


def looks_at(shape: Shape, books: Books) -> bool:
    """What has a class or was reported, is owed, or is payroll, in a company's books."""
    if shape.keys.isdisjoint({"reported", "transfer"}):
        return not _ASKED.isdisjoint(shape.roles(books)) and shape.has_company(books)
    return shape.has_company(books)


def may_have_clock(txn: data.Transaction, books: Books) -> bool:
    """Reports and reimbursements, what is owed, and who is on payroll, in a company's books."""
    meta = txn.meta
    if not ("reported" in meta or meta.get("transfer") in _CLASSES):
        asked = accounts_of_roles(_ASKED, books)
        if not any(posting.account in asked for posting in txn.postings):
            return False
    return any(not books.registry.entities[e].is_person for e in entities_of(txn, books))


class _People:
    """Whose expenses the clock runs for."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._on_payroll = {
            (entity, owner)
            for txn in books.transactions
            if is_payroll(txn, books)
            for entity in entities_of(txn, books)
            for owner in recipients(txn, entity, books)
        }

    def has_clock(self, entity: str, person: str, day: dt.date) -> bool:
        """Whether the clock runs for an expense of ``person`` for ``entity`` on ``day``."""
        books = self._books
        known = books.registry.named(person)
        name = known.name if known else person
        if (entity, name) in self._on_payroll or dealings(books).is_employee(entity, name, day):
            return True
        policy = books.policy.threshold("VEIL-004", "owners", day, False)
        return policy is True and name in books.registry.owners(entity, day)


def _judged(
    txn: data.Transaction,
    accounts: dict[tuple[str, str], _Account],
    people: _People,
    books: Books,
) -> Iterator[Finding]:
    (entity,) = entities_of(txn, books)
    said = _expense_days(txn, books)
    incurred = list(said)
    persons = {_text(txn, "counterparty")}
    for posting in txn.postings:
        if posting.units is None or not posting.units.number:
            continue
        role = books.role(posting.account)
        if role not in _OWED:
            continue
        own = _day(posting.meta, "expense-date")
        incurred += [own] if own else []
        days = [own] if own else said  # on which this amount was spent, as far as they are said
        person = posting_party(posting, books)
        persons.add(person)
        account = accounts.setdefault((posting.account, posting.units.currency), _Account())
        lends = posting.units.number > 0
        if lends == (role == "due-from"):
            is_advance = role == "due-from" and txn.meta.get("transfer") != "expense-on-behalf"
            number = abs(posting.units.number)
            spent = max(days, default=None)
            early = bool(is_advance and spent and spent - txn.date > _ADVANCE)
            account.open.append(_Open(txn, number, min(days, default=None), is_advance, early))
            if spent and early:
                yield from _early(txn, txn, spent, entity, person, people, books)
            continue
        for settled in account.settled(abs(posting.units.number)):
            if role == "due-to":  # what the company owed is paid: that is when it was incurred
                incurred += [] if days else [settled.incurred or settled.txn.date]
                continue
            if _spends(txn):
                spent = max(days, default=txn.date)
                settled.incurred = settled.incurred or min(days, default=txn.date)
                late = settled.is_advance and spent - settled.txn.date > _ADVANCE
                if late and not settled.early:
                    settled.early = True
                    yield from _early(txn, settled.txn, spent, entity, person, people, books)
    yield from _late(txn, incurred, entity, persons, people, books)


def _spends(txn: data.Transaction) -> bool:
    """Whether the entry books an expense: a return of money does not."""
    return any(p.account.startswith("Expenses:") for p in txn.postings)


def _late(
    txn: data.Transaction,
    incurred: list[dt.date],
    entity: str,
    persons: set[str],
    people: _People,
    books: Books,
) -> Iterator[Finding]:
    said = _day(txn.meta, "reported")
    if not said and txn.meta.get("transfer") != "reimbursement":
        return
    if not incurred and not _spends(txn):
        return
    first = min(incurred, default=txn.date)
    reported = said or txn.date
    who = [p for p in sorted(persons) if p and people.has_clock(entity, p, first)]
    if not who or reported - first <= _REPORT:
        return
    when = f"was reported on {reported}" if said else f"has no reported: and was paid on {reported}"
    yield about(
        books,
        txn,
        code="VEIL-004",
        factor=_FACTOR,
        severity=Severity.WARNING,
        message=f"{who[0]}'s expense of {first} ({described(txn)}) {when}, after the 60th day, "
        f"{first + _REPORT}; book what is late as wages",
        evidence=("the expense report with its date", "the receipt"),
    )


def _early(
    txn: data.Transaction,
    advance: data.Transaction,
    spent: dt.date,
    entity: str,
    person: str,
    people: _People,
    books: Books,
) -> Iterator[Finding]:
    if people.has_clock(entity, person, advance.date):
        yield about(
            books,
            txn,
            code="VEIL-004",
            factor=_FACTOR,
            severity=Severity.WARNING,
            message=f"{entity} advanced {person} money on {advance.date} for an expense of "
            f"{spent}, more than 30 days before it; book it as wages, or as a loan with a note",
            evidence=("the expense report with its date",),
        )


def _kept(account: _Account, currency: str, people: _People, books: Books) -> Iterator[Finding]:
    """What is left of advances after the 120th day."""
    for left in account.open:
        due = (left.incurred or left.txn.date) + _RETURN
        if not left.is_advance or books.as_of <= due:
            continue
        (entity,) = entities_of(left.txn, books)
        person = next(
            posting_party(p, books) for p in left.txn.postings if books.role(p.account) in _OWED
        )
        if people.has_clock(entity, person, left.txn.date):
            yield about(
                books,
                left.txn,
                code="VEIL-004",
                factor=_FACTOR,
                message=f"{person} had until {due} to return what is left of "
                f"{described(left.txn)}: {at_cents(left.rest)} {currency} is open; have it "
                "returned, or book it as wages",
                evidence=("the expense report", "the return of the excess"),
            )


def _expense_days(txn: data.Transaction, books: Books) -> list[dt.date]:
    """The days that ``expense-date:`` says, of the entry and of what it is spent on or paid from;
    on a posting of a debt it is that amount's alone."""
    beside = (p for p in txn.postings if p.units and p.units.number)
    metas = [txn.meta, *(p.meta for p in beside if books.role(p.account) not in _OWED)]
    return [day for meta in metas if (day := _day(meta, "expense-date"))]


def _day(meta: Mapping[str, Any] | None, key: str) -> dt.date | None:
    value = (meta or {}).get(key)
    return value if isinstance(value, dt.date) else None


def _text(txn: data.Transaction, key: str) -> str:
    value = txn.meta.get(key)
    return value if isinstance(value, str) else ""


RULES = (
    Rule(
        "VEIL-004",
        "Accountable-plan clock missed",
        _FACTOR,
        Scope.ENTITY,
        True,
        clock_missed,
        meaning="an employee's expense was reported more than 60 days after expense-date: "
        "of the entry or of a posting (without it: after the day of the expense that is paid "
        "back), or an advance came more than 30 days before it (warnings), or what is left of an "
        'advance was not returned after 120 days (error). Employees are those of custom "employee",'
        ' and owners on payroll; for other owners the clock runs where custom "veil-rule" '
        '"VEIL-004" has owners: TRUE',
        cure="the expense report (who, how much, when, where, why), the receipt, and the return "
        "of the excess; what is late is wages",
        reference="Reg. 1.62-2(g)(2)(i)",
        looks_at=looks_at,
        looks_closer=may_have_clock,
        usual=Severity.WARNING,
    ),
)
