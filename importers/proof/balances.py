"""What a statement proves: its closing balance beside what the books will say on that day.

Where they agree, the balance becomes a ``balance`` directive on the day after (Beancount's hold
at the start of a day), with the statement as evidence. Where they do not, nothing is asserted: the
gap is reported, with what may explain it. A feed's balance is compared and never asserted.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from beancount.core import amount, data

from core.journal.books import Books
from core.money import at_cents
from importers.desk import Desk
from importers.planned import Proof, StatementPlan
from importers.posted import Posted, posted

_ROWS = 5
_DAY = dt.timedelta(days=1)


def proofs(desk: Desk, plans: Iterable[StatementPlan], books: Books) -> dict[int, Proof]:
    """The proof of each plan (by its place) whose statement says a closing balance and its day."""
    plans = list(plans)
    accounts = {p.account.name for p in plans if p.account and p.statement.balance is not None}
    before: dict[str, list[Posted]] = defaultdict(list)
    for row in posted(books, accounts):
        before[row.account].append(row)
    added = _added(desk)
    found: dict[int, Proof] = {}
    for place, plan in enumerate(plans):
        statement, account = plan.statement, plan.account
        if account is None or statement.balance is None:
            continue
        days = [line.date for line in statement.lines]
        day = statement.balance_date or max(days, default=None)
        currency = statement.currency or (account.currencies or ("",))[0]
        if day is None or not currency:
            continue
        rows = [r for r in before[account.name] if r.currency == currency]
        new = added.get((account.name, currency), ())
        held = sum((r.number for r in rows if r.date <= day), Decimal(0))
        held += sum((number for date, number in new if date <= day), Decimal(0))
        total = sum((line.amount for line in statement.lines if line.date <= day), Decimal(0))
        opening = statement.opening
        if opening is None:
            opening = statement.balance - total
        proof = Proof(
            account.name,
            currency,
            day,
            opening,
            total,
            statement.balance,
            statement.balance - total - opening,
            held,
        )
        if not proof.holds:
            proof = replace(proof, rows_near=tuple(_explained(proof, plan, rows, new, books)))
        found[place] = proof
    return found


def _added(desk: Desk) -> Mapping[tuple[str, str], list[tuple[dt.date, Decimal]]]:
    """What the import brings to each account, by day."""
    added: dict[tuple[str, str], list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for draft in desk.drafts:
        for leg in (draft.own, *draft.others):
            if leg.number is not None:
                added[leg.account, leg.currency].append((draft.date, leg.number))
    for edit in desk.edits:
        for place, posting in enumerate(edit.txn.postings):
            units, new = posting.units, edit.numbers.get(place)
            if units is None or units.number is None:
                continue
            now = Decimal(0) if edit.instead == "" else units.number if new is None else new
            if now != units.number or edit.date:
                said = added[posting.account, units.currency]
                said += [(edit.txn.date, -units.number), (edit.date or edit.txn.date, now)]
        for place, account in edit.accounts.items():
            units = edit.txn.postings[place].units
            if units is not None and units.number is not None:
                added[account, units.currency].append((edit.txn.date, units.number))
    return added


def _explained(
    proof: Proof,
    plan: StatementPlan,
    rows: Iterable[Posted],
    new: Iterable[tuple[dt.date, Decimal]],
    books: Books,
) -> Iterable[str]:
    """Where the gap may come from: before the statement, or lines it does not have."""
    if proof.gap == -proof.unread:
        return  # the statement itself lacks lines
    rows = sorted(rows, key=lambda row: row.date)
    days = [line.date for line in plan.statement.lines] or [proof.date]
    first = min(days) if plan.statement.period is None else plan.statement.period[0]
    start = sum((row.number for row in rows if row.date < first), Decimal(0))
    start += sum((number for date, number in new if date < first), Decimal(0))
    start += plan.opening.number if plan.opening and plan.opening.date >= first else 0
    if start != proof.opening:
        yield (
            f"before {first} the books hold {at_cents(start)}, the statement begins with "
            f"{at_cents(proof.opening)}: import the statements before this one"
        )
    own = set(plan.ids)
    extra = [
        row
        for row in rows
        if first <= row.date <= proof.date and own.isdisjoint(row.ids) and not row.padded
    ]
    # The rows that are the gap by themselves first, then those nearest to the end.
    extra.sort(key=lambda row: (row.number != proof.gap, -row.date.toordinal()))
    for row in extra[:_ROWS]:
        where = f"{books.relative(row.file)}:{row.line}"
        yield f"{where}: {row.date} {at_cents(row.number)} is not in the statement"


def assertion(proof: Proof, evidence: str) -> data.Balance:
    """The ``balance`` directive of a proof that holds; ``evidence`` is the statement's file,
    relative to the entity's folder."""
    meta = {"statement": evidence} if evidence else {}
    held = amount.Amount(proof.closing, proof.currency)
    return data.Balance(meta, proof.date + _DAY, proof.account, held, None, None)


def asserted(books: Books) -> set[tuple[str, dt.date, str]]:
    """The account, day and currency of every ``balance`` directive in the books."""
    return {
        (entry.account, entry.date, entry.amount.currency)
        for entry in books.standing
        if isinstance(entry, data.Balance)
    }
