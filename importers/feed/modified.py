"""What becomes of an entry whose line the bank corrects.

Nobody has touched it: it is drafted anew, as if the line had come so from the start. Somebody has:
what the bank says (date, amount, payee) is corrected where it stands; account, narration, tags and
links stay; and ``review: "changed"`` asks a person to look, with ``changed:`` saying what was
before. Splits stay, too: a difference goes to suspense.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from beancount.core import data

from core.identity import ids_of
from core.journal.books import Books
from core.journal.edit import Edit
from core.journal.render import clean_text
from core.money import at_cents
from importers.draft import Draft
from importers.feed.contract import FeedLine
from importers.feed.entries import Entry, Sealed, fixed, is_sealed, suspense_of

_OURS = frozenset({"rule", "review", "perhaps", "filename", "lineno"})
_OF_THE_LINE = frozenset({"id", "src", "filename", "lineno"})


@dataclass(frozen=True)
class Correction:
    """``again``: the line is drafted anew. ``edit`` changes its entry; None leaves it as it is.
    ``remark`` is for a person."""

    again: bool = False
    edit: Edit | None = None
    remark: str = ""


def correction(
    entry: Entry,
    before: FeedLine | None,
    now: FeedLine,
    *,
    account: str,
    drafts: Callable[[FeedLine], Iterable[Draft]],
    has_comments: bool,
    books: Books,
    sealed: Sealed,
) -> Correction:
    """What a corrected line does to its entry.

    ``before`` is what the bank had said (None: nobody knows any more), ``account`` the ledger
    account that the line is of now, ``drafts`` what an import would make of a line without rules
    and with them; ``has_comments`` says that somebody has written into the entry.
    """
    units = entry.posting.units
    said = _differences(entry, before, now, account)
    if not said:
        return Correction()
    why = fixed(entry, books, sealed)
    expected = drafts(before) if before else ()
    if not why and not has_comments and any(_is(entry, draft) for draft in expected):
        return Correction(again=True, edit=Edit(entry.txn, instead=""))
    file, row = books.where(entry.txn)
    if is_sealed(entry, books, sealed):
        remark = f"{file}:{row}: the bank has corrected a line, but {why}; nothing was changed"
        return Correction(remark=f"{remark}: it was {said}")
    edit = Edit(
        entry.txn,
        flag="!",
        without=("review", "perhaps", "changed"),
        head={"review": "changed", "changed": f"was {said}"},
    )
    remark = f"{file}:{row}: the bank has corrected this line: it was {said}"
    if why:
        said_now = f"{now.date} {at_cents(now.amount)} {now.currency} {clean_text(now.payee)}"
        told = {"review": "changed", "changed": f"the bank says {said_now}; {why}"}
        return Correction(edit=replace(edit, head=told), remark=f"{remark}; {why}")
    payee = before and clean_text(before.payee or before.description)
    if payee and payee == entry.txn.payee:
        edit = replace(edit, payee=clean_text(now.payee or now.description))
    if now.date != entry.txn.date:
        edit = replace(edit, date=now.date)
    if units and units.number is not None and units.currency == now.currency.upper():
        edit = _with_amount(edit, entry, now.amount, books)
    if _may_move(entry, account, books):
        edit = replace(edit, accounts={entry.place: account})
    return Correction(edit=edit, remark=remark)


def _differences(entry: Entry, before: FeedLine | None, now: FeedLine, account: str) -> str:
    """What the entry, or the bank before, says otherwise than the line does now."""
    said = []
    units = entry.posting.units
    if entry.txn.date != now.date:
        said.append(entry.txn.date.isoformat())
    if units and (units.number, units.currency) != (now.amount, now.currency.upper()):
        said.append(f"{at_cents(units.number or Decimal(0))} {units.currency}")
    if before and (before.payee, before.description) != (now.payee, now.description):
        said.append(clean_text(before.payee or before.description) or "without a payee")
    if entry.posting.account != account:
        said.append(entry.posting.account)
    return ", ".join(said)


def _is(entry: Entry, draft: Draft) -> bool:
    """Whether an entry is what an import has made of its line, and nothing else."""
    txn = entry.txn
    review = txn.meta.get("review")
    own = {name for name in txn.meta if not name.startswith("__")}
    as_asked = review == "duplicate" or bool(review) == bool(draft.review)
    if txn.links or own - _OURS or len(entry.ids) != 1 or not as_asked:
        return False
    if txn.flag != ("!" if review else "*") or set(txn.tags or ()) != set(draft.tags):
        return False
    if (txn.date, txn.payee or "", txn.narration or "") != (
        draft.date,
        draft.payee,
        draft.narration,
    ):
        return False
    legs = [(leg.account, leg.number, leg.currency) for leg in (draft.own, *draft.others)]
    return legs == [_plain(posting) for posting in txn.postings]


def _plain(posting: data.Posting) -> tuple[Any, ...]:
    """Account, number and currency of a posting that has nothing else, not even metadata."""
    names = {name for name in posting.meta or {} if not name.startswith("__")}
    if names - _OF_THE_LINE or posting.cost or posting.price or posting.flag or not posting.units:
        return ()
    return posting.account, posting.units.number, posting.units.currency


def _with_amount(edit: Edit, entry: Entry, amount: Decimal, books: Books) -> Edit:
    """The edit with the bank's amount. Of two postings the other one follows, unless it is a bank
    line itself; else, and of more, all others stay and the difference goes to suspense. An amount
    at a price or a cost is left to a person."""
    txn, own = entry.txn, entry.posting
    if any(posting.cost or posting.price for posting in txn.postings) or own.units is None:
        return edit
    was = own.units.number or Decimal(0)
    if was == amount:
        return edit
    others = [n for n in range(len(txn.postings)) if n != entry.place]
    if len(others) == 1 and not ids_of(txn.postings[others[0]]):
        return replace(edit, numbers={entry.place: amount, others[0]: -amount})
    currency = own.units.currency
    suspense = suspense_of(books.registry.ent(own.account) or "", currency, books)
    difference = (suspense, was - amount, currency)
    return replace(edit, numbers={entry.place: amount}, more=(difference,))


def _may_move(entry: Entry, account: str, books: Books) -> bool:
    old = entry.posting.account
    return old != account and books.registry.ent(old) == books.registry.ent(account)
