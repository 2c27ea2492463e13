"""Repayment: a loan that nobody pays back, or that pays somebody else, is no loan.

Whether the parties meant to repay is a factor of debt or equity (Estate of Mixon v. United States,
464 F.2d 394 (5th Cir. 1972)); payments that insiders divert are siphoning (DeWitt Truck Brokers v.
Flemming Fruit, 540 F.2d 681 (4th Cir. 1976)).
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.books import Books
from core.loans.compare import Missed, missed, missed_on_demand, splits
from core.loans.ledger import (
    REPAYMENT,
    Side,
    is_here,
    is_related,
    lender_on,
    loans_in,
    may_touch_a_loan,
    sides,
    touches_a_loan,
)
from core.loans.schedule import schedule
from core.loans.terms import DEMAND, Forbearance, Loan
from core.money import at_cents
from plugins.rule import Rule, Scope, about, described
from plugins.veil.evidence import evidence
from plugins.veil.transfers import entities_of, is_mixed, pair_links, parties

_SHAM = "Sham debt: no intention to repay"
_SIPHONING = "Siphoning; preference to insiders"
_GRACE, _SERIOUS = 10, 90


def missed_payment(books: Books) -> Iterator[Finding]:
    """VEIL-011: an instalment of a related loan that was not paid within its grace; of a demand
    note twelve months without interest. An error while it is open for more than 90 days."""
    for loan in loans_in(books).declared.loans.values():
        if is_related(loan, books) and is_here(loan, books):
            for each in missed_instalments(loan, books, "VEIL-011"):
                yield _missed(loan, each, books)


def missed_instalments(loan: Loan, books: Books, code: str) -> Iterator[Missed]:
    """What was not paid in time, by the borrower's books where they are here."""
    loans = loans_in(books)
    booked = sides(loan, books)
    side = booked[0] if booked else None
    grace = int(books.policy.threshold(code, "grace-days", books.as_of, _GRACE))
    patience = [f for f in loans.declared.forbearances.get(loan.id, ()) if _on_file(f, books)]
    events = loans.events(loan)
    if loan.kind == DEMAND:
        return missed_on_demand(loan, events, side, patience, grace=grace, as_of=books.as_of)
    moves = side.moves if side else []
    rows = schedule(loan, events, moves=moves, until=books.as_of)
    return missed(loan, rows, side, patience, grace=grace, as_of=books.as_of)


def _on_file(forbearance: Forbearance, books: Books) -> bool:
    """Patience that nobody can show is none."""
    return bool(evidence(forbearance.entry, books, ("document",)))


def _missed(loan: Loan, each: Missed, books: Books) -> Finding:
    serious = int(books.policy.threshold("VEIL-011", "error-days", books.as_of, _SERIOUS))
    late = (books.as_of - each.due).days
    is_error = each.still_open and late > serious
    what = f"instalment {each.number}" if each.number else "the interest of twelve months"
    ended = f"has been open for {late} days" if each.still_open else "was paid late"
    message = (
        f"{what} of the note {loan.id}, due {each.due}, {ended}: {loan.borrower} had paid "
        f"{loan.lender} {at_cents(each.short)} {loan.currency} too little when its days of grace "
        "were over; pay it, or keep the lender's written forbearance here"
    )
    return about_loan(
        loan,
        books,
        "VEIL-011",
        _SHAM,
        Severity.ERROR if is_error else Severity.WARNING,
        message,
        day=each.due,
        evidence=("the payment, or the signed forbearance or amendment",),
        what=str(each.due),
    )


def misdirected(books: Books) -> Iterator[Finding]:
    """VEIL-012: a repayment to or by another party than the note's, one whose interest is not what
    had run, or one of more principal than was owed."""
    loans = loans_in(books)
    for txn in books.transactions:
        if _is_repayment(txn, books):
            yield from _wrong_party(txn, books)
    for loan in loans.declared.loans.values():
        if is_related(loan, books):
            for side in sides(loan, books):
                yield from _wrong_split(loan, side, books)


def _is_repayment(txn: data.Transaction, books: Books) -> bool:
    """Whether the entry says so and is of one entity; of others VEIL-001 speaks."""
    return txn.meta.get("transfer") == REPAYMENT and not is_mixed(txn, books)


