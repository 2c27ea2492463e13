"""The other half of a pair (VEIL-005): found where it stands, else made.

The other half is looked for before it is made: what the bank said is most often in the books
already, under the wrong name, and a second entry for it would double the money.
"""

import datetime as dt
from collections.abc import Iterator
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
from plugins.veil.remedies.accounts import account_for, in_transit_of, money_of
from plugins.veil.remedies.rebooking import (
    halves,
    is_shown,
)
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
    who = next((o for o in others if o.casefold() == answer.who.casefold()), "")
    if not answer.who and len(others) == 1:
        who = min(others)
    if who:
        known = [t for t in halves(txn, books) if books.registry.ents(t) == {who}]
        if len(known) == 1 and len(txn.postings) == 2 and is_shown(txn, books):
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
                account = answer.account or expense_of(other, txn.date, books)
            else:
                account = money_of(other, txn.date, books)
                if books.last_balance.get(account, txn.date) > txn.date:
                    account = in_transit_of(other, txn.date, books) or account
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
