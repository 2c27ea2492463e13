"""Bank lines that may be half of a movement between two of one's own accounts."""

import datetime as dt
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.entity import Account
from core.identity import ids_of
from core.journal.books import Books
from importers.desk import Desk
from importers.draft import Draft
from importers.posted import is_undecided
from importers.processors import FEE_TAX, FEES

# Five days of bank transit is what the books allow between the two sides.
TRANSIT = dt.timedelta(days=5)
_WORDS = re.compile(
    r"\b(transfers?|xfer|trf|tfr|auto ?pay(ment)?|e-?payment|epay|bill ?pay|online p(ay)?m(en)?t"
    r"|thank you|card p(ay)?m(en)?t|crcardpmt|ach p(ay)?m(en)?t|direct debit|sweep|payout"
    r"|from savings|to savings|from checking|to checking|überweisung|umbuchung|virement"
    r"|traspaso|transferencia|overboeking|neft|imps|rtgs)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Side:
    """One bank line that may be half of a transfer.

    ``number`` is what its account gained, before a fee that was kept of it; ``text`` all that the
    bank said; ``where`` the draft, or the transaction of the books with the places of its bank
    posting and of the one to suspense.
    """

    id: str
    date: dt.date
    account: Account
    number: Decimal
    currency: str
    text: str
    counter_account: str
    where: Draft | tuple[data.Transaction, int, int]


def waits(draft: Draft, known: Mapping[str, Account]) -> bool:
    """Whether nobody has said what a line is, and all of it waits in one posting to suspense; the
    fee that was kept of it is known."""
    if draft.review not in {"categorise", "transfer"} or draft.transfer or draft.own.cost:
        return False
    kept = (draft.line.fee, draft.line.fee_tax) if draft.line else ()
    roles = [known[leg.account].role if leg.account in known else "" for leg in draft.others]
    return (
        roles.count("suspense") == 1
        and roles[0] == "suspense"
        and len(roles) == 1 + sum(1 for number in kept if number)
    )


def sides(desk: Desk, books: Books, known: Mapping[str, Account]) -> list[Side]:
    """The undecided lines, in the inbox and on the desk, that may be half of a movement, by date:
    of those on the desk the ones whose opposite amount is anywhere."""
    inbox = _in_inbox(books, known, desk)
    waiting = [d for d in desk.drafts if d.line is not None and waits(d, known)]
    named = (draft for draft in desk.drafts if draft.transfer)
    numbers = {(side.currency, side.number) for side in inbox}
    numbers |= {(d.currency, d.moved) for drafts in (waiting, named) for d in drafts}
    new = [_side(d, known) for d in waiting if (d.currency, -d.moved) in numbers]
    return sorted([*inbox, *new], key=_date)


def near(found: Sequence[Side], day: dt.date) -> Sequence[Side]:
    """Those of ``found`` (by date) that are as near to a day as the sides of one movement."""
    first = bisect_left(found, day - TRANSIT, key=_date)
    return found[first : bisect_right(found, day + TRANSIT, key=_date)]


def _date(side: Side) -> dt.date:
    return side.date


def _side(draft: Draft, known: Mapping[str, Account]) -> Side:
    line = draft.line
    assert line is not None  # noqa: S101 - only lines of statements wait
    text = " ".join((line.payee, line.narration, line.kind, *line.cells.values()))
    return Side(
        draft.id,
        draft.date,
        known[draft.account],
        draft.moved,
        draft.currency,
        text,
        line.counter_account,
        draft,
    )


def _in_inbox(books: Books, known: Mapping[str, Account], desk: Desk) -> list[Side]:
    """The undecided lines of the books that wait in one posting to suspense, beside what was kept
    of them; save for those that are being rewritten."""
    found = []
    rewritten = desk.rewritten
    for txn in books.select("review", is_undecided):
        bank = [(n, p) for n, p in enumerate(txn.postings) if ids_of(p)]
        waiting = [n for n, p in enumerate(txn.postings) if books.role(p.account) == "suspense"]
        if len(bank) != 1 or len(waiting) != 1:
            continue
        if (txn.meta["filename"], txn.meta["lineno"]) in rewritten:
            continue
        place, posting = bank[0]
        units, account = txn.postings[waiting[0]].units, known.get(posting.account)
        if account is None or units is None or units.number is None:
            continue
        named = {account.meta.get(FEES), account.meta.get(FEE_TAX)}
        if any(
            p.account not in named for n, p in enumerate(txn.postings) if n not in {place, *waiting}
        ):
            continue
        text = f"{txn.payee or ''} {txn.narration or ''}"
        found.append(
            Side(
                ids_of(posting)[0],
                txn.date,
                account,
                -units.number,
                units.currency,
                text,
                "",
                (txn, place, waiting[0]),
            )
        )
    return found


def evidence(one: Side, other: Side) -> int:
    """What speaks for two lines being one transfer: 0 nothing but the amount, 1 a word for it, 2
    the other account's bank, 3 its number."""
    words = int(has_word(one) or has_word(other))
    return max(_named(one, other.account), _named(other, one.account), words)


def has_word(side: Side) -> bool:
    """Whether the bank calls a line a transfer, in some word."""
    return bool(_WORDS.search(side.text))


def perhaps_of(txn: data.Transaction) -> tuple[str, ...]:
    """The ids of the bank lines that the question about a transaction names."""
    said = txn.meta.get("perhaps")
    return tuple(filter(None, said.split(", "))) if isinstance(said, str) else ()


def _named(side: Side, account: Account) -> int:
    """How the text of a side names an account: 3 by its number, 2 by its bank, 0 not at all."""
    bank, _, digits = account.account_id.rpartition("-")
    number = re.sub(r"\W", "", side.counter_account)
    if len(digits) >= 3 and (
        number.endswith(digits) or re.search(rf"(?<!\d){re.escape(digits)}\b", side.text)
    ):
        return 3
    own = side.account.account_id.rpartition("-")[0]
    # Its own bank's name is on every line.
    if bank and bank != own and re.search(rf"\b{re.escape(bank)}", side.text, re.IGNORECASE):
        return 2
    return 0
