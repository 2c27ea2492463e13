"""Remedies of pairs: the missing half, the missing link, the class, what disagrees (VEIL-005-008).

The other half is looked for before it is made: what the bank said is most often in the books
already, under the wrong name, and a second entry for it would double the money.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from beancount.core import data

from core.findings import Finding
from core.journal.books import Books
from core.journal.change import Block
from core.journal.edit import Edit
from core.journal.links import new_link
from core.journal.placement import month_file
from core.money import at_cents
from plugins.veil.cures import expense_of, quoted
from plugins.veil.pairing import MONEY
from plugins.veil.remedies.accounts import account_for, money_of
from plugins.veil.remedies.dates import redated
from plugins.veil.remedies.rebooking import classed, classes_that_fit, halves, rebooked
from plugins.veil.remedies.remedy import Answer, ByHand, Choice, Cure, Remedy
from plugins.veil.transfers import CLASSES, keeps_books, pair_links, parties, posting_party

_FEW = dt.timedelta(days=5)
# What stands on the other side for what stands here.
_MIRROR = {
    "due-from": ("due-to",),
    "due-to": ("due-from",),
    "loan-to": ("loan-from",),
    "loan-from": ("loan-to",),
    "invest-in": ("contribution",),
    "contribution": ("invest-in",),
    "distribution": ("invest-in", "distribution-income"),
    "distribution-income": ("distribution",),
    "guaranteed-payment": ("guaranteed-payment-income",),
    "guaranteed-payment-income": ("guaranteed-payment",),
}


def partner(_finding: Finding, txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-005: the half that is there gets the link; one that is not is made."""
    named = {name for name in parties(txn, books) if keeps_books(name, books)}
    (entity,) = books.registry.ents(txn)
    links = pair_links(txn)
    there = {e for link in links for t in books.by_link[link] for e in books.registry.ents(t)}
    missing = sorted(named - there - {entity})
    if not missing:
        return _named(txn, books, answer)
    if len(missing) > 1:
        return ByHand(f"book the halves of {', '.join(missing)} with the link ^{links[0]}")
    if missing[0] not in books.registry.entities:
        return ByHand(
            f"{missing[0]} is no registered entity: register it, or correct counterparty:"
        )
    return _found(txn, entity, missing[0], books) or _new(txn, entity, missing[0], books, answer)


def _found(txn: data.Transaction, entity: str, other: str, books: Books) -> Remedy | None:
    """The other half where it is in the books already: without the link, or as something else."""
    link = (pair_links(txn) or [new_link(txn.date)])[0]
    own = Edit(txn, link=link)
    found = list(_unlinked_halves(txn, entity, other, books))
    if len(found) == 1:
        head = {"counterparty": entity} if entity not in parties(found[0], books) else {}
        return Cure(edits=(own, Edit(found[0], link=link, head=head)))
    if len(found) > 1:
        places = ", ".join("{}:{}".format(*books.where(t)) for t in found)
        return ByHand(f"one of {places} is the other half: give it the link ^{link}")
    misbooked = list(_misbooked(txn, entity, other, books))
    if len(misbooked) != 1:
        return None
    edit = _as_half(misbooked[0], txn, entity, other, link, books)
    if edit is None:
        return None
    return Cure(edits=(own, edit), remarks=(_taken(misbooked[0], books),))


def _new(txn: data.Transaction, entity: str, other: str, books: Books, answer: Answer) -> Remedy:
    """The other half, made."""
    links = pair_links(txn)
    link = (links or [new_link(txn.date)])[0]
    text = _made(txn, entity, other, link, books, answer)
    if not text:
        return ByHand(f"book {other}'s half with the link ^{link}: what it posts to is not known")
    known = books.registry.entities[other]
    block = month_file(known, txn.date), known, Block(txn.date, text)
    return Cure(blocks=(block,), edits=() if links else (Edit(txn, link=link),))


