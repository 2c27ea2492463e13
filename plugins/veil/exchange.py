"""Pairs in two currencies: what each side comes to in one of them, at the pair's own prices."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from beancount.core import convert, data
from beancount.core.amount import Amount

from core.journal.books import Books

_Sums = dict[str, dict[str, Decimal]]


def units_by_entity(postings: Collection[data.Posting], books: Books) -> _Sums:
    """What the postings of each entity come to, by currency."""
    return _by_entity(((p, p.units) for p in postings), books)


def weights_by_entity(postings: Collection[data.Posting], books: Books) -> _Sums:
    """What they weigh (at cost or price), by currency."""
    return _by_entity(((p, convert.get_weight(p)) for p in postings), books)


def _by_entity(amounts: Iterable[tuple[data.Posting, Amount | None]], books: Books) -> _Sums:
    sums: _Sums = {}
    for posting, amount in amounts:
        if amount is None or amount.number is None:
            continue
        own = sums.setdefault(books.registry.ent(posting.account) or "", {})
        own[amount.currency] = own.get(amount.currency, Decimal(0)) + amount.number
    return sums


def in_one_currency(
    sums: Mapping[str, Mapping[str, Decimal]], sides: Sequence[data.Transaction]
) -> tuple[str, dict[str, Decimal]] | None:
    """A currency that all of ``sums`` can be said in, and each entity's sum in it; None where a
    price is missing.

    A price counts wherever it stands in the pair: who is paid in dollars and keeps books in rupees
    has it on the bank's posting, and not on the income.
    """
    rates = _rates(sides)
    for wanted in sorted({currency for own in sums.values() for currency in own}):
        rates[wanted, wanted] = Decimal(1)
        if all((currency, wanted) in rates for own in sums.values() for currency in own):
            return wanted, {
                entity: sum((n * rates[c, wanted] for c, n in own.items()), Decimal(0))
                for entity, own in sums.items()
            }
    return None


def _rates(sides: Sequence[data.Transaction]) -> dict[tuple[str, str], Decimal]:
    """What one unit of the first currency is in the second; the first that is said counts."""
    rates: dict[tuple[str, str], Decimal] = {}
    for posting in (posting for txn in sides for posting in txn.postings):
        if not posting.units or not posting.units.number or not (posting.price or posting.cost):
            continue
        weight = convert.get_weight(posting)
        rate = weight.number / posting.units.number
        if rate:
            rates.setdefault((posting.units.currency, weight.currency), rate)
            rates.setdefault((weight.currency, posting.units.currency), 1 / rate)
    return rates
