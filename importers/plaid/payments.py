"""Payments to a lender, split as the lender says, where the books declare the loan.

A lender says what was paid this year in interest and in principal, and its newest payment. What has
come to both since the answer before is the split of that payment, where it adds up to the payment
to the cent, alone or with the escrow of the loan's schedule; else nothing is known of the split,
and nothing is booked. The answers are remembered in ``.books/feed/<item>.loans.json``: without them
the next one is as the first, of which a split is known only where it was the year's only payment.

The bank's line that paid it becomes principal on the loan's account, interest and escrow::

    2026-03-02 * "Chase Mortgage" "ACH DEBIT"
      note: "M-01"
      Assets:Harbor:Bank:Checking   -1422.15 USD
      Liabilities:Harbor:Mortgage     204.50 USD
      Expenses:Harbor:Interest       1217.65 USD
"""

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import ChangeSet
from core.journal.edit import Edit
from core.journal.placement import placed
from core.journal.write import apply, keep
from core.loans.ledger import loans_in, sides
from core.loans.posting import halves, schedule_of
from core.loans.schedule import INSTALMENT, Row
from core.loans.terms import Loan
from core.money import at_cents, plain
from importers.feed.contract import Item
from importers.feed.cursor import of_run
from importers.feed.entries import Sealed
from importers.inbox.items import InboxItem, inbox, waiting
from importers.plaid.liabilities import Lent, lent

VERSION = 1
_REMEMBERED = 36
# The line of a payment may post so many days before or after the lender counts it.
_AROUND = dt.timedelta(days=5)
_WAITS = frozenset({"categorise", "transfer"})
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Split:
    """A payment of ``amount`` on a ``day``: positive parts that add up to it."""

    day: dt.date
    amount: Decimal
    interest: Decimal
    principal: Decimal
    escrow: Decimal


def split_of(before: Lent | None, now: Lent, escrow: Decimal) -> Split | None:
    """The split of the newest payment, from what was paid this year up to it and up to the answer
    ``before``; None where that does not add up to this one payment. ``escrow`` is what the schedule
    has on top."""
    if now.amount is None or now.interest is None or now.principal is None:
        return None
    is_same_year = before is not None and before.day.year == now.day.year
    if before is None or not is_same_year:
        before = Lent(now.ref, now.day, None, _ZERO, _ZERO)
    if before.interest is None or before.principal is None:
        return None
    interest, principal = now.interest - before.interest, now.principal - before.principal
    rest = now.amount - interest - principal
    if interest < 0 or principal < 0 or rest not in {_ZERO, escrow}:
        return None
    return Split(now.day, now.amount, interest, principal, rest)


def book_payments(
    home: Home, tree: Home, books: Books, item: Item, content: bytes, sealed: Sealed, run_id: str
) -> list[str]:
    """Books the payments whose split is known, and remembers the answer; what to tell of it.

    ``content`` is the answer of ``/liabilities/get``. Raises UserError where the door refuses.
    """
    past = _loaded(home, item.scope)
    told: list[str] = []
    edits: list[Edit] = []
    booked: list[str] = []
    loans = loans_in(books)
    for account, ledger in lent(content, item, books):
        seen = past.get(account.ref, ())
        is_new = not seen or seen[-1] != account
        past[account.ref] = seen = _with(seen, account)
        loan = loans.declared.loans.get(loans.by_account.get(ledger.name, ""))
        if loan is None:
            continue
        for number, now in enumerate(seen):
            row = _row(loan, books, now.day)
            split = split_of(
                seen[number - 1] if number else None, now, row.escrow if row else _ZERO
            )
            is_newest = number == len(seen) - 1
            if split is None or row is None:
                if is_newest and is_new:
                    told.append(_unknown(loan, now))
                continue
            found = list(_waiting(loan, split, books))
            if is_newest:
                told += _compared(loan, split, row, books, found)
            if len(found) == 1 and not sealed(found[0].entity, found[0].txn.date):
                edit, why = _edit(loan, split, row, found[0], books)
                told += [why] if why else []
                if edit:
                    edits.append(edit)
                    booked.append(f"{loan.id} of {split.day}")
    if edits:
        files, remarks = placed(tree, books, (), edits)
        said = f"Split payments as {item.institution} says: {', '.join(booked)}"
        done = apply(
            tree,
            ChangeSet(said, tuple(files)),
            key=f"loans {item.scope} {uuid.uuid4()}",
            actor="feed",
            trailers=of_run(run_id),
        )
        told += [said, *remarks, *done.remarks]
    _keep(home, item.scope, past)
    return told


def _with(seen: tuple[Lent, ...], now: Lent) -> tuple[Lent, ...]:
    """The answers with a newer one; a lender may name a payment before it has added it up."""
    if seen and seen[-1].day == now.day:
        return (*seen[:-1], now)
    return (*seen, now)[-_REMEMBERED:] if not seen or seen[-1].day < now.day else seen