def _wrong_party(txn: data.Transaction, books: Books) -> Iterator[Finding]:
    loans = loans_in(books)
    note = loans.note_of(txn)
    if not note:
        return  # VEIL-009 asks for the note
    loan = loans.declared.loans[note]
    holder = _holder(loan, txn.date, books)
    right = {loan.borrower, holder}
    named = parties(txn, books)
    own = txn.meta.get("counterparty")
    if isinstance(own, str) and own and right != {loan.borrower, loan.lender}:
        # since an assignment the account still bears the first lender's name
        known = books.registry.named(own)
        named = frozenset({known.name if known else own})
    entities = entities_of(txn, books)
    for link in pair_links(txn):
        for other in books.by_link[link]:
            if other.meta.get("transfer") == REPAYMENT:
                entities |= entities_of(other, books)
    wrong = sorted((named | entities) - right)
    if wrong:
        yield about(
            books,
            txn,
            code="VEIL-012",
            factor=_SIPHONING,
            message=f"{described(txn)} repays the note {loan.id}, which {loan.borrower} owes "
            f"{holder}, but names {' and '.join(wrong)}; redirect the money, "
            "or keep the assignment of the note here",
            evidence=("the money's way to the lender, or the signed assignment",),
        )


def _holder(loan: Loan, day: dt.date, books: Books) -> str:
    """Who is owed the money: an assignment counts when its paper is on file."""
    events = loans_in(books).events(loan)
    signed = [e for e in events if e.assigned_to and evidence(e.entry, books, ("document",))]
    return lender_on(loan, signed, day)


def _wrong_split(loan: Loan, side: Side, books: Books) -> Iterator[Finding]:
    events = loans_in(books).events(loan)
    rows = schedule(loan, events, moves=side.moves, until=books.as_of)
    for split in splits(loan, rows, events, side):
        if _is_repayment(split.flow.txn, books):
            off = "more" if split.posted > split.expected else "less"
            yield _about_payment(
                loan,
                split.flow.txn,
                books,
                f"books {at_cents(split.posted)} {loan.currency} of interest, {off} than the "
                f"{at_cents(split.expected)} that had run on what was owed; correct the split",
            )
    owed = Decimal(0)
    for flow in side.flows:
        before, owed = owed, owed + flow.lent
        if owed < 0 and flow.repaid and _is_repayment(flow.txn, books):
            yield _about_payment(
                loan,
                flow.txn,
                books,
                f"repays {at_cents(flow.repaid)} {loan.currency} of principal where "
                f"{at_cents(max(before, Decimal(0)))} was owed; book the rest as owed back",
            )


def _about_payment(loan: Loan, txn: data.Transaction, books: Books, fault: str) -> Finding:
    return about(
        books,
        txn,
        code="VEIL-012",
        factor=_SIPHONING,
        message=f"{described(txn)}, of the note {loan.id}, {fault}",
        evidence=(f"the schedule: books veil loan {loan.id} --schedule",),
    )


def about_loan(
    loan: Loan,
    books: Books,
    code: str,
    factor: str,
    severity: Severity,
    message: str,
    *,
    day: dt.date | None = None,
    evidence: tuple[str, ...] = (),
    fix: str = "",
    what: str = "",
    entry: data.Custom | None = None,
) -> Finding:
    """A finding about a loan as such: it stands where the loan, or ``entry``, is declared. ``what``
    tells it from others of the same loan."""
    file, line = books.where(entry or loan.entry)
    parties_here = [n for n in (loan.lender, loan.borrower) if n in books.registry.entities]
    return Finding(
        code,
        severity,
        message,
        factor=factor,
        entities=tuple(sorted(parties_here)),
        date=day or loan.date,
        file=file,
        line=line,
        evidence=evidence,
        fix=fix,
        identity=(loan.id, what),
    )


RULES = (
    Rule(
        "VEIL-011",
        "Payment missed",
        _SHAM,
        Scope.ENTITY,
        True,
        missed_payment,
        meaning="what was paid on a related loan by an instalment's due date and ten days "
        "(grace-days) is less than all instalments so far; of a demand note twelve months passed "
        "without a payment of interest. A warning; an error while it is open for more than 90 days "
        "(error-days). What was paid late stays a warning of its month",
        cure='pay it, or sign a forbearance and declare it by custom "loan-forbearance" with '
        "until: and document:",
        reference="Estate of Mixon v. United States, 464 F.2d 394 (5th Cir. 1972)",
        looks_at=may_touch_a_loan,
        looks_closer=touches_a_loan,
        usual=Severity.WARNING,
    ),
    Rule(
        "VEIL-012",
        "Repayment misdirected",
        _SIPHONING,
        Scope.ENTITY,
        True,
        misdirected,
        meaning="a loan-repayment names, or its money reaches, another party than the note's; or "
        "its interest differs from what had run on the opening balance by more than a cent for "
        "each payment so far; or it repays more than was owed",
        cure="redirect the money, or declare the signed assignment by custom “loan-event” "
        "“assignment”; correct the split by the schedule",
        reference="DeWitt Truck Brokers v. Flemming Fruit, 540 F.2d 681 (4th Cir. 1976)",
        looks_at=may_touch_a_loan,
        looks_closer=touches_a_loan,
    ),
)
