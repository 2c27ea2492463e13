"""Remedies of pairs that are whole: what disagrees, and the class (VEIL-006-008)."""

from collections.abc import Sequence
from decimal import Decimal

from beancount.core import data

from core.findings import Finding
from core.journal.books import Books
from core.journal.edit import Edit
from core.money import at_cents
from plugins.veil.pairing import MONEY
from plugins.veil.remedies.accounts import in_transit_of
from plugins.veil.remedies.dates import redated
from plugins.veil.remedies.rebooking import (
    classed,
    classes_that_fit,
    halves,
    is_shown,
    rebooked,
)
from plugins.veil.remedies.remedy import Answer, ByHand, Choice, Cure, Remedy
from plugins.veil.transfers import CLASSES, posting_party


def disagreement(finding: Finding, txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-006: the class of one half, the amount that no bank has shown, or a fee."""
    pair = halves(txn, books)
    classes = sorted({str(t.meta["transfer"]) for t in pair if t.meta.get("transfer") in CLASSES})
    if len(classes) > 1:
        fits = [c for c in classes if c in classes_that_fit(pair, books)]
        chosen = answer.chosen or (fits[0] if len(fits) == 1 else "")
        if chosen in classes:
            return Cure(edits=tuple(classed(pair, chosen)))
        return Choice({each: f"both halves are a {each}" for each in classes})
    if "days apart" in finding.message or "in two months" in finding.message:
        return _apart(pair, books)
    return _amounts(pair, books, answer)


def _apart(pair: Sequence[data.Transaction], books: Books) -> Remedy:
    """The half that no bank has shown takes the other's date; where both have, the later money was
    under way since the earlier date."""
    by_hand = ByHand("correct the date of the half that is wrong")
    if len(pair) != 2:
        return by_hand
    first, last = sorted(pair, key=lambda t: t.date)
    if not is_shown(last, books) or not is_shown(first, books):
        wrong, right = (last, first) if not is_shown(last, books) else (first, last)
        return redated(wrong, right.date, books)
    (entity,) = books.registry.ents(last)
    transit = in_transit_of(entity, first.date, books)
    money = [p for p in last.postings if books.role(p.account) in MONEY]
    units = money[0].units if len(money) == 1 else None
    if not transit or units is None:
        return ByHand(
            f"{entity} needs an account for money under way, in its accounts file:\n"
            f'  {first.date} open Assets:{entity}:InTransit\n    role: "in-transit"\n'
            "then ask for this again"
        )
    arrived = last._replace(
        meta={"filename": "", "lineno": 0},
        links=frozenset(),
        tags=frozenset(),
        narration="Arrived",
        postings=[money[0], data.Posting(transit, -units, None, None, None, None)],
    )
    postings = [
        p._replace(account=transit, meta=None, cost=None, price=None) if p is money[0] else p
        for p in last.postings
    ]
    return redated(last._replace(postings=postings), first.date, books, (arrived,))


def _amounts(pair: Sequence[data.Transaction], books: Books, answer: Answer) -> Remedy:
    if len(pair) != 2:
        return ByHand("correct the half that is wrong: the link has more than two")
    places = [_only_crossing(t, books) for t in pair]
    if None in places:
        return ByHand("correct the half that is wrong: it has several postings about the other")
    shown = [is_shown(t, books) for t in pair]
    if shown[0] != shown[1]:  # the bank has shown one of them: the other is wrong
        right, wrong = (0, 1) if shown[0] else (1, 0)
        return _corrected(pair, places, right, wrong, books)
    if not shown[0]:
        return _either(pair, places, books, answer)
    return _fee(pair, places, books, answer)


def _only_crossing(txn: data.Transaction, books: Books) -> int | None:
    found = [i for i, p in enumerate(txn.postings) if posting_party(p, books)]
    return found[0] if len(found) == 1 else None


def _units(txn: data.Transaction, place: int | None) -> Decimal:
    units = txn.postings[place].units if place is not None else None
    return (units.number if units else None) or Decimal(0)


def _corrected(
    pair: Sequence[data.Transaction],
    places: Sequence[int | None],
    right: int,
    wrong: int,
    _books: Books,
) -> Remedy:
    """The half that no bank has shown gets the amount of the other."""
    txn, place = pair[wrong], places[wrong]
    rest = [i for i in range(len(txn.postings)) if i != place]
    if place is None or len(rest) != 1:
        return ByHand("correct the half that is wrong: which of its postings is, nothing tells")
    number = -_units(pair[right], places[right])
    return Cure(edits=(Edit(txn, numbers={place: number, rest[0]: -number}),))


def _either(
    pair: Sequence[data.Transaction],
    places: Sequence[int | None],
    books: Books,
    answer: Answer,
) -> Remedy:
    owners = [next(iter(books.registry.ents(t))) for t in pair]
    for right, wrong in ((0, 1), (1, 0)):
        if answer.who.casefold() == owners[right].casefold():
            return _corrected(pair, places, right, wrong, books)
    return Choice(
        {name: f"the amount in {name}'s books is the right one" for name in owners}, "--who"
    )


def _fee(
    pair: Sequence[data.Transaction],
    places: Sequence[int | None],
    books: Books,
    answer: Answer,
) -> Remedy:
    """Both banks have spoken: the difference is a fee, borne by who got less."""
    numbers = [_units(t, p) for t, p in zip(pair, places, strict=True)]
    short = 0 if abs(numbers[0]) < abs(numbers[1]) else 1
    txn, place = pair[short], places[short]
    (entity,) = books.registry.ents(txn)
    gap = -(numbers[0] + numbers[1])
    if not answer.account:
        return Choice(
            {f"Expenses:{entity}:…": f"{entity} bore {at_cents(abs(gap))} as a cost"},
            "--account",
        )
    units = txn.postings[place or 0].units
    currency = units.currency if units else ""
    edit = Edit(
        txn,
        numbers={place or 0: numbers[short] + gap},
        more=((answer.account, -gap, currency),),
    )
    return Cure(edits=(edit,))


def unclassified(_finding: Finding, txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-007: the class of the other half, or the only one whose accounts these are."""
    pair = halves(txn, books)
    known = {str(t.meta["transfer"]) for t in pair if t.meta.get("transfer") in CLASSES}
    fits = classes_that_fit(pair, books)
    if answer.chosen:
        return _as(answer.chosen, pair, fits, books)
    sure = known if len(known) == 1 else set(fits)
    if len(sure) == 1:
        return Cure(edits=tuple(classed(pair, min(sure))))
    return Choice({each: f"its accounts fit a {each}" for each in fits} or _every())


def contradiction(_finding: Finding, txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-008: another class, or the accounts of this one."""
    pair = halves(txn, books)
    fits = classes_that_fit(pair, books)
    said = str(txn.meta.get("transfer"))
    if answer.chosen:
        return _as(answer.chosen, pair, fits, books)
    answers = {each: f"the class is wrong: its accounts fit a {each}" for each in fits}
    answers[said] = f"the class is right: the accounts become those of a {said}"
    return Choice(answers)


def _as(chosen: str, pair: Sequence[data.Transaction], fits: Sequence[str], books: Books) -> Remedy:
    if chosen not in CLASSES:
        return Choice(_every())
    if chosen in fits:
        return Cure(edits=tuple(classed(pair, chosen)))
    return Cure(edits=tuple(rebooked(pair, chosen, books)))


def _every() -> dict[str, str]:
    return dict.fromkeys(sorted(CLASSES), "a class of the catalogue")
