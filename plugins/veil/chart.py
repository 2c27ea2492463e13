"""The accounts of books on a day, found by role and counterparty; what is missing, said at once."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.entity import Account
from core.findings import EXIT_FINDINGS, UserError
from core.journal.books import Books
from core.loans.ledger import loans_in

_ROOTS = {
    "due-from": "Assets:{entity}:DueFrom:{other}",
    "due-to": "Liabilities:{entity}:DueTo:{other}",
    "loan-to": "Assets:{entity}:LoanTo:{other}",
    "loan-from": "Liabilities:{entity}:LoanFrom:{other}",
    "invest-in": "Assets:{entity}:InvestIn:{other}",
    "contribution": "Equity:{entity}:Members:{other}:Contributions",
    "distribution": "Equity:{entity}:Members:{other}:Distributions",
    "distribution-income": "Income:{entity}:DistributionsFrom:{other}",
    "guaranteed-payment": "Expenses:{entity}:GuaranteedPayments:{other}",
    "guaranteed-payment-income": "Income:{entity}:GuaranteedPayments:{other}",
    "bank": "Assets:{entity}:Bank",
}


@dataclass
class Chart:
    """The accounts of some books on a day, found by role; what is not found is ``missing``."""

    books: Books
    date: dt.date
    currency: str
    missing: list[str] = field(default_factory=list)

    def account(self, entity: str, roles: Sequence[str], other: str, note: str = "") -> str:
        """The first open account of one of the roles about ``other``; of loans that of the note,
        else the one that is of no note. An empty string where there is none: then its opening is
        ``missing``."""
        for role in roles:
            found = [a for a in self._open(entity, role) if _is(a.counterparty, other)]
            if note and role.startswith("loan"):
                found = for_note(found, note, self.books)
            if found:
                return found[0].name
        self._lacks(entity, roles[0], other, note)
        return ""

    def money(self, entity: str) -> str:
        """The entity's bank account; in-transit where a later statement has proven the bank's
        balance without this payment."""
        bank = next((a.name for a in self._open(entity, "bank")), "")
        if bank and self.books.last_balance.get(bank, self.date) > self.date:
            bank = next((a.name for a in self._open(entity, "in-transit")), bank)
        if not bank:
            self._lacks(entity, "bank", "")
            own = (a for a in self.books.accounts.values() if a.entity == entity)
            banks = (a for a in own if a.role == "bank" and a.is_open(self.date))
            held = next((a.currencies[0] for a in banks if a.currencies), "")
            if held:
                self.missing.append(
                    f"  or, where its bank in {held} converted, say both amounts: --received (of "
                    "a settlement --paid or --received)"
                )
        return bank

    def about(self, entity: str, root: str, other: str) -> str:
        """The one income or expense account about ``other``; with none or several one is asked."""
        found = [
            a.name
            for a in self._open(entity, None)
            if a.name.startswith(f"{root}:") and _is(a.counterparty, other) and not a.role
        ]
        if len(found) == 1:
            return found[0]
        which = f"which of {', '.join(found)}" if found else f"which {root.lower()} account"
        self.missing.append(f"{entity}: {which}? Name it with --account-from or --account-to")
        return ""

    def refuse(self) -> None:
        """Raises UserError saying all that is missing; does nothing where nothing is."""
        if self.missing:
            raise UserError(
                "an account is missing; nothing was written",
                hint="\n  ".join(self.missing),
                code=EXIT_FINDINGS,
            )

    def _open(self, entity: str, role: str | None) -> Iterable[Account]:
        for account in self.books.accounts.values():
            fits = account.entity == entity and role in {None, account.role}
            holds = not account.currencies or self.currency in account.currencies
            if fits and holds and account.is_open(self.date):
                yield account

    def _lacks(self, entity: str, role: str, other: str, note: str = "") -> None:
        name = _ROOTS[role].format(entity=entity, other=other)
        towards = f" about {other}" if other else ""
        if note and role.startswith("loan"):
            name, towards = f"{name}:{note}", f"{towards} for the note {note}"
        folder = self.books.registry.entities[entity].folder
        there = self.books.accounts.get(name)
        if there is not None and there.opened and there.opened > self.date:
            self.missing.append(
                f"{entity} has no open {self.currency} account of the role {role}{towards}: {name} "
                f"is opened on {there.opened}; book on that day or later, or open it earlier"
            )
            return
        if there is not None:  # of another currency or role, or closed: its name is taken
            name = f"{name}:{self.currency}"
        lines = [
            f"{entity} has no open {self.currency} account of the role {role}{towards}; add it to "
            f"ledger/{folder}/accounts.beancount:",
            f"  {self.date} open {name}  {self.currency}",
            f'    role: "{role}"',
        ]
        if other:
            lines.append(f'    counterparty: "{other}"')
        self.missing += lines


def note_of(account: Account, books: Books) -> str:
    """The note that a loan's account belongs to: by the loan's directive, by ``loan:`` or ``note:``
    of the account, or by what follows the other entity's name in its own."""
    declared = loans_in(books).by_account.get(account.name)
    said = declared or account.meta.get("loan") or account.meta.get("note")
    if said:
        return str(said)
    *_, party, last = account.name.split(":")
    return last if _is(party, account.counterparty) else ""


def for_note(accounts: Sequence[Account], note: str, books: Books) -> list[Account]:
    """Of a loan's accounts those of the note, else the only one that is of no note."""
    named = [account for account in accounts if note_of(account, books) == note]
    of_none = [account for account in accounts if not note_of(account, books)]
    return named or (of_none if len(of_none) == 1 else [])


def _is(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