def _unknown(loan: Loan, now: Lent) -> str:
    said = f"{at_cents(now.amount)} " if now.amount is not None else ""
    return f"{loan.id}: the lender does not say how the payment {said}of {now.day} is split"


def _row(loan: Loan, books: Books, day: dt.date) -> Row | None:
    """The instalment that a payment of the day is: the one that is due nearest to it."""
    until = day + dt.timedelta(days=31)
    rows = [row for row in schedule_of(loan, books, until) if row.what == INSTALMENT]
    return min(rows, key=lambda row: abs(row.due - day), default=None)


def _waiting(loan: Loan, split: Split, books: Books) -> Iterator[InboxItem]:
    """The undecided lines of the borrower that may be the payment."""
    for item in inbox(books):
        is_near = abs(item.txn.date - split.day) <= _AROUND
        is_it = (item.number, item.currency) == (-split.amount, loan.currency)
        if is_near and is_it and item.entity == loan.borrower and item.review in _WAITS:
            yield item


def _compared(
    loan: Loan, split: Split, row: Row, books: Books, found: Sequence[InboxItem]
) -> Iterator[str]:
    """Where the newest payment is otherwise in the schedule or in the books, or is not there."""
    parts = f"{at_cents(split.interest)} interest and {at_cents(split.principal)} principal"
    said = f"{loan.id}: of the payment of {split.day} the lender says {parts}"
    if (split.interest, split.principal) != (row.interest, row.principal):
        scheduled = f"{at_cents(row.interest)} and {at_cents(row.principal)}"
        yield f"{said}, the schedule {scheduled} for {row.due}"
    if len(found) > 1:
        yield f"{said}; {len(found)} lines may be it, decide which: books inbox"
    if found:
        return
    own = [side for side in sides(loan, books) if side.entity == loan.borrower]
    near = [f for s in own for f in s.payments if abs(f.date - split.day) <= _AROUND]
    if any((flow.interest, flow.repaid) == (split.interest, split.principal) for flow in near):
        return
    if near:
        file, line = books.where(near[0].txn)
        ours = f"{at_cents(near[0].interest)} and {at_cents(near[0].repaid)}"
        yield f"{said}, the books {ours}: {file}:{line}"
    else:
        yield f"{said}; no line of {at_cents(split.amount)} has come that paid it"


def _edit(
    loan: Loan, split: Split, row: Row, item: InboxItem, books: Books
) -> tuple[Edit | None, str]:
    """The line with its parts; or why it stays as it is."""
    said = replace(
        row,
        due=split.day,
        payment=split.interest + split.principal,
        interest=split.interest,
        principal=split.principal,
        escrow=split.escrow,
    )
    try:
        made = halves(loan, said, books, link=f"loan-{loan.id}", paid_from=item.account)
        places = waiting(item, books)
    except UserError as error:
        return None, f"{loan.id}: {error.message} ({error.hint})"
    own = next((half for half in made if half.entity.name == loan.borrower), None)
    if own is None or len(places) != 1:
        return None, f"{loan.id}: the line of {item.txn.date} is in parts: books inbox"
    parts = [
        (posting.account, posting.units.number, loan.currency)
        for posting in own.txn.postings
        if posting.account != item.account and posting.units and posting.units.number
    ]
    (place,) = places
    account, number, _ = parts[0]
    return Edit(
        item.txn,
        flag="*" if item.txn.flag == "!" else "",
        without=("review", "perhaps"),
        head={"note": loan.id},
        accounts={place: account},
        numbers={place: number},
        more=tuple(parts[1:]),
    ), ""


def _place(scope: str) -> str:
    return f"feed/{scope}.loans.json"


def _loaded(home: Home, scope: str) -> dict[str, tuple[Lent, ...]]:
    """The answers so far, oldest first; none where there are none that can be read."""
    try:
        said = json.loads((home.private / _place(scope)).read_bytes())
        if said["version"] != VERSION:
            return {}
        return {
            ref: tuple(_lent(ref, each) for each in rows) for ref, rows in said["loans"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return {}


def _lent(ref: str, said: Mapping[str, str | None]) -> Lent:
    numbers = [None if (text := said[n]) is None else Decimal(text) for n in _NUMBERS]
    return Lent(ref, dt.date.fromisoformat(said["day"] or ""), *numbers)


_NUMBERS = ("amount", "interest", "principal")


def _keep(home: Home, scope: str, past: Mapping[str, Sequence[Lent]]) -> None:
    rows = {ref: [_as_json(each) for each in seen] for ref, seen in past.items()}
    content = json.dumps({"version": VERSION, "loans": rows}, indent=1, sort_keys=True) + "\n"
    path = home.private / _place(scope)
    if rows and (not path.is_file() or path.read_text(encoding="utf-8") != content):
        keep(home, _place(scope), content.encode())


def _as_json(each: Lent) -> dict[str, str | None]:
    numbers = {name: getattr(each, name) for name in _NUMBERS}
    said = {name: None if n is None else plain(n) for name, n in numbers.items()}
    return {"day": each.day.isoformat(), **said}
