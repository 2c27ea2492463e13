"""The accounts that an import opens: a new bank account, what it held before, its suspense."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from beancount.core import data

from core.entity import Account, Entity
from core.journal.books import Books
from importers.draft import Draft, Leg
from importers.processors import FEE_TAX, FEES, proposed_fees, proposed_tax, takes
from importers.statement import Statement


@dataclass
class Opening:
    """The accounts that one import opens, by name."""

    books: Books
    accounts: dict[str, Account] = field(default_factory=dict)

    def bank(self, account: Account | None, statement: Statement) -> Account | None:
        """The account as it will be opened, dated so that every line of the statement fits."""
        if account is None or account.name in self.books.accounts:
            return account
        entity = self.books.registry.entities[account.entity]
        again = self.accounts.get(account.name)
        first = min((line.date for line in statement.lines), default=self.books.as_of)
        declared = entity.meta.get("opened") or self._registered(entity)
        account = replace(account, opened=min(first.replace(month=1, day=1), declared or first))
        if again:
            account = _as_both(again, account, statement)
        account = self._with_fees(account, statement, statement.currency or entity.currency)
        self.accounts[account.name] = account
        return account

    def _with_fees(self, account: Account, statement: Statement, currency: str) -> Account:
        """The account with the accounts for what is kept of its lines, opened where need be."""
        needed = {
            FEES: any(line.fee for line in statement.lines) and proposed_fees,
            FEE_TAX: any(line.fee_tax for line in statement.lines) and proposed_tax,
        }
        for key, proposed in needed.items():
            if not proposed or account.meta.get(key):
                continue
            found = proposed(account, self.books.accounts.values(), currency)
            if found.name not in self.books.accounts:
                self.accounts[found.name] = found
            account = replace(account, meta={**account.meta, key: found.name})
        return account

    def _registered(self, entity: Entity) -> dt.date | None:
        for entry in self.books.standing:
            if isinstance(entry, data.Custom) and entry.meta is entity.meta:
                return entry.date
        return None

    def suspense(self, entity: Entity, currency: str) -> Account:
        """The entity's suspense account for a currency, opened where it has none."""
        name = f"Assets:{entity.name}:Suspense"
        return self.by_role("suspense", name, entity, currency=currency)

    def in_transit(self, entity: Entity, currency: str) -> Account:
        """The entity's account for money on its way in a currency, opened where it has none."""
        name, line = f"Assets:{entity.name}:InTransit", "cash-and-equivalents"
        return self.by_role("in-transit", name, entity, line, currency)

    def by_role(
        self, role: str, name: str, entity: Entity, line: str = "", currency: str = ""
    ) -> Account:
        """The entity's account with a role; opened as ``name``, on a ``line`` of the statements
        (by default the role's name), where it has none. One that takes other currencies only is
        none for ``currency``."""
        for found in (self.books.accounts, self.accounts):
            for account in found.values():
                if account.role != role or account.entity != entity.name or account.closed:
                    continue
                if takes(account, currency):
                    return account
        if name in self.books.accounts:
            name = f"{name}:{currency}"
        registered = self._registered(entity)
        self.accounts[name] = Account(
            name, entity.name, role=role, line=line or role, opened=registered
        )
        return self.accounts[name]

    def account(self, account: Account, day: dt.date) -> Account:
        """The account of this name, or this one opened so that a line of ``day`` fits."""
        if account.name in self.books.accounts:
            return self.books.accounts[account.name]
        entity = self.books.registry.entities[account.entity]
        declared = entity.meta.get("opened") or self._registered(entity) or day
        account = self.accounts.get(account.name, account)
        opened = min(day, declared, account.opened or day)
        self.accounts[account.name] = replace(account, opened=opened)
        return self.accounts[account.name]

    def equity(self, entity: str, currency: str, day: dt.date) -> str:
        """Where what was there before the books began comes from; opened where it is missing."""
        name = f"Equity:{entity}:OpeningBalances"
        there = self.books.accounts.get(name)
        if there is not None and not takes(there, currency):
            name = f"{name}:{currency}"
        if name not in self.books.accounts:
            self.account(Account(name, entity, line="capital"), day)
        return name

    def held_before(
        self, statement: Statement, account: Account, currency: str, source: str
    ) -> Draft | None:
        """What an account that this run opens held before its first line, if the file says."""
        held = opening_balance(statement)
        first = min((line.date for line in statement.lines), default=statement.balance_date)
        if account.name not in self.accounts or not held or first is None:
            return None
        equity = self.equity(account.entity, currency, first)
        return Draft(
            date=first,
            entity=account.entity,
            own=Leg(
                account.name,
                held,
                currency,
                ((_opening_id(account, currency), source),),
            ),
            others=(Leg(equity, -held, currency),),
            payee="Opening balance",
            narration="The closing balance less the lines of the statement",
        )


def earliest(openings: Iterable[Draft]) -> list[Draft]:
    """Of the openings of each account and currency the first one: what a later statement begins
    with, the lines before it have made."""
    found: dict[tuple[str, str], Draft] = {}
    for draft in openings:
        key = (draft.account, draft.currency)
        if key not in found or draft.date < found[key].date:
            found[key] = draft
    return list(found.values())


def _as_both(before: Account, now: Account, statement: Statement) -> Account:
    """An account that is opened for several statements of a file: one in each currency."""
    currencies = (*before.currencies, *now.currencies, statement.currency or now.currencies[0])
    days = [day for day in (before.opened, now.opened) if day]
    return replace(
        before, currencies=tuple(dict.fromkeys(currencies)), opened=min(days, default=None)
    )


def _opening_id(account: Account, currency: str) -> str:
    of_its_first = not account.currencies or currency == account.currencies[0]
    suffix = "" if of_its_first else f"-{currency}"
    return f"{account.account_id or account.name}-opening{suffix}"


def opening_balance(statement: Statement) -> Decimal:
    """What the account held before the statement's first line: as it says, else its closing balance
    less the lines.

    Zero where the file states no balance, or a closing one that is older than its lines.
    """
    if statement.opening is not None:
        return statement.opening
    if not statement.lines or statement.balance is None:
        return Decimal(0)
    last = max(line.date for line in statement.lines)
    if statement.balance_date and statement.balance_date < last:
        return Decimal(0)
    return statement.balance - sum((line.amount for line in statement.lines), Decimal(0))
