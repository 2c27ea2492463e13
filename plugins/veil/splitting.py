"""An entry of two entities as the pair that it should have been, one entry for each of them."""

from decimal import Decimal

from beancount.core import data

from core.journal.books import Books
from core.money import at_cents
from plugins.veil.cures import between, is_converted, kept, line_of, pair_link, quoted
from plugins.veil.transfers import posting_party

_MONEY = {"bank", "card", "cash", "in-transit", "suspense"}
_THINGS = {"fixed-asset", "inventory"}
_COSTS, _BILLS = {"", "interest-expense"}, {"", "ap"}
_DIVIDENDS = {"c-corp", "india-company"}


def split_between(txn: data.Transaction, entities: list[str], books: Books) -> str:
    """The pair that the transaction should have been.

    Halves that balance each are only taken apart, with the class that their accounts have. Else one
    owes the other: a settlement where nothing but money moved, or what one paid for the other.
    Empty where that is no whole cure: income, capital or a loan of one that the other was paid or
    has paid is a decision.
    """
    if len(entities) > 2 or is_converted(txn) or "elimination" in (txn.tags or ()):
        return ""
    one, other = entities
    halves = [_Half(txn, one, other, books), _Half(txn, other, one, books)]
    if not any(half.owed for half in halves):
        transfer = _class_of(txn, books)
        crossing = [half for half in halves if half.crosses]
        if crossing and not transfer:
            return ""
        return "\n\n".join(
            half.of_pair(transfer, is_cost=False) if half.crosses else half.alone()
            for half in halves
            if half.moves
        )
    costs = [p for p in txn.postings if books.role(p.account) not in _MONEY]
    if not all(_may_be_paid_for(posting, books) for posting in costs):
        return ""
    transfer = "expense-on-behalf" if costs else "settlement"
    return "\n\n".join(half.of_pair(transfer, is_cost=bool(costs)) for half in halves)


def _may_be_paid_for(posting: data.Posting, books: Books) -> bool:
    """Whether one entity can pay it for another: a cost, a thing, a bill."""
    root, role = posting.account.partition(":")[0], books.role(posting.account)
    if posting_party(posting, books):
        return False
    return role in _THINGS or role in {"Expenses": _COSTS, "Liabilities": _BILLS}.get(root, ())


def _class_of(txn: data.Transaction, books: Books) -> str:
    """The class that the accounts between the two have, or an empty string."""
    debits = {books.role(p.account) for p in txn.postings if p.units and (p.units.number or 0) > 0}
    credits_ = {
        books.role(p.account) for p in txn.postings if p.units and (p.units.number or 0) < 0
    }
    if debits & {"loan-to"} or credits_ & {"loan-from"}:
        return "loan-advance"
    if credits_ & {"loan-to"} or debits & {"loan-from"}:
        return "loan-repayment"
    if "distribution" in debits:
        payer = next(p for p in txn.postings if books.role(p.account) == "distribution")
        entity = books.registry.entities[books.registry.ent(payer.account) or ""]
        return "dividend" if entity.tax_class in _DIVIDENDS else "distribution"
    if "contribution" in credits_:
        return "contribution"
    return "settlement" if (debits | credits_) & {"due-from", "due-to"} else ""


class _Half:
    """What an entry of two entities says of one of them."""

    def __init__(self, txn: data.Transaction, entity: str, other: str, books: Books) -> None:
        self._txn, self._entity, self._other, self._books = txn, entity, other, books
        self._own = [p for p in txn.postings if books.registry.ent(p.account) == entity]
        totals: dict[str, Decimal] = {}
        for posting in self._own:
            if posting.units is not None and posting.units.number is not None:
                number, currency = posting.units.number, posting.units.currency
                totals[currency] = totals.get(currency, Decimal(0)) + number
        self.owed = {currency: total for currency, total in totals.items() if total}
        self.crosses = any(posting_party(p, books) for p in self._own)
        self.moves = any(p.units and p.units.number for p in self._own)

    def alone(self) -> str:
        """The half as an entry that balances."""
        return "\n".join([self._head(self._txn.payee), *self._papers(), *self._postings()])

    def of_pair(self, transfer: str, is_cost: bool) -> str:
        """The half with what the other owes it, or it the other. Of a cost the payee stays."""
        payee = self._txn.payee if is_cost and self._txn.payee else self._other
        out = [f"{self._head(payee)} ^{pair_link(self._txn)}", f'  transfer: "{transfer}"']
        out += [f'  counterparty: "{self._other}"', *self._papers(), *self._postings()]
        for currency, total in self.owed.items():
            account = between(self._entity, self._other, self._books, owed=total < 0)
            out.append(f"  {account}  {at_cents(-total)} {currency}")
        return "\n".join(out)

    def _head(self, payee: str | None) -> str:
        said = f'"{quoted(payee)}" ' if payee else ""
        return f'{self._txn.date} {self._txn.flag} {said}"{quoted(self._txn.narration)}"'

    def _papers(self) -> list[str]:
        """The entry's metadata, on the half that has a cost."""
        has_cost = any(p.account.startswith("Expenses:") for p in self._own)
        return kept(self._txn) if has_cost else []

    def _postings(self) -> list[str]:
        out = []
        for posting in self._own:
            if posting.units is not None and posting.units.number is not None:
                number, currency = posting.units.number, posting.units.currency
                out += [f"  {posting.account}  {at_cents(number)} {currency}", *line_of(posting)]
        return out
