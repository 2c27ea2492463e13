"""The cash of one entity on each of the days to come, from what is known to be due.

It begins with the accounts whose role is bank, cash or in-transit, less what is owed on cards, at
the end of the books' day. Then come recurring payments (one on a card on its own day, since the
card has to be paid), what the newest statement of a card asks for on its due day, open bills and
invoices on their due days, the instalments of loans by their schedules, and the targets of the
budget on their dates. What is due already and not paid is due on
the first day; an invoice that is overdue is not counted on. Nothing else is guessed.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from beancount.core import data, prices

from core.bills.cards import card_statements_in
from core.bills.matching import AROUND, matched, recurring_in
from core.bills.open_items import open_items
from core.bills.recurring import Series
from core.budget.ledger import budgets_in
from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.journal.parts import Parts
from core.loans.ledger import Side, loans_in, sides
from core.loans.schedule import INSTALMENT, Row, schedule
from core.loans.terms import CREDIT_LINE, Loan

RECURRING, BILL, INVOICE, LOAN, TARGET = "recurring", "bill", "invoice", "loan", "target"
CARD = "card"
_HELD = "held, by account"
CASH_ROLES = ("bank", "cash", "in-transit")
DAYS = 90
_EARLY = 15  # days before an instalment is due in which a payment of it is it
ZERO = Decimal(0)
_DAY = dt.timedelta(1)


@dataclass(frozen=True)
class Event:
    """Money that is expected on a day: positive where it comes in, in the entity's currency."""

    day: dt.date
    amount: Decimal
    kind: str
    what: str
    entry: data.Directive | None = None


@dataclass(frozen=True)
class Forecast:
    """The cash of an entity from the day after ``as_of`` on: ``events`` in order of days, each day
    with what comes in before what goes out. ``left_out`` says what is not counted, and why."""

    entity: str
    currency: str
    as_of: dt.date
    days: int
    cash: Decimal
    cards: Decimal
    events: tuple[Event, ...]
    left_out: tuple[str, ...] = ()

    @property
    def opening(self) -> Decimal:
        """Cash less what is owed on cards."""
        return self.cash - self.cards

    @property
    def last(self) -> dt.date:
        """The last day."""
        return self.as_of + self.days * _DAY

    def balances(self) -> Iterator[tuple[dt.date, Decimal]]:
        """The balance at the end of each day."""
        balance, waiting = self.opening, list(self.events)
        for number in range(1, self.days + 1):
            day = self.as_of + number * _DAY
            while waiting and waiting[0].day <= day:
                balance += waiting.pop(0).amount
            yield day, balance

    def before(self, event: Event) -> Decimal:
        """The balance before an event: with all that comes before it, and comes in on its day."""
        earlier = self.events[: self.events.index(event)]
        return self.opening + sum((each.amount for each in earlier), ZERO)

    def first_below(self, buffer: Decimal) -> tuple[dt.date, Decimal] | None:
        """The first day that ends below the buffer, and its balance."""
        return next(((day, left) for day, left in self.balances() if left < buffer), None)

    @property
    def lowest(self) -> tuple[dt.date, Decimal]:
        """The day with the least cash, the first of several, and its balance."""
        return min(self.balances(), key=lambda each: (each[1], each[0]))


def forecast(books: Books, entity: str, days: int = DAYS) -> Forecast:
    """The forecast of an entity's cash, ``days`` (at least one) from the books' day on. Raises
    UserError where a rate is missing."""
    return _Forecasting(books, entity, days).made()


