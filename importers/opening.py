"""The accounts that an import opens: a new bank account, what it held before, its suspense."""

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal

from beancount.core import data

from core.entity import Account, Entity
from core.journal.books import Books
from importers.draft import Draft, Leg
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
        first = min((line.date for line in statement.lines), default=self.books.as_of)
        declared = entity.meta.get("opened") or self._registered(entity)
        account = replace(account, opened=min(first.replace(month=1, day=1), declared or first))
        self.accounts[account.name] = account
        return account

    def _registered(self, entity: Entity) -> dt.date | None:
        for entry in self.books.standing:
            if isinstance(entry, data.Custom) and entry.meta is entity.meta:
                return entry.date
        return None

    def suspense(self, entity: Entity) -> Account:
        """The entity's suspense account, opened where it has none."""
        return self.by_role("suspense", f"Assets:{entity.name}:Suspense", entity)

    def by_role(self, role: str, name: str, entity: Entity, line: str = "") -> Account:
        """The entity's account with a role; opened as ``name``, on a ``line`` of the statements
        (by default the role's name), where it has none."""
        for found in (self.books.accounts, self.accounts):
            for account in found.values():
                if account.role == role and account.entity == entity.name and not account.closed:
                    return account
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

    def held_before(
        self, statement: Statement, account: Account, currency: str, source: str
    ) -> Draft | None:
        """What an account that this run opens held before its first line, if the file says."""
        held = opening_balance(statement)
        if account.name not in self.accounts or not held:
            return None
        equity = f"Equity:{account.entity}:OpeningBalances"
        if equity not in self.books.accounts:
            self.accounts[equity] = Account(
                equity, account.entity, line="capital", opened=account.opened
            )
        return Draft(
            date=min(line.date for line in statement.lines),
            entity=account.entity,
            own=Leg(
                account.name,
                held,
                currency,
                ((f"{account.account_id or account.name}-opening", source),),
            ),
            others=(Leg(equity, -held, currency),),
            payee="Opening balance",
            narration="The closing balance less the lines of the statement",
        )


def opening_balance(statement: Statement) -> Decimal:
    """What the account held before the statement's first line: closing balance less the lines.

    Zero where the file states no closing balance, or one that is older than its lines.
    """
    if not statement.lines or statement.balance is None:
        return Decimal(0)
    last = max(line.date for line in statement.lines)
    if statement.balance_date and statement.balance_date < last:
        return Decimal(0)
    return statement.balance - sum((line.amount for line in statement.lines), Decimal(0))
