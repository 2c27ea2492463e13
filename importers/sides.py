"""Bank lines that may be half of a movement between two of one's own accounts."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.entity import Account
from core.identity import ids_of
from core.journal.books import Books
from importers.desk import Desk
from importers.draft import Draft
from importers.posted import is_undecided

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

    ``number`` is what its account gained; ``text`` all that the bank said; ``where`` the draft, or
    the transaction of the books with the places of its bank posting and of the one to suspense.
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
    """Whether nobody has said what a line is, and all of it waits in one posting to suspense."""
    if draft.review not in {"categorise", "transfer"} or draft.transfer or len(draft.others) != 1:
        return False
    other = known.get(draft.others[0].account)
    return other is not None and other.role == "suspense" and draft.own.cost is None


def sides_on_desk(desk: Desk, known: Mapping[str, Account]) -> list[Side]:
    """The undecided lines that an import is about to write."""
    sides = []
    for draft in desk.drafts:
        line = draft.line
        if line is None or not waits(draft, known):
            continue
        text = " ".join((line.payee, line.narration, line.kind, *line.cells.values()))
        sides.append(
            Side(
                draft.id,
                draft.date,
                known[draft.account],
                draft.number,
                draft.currency,
                text,
                line.counter_account,
                draft,
            )
        )
    return sides


def sides_in_inbox(books: Books, known: Mapping[str, Account], desk: Desk) -> list[Side]:
    """The undecided lines of the books that wait in one posting to suspense, save for those that
    are being rewritten."""
    sides = []
    rewritten = desk.rewritten
    for txn in books.select("review", is_undecided):
        bank = [(n, p) for n, p in enumerate(txn.postings) if ids_of(p)]
        waiting = [n for n, p in enumerate(txn.postings) if books.role(p.account) == "suspense"]
        if len(bank) != 1 or len(waiting) != 1 or len(txn.postings) != 2:
            continue
        if (txn.meta["filename"], txn.meta["lineno"]) in rewritten:
            continue
        place, posting = bank[0]
        units, account = posting.units, known.get(posting.account)
        if account is None or units is None or units.number is None:
            continue
        text = f"{txn.payee or ''} {txn.narration or ''}"
        sides.append(
            Side(
                ids_of(posting)[0],
                txn.date,
                account,
                units.number,
                units.currency,
                text,
                "",
                (txn, place, waiting[0]),
            )
        )
    return sides


def evidence(one: Side, other: Side) -> int:
    """What speaks for two lines being one transfer: 0 nothing but the amount, 1 a word for it, 2
    the other account's bank, 3 its number."""
    return max(_named(one, other.account), _named(other, one.account), _word(one), _word(other))


def _word(side: Side) -> int:
    return 1 if _WORDS.search(side.text) else 0


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