class _Forecasting:
    """What is needed to put together one forecast."""

    def __init__(self, books: Books, entity: str, days: int) -> None:
        self._books = books
        self._entity = entity
        self._currency = books.registry.entities[entity].currency
        self._begin = books.as_of + _DAY
        self._last = books.as_of + days * _DAY
        self._days = days
        self._left_out: list[str] = []
        self._cards: list[Event] = []

    def made(self) -> Forecast:
        held = _held(self._books).get(self._entity, {})
        cash, cards = ZERO, ZERO
        for (account, currency), number in sorted(held.items()):
            value = self._value(number, currency)
            if self._books.role(account) in CASH_ROLES:
                cash += value
            elif not self._is_paid_by_series(account):
                on_its_day = self._statement(account, currency, -number)
                cards -= value + self._value(on_its_day, currency)
        events = [*self._cards, *self._recurring(), *self._open(), *self._loans(), *self._targets()]
        events = [replace(e, day=max(e.day, self._begin)) for e in events if e.day <= self._last]
        events.sort(key=lambda e: (e.day, e.amount < 0, e.kind, e.what))
        return Forecast(
            self._entity,
            self._currency,
            self._books.as_of,
            self._days,
            cash,
            cards,
            tuple(events),
            tuple(self._left_out),
        )

    def _statement(self, card: str, currency: str, owed: Decimal) -> Decimal:
        """What a card's newest statement asks for on its due day, of what is still ``owed``: at
        most that much. It is an event then, and no longer taken off at the beginning."""
        said = card_statements_in(self._books).newest.get(card)
        if said is None or said.currency != currency or not self._begin <= said.due <= self._last:
            return ZERO
        asked = max(min(said.balance, owed), ZERO)
        if asked:
            what = f"{card}, statement of {said.entry.date}"
            value = self._value(asked, currency)
            self._cards.append(Event(said.due, -value, CARD, what, said.entry))
        return asked

    def _series(self) -> list[Series]:
        return [s for s in recurring_in(self._books).series if s.entity == self._entity]

    def _is_paid_by_series(self, card: str) -> bool:
        """Whether a recurring payment is the card's: then its debt is paid by that."""
        return any(series.account == card for series in self._series())

    def _recurring(self) -> Iterator[Event]:
        loans = loans_in(self._books)
        for each in matched(self._books, self._last + AROUND * _DAY):
            series = each.series
            if series.entity != self._entity:
                continue
            if series.account in loans.by_account:
                self._left_out.append(f"{series.payee}: the schedule of its loan says it")
                continue
            if self._books.role(series.account) in CASH_ROLES:
                continue  # from one account to another
            for one in each.occurrences:
                if one.payment is None and one.day >= self._begin - (AROUND + 1) * _DAY:
                    amount = self._value(one.terms.amount, one.terms.currency)
                    signed = amount if series.comes_in else -amount
                    yield Event(one.day, signed, RECURRING, series.payee, one.terms.entry)

    def _open(self) -> Iterator[Event]:
        for item in open_items(self._books):
            if item.entity != self._entity or item.open < 0:
                continue
            amount = self._value(item.open, item.currency)
            said = f"{item.payee} ^{item.link}"
            if item.due is None:
                self._left_out.append(f"{said}: {amount:,.2f} open, and nobody says when it is due")
            elif item.is_bill:
                yield Event(item.due, -amount, BILL, said, item.first)
            elif item.due < self._begin:
                self._left_out.append(f"{said}: {amount:,.2f} overdue since {item.due}")
            else:
                yield Event(item.due, amount, INVOICE, said, item.first)

    def _loans(self) -> Iterator[Event]:
        known = loans_in(self._books)
        for loan in known.declared.loans.values():
            if self._entity not in {loan.borrower, loan.lender}:
                continue
            side = next((s for s in sides(loan, self._books) if s.entity == self._entity), None)
            if side is None:
                continue
            if loan.kind == CREDIT_LINE:
                self._left_out.append(f"loan {loan.id}: a credit line is paid back at will")
                continue
            rows = schedule(loan, known.events(loan), moves=side.moves, until=self._last)
            sign = -1 if self._entity == loan.borrower else 1
            for row in _to_come(rows, side, self._books.as_of):
                paid = row.payment + (row.escrow if sign < 0 else ZERO)
                amount = self._value(paid, loan.currency)
                yield Event(row.due, sign * amount, LOAN, _named(loan, row), loan.entry)

    def _targets(self) -> Iterator[Event]:
        budget = budgets_in(self._books).budgets.get(self._entity)
        for target in budget.targets if budget else ():
            envelope = budget.envelope_named.get(target.envelope.casefold()) if budget else None
            covered = [
                series.payee
                for series in self._series()
                if envelope and any(_is_below(series.account, a) for a in envelope.accounts)
            ]
            if target.date < self._begin or target.date > self._last:
                continue
            if covered:
                said = f"target {target.envelope}: {', '.join(covered)} is declared as recurring"
                self._left_out.append(said)
                continue
            amount = self._value(target.amount, budget.currency if budget else self._currency)
            yield Event(target.date, -amount, TARGET, target.envelope, target.entry)

    def _value(self, number: Decimal, currency: str) -> Decimal:
        if currency == self._currency or not number:
            return number
        _, rate = prices.get_price(
            _prices(self._books), (currency, self._currency), self._books.as_of
        )
        if rate is None:
            raise UserError(
                f"there is no rate of {currency} in {self._currency} on or before "
                f"{self._books.as_of}, which the forecast of {self._entity} needs",
                hint=f"add one: {self._books.as_of} price {currency}  … {self._currency}",
                code=EXIT_FINDINGS,
            )
        return number * Decimal(rate)