def _named(txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """An entry that shares a link and names no counterparty."""
    (entity,) = books.registry.ents(txn)
    others = {e for t in halves(txn, books) for e in books.registry.ents(t)} - {entity}
    if answer.who or len(others) == 1:
        who = answer.who or min(others)
        known = [t for t in halves(txn, books) if books.registry.ents(t) == {who}]
        if len(known) == 1 and len(txn.postings) == 2 and _shown(txn, books):
            edit = _as_half(txn, known[0], who, entity, min(pair_links(txn)), books)
            if edit is not None:
                return Cure(edits=(edit,))
        return Cure(edits=(Edit(txn, head={"counterparty": who}),))
    return Choice({name: f"it is between {entity} and {name}" for name in sorted(others)}, "--who")


def _crossing(txn: data.Transaction, other: str, books: Books) -> dict[str, Decimal]:
    """What the entry's postings about ``other`` add up to, by currency."""
    sums: dict[str, Decimal] = {}
    for posting in txn.postings:
        if posting_party(posting, books).casefold() == other.casefold() and posting.units:
            number = posting.units.number or Decimal(0)
            currency = posting.units.currency
            sums[currency] = sums.get(currency, Decimal(0)) + number
    return sums


def _unlinked_halves(
    txn: data.Transaction, entity: str, other: str, books: Books
) -> Iterator[data.Transaction]:
    """Entries of the other about this one, of the same amount and near in date, without a link."""
    wanted = {currency: -number for currency, number in _crossing(txn, other, books).items()}
    for each in books.transactions:
        near = abs(each.date - txn.date) <= _FEW and books.registry.ents(each) == {other}
        if near and wanted and not pair_links(each) and _crossing(each, entity, books) == wanted:
            yield each


def _misbooked(
    txn: data.Transaction, entity: str, other: str, books: Books
) -> Iterator[data.Transaction]:
    """Entries of the other that its bank saw for this one, booked as something else."""
    wanted = {
        (-p.units.number, p.units.currency)
        for p in txn.postings
        if books.role(p.account) in MONEY and p.units and p.units.number
    }
    known = books.registry.entities[entity]
    names = {known.name.casefold(), known.legal_name.casefold()} - {""}
    for each in books.transactions:
        near = abs(each.date - txn.date) <= _FEW and books.registry.ents(each) == {other}
        if not near or pair_links(each) or len(each.postings) != 2 or parties(each, books):
            continue
        text = f"{each.payee or ''} {each.narration or ''}".casefold()
        money = [p for p in each.postings if books.role(p.account) in MONEY]
        seen = {(p.units.number, p.units.currency) for p in money if p.units}
        if len(money) == 1 and seen & wanted and any(name in text for name in names):
            yield each


def _as_half(
    each: data.Transaction,
    txn: data.Transaction,
    entity: str,
    other: str,
    link: str,
    books: Books,
) -> Edit | None:
    """The entry as the other half, its bank posting as it is."""
    place = next(i for i, p in enumerate(each.postings) if books.role(p.account) not in MONEY)
    roles = next((_MIRROR[r] for p in txn.postings if (r := books.role(p.account)) in _MIRROR), ())
    if not roles:
        return None
    account = account_for(other, roles, entity, each.date, books, str(txn.meta.get("note") or ""))
    head = {"counterparty": entity}
    if txn.meta.get("transfer") in CLASSES:
        head["transfer"] = str(txn.meta["transfer"])
    without = ("transfer", "counterparty", "review")
    return Edit(each, without=without, head=head, link=link, accounts={place: account})


def _taken(txn: data.Transaction, books: Books) -> str:
    file, line = books.where(txn)
    return f"{file}:{line} is the other half: the bank's line is there already, booked otherwise"


def _made(
    txn: data.Transaction, entity: str, other: str, link: str, books: Books, answer: Answer
) -> str:
    """The other half as text; empty where an account has no counterpart."""
    transfer = str(txn.meta.get("transfer", "settlement"))
    note = str(txn.meta.get("note") or "")
    payer = any(books.role(p.account) == "due-from" for p in txn.postings)
    rows = []
    for posting in txn.postings:
        role, units = books.role(posting.account), posting.units
        if units is None or units.number is None:
            return ""
        if role in MONEY:
            if transfer == "expense-on-behalf" and payer:
                account = answer.account or expense_of(other, books)
            else:
                account = money_of(other, txn.date, books)
                if books.last_balance.get(account, txn.date) > txn.date:
                    account = _in_transit(other, txn.date, books) or account
        elif role in _MIRROR and posting_party(posting, books):
            account = account_for(other, _MIRROR[role], entity, txn.date, books, note)
        else:
            return ""
        if not account:
            return ""
        rows.append(f"  {account}  {at_cents(-units.number)} {units.currency}")
    head = f'{txn.date} {txn.flag} "{quoted(entity)}" "{quoted(txn.narration)}" ^{link}'
    meta = [f'  transfer: "{transfer}"', f'  counterparty: "{entity}"']
    return "\n".join([head, *meta, *([f'  note: "{note}"'] if note else []), *rows])


def _in_transit(entity: str, day: dt.date, books: Books) -> str:
    return next(
        (
            a.name
            for a in books.accounts.values()
            if a.entity == entity and a.role == "in-transit" and a.is_open(day)
        ),
        "",
    )


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
    if not _shown(last, books) or not _shown(first, books):
        wrong, right = (last, first) if not _shown(last, books) else (first, last)
        return redated(wrong, right.date, books)
    (entity,) = books.registry.ents(last)
    transit = _in_transit(entity, first.date, books)
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


def _shown(txn: data.Transaction, books: Books) -> bool:
    """Whether a bank, card or cash account has the entry."""
    return any(books.role(p.account) in MONEY for p in txn.postings)


def _amounts(pair: Sequence[data.Transaction], books: Books, answer: Answer) -> Remedy:
    if len(pair) != 2:
        return ByHand("correct the half that is wrong: the link has more than two")
    places = [_only_crossing(t, books) for t in pair]
    if None in places:
        return ByHand("correct the half that is wrong: it has several postings about the other")
    shown = [_shown(t, books) for t in pair]
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
