"""Bills and subscriptions, BILL-01 to BILL-06: what should have been paid, and what should not."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from beancount.core import data

from core.bills.cards import card_statements_in
from core.bills.forecast import BILL, CARD, RECURRING, Event, forecast
from core.bills.matching import (
    AROUND,
    Matched,
    is_of_a_series,
    matched,
    may_be_of_a_series,
    recurring_in,
)
from core.bills.open_items import has_item, may_have_item, open_items
from core.bills.recurring import Series, Terms
from core.findings import Finding, Severity, UserError
from core.journal.books import Books
from core.journal.shape import Shape
from core.loans.ledger import may_touch_a_loan, touches_a_loan
from core.money import at_cents, round_half_up
from plugins.rule import Rule, Scope, about, described

FACTOR = "Obligations not kept in view"
REFERENCE = "Recurring payments as declared; bills and invoices by their links"
_SOON = 7  # days in which a payment has to be covered
_DAY = dt.timedelta(1)


def missing(books: Books) -> Iterator[Finding]:
    """BILL-01: an expected day is over, and the payment is not in the books."""
    for each in _series(books):
        for one in each.occurrences:
            if one.payment is None and one.day + AROUND * _DAY < books.as_of:
                said = "came in" if each.series.comes_in else "was paid"
                message = (
                    f"{each.series.payee}: {_money(one.terms.amount, one.terms.currency)} was "
                    f"expected on {one.day}, and nothing {said} within {AROUND} days of it; book "
                    "it, or say when it ends: until:"
                )
                entry = one.terms.entry
                yield _declared(books, "BILL-01", each.series, entry, message, one.day)


def price_changed(books: Books) -> Iterator[Finding]:
    """BILL-02: the payment is there, and its amount is beyond the tolerance."""
    for each in _series(books):
        for one in each.occurrences:
            if one.payment is None or one.terms.allows(one.payment.amount):
                continue
            percent = (one.payment.amount / one.terms.amount - 1) * 100
            message = (
                f"{described(one.payment.txn)} was {_money(one.payment.amount, one.terms.currency)}"
                f", {abs(round_half_up(percent, 1))} % {'more' if percent > 0 else 'less'} than "
                f"{_money(one.terms.amount, one.terms.currency)}; if that is its price now, "
                "declare it"
            )
            fix = _with_price(each.series, one.terms, one.day, one.payment.amount)
            yield _paid(books, "BILL-02", one.payment.txn, message, fix)


def _with_price(series: Series, terms: Terms, day: dt.date, amount: Decimal) -> str:
    """The directive that says the new price, from the expected day on."""
    lines = [
        f'; {day} custom "recurring" "{series.entity}" "{series.payee}" '
        f"{at_cents(amount)} {terms.currency}",
        f';   every: "{terms.every}"',
        f";   day: {terms.day}",
    ]
    lines += [f";   account: {series.account}"] if series.account else []
    lines += [f";   pay-from: {terms.pay_from}"] if terms.pay_from else []
    return "\n".join(lines)


def after_the_end(books: Books) -> Iterator[Finding]:
    """BILL-03: a payment like it after it was cancelled."""
    for each in _series(books):
        ended, terms = each.series.ended, each.series.terms[-1]
        for payment in each.others if ended else ():
            day = payment.txn.date
            if ended and day > ended + AROUND * _DAY and terms.allows(payment.amount):
                message = (
                    f"{described(payment.txn)} took {_money(payment.amount, terms.currency)} on "
                    f"{day}, after it ended on {ended}; ask for it back, or correct until:"
                )
                yield _paid(books, "BILL-03", payment.txn, message)


def not_covered(books: Books) -> Iterator[Finding]:
    """BILL-04: what is due within a week is more than there will be."""
    owing = {s.entity for s in recurring_in(books).series}
    owing |= {books.accounts[name].entity for name in card_statements_in(books).newest}
    owing |= {item.entity for item in open_items(books) if item.is_bill}
    for entity in sorted(owing & books.registry.entities.keys()):
        try:
            known = forecast(books, entity, _SOON)
        except UserError:
            continue  # no rate: books forecast says which
        for event in known.events:
            there = known.before(event)
            if event.amount < 0 and event.kind in {RECURRING, BILL, CARD} and there < -event.amount:
                message = (
                    f"{event.what}: {_money(-event.amount, known.currency)} is due on {event.day}, "
                    f"and {entity} will have {_money(there, known.currency)}; move money there, or "
                    "pay later (books forecast)"
                )
                yield _of_event(books, entity, event, message)


def paid_twice(books: Books) -> Iterator[Finding]:
    """BILL-05: a second payment for one expected day, or more paid on a bill than it asks for."""
    for each in _series(books):
        if each.series.comes_in:
            continue
        taken = [o for o in each.occurrences if o.payment and o.terms.allows(o.payment.amount)]
        for payment in each.others:
            twin = next(
                (
                    o
                    for o in taken
                    if abs((payment.txn.date - o.day).days) <= AROUND
                    and o.terms.allows(payment.amount)
                ),
                None,
            )
            if twin and twin.payment:
                message = (
                    f"{described(payment.txn)} of {twin.day} was paid twice: on "
                    f"{twin.payment.txn.date} and on {payment.txn.date}, "
                    f"{_money(payment.amount, twin.terms.currency)}; ask for one back"
                )
                yield _paid(books, "BILL-05", payment.txn, message)
    for item in open_items(books):
        if item.is_bill and item.open < 0:
            message = (
                f"{_money(-item.open, item.currency)} more was paid on ^{item.link} "
                f"({item.payee}) than it asks for; ask for it back, or link the payment to the "
                "bill that it paid"
            )
            yield _paid(books, "BILL-05", item.last, message)


def overdue(books: Books) -> Iterator[Finding]:
    """BILL-06: a bill is open after its due day and some days (``grace-days``) in which its payment
    comes into the books."""
    grace = int(books.policy.threshold("BILL-06", "grace-days", books.as_of, AROUND))
    for item in open_items(books):
        days = item.overdue(books.as_of)
        if item.is_bill and item.open > 0 and days > grace:
            message = (
                f"{_money(item.open, item.currency)} of ^{item.link} ({item.payee}) was due on "
                f"{item.due}, {days} days ago; pay it, or link its payment"
            )
            yield _paid(books, "BILL-06", item.first, message)


def _series(books: Books) -> list[Matched]:
    return matched(books, books.as_of)


def _money(number: Decimal, currency: str) -> str:
    return f"{at_cents(round_half_up(number))} {currency}"


def _paid(books: Books, code: str, txn: data.Transaction, message: str, fix: str = "") -> Finding:
    return about(
        books,
        txn,
        code=code,
        factor=FACTOR,
        severity=Severity.WARNING,
        message=message,
        fix=fix,
    )


def _declared(
    books: Books, code: str, series: Series, entry: data.Directive, message: str, day: dt.date
) -> Finding:
    file, line = books.where(entry)
    return Finding(
        code,
        Severity.WARNING,
        message,
        factor=FACTOR,
        entities=(series.entity,),
        date=day,
        file=file,
        line=line,
        identity=(series.entity, series.payee, series.account, day.isoformat()),
    )


def _of_event(books: Books, entity: str, event: Event, message: str) -> Finding:
    file, line = books.where(event.entry) if event.entry else ("", 0)
    return Finding(
        "BILL-04",
        Severity.WARNING,
        message,
        factor=FACTOR,
        entities=(entity,),
        date=books.as_of,
        file=file,
        line=line,
        identity=(entity, event.what, event.day.isoformat()),
    )


def _may_matter(shape: Shape, books: Books) -> bool:
    """Bills, invoices and recurring payments; loans, which the forecast counts."""
    return (
        may_have_item(shape) or may_be_of_a_series(shape, books) or may_touch_a_loan(shape, books)
    )


def _matters(txn: data.Transaction, books: Books) -> bool:
    return has_item(txn) or is_of_a_series(txn, books) or touches_a_loan(txn, books)


def _rule(
    number: int,
    title: str,
    check: Callable[[Books], Iterable[Finding]],
    meaning: str,
    cure: str,
) -> Rule:
    return Rule(
        code=f"BILL-{number:02}",
        title=title,
        factor=FACTOR,
        scope=Scope.ENTITY,
        waivable=True,
        check=check,
        meaning=meaning,
        cure=cure,
        reference=REFERENCE,
        looks_at=_may_matter,
        looks_closer=_matters,
    )


RULES: tuple[Rule, ...] = (
    _rule(
        1,
        "Recurring payment missing",
        missing,
        "what a recurring directive expects is not in the books within five days of its day",
        "book it, pay it, or end it (until:)",
    ),
    _rule(
        2,
        "Recurring payment with another price",
        price_changed,
        "a recurring payment differs from its amount by more than its tolerance",
        "declare the new amount by a recurring directive of that date, or ask why",
    ),
    _rule(
        3,
        "Payment after it was cancelled",
        after_the_end,
        "a payment of a recurring payee and amount more than five days after its until:",
        "ask for it back, or correct until:",
    ),
    _rule(
        4,
        "Payment soon due that is not covered",
        not_covered,
        "a recurring payment or a bill due within seven days is more than the cash there will be",
        "move money to the account, or agree on a later day",
    ),
    _rule(
        5,
        "Bill paid twice",
        paid_twice,
        "two payments for one expected day, or more paid on a ^bill- link than it asks for",
        "ask for one back, or link the payment to the bill that it paid",
    ),
    _rule(
        6,
        "Bill overdue",
        overdue,
        "a ^bill- link is open on an account with the role ap more than five days (grace-days) "
        "after its due: day",
        "pay it, or link its payment",
    ),
)
