"""The budget of another program as directives of ours: what is taken over, and what is not.

Taken over: each category as an envelope with its ``group:``, what was assigned to it by month, from
the first month on what it had left from before, money held, and targets with an amount and a month.
Transactions are not: they come from the bank. An envelope gets the expense account whose last
component has its name, or the one that ``accounts`` names; which is said where there is none.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.budget.month import first_day, last_day, month_of, name_of
from core.budget.terms import ENVELOPE, NEGATIVE, PAYMENT, POOL, ROLLOVER
from core.entity import Entity
from core.findings import UserError
from core.journal.books import Books
from importers.budgets.export import YNAB, BudgetExport, Category
from plugins.budget.orders import founding, money, order, own_cards, own_cash, quotable
from plugins.budget.starting import refuse_a_second, refuse_closed

ZERO = Decimal(0)


@dataclass(frozen=True)
class Taken:
    """The directives of a budget that begins in ``month``, and what a person should know."""

    month: int
    orders: Sequence[data.Custom]
    remarks: Sequence[str]


def taken_over(
    export: BudgetExport,
    books: Books,
    entity: Entity,
    *,
    month: int | None = None,
    accounts: Mapping[str, str] | None = None,
    today: dt.date,
) -> Taken:
    """The export as a budget of ``entity``. ``month`` is its first, by default the newest month in
    which something was assigned, up to today's; ``accounts`` maps categories (``Group: Name`` or
    ``Name``) to expense accounts. Raises UserError where the entity has a budget, where the month
    is closed, and where ``accounts`` names what is not there."""
    refuse_a_second(books, entity.name)
    months = export.months
    if not months:
        raise UserError("nothing was ever assigned in this budget", hint="export it again")
    reached = [each for each in months if each <= month_of(today)]
    first = max(reached or months[:1]) if month is None else month
    if first > months[-1]:
        raise UserError(
            f"the newest month with anything assigned is {name_of(months[-1])}",
            hint="begin there or earlier: --month",
        )
    refuse_closed(books, entity.name, first)
    return _Taking(export, books, entity, first, dict(accounts or {}), today).taken()


@dataclass(frozen=True)
class _Taking:
    export: BudgetExport
    books: Books
    entity: Entity
    first: int
    wanted: dict[str, str]
    today: dt.date

    def taken(self) -> Taken:
        day, entity = first_day(self.first), self.entity.name
        cash, cards = own_cash(self.books, entity, day), own_cards(self.books, entity, day)
        model = PAYMENT if self.export.program == YNAB else POOL
        orders = list(founding(day, entity, ENVELOPE, self.entity.currency, model, cash, cards))
        remarks = list(self.export.remarks)
        remarks += [] if cash else [f'{entity} has no account with the role "bank" or "cash"']
        payments = {_plain(card.rpartition(":")[2]): card for card in cards}
        kept: list[tuple[Category, str]] = []
        names = _names([each for each in self.export.categories if not each.is_card], cards)
        for each in self.export.categories:
            if not self._matters(each):
                continue
            if not each.is_card:
                kept.append((each, names[each.group, each.name]))
            elif card := payments.get(_plain(each.name)):
                kept.append((each, card.rpartition(":")[2]))
            else:
                remarks.append(
                    f"{each.name}: no card account of that name; the money set aside for it is "
                    "not taken over"
                )
        orders += self._envelopes(kept, day, remarks)
        for each, name in kept:
            orders += self._assigned(each, name)
        orders += self._holds()
        self._refuse_unknown()
        return Taken(self.first, orders, remarks)

    def _matters(self, each: Category) -> bool:
        """Whether something of it is left in the first month or comes later."""
        before = each.available.get(self.first - 1, ZERO)
        later = any(n for m, n in each.assigned.items() if m >= self.first)
        return bool(before > 0 or later or each.target)

    def _envelopes(
        self, kept: Sequence[tuple[Category, str]], day: dt.date, remarks: list[str]
    ) -> Iterator[data.Custom]:
        entity, taken, bare = self.entity.name, set[str](), []
        for each, name in kept:
            if each.is_card:
                continue
            account = self._account(each)
            flag = NEGATIVE if each.keeps_debt else ROLLOVER
            if account and account not in taken:
                taken.add(account)
                values = [account, flag]
            else:
                bare.append(name)
                values = [flag]
            group = {"group": quotable(each.group)} if each.group else {}
            yield order("bud-envelope", day, entity, name, *values, **group)
            if each.target and each.target[1] >= self.first:
                amount = money(each.target[0], self.entity.currency)
                yield order("bud-target", day, entity, name, amount, last_day(each.target[1]))
        if bare:
            remarks.append(
                f"without an account: {', '.join(bare)}; name it with --account "
                f'"{bare[0]}=Expenses:{entity}:…", or write it into its bud-envelope'
            )

    def _account(self, each: Category) -> str:
        for said in (f"{each.group}: {each.name}", each.name):
            for name, account in self.wanted.items():
                if name.casefold() == said.casefold():
                    return account
        own = [
            account
            for account, known in self.books.accounts.items()
            if known.entity == self.entity.name and account.startswith("Expenses:")
        ]
        found = [a for a in own if _plain(a.rpartition(":")[2]) == _plain(each.name)]
        return found[0] if len(found) == 1 else ""

    def _refuse_unknown(self) -> None:
        said = {f"{each.group}: {each.name}".casefold() for each in self.export.categories}
        said |= {each.name.casefold() for each in self.export.categories}
        for name, account in self.wanted.items():
            if name.casefold() not in said:
                raise UserError(f"the export has no category “{name}”")
            if account not in self.books.accounts:
                raise UserError(f"there is no account {account}", hint="open it first")

    def _assigned(self, each: Category, name: str) -> Iterator[data.Custom]:
        """What was assigned by month; in the first with what was left from before."""
        before = max(ZERO, each.available.get(self.first - 1, ZERO))
        numbers = {m: n for m, n in each.assigned.items() if m >= self.first}
        if before:
            numbers[self.first] = numbers.get(self.first, ZERO) + before
        for month, number in sorted(numbers.items()):
            if number:
                # what is assigned ahead leaves what is ready at once
                day = min(first_day(month), max(self.today, first_day(self.first)))
                amount = money(number, self.entity.currency)
                yield order("bud-assign", day, self.entity.name, name, name_of(month), amount)

    def _holds(self) -> Iterator[data.Custom]:
        for month, number in sorted(self.export.holds.items()):
            if month >= self.first and number > 0:
                amount = money(number, self.entity.currency)
                yield order("bud-hold", first_day(month), self.entity.name, name_of(month), amount)


def _names(categories: Sequence[Category], cards: Sequence[str]) -> dict[tuple[str, str], str]:
    """A name for each category: its own, with its group's before it where two, or a card, would
    have the same."""
    short = {(each.group, each.name): quotable(each.name) for each in categories}
    folded = [name.casefold() for name in short.values()]
    taken = {card.rpartition(":")[2].casefold() for card in cards}
    return {
        key: name
        if folded.count(name.casefold()) == 1 and name.casefold() not in taken
        else quotable(f"{key[0]}: {name}")
        for key, name in short.items()
    }


def _plain(text: str) -> str:
    """A name without what names of accounts cannot have: signs, blanks, pictures."""
    return re.sub(r"[\W_]+", "", text).casefold()
