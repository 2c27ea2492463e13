"""What falls due to an entity and from it: invoices and bills by ``due:``, loans, set dates.

An invoice or bill is an entry with ``due:``; its payments share its link (``inv-…``, ``bill-…``).
An unpaid bill stays an obligation after its day; an overdue receivable is no longer expected.
What has no link cannot be matched with its payment, and counts until its day. A loan counts by its
schedule: interest and escrow that fall due, and as much principal as brings what is owed down to
it, so what was missed is due as well. An ``obligation`` counts by its ``amount:`` until it is
fulfilled.

Only what the books knew on the day counts: an invoice written later was not expected then.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from beancount.core import data
from beancount.core.amount import Amount

from core.journal.books import Books
from core.journal.shape import Shape
from core.loans.ledger import loans_in
from core.loans.schedule import Row, owed_after, schedule
from core.loans.terms import Loan
from core.period import month_end
from plugins.veil.figures import Figures, group_of
from plugins.veil.gathering import ZERO, book_value, first_days, month_of

_EVERY = {"month": 1, "monthly": 1, "quarter": 3, "quarterly": 3, "semiannual": 6}
_YEAR = 12
_LINKS = ("bill-", "inv-")
# Liabilities that an entry with ``due:`` may create besides accounts payable, such as payroll tax.
_OWED = frozenset({"", "withholding", "payroll"})


class Expected(NamedTuple):
    """Amounts by currency that fall due within a window: what comes in, what goes out."""

    receipts: Mapping[str, Decimal]
    obligations: Mapping[str, Decimal]


@dataclass
class _Item:
    """One invoice or bill: when it is due, and how its open amount moved (day, change)."""

    due: int
    receivable: bool
    until_due: bool
    moved: list[tuple[int, Decimal]] = field(default_factory=list)

    def steps(self, horizon: int) -> Iterator[tuple[int, Decimal]]:
        """How its part in the sum for a window of ``horizon`` days changes: (day, change)."""
        level: dict[int, Decimal] = {}
        opened = ZERO
        for day, number in sorted(self.moved):
            opened += number
            level[max(day, self.due - horizon)] = max(opened, ZERO)
        if self.until_due or self.receivable:
            level = {day: each for day, each in level.items() if day <= self.due}
            level[self.due + 1] = ZERO
        before = ZERO
        for day, each in sorted(level.items()):
            yield day, each - before
            before = each


class _Sums:
    """Running sums by currency, one side of one entity for one length of the window."""

    def __init__(self) -> None:
        self._steps: dict[str, list[tuple[int, Decimal]]] = {}
        self._levels: dict[str, tuple[list[int], list[Decimal]]] = {}

    def add(self, currency: str, steps: Iterable[tuple[int, Decimal]]) -> None:
        self._steps.setdefault(currency, []).extend(steps)

    def on(self, day: int) -> dict[str, Decimal]:
        found = {}
        for currency, steps in self._steps.items():
            if currency not in self._levels:
                steps.sort()
                days, levels, level = [], [ZERO], ZERO
                for each, change in steps:
                    level += change
                    days.append(each)
                    levels.append(level)
                self._levels[currency] = days, levels
            days, levels = self._levels[currency]
            found[currency] = levels[bisect_right(days, day)]
        return found


class Dues:
    """What falls due, of all entities of the books. Make it by ``dues_of``."""

    def __init__(self, books: Books, figures: Figures) -> None:
        self._books = books
        self._figures = figures
        self._items = _items(books)
        self._sums: dict[int, dict[tuple[str, bool], _Sums]] = {}
        self._loans = [e for e in _customs(books, "loan") if len(e.values) == 4]
        self._set = [e for e in _customs(books, "obligation") if "amount" in e.meta]
        self._done = _fulfilled(books)
        self._rows: dict[tuple[str, int], Sequence[Row]] = {}

    def expected(self, entity: str, day: dt.date, horizon: int) -> Expected:
        """What the books expected at the end of ``day`` to fall due in the ``horizon`` days after
        it, the last included, and what was overdue by then."""
        if horizon not in self._sums:
            sums = self._sums[horizon] = {}
            for (owner, currency), items in self._items.items():
                for item in items:
                    side = sums.setdefault((owner, item.receivable), _Sums())
                    side.add(currency, item.steps(horizon))
        sums = self._sums[horizon]
        receipts, obligations = (
            sums[entity, side].on(day.toordinal()) if (entity, side) in sums else {}
            for side in (True, False)
        )
        last = day + dt.timedelta(days=horizon)
        for currency, number in (
            *self._loan_payments(entity, day, last),
            *self._by_date(entity, day, last),
        ):
            obligations[currency] = obligations.get(currency, ZERO) + number
        return Expected(receipts, obligations)

    def _loan_payments(
        self, entity: str, day: dt.date, last: dt.date
    ) -> Iterator[tuple[str, Decimal]]:
        """What falls due after ``day`` up to ``last`` of loans not paid back by then."""
        for entry in self._loans:
            name, _, borrower, principal = (value.value for value in entry.values)
            if borrower != entity or entry.date > day or not isinstance(principal, Amount):
                continue
            owed = self._outstanding(entity, str(name), entry, day)
            if owed is not None and owed <= 0:
                continue
            loan = loans_in(self._books).declared.loans.get(str(name))
            rows = self._schedule(loan, day) if loan else ()
            if loan and rows:
                yield loan.currency, _falls_due(loan, rows, owed, day, last)
            else:
                yield from _without_schedule(entry, principal, owed, day, last)

    def _schedule(self, loan: Loan, day: dt.date) -> Sequence[Row]:
        """The loan's schedule by the events that were known on ``day``; empty where it has none."""
        if loan.runs_by_days:
            return ()
        events = loans_in(self._books).events(loan)
        known = tuple(event for event in events if event.date <= day)
        key = loan.id, len(known)
        if key not in self._rows:
            self._rows[key] = schedule(loan, known)
        return self._rows[key]

    def _outstanding(
        self, entity: str, name: str, entry: data.Custom, day: dt.date
    ) -> Decimal | None:
        """What the loan's accounts say is owed; None where nothing was posted to any of them."""

        def is_its(account: str) -> bool:
            named = account == entry.meta.get("account") or account.endswith(f":{name}")
            return named and self._books.registry.ent(account) == entity

        held = self._figures.on(entity, day)
        owed = [-number for (group, _), number in held.items() if group.loan and is_its(group.loan)]
        if owed:
            return sum(owed, ZERO)
        # What came and went on the same day leaves no sum behind, but was posted.
        drawn = any(is_its(account) and first <= day for account, first in self._drawn.items())
        return ZERO if drawn else None

    @cached_property
    def _drawn(self) -> Mapping[str, dt.date]:
        """The accounts that money is borrowed on, with the day of their first posting."""
        books, borrowed = self._books, self._figures.borrowed
        days = first_days(books).items()
        return {each: day for each, day in days if group_of(each, books, borrowed).loan}

    def _by_date(self, entity: str, day: dt.date, last: dt.date) -> Iterator[tuple[str, Decimal]]:
        """Declared obligations with an amount that fall due, and are not fulfilled by ``day``."""
        for entry in self._set:
            owner, key = (str(value.value) for value in entry.values[:2])
            amount, first = entry.meta["amount"], entry.meta.get("first")
            if owner != entity or entry.date > day or not isinstance(amount, Amount):
                continue
            if not isinstance(first, dt.date) or amount.number is None:
                continue
            step = _step(entry.meta.get("every", "year"))
            for due in _dates(first, step, day, last):
                done = self._done.get((entity, key, _period(due, step)))
                if done is None or done > day:
                    yield amount.currency, amount.number


