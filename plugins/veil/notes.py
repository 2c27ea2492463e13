"""Notes: money between two related parties is a loan only when it is papered.

Without a written note, a schedule, interest and repayment courts call such money a distribution or
a contribution (Estate of Mixon v. United States, 464 F.2d 394 (5th Cir. 1972)).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import data

from core.findings import Finding
from core.journal.books import Books
from core.loans.ledger import (
    ADVANCE,
    REPAYMENT,
    Flow,
    is_related,
    loans_in,
    may_touch_a_loan,
    sides,
    touches_a_loan,
)
from core.loans.terms import CREDIT_LINE, DEMAND, Loan
from core.money import at_cents
from plugins.rule import Rule, Scope, about, described
from plugins.veil.evidence import documents, evidence
from plugins.veil.transfers import entities_of, is_mixed, parties, posting_party

_SHAM = "Failure of formalities; sham debt"
_ROLES = {"loan-to", "loan-from"}


def without_a_note(books: Books) -> Iterator[Finding]:
    """VEIL-009: money lent between related parties without a note that says all it must, signed in
    time and on file; or more lent than the note says. One finding for each note and fault."""
    loans = loans_in(books)
    yield from _unnoted(books)
    for loan in loans.declared.loans.values():
        advances = [f for s in sides(loan, books)[:1] for f in s.flows if f.lent > 0]
        if not is_related(loan, books) or not advances:
            continue
        faults = _faults(loan, advances, books)
        if faults:
            yield _about_note(loan, advances[0].txn, books, "; ".join(faults))
        over = _beyond(loan, advances, books)
        if over is not None:
            yield over


@dataclass
class _Lending:
    """Money lent on accounts, or by an entry, that no declared loan accounts for."""

    first: data.Transaction
    balance: Decimal = Decimal(0)
    currency: str = ""
    lent: Decimal = Decimal(0)
    who: set[str] = field(default_factory=set)
    sides: tuple[str, str] = ("", "")  # who lends and who borrows, as the account says it


def _unnoted(books: Books) -> Iterator[Finding]:
    """The lendings that no directive declares, by the id that the account or the entry gives."""
    loans = loans_in(books)
    found: dict[tuple[str, frozenset[str], str], _Lending] = {}
    for txn in books.transactions:
        if not touches_a_loan(txn, books) or is_mixed(txn, books):
            continue
        who = frozenset(entities_of(txn, books) | parties(txn, books) | _of_accounts(txn, books))
        noted = loans.note_of(txn)
        if noted and (txn.meta.get("transfer") == REPAYMENT or who <= loans.parties(noted)):
            continue
        lent = [p for p in txn.postings if books.role(p.account) in _ROLES]
        note = str(txn.meta.get("note") or "")
        if not lent and txn.meta.get("transfer") == ADVANCE:
            found.setdefault((note, who, ""), _Lending(txn)).who |= who
        for posting in lent:
            if posting.units is None or posting.units.number is None:
                continue
            name = note or posting.account.rpartition(":")[2]
            key = (name, who, posting.units.currency)
            lending = found.setdefault(key, _Lending(txn, currency=posting.units.currency))
            is_asset = posting.account.startswith("Assets:")
            number = posting.units.number if is_asset else -posting.units.number
            lending.balance += number  # both halves of a pair: it is zero when theirs are
            lending.lent = max(lending.lent, number)
            lending.who |= who
            owner, party = books.registry.ent(posting.account) or "", posting_party(posting, books)
            lending.sides = (owner, party) if is_asset else (party, owner)
    for (name, _, currency), lending in found.items():
        is_advance = lending.first.meta.get("transfer") == ADVANCE
        if is_advance or lending.balance:
            yield _no_note(name, lending, currency, books)


def _of_accounts(txn: data.Transaction, books: Books) -> frozenset[str]:
    """Who stands on the accounts lent on: an opening entry has no other party."""
    lent = (p for p in txn.postings if books.role(p.account) in _ROLES)
    known = (books.registry.named(posting_party(p, books)) for p in lent)
    return frozenset(entity.name for entity in known if entity)


def _no_note(name: str, lending: _Lending, currency: str, books: Books) -> Finding:
    txn = lending.first
    what = f"{at_cents(lending.lent)} {currency} was lent" if currency else "a loan was made"
    between = " and ".join(sorted(lending.who))
    named = f"“{name}”" if name and name not in lending.who else "of that name"
    return about(
        books,
        txn,
        code="VEIL-009",
        factor=_SHAM,
        message=f"{what} by {described(txn)} ({between}) and no loan {named} between them is "
        'declared; sign a note, keep it here, and add the custom "loan" directive',
        evidence=("the signed note", "the company's resolution, where a company lends"),
        fix=_template(name, lending, currency) if currency else "",
    )


def _template(name: str, lending: _Lending, currency: str) -> str:
    """The directive to be completed: what is agreed only the parties know."""
    lent = f"{at_cents(lending.lent)} {currency}"
    lender, borrower = lending.sides
    return "\n".join(
        [
            f'; {lending.first.date} custom "loan" "{name}" "{lender}" "{borrower}" {lent}',
            ";   rate: PERCENT",
            ";   maturity: DATE",
            ';   schedule: "monthly"',
            ';   document: "PATH OF THE SIGNED NOTE"',
        ]
    )


def _faults(loan: Loan, advances: list[Flow], books: Books) -> list[str]:
    """What the note does not say, or says too late."""
    lacking = []
    if loan.rate is None:
        lacking.append("rate:")
    if not (loan.ends or loan.kind == DEMAND):
        lacking.append("maturity:")
    if "schedule" not in loan.said and not loan.term and loan.kind != DEMAND:
        lacking.append("schedule:")
    first = advances[0].txn
    paper = evidence(loan.entry, books, ("document",))
    if not paper and not any(any(documents(flow.txn, books)) for flow in advances):
        named = loan.entry.meta.get("document")
        lacking.append(f"document: ({named} is not there)" if named else "document:")
    faults = [f"it lacks {', '.join(lacking)}"] if lacking else []
    if loan.signed_on > first.date:
        faults.append(f"it was signed on {loan.signed_on}, after the money moved on {first.date}")
    return faults


def _beyond(loan: Loan, advances: list[Flow], books: Books) -> Finding | None:
    """More lent than the note says: in all, or of a credit line at one time."""
    total = Decimal(0)
    side = sides(loan, books)[0]
    for flow in side.flows if loan.kind == CREDIT_LINE else advances:
        total += flow.lent
        if total > loan.principal:
            what = "its limit" if loan.kind == CREDIT_LINE else "its principal"
            fault = (
                f"{at_cents(total)} {loan.currency} was lent in all, more than {what} of "
                f"{at_cents(loan.principal)}"
            )
            return _about_note(loan, flow.txn, books, fault)
    return None


def _about_note(loan: Loan, txn: data.Transaction, books: Books, fault: str) -> Finding:
    return about(
        books,
        txn,
        code="VEIL-009",
        factor=_SHAM,
        message=f"the note {loan.id} of {loan.borrower} to {loan.lender}: {fault}; complete the "
        'custom "loan" directive, or sign an amendment',
        evidence=("the signed note", "the company's resolution, where a company lends"),
    )


RULES = (
    Rule(
        "VEIL-009",
        "No note",
        _SHAM,
        Scope.ENTITY,
        True,
        without_a_note,
        meaning="money was lent between related parties without a declared note that has a rate, a "
        "maturity (or “demand”), a schedule and a document on file, signed by the day of the "
        "first advance; or more was lent than the note says",
        cure='sign the note, keep it in the books, and declare it by custom "loan"; for more '
        "money, sign another note",
        reference="Estate of Mixon v. United States, 464 F.2d 394 (5th Cir. 1972)",
        looks_at=may_touch_a_loan,
        looks_closer=touches_a_loan,
    ),
)
