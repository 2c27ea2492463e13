"""Conversions between currencies: a file's rows for its two sides become one transaction.

A processor writes a conversion as one row in each currency, and a third for the payment that
caused it. The price is the total that the other row says, so that no rate is worked out, turned
round or rounded::

    Assets:Acme:Clearing:PayPal   96.50 EUR
      id: "paypal-acme-1"
    Expenses:Acme:BankFees         3.50 EUR
    Income:Acme:Sales           -100.00 EUR
    Assets:Acme:Clearing:PayPal  -96.50 EUR @@ 104.20 USD
      id: "paypal-acme-2"
    Assets:Acme:Clearing:PayPal  104.20 USD
      id: "paypal-acme-3"
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from beancount.core.amount import Amount

from core.journal.books import Books
from importers.desk import Desk
from importers.draft import Draft, Leg

_Event = tuple[str, str, dt.date]


def converted(desk: Desk, books: Books) -> Desk:
    """The desk with each conversion as one draft, together with the payment that caused it.

    The two sides share a reference and a day, are in two currencies and of opposite sign; the
    payment has that reference, or it as its id, and moves exactly what is converted. More or fewer
    rows than these are left as they are, for review; so is what a rule has decided.
    """
    sides: dict[_Event, list[Draft]] = {}
    payments: dict[_Event, list[Draft]] = {}
    for draft in desk.drafts:
        if draft.line is None:
            continue
        reference, day = draft.line.reference, draft.date
        if draft.line.kind == "conversion":
            if reference:
                sides.setdefault((draft.entity, reference, day), []).append(draft)
            continue
        # What brought the money from the bank is the bank's line too, and is matched with it.
        if draft.line.kind == "transfer":
            continue
        for said in {reference, draft.line.bank_id} - {""}:
            payments.setdefault((draft.entity, said, day), []).append(draft)
    gone: list[str] = []
    joined = []
    for event, pair in sides.items():
        if not _is_conversion(pair):
            continue
        legs = _legs(pair, books.registry.entities[event[0]].currency)
        payment = _payment(event, payments.get(event, ()), pair)
        joined.append(_with_payment(payment, legs) if payment else _alone(pair, legs))
        gone += [draft.id for draft in pair if draft.id != joined[-1].id]
    return desk.after(joined, gone)


def lone_sides(drafts: Iterable[Draft]) -> list[str]:
    """What to tell an owner of sides of conversions whose other side has not come with them."""
    alone = [
        d for d in drafts if d.line and d.line.kind == "conversion" and d.review and not d.rule
    ]
    alone = [d for d in alone if all(leg.total is None for leg in (d.own, *d.others))]
    if not alone:
        return []
    rows = ", ".join(str(draft.line.row) for draft in alone if draft.line)
    many = len(alone) > 1
    return [
        f"{'rows' if many else 'row'} {rows}: {'sides' if many else 'one side'} of a conversion "
        "without the other, waiting in the inbox; where it is in another file, take the entry "
        "out of the journal and import both files together"
    ]


def _is_conversion(rows: list[Draft]) -> bool:
    if len(rows) != 2 or any(row.rule for row in rows):
        return False
    one, other = rows
    return one.currency != other.currency and _gross(one) * _gross(other) < 0


def _gross(row: Draft) -> Decimal:
    """What the row converts: its amount without what was kept of it."""
    return row.line.gross if row.line else row.number


def _payment(event: _Event, found: Iterable[Draft], pair: list[Draft]) -> Draft | None:
    """The row that the conversion pays for, or turns into the account's currency."""
    moved = {side.currency: side.number for side in pair}
    fitting = [row for row in found if row.number == -moved.get(row.currency, 0)]
    by_id = [row for row in fitting if row.line and row.line.bank_id == event[1]]
    best = by_id or fitting
    return best[0] if len(best) == 1 else None


def _legs(pair: list[Draft], home: str) -> tuple[Leg, ...]:
    """The postings of a conversion, what goes out first; the price stands with the foreign currency
    (of two, with the one that is given away)."""
    out, into = sorted(pair, key=lambda side: side.number)
    priced, other = (into, out) if out.currency == home else (out, into)
    total = Amount(abs(_gross(other)), other.currency)
    legs = []
    for side in (out, into):
        if side is not priced:
            legs.append(side.own)
        else:
            legs.append(replace(side.own, number=_gross(side), total=total))
            fee = side.number - _gross(side)
            if fee:
                legs.append(Leg(side.account, fee, side.currency))
        legs += side.others[1:]
    return tuple(legs)


def _with_payment(payment: Draft, legs: tuple[Leg, ...]) -> Draft:
    return replace(payment, others=(*payment.others, *legs))


def _alone(pair: list[Draft], legs: tuple[Leg, ...]) -> Draft:
    """A conversion that its owner ordered: nothing is left to decide but an unknown fee."""
    first = next(side for side in pair if side.number < 0)
    suspense = first.others[0].account
    undecided = any(leg.account == suspense for leg in legs)
    return replace(first, own=legs[0], others=legs[1:], review="categorise" if undecided else "")