def _falls_due(
    loan: Loan, rows: Sequence[Row], owed: Decimal | None, day: dt.date, last: dt.date
) -> Decimal:
    """By the schedule; ``owed`` is what the books owe, None where they have no account of it."""
    before = owed_after(rows, loan, day) if owed is None else owed
    principal = max(before - owed_after(rows, loan, last), ZERO)
    return principal + sum((r.interest + r.escrow for r in rows if day < r.due <= last), ZERO)


def _without_schedule(
    entry: data.Custom, principal: Amount, owed: Decimal | None, day: dt.date, last: dt.date
) -> Iterator[tuple[str, Decimal]]:
    """Where the note does not say when it ends: its ``payment:`` at each due date; and all of it
    at its maturity."""
    meta = entry.meta
    payment, matures = meta.get("payment"), meta.get("maturity")
    if isinstance(payment, Amount) and payment.number is not None:
        step = _step(meta.get("schedule", "monthly"))
        first = meta.get("first-payment") or _later(meta.get("start", entry.date), step)
        until = min(last, matures) if isinstance(matures, dt.date) else last
        yield payment.currency, payment.number * len(_dates(first, step, day, until))
    elif isinstance(matures, dt.date) and day < matures <= last:
        yield principal.currency, owed if owed is not None else principal.number or ZERO


def dues_of(books: Books, figures: Figures) -> Dues:
    """What falls due in the books, gathered once for all who ask."""
    found: Dues | None = books.memo.get("dues")
    if found is None:
        found = books.memo["dues"] = Dues(books, figures)
    return found