def _to_come(rows: Sequence[Row], side: Side, as_of: dt.date) -> Iterator[Row]:
    """The instalments after a day, without the next one where it is paid already."""
    ahead = [row for row in rows if row.due > as_of and row.what == INSTALMENT and row.payment]
    if ahead and (ahead[0].due - as_of).days <= _EARLY:
        begin = ahead[0].due - _EARLY * _DAY
        early = sum(
            (f.repaid + f.interest for f in side.payments if begin <= f.date <= as_of), ZERO
        )
        if early >= ahead[0].payment:
            ahead = ahead[1:]
    yield from ahead


def _named(loan: Loan, row: Row) -> str:
    return f"loan {loan.id}, instalment {row.number}"


def _is_below(account: str, above: str) -> bool:
    return account == above or account.startswith(f"{above}:")


def _prices(books: Books) -> Any:
    if "price map" not in books.memo:
        books.memo["price map"] = prices.build_price_map(books.standing)
    return books.memo["price map"]


def _held(books: Books) -> dict[str, dict[tuple[str, str], Decimal]]:
    """By entity, what stands on its accounts of money and cards, by account and currency."""
    if "money held" not in books.memo:
        sums: dict[str, dict[tuple[str, str], Decimal]] = {}
        accounts = {
            name: each.entity
            for name, each in books.accounts.items()
            if each.role in (*CASH_ROLES, "card")
        }
        rows = [row for of_file in books.by_file(_HELD, _balances) for row in of_file]
        today = books.as_of.toordinal()
        if any(newest > today for *_, newest in rows):  # asked about a day gone by
            rows = _balances(
                t for t in (books.whole or books).transactions if t.date <= books.as_of
            )
        for account, currency, number, _ in rows:
            if account in accounts:
                own = sums.setdefault(accounts[account], {})
                key = account, currency
                own[key] = own.get(key, ZERO) + Decimal(number)
        books.memo["money held"] = sums
    found: dict[str, dict[tuple[str, str], Decimal]] = books.memo["money held"]
    return found


def may_be_held(parts: Parts) -> None:
    """Lets these books say what their accounts hold, before anybody has asked for it."""
    parts.gathers(_HELD, _balances)


def _balances(transactions: Iterable[data.Transaction]) -> list[list[Any]]:
    """The units on each account of assets and debts by currency, and the day (ordinal) of the
    newest, as JSON has it."""
    sums: dict[tuple[str, str], tuple[Decimal, int]] = {}
    for txn in transactions:
        for posting in txn.postings:
            units = posting.units
            if units and units.number and posting.account.startswith(("Assets", "Liabilities")):
                key = posting.account, units.currency
                number, newest = sums.get(key, (ZERO, 0))
                sums[key] = number + units.number, max(newest, txn.date.toordinal())
    return [[*key, str(number), newest] for key, (number, newest) in sorted(sums.items())]
