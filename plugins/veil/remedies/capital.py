"""Remedies of capital and debt: VEIL-009, 016, 017, 025.

None of these cures moves money: what is to be paid is owed until the bank shows the payment.
"""

import datetime as dt
from decimal import Decimal

from beancount.core import data

from core.findings import Finding
from core.journal.books import Books
from core.journal.change import Block
from core.journal.links import new_link
from core.journal.placement import month_file
from core.loans.ledger import loans_in
from core.money import at_cents, parse_decimal
from plugins.veil.capital import Allocations, capital
from plugins.veil.figures import figures_of
from plugins.veil.owed import DUE_FROM, DUE_TO, Debt, debts
from plugins.veil.proportion import short_of_share
from plugins.veil.remedies.accounts import account_for
from plugins.veil.remedies.rebooking import halves, rebooked
from plugins.veil.remedies.remedy import Answer, ByHand, Choice, Cure, Paper, Remedy
from plugins.veil.remedies.written import drawn_by, entry
from plugins.veil.transfers import keeps_books, parties


def unnoted(_finding: Finding, txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-009: a note that was signed is declared; what never was a loan becomes capital."""
    declared = loans_in(books).note_of(txn)
    if declared and not answer.chosen:
        return Paper("note", (declared,))
    (entity,) = books.registry.ents(txn)
    other = next(iter(sorted(parties(txn, books) - {entity})), "")
    lends = any(books.role(p.account) == "loan-to" for p in txn.postings)
    lender, borrower = (entity, other) if lends else (other, entity)
    capital = capital_class(lender, borrower, txn.date, books)
    if capital and answer.chosen == capital:
        return Cure(edits=tuple(rebooked(halves(txn, books), capital, books)))
    if answer.chosen == "loan":
        return _declared(txn, lender, borrower, books, answer)
    answers = {
        "loan": "a note was signed when the money moved: declare it with --say rate=5.00 "
        "--say maturity=2028-02-01 (or demand) --say schedule=monthly --say document=PATH"
    }
    if capital:
        answers[capital] = f"there is no note: the money is a {capital}"
    return Choice(answers)


def capital_class(lender: str, borrower: str, day: dt.date, books: Books) -> str:
    if lender in books.registry.owners(borrower, day):
        return "contribution"
    return drawn_by(lender, books) if borrower in books.registry.owners(lender, day) else ""


def _declared(
    txn: data.Transaction, lender: str, borrower: str, books: Books, answer: Answer
) -> Remedy:
    """The ``loan`` directive, in the month file of the company (the borrower of two)."""
    wanted = ("rate", "maturity", "schedule")
    lacking = [key for key in wanted if key not in answer.said]
    if lacking:
        return Choice({f"{key}=…": "what the note says" for key in lacking}, "--say")
    lent = [p for p in txn.postings if books.role(p.account) in {"loan-to", "loan-from"}]
    if not lent:
        return ByHand("it posts to no loan account: mend that first, VEIL-008 says how")
    posting = lent[0]
    note = str(txn.meta.get("note") or posting.account.rpartition(":")[2])
    units = posting.units
    number = abs((units.number if units else None) or Decimal(0))
    currency = units.currency if units else ""
    keeper = books.registry.entities[lender if keeps_books(lender, books) else borrower]
    if keeper.is_person and keeps_books(borrower, books):
        keeper = books.registry.entities[borrower]
    said = dict(answer.said)
    rate = parse_decimal(said.pop("rate"))
    maturity = said.pop("maturity")
    lines = [
        f'{txn.date} custom "loan" "{note}" "{lender}" "{borrower}" {at_cents(number)} {currency}',
        f"  rate: {rate}",
        f"  maturity: {maturity if maturity[:1].isdigit() else f'{chr(34)}{maturity}{chr(34)}'}",
        *(f'  {key}: "{value}"' for key, value in said.items()),
    ]
    block = Block(txn.date, "\n".join(lines))
    return Cure(blocks=((month_file(keeper, txn.date), keeper, block),))


def out_of_proportion(
    _finding: Finding, txn: data.Transaction, books: Books, _answer: Answer
) -> Remedy:
    """VEIL-016: what an owner is short of becomes owed to him, tagged #corrective; it is paid by
    ``books veil settle``."""
    (company,) = books.registry.ents(txn)
    entity = books.registry.entities[company]
    short = short_of_share(entity, txn.date, books)
    if not short:
        return ByHand("have what a stranger got given back, or record the ownership")
    day = books.as_of
    blocks = []
    for owner, number in sorted(short.items()):
        link = new_link(day)
        transfer = drawn_by(company, books)
        said = "What was short of the share"
        ours = {
            account_for(company, ("distribution",), owner, day, books): number,
            account_for(company, (DUE_TO,), owner, day, books): -number,
        }
        blocks.append(entry(entity, owner, day, transfer, said, link, ours, "#corrective"))
        if keeps_books(owner, books):
            takes = ("distribution-income",) if transfer == "dividend" else ("invest-in",)
            theirs = {
                account_for(owner, (DUE_FROM,), company, day, books): number,
                account_for(owner, takes, company, day, books): -number,
            }
            person = books.registry.entities[owner]
            blocks.append(entry(person, company, day, transfer, said, link, theirs, "#corrective"))
    told = tuple(_settle(company, owner) for owner in sorted(short))
    return Cure(blocks=tuple(blocks), remarks=told)


def negative_capital(finding: Finding, books: Books, answer: Answer) -> Remedy:
    """VEIL-017: what was drawn too much becomes owed by the owner."""
    company, owner = finding.identity[:2] if len(finding.identity) > 1 else ("", "")
    if not company or not owner:
        return ByHand("a contribution mends it: books veil pair --class contribution")
    entity = books.registry.entities[company]
    held = capital(entity, books.as_of, figures_of(books), Allocations(books))
    number, currency = -held.get(owner, Decimal(0)), entity.currency
    if answer.chosen != "due-from":
        return Choice(
            {"due-from": f"{owner} took {at_cents(number)} {currency} too much and owes it back"}
        )
    day, link = books.as_of, new_link(books.as_of)
    said = "Drawn beyond capital, owed back"
    ours = {
        account_for(company, (DUE_FROM,), owner, day, books): number,
        account_for(company, ("distribution",), owner, day, books): -number,
    }
    blocks = [entry(entity, owner, day, "distribution", said, link, ours)]
    if keeps_books(owner, books):
        theirs = {
            account_for(owner, ("invest-in",), company, day, books): number,
            account_for(owner, (DUE_TO,), company, day, books): -number,
        }
        person = books.registry.entities[owner]
        blocks.append(entry(person, company, day, "distribution", said, link, theirs))
    return Cure(blocks=tuple(blocks), remarks=(_settle(owner, company),))


def stale(finding: Finding, _txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-025: an old debt is settled by a payment, or becomes what it has been all along."""
    if len(finding.identity) < 4 or finding.identity[3] != "warning":
        return ByHand(
            "correct the half that is wrong: the finding stands at the newest entry of the debt; "
            "what an old month's books said is explained by a note: of its seal"
        )
    creditor, debtor, currency = finding.identity[:3]
    debt = next(
        d
        for d in debts(books, books.transactions)
        if (d.creditor, d.debtor, d.currency) == (creditor, debtor, currency)
    )
    number = debt.balance(DUE_FROM if keeps_books(creditor, books) else DUE_TO, books.as_of)
    transfer = capital_class(creditor, debtor, books.as_of, books)
    by_hand = _settle(creditor, debtor)
    if not transfer or number <= 0:
        return ByHand(f'{by_hand}; or make it a note (custom "loan", signed)')
    if answer.chosen == transfer:
        return _forgiven(debt, number, transfer, books)
    return Choice(
        {transfer: f"by resolution what {debtor} owes becomes a {transfer}; else {by_hand}"}
    )


def _forgiven(debt: Debt, number: Decimal, transfer: str, books: Books) -> Cure:
    """The debt as a contribution or distribution, in both books, on the day of the check."""
    day, link = books.as_of, new_link(books.as_of)
    said = f"What was owed, as a {transfer}"
    gives = "invest-in" if transfer == "contribution" else "distribution"
    takes = {
        "contribution": ("contribution",),
        "dividend": ("distribution-income",),
    }.get(transfer, ("invest-in", "distribution-income"))
    blocks = []
    if keeps_books(debt.creditor, books):
        rows = {
            account_for(debt.creditor, (gives,), debt.debtor, day, books): number,
            account_for(debt.creditor, (DUE_FROM,), debt.debtor, day, books): -number,
        }
        entity = books.registry.entities[debt.creditor]
        blocks.append(
            entry(entity, debt.debtor, day, transfer, said, link, rows, "", debt.currency)
        )
    if keeps_books(debt.debtor, books):
        rows = {
            account_for(debt.debtor, (DUE_TO,), debt.creditor, day, books): number,
            account_for(debt.debtor, takes, debt.creditor, day, books): -number,
        }
        entity = books.registry.entities[debt.debtor]
        blocks.append(
            entry(entity, debt.creditor, day, transfer, said, link, rows, "", debt.currency)
        )
    return Cure(blocks=tuple(blocks))


def _settle(one: str, other: str) -> str:
    return f"pay it, then 'books veil settle {one} {other}' books the payment"