def is_due(txn: data.Transaction) -> bool:
    """Whether an entry has ``due:``, or the link of an invoice or bill."""
    if isinstance(txn.meta.get("due"), dt.date):
        return True
    return any(link.startswith(_LINKS) for link in txn.links or ())


def may_be_due(shape: Shape, _: Books) -> bool:
    """Shapes of what ``is_due`` asks for."""
    return "due" in shape.keys or not shape.links.isdisjoint({"bill", "inv"})


def due_entries(transactions: Iterable[data.Transaction]) -> Iterator[list[Any]]:
    """Of each of these entries: its day, the due day or 0, the link or nothing, and its postings
    to assets and liabilities."""
    for txn in transactions:
        due = txn.meta.get("due")
        links = [link for link in txn.links or () if link.startswith(_LINKS)]
        postings = []
        for posting in txn.postings:
            if posting.account.startswith(("Assets:", "Liabilities:")):
                number, currency = book_value(posting)
                postings.append([posting.account, currency, number])
        day = due.toordinal() if isinstance(due, dt.date) else 0
        yield [txn.date.toordinal(), day, min(links, default=""), postings]


def _items(books: Books) -> dict[tuple[str, str], list[_Item]]:
    """The invoices and bills by entity and currency."""
    linked: dict[str, list[list[Any]]] = {}
    alone = []
    for row in due_entries(books.select("due, or of an invoice or bill", is_due)):
        if row[2]:
            linked.setdefault(row[2], []).append(row)
        else:
            alone.append([row])
    items: dict[tuple[str, str], list[_Item]] = {}
    for rows in (*linked.values(), *alone):
        for key, item in _items_of(sorted(rows, key=lambda row: row[0]), books):
            items.setdefault(key, []).append(item)
    return items


def _items_of(rows: list[list[Any]], books: Books) -> Iterator[tuple[tuple[str, str], _Item]]:
    """The items of one link: one for each entity and currency that has an account of it."""
    found: dict[tuple[str, str], tuple[_Item, frozenset[str]]] = {}
    for _, due, link, postings in rows:
        if not due:
            continue
        by_key: dict[tuple[str, str], list[str]] = {}
        for account, currency, _ in postings:
            by_key.setdefault((books.registry.ent(account) or "", currency), []).append(account)
        for key, accounts in by_key.items():
            receivable, on = _accounts(accounts, books)
            if on and key not in found:
                found[key] = _Item(due, receivable, until_due=not link), on
    for day, _, _, postings in rows:
        for account, currency, number in postings:
            key = books.registry.ent(account) or "", currency
            item, on = found.get(key, (None, frozenset()))
            if item is not None and account in on:
                item.moved.append((day, number * (1 if item.receivable else -1)))
    yield from ((key, item) for key, (item, _) in found.items())


def _accounts(accounts: list[str], books: Books) -> tuple[bool, frozenset[str]]:
    """Whether an entry's accounts make it a receivable, and on which of them it is open."""
    for role in ("ar", "ap"):
        on = frozenset(account for account in accounts if books.role(account) == role)
        if on:
            return role == "ar", on
    owed = (a for a in accounts if a.startswith("Liabilities:") and books.role(a) in _OWED)
    return False, frozenset(owed)


def _customs(books: Books, kind: str) -> list[data.Custom]:
    return [e for e in books.standing if isinstance(e, data.Custom) and e.type == kind]


def _fulfilled(books: Books) -> dict[tuple[str, str, str], dt.date]:
    found: dict[tuple[str, str, str], dt.date] = {}
    for entry in _customs(books, "fulfilled"):
        if len(entry.values) == 3:
            owner, key, period = (str(value.value) for value in entry.values)
            found.setdefault((owner, key, period), entry.date)
    return found


def _step(word: object) -> int:
    """The months from one date to the next; a word that is none means a year."""
    return _EVERY.get(str(word).casefold(), _YEAR)


def _dates(first: dt.date, step: int, after: dt.date, last: dt.date) -> list[dt.date]:
    """The dates of a series that lie after ``after``, up to ``last``."""
    index = max(0, (month_of(after) - month_of(first)) // step)
    found = []
    while (due := _later(first, step * index)) <= last:
        if due > after:
            found.append(due)
        index += 1
    return found


def _later(day: dt.date, months: int) -> dt.date:
    """The same day some months later, or that month's last."""
    year, month = divmod(month_of(day) + months, 12)
    last = month_end(year, month + 1)
    return last.replace(day=min(day.day, last.day))


def _period(due: dt.date, step: int) -> str:
    """The name of the period that a due date belongs to."""
    if step == _YEAR:
        return f"{due.year}"
    return f"{due:%Y-%m}" if step == 1 else f"{due.year}-Q{(due.month + 2) // 3}"
