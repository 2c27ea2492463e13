"""The accounts of a broker: where a security is held, and where income and charges go.

What the books have is used first; the rest is opened by convention. Beside the cash account
``Assets:Jane:Broker:Oak2216:Cash`` a security stands in ``Assets:Jane:Broker:Oak2216:FERN``. The
cash account's ``open`` decides about commissions and fees::

    2026-01-01 open Assets:Jane:Broker:Oak2216:Cash  USD
      role: "bank"
      charges: "basis"        ; part of the cost and of the proceeds, as US tax has it
      charges: "Expenses:Jane:BrokerageFees"   ; or an account; Expenses:Jane:Commissions if absent
"""

import datetime as dt
import re
from dataclasses import dataclass

from core.entity import Account, Entity
from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from importers.opening import Opening

_INCOME = {
    "DIV": ("Dividends", "other-income"),
    "INTEREST": ("Interest", "interest-income"),
    "CGSHORT": ("CapitalGainDistributions:Short", "gains"),
    "CGLONG": ("CapitalGainDistributions:Long", "gains"),
}
UNMATCHED = "Unmatched"
IN_KIND = "InKind"


def base_of(cash: str) -> str:
    """The broker's account around its cash account."""
    return cash.removesuffix(":Cash")


@dataclass(frozen=True)
class Broker:
    """The accounts beside one cash account; what is missing is opened from a day on."""

    cash: Account
    books: Books
    opening: Opening

    @property
    def entity(self) -> Entity:
        """Whose account it is."""
        return self.books.registry.entities[self.cash.entity]

    def holding_name(self, commodity: str) -> str:
        """The account in which the commodity is, or would be, held."""
        base = base_of(self.cash.name)
        own = f"{base}:{_component(commodity)}"
        if own in self.books.accounts or own in self.opening.accounts:
            return own
        if commodity in self.cash.currencies:
            return self.cash.name
        beside = [
            account
            for account in self.books.accounts.values()
            if account.name.rpartition(":")[0] == base and not account.closed and not account.role
        ]
        naming = [a.name for a in beside if commodity in a.currencies]
        open_to_all = [a.name for a in beside if not a.currencies]
        found = naming or open_to_all
        return found[0] if len(found) == 1 else own

    def holding(self, commodity: str, day: dt.date) -> Account:
        """The same, opened first in, first out (the US rule unless lots are named)."""
        name = self.holding_name(commodity)
        new = Account(
            name, self.entity.name, line="investments", currencies=(commodity,), booking="FIFO"
        )
        return self.opening.account(new, day)

    def unmatched(self, commodity: str, day: dt.date) -> Account:
        """Beside the holding: units whose lots nobody has said yet."""
        name = f"{self.holding(commodity, day).name}:{UNMATCHED}"
        return self.opening.account(Account(name, self.entity.name, line="investments"), day)

    def in_kind(self, day: dt.date) -> Account:
        """The other side of units without lots, which a suspense account for money cannot be."""
        name = f"Assets:{self.entity.name}:Suspense:{IN_KIND}"
        return self.opening.account(Account(name, self.entity.name, line="suspense"), day)

    def equity(self, currency: str, day: dt.date) -> str:
        """Where what was held before the first line comes from."""
        return self.opening.equity(self.entity.name, currency, day)

    def suspense(self, currency: str) -> Account:
        """Where money waits."""
        return self.opening.suspense(self.entity, currency)

    def income(self, kind: str, commodity: str, day: dt.date) -> Account | None:
        """The account of a kind of income (``DIV``, …); None for a kind that is not known."""
        if kind not in _INCOME:
            return None
        component, line = _INCOME[kind]
        account = f"Income:{self.entity.name}:{component}"
        own = f"{account}:{_component(commodity)}" if commodity else account
        for name in (own, account):
            if name in self.books.accounts:
                return self.books.accounts[name]
        return self._opened(own, line, day)

    def interest(self, commodity: str, day: dt.date) -> Account:
        """The account of interest."""
        found = self.income("INTEREST", commodity, day)
        assert found  # noqa: S101 - a kind that is known
        return found

    def gains(self, day: dt.date) -> Account:
        """Where the gain on a sale goes."""
        return self._opened(f"Income:{self.entity.name}:CapitalGains", "gains", day)

    def withheld(self, day: dt.date) -> Account:
        """Where tax goes that was taken off."""
        for account in self.books.accounts.values():
            is_own = account.entity == self.entity.name and not account.closed
            if is_own and account.role == "tax-withheld":
                return account
        name = f"Expenses:{self.entity.name}:Taxes:Withheld"
        new = Account(name, self.entity.name, role="tax-withheld", line="income-tax")
        return self.opening.account(new, day)

    def margin_interest(self, day: dt.date) -> Account:
        """Where interest on money that the broker lent goes."""
        name = f"Expenses:{self.entity.name}:MarginInterest"
        return self._opened(name, "interest-expense", day)

    @property
    def charges_are_cost(self) -> bool:
        """Whether commissions and fees are part of what a lot cost and brought."""
        return self.cash.meta.get("charges") == "basis"

    def charges(self, day: dt.date) -> Account:
        """The account of commissions and fees. Raises UserError where the ``open`` directive names
        one that is not opened."""
        said = self.cash.meta.get("charges")
        if isinstance(said, str) and said:
            if said not in self.books.accounts:
                raise UserError(
                    f"{self.cash.name} has charges: “{said}”, which is neither “basis” nor an "
                    "account that is opened",
                    file=self.books.relative(str(self.cash.meta.get("filename", ""))),
                    line=int(self.cash.meta.get("lineno", 0)),
                    hint="correct it, or open the account",
                    code=EXIT_FINDINGS,
                )
            return self.books.accounts[said]
        name = f"Expenses:{self.entity.name}:Commissions"
        return self._opened(name, "operating-expenses", day)

    def _opened(self, name: str, line: str, day: dt.date) -> Account:
        return self.opening.account(Account(name, self.entity.name, line=line), day)


def _component(commodity: str) -> str:
    """The commodity as a part of an account's name, in which there are no dots."""
    return re.sub(r"[^A-Z0-9-]", "-", commodity)
