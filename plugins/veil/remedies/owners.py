"""Remedies of costs that are the other's: VEIL-001, 002, 003.

What passes to or from an owner is a distribution, a contribution, or a debt: which of them, an
owner decides. Nobody's bank posting is touched.
"""

import datetime as dt
from collections.abc import Iterable

from beancount.core import data

from core.findings import Finding, UserError
from core.journal.books import Books
from plugins.veil.cures import on_behalf, other_class
from plugins.veil.owed import DUE_FROM, DUE_TO
from plugins.veil.remedies.accounts import account_for, without_openings
from plugins.veil.remedies.rebooking import halves, rebooked
from plugins.veil.remedies.remedy import Answer, ByHand, Choice, Cure, Remedy
from plugins.veil.remedies.written import drawn_by, from_fix
from plugins.veil.splitting import split_between
from plugins.veil.transfers import keeps_books


def mixed(_finding: Finding, txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-001: a pair, by due-from and due-to unless the owner says what it was."""
    entities = sorted(books.registry.ents(txn))
    text = split_between(txn, entities, books)
    if not text:
        return ByHand(
            "book one entry for each entity with the same ^ic- link, each balanced by due-from and "
            "due-to towards the others"
        )
    if answer.chosen in {"", "settlement", "due-from"}:
        return from_fix(text, txn, books)
    return from_fix(_as_class(text, answer.chosen, entities, txn.date, books), txn, books)


def personal(_finding: Finding, txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-002: the owner's cost as owed by the owner, or as a distribution."""
    (company,) = books.registry.ents(txn)
    costs = [
        p
        for p in txn.postings
        if p.account.startswith("Expenses:")
        and books.role(p.account) not in {"payroll", "guaranteed-payment"}
    ]
    days = int(books.policy.threshold("VEIL-002", "due-from-days", txn.date, 30))
    is_over = books.as_of > txn.date + dt.timedelta(days=days)
    drawn = drawn_by(company, books)
    if not costs:
        return _unpaid(txn, drawn, books, answer)
    owners = [
        o
        for o in books.registry.owners(company, txn.date)
        if o in books.registry.entities and keeps_books(o, books)
    ]
    who = next((o for o in owners if o.casefold() == answer.who.casefold()), "")
    who = who or (owners[0] if len(owners) == 1 else "")
    besides = other_class(txn, books)
    if besides == "a distribution" and answer.chosen in {"distribution", "dividend"}:
        besides = ""  # then all of the entry is one
    if besides or not owners:
        return ByHand(
            f"the entry books {besides} too, and a pair has one class: which money was which is a "
            f"decision. Make two entries of it, {besides} in the one and the cost in the other, "
            "then ask for this again"
            if besides
            else f"no owner of {company} keeps books here: book it as a distribution"
        )
    if not who:
        return Choice({o: f"it was {o}'s" for o in owners}, "--who")
    text = on_behalf(txn, company, who, costs, books, said="Paid in error")
    chosen = answer.chosen or ("" if is_over else "due-from")
    if chosen == "due-from":
        return from_fix(text, txn, books, account=answer.account)
    if chosen in {"distribution", "dividend"}:
        text = _as_class(text, drawn, [company, who], txn.date, books)
        return from_fix(text, txn, books, account=answer.account)
    return Choice(
        {
            drawn: f"{who} took it out of {company}; it needs the consent that any {drawn} needs",
            "due-from": f"{who} owes it to {company}; its days to be repaid are over, so the "
            "lateness stays a finding",
        }
        if is_over
        else {"due-from": f"{who} owes it to {company}", drawn: f"{who} took it out"}
    )


def _unpaid(txn: data.Transaction, drawn: str, books: Books, answer: Answer) -> Remedy:
    """What the owner owes and has not repaid in time: it was taken out after all."""
    if answer.chosen in {drawn, "distribution"}:
        return Cure(edits=tuple(rebooked(halves(txn, books), drawn, books)))
    return Choice({drawn: "it is not repaid and becomes what it is, on the day it was taken"})


def left_outside(finding: Finding, txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-003: the company's cost as owed to the person who paid it, or as a contribution."""
    if not finding.fix:
        return ByHand("book the cost and due-to in the company's books, due-from in the person's")
    if answer.chosen == "contribution":
        (person,) = books.registry.ents(txn)
        company = next(iter({*finding_companies(finding.fix, books)} - {person}), "")
        text = without_openings(finding.fix)
        text = _as_class(text, "contribution", [person, company], txn.date, books)
        return from_fix(text, txn, books, account=answer.account)
    if answer.chosen not in {"", "due-from"}:
        return Choice({"due-from": "the company owes it", "contribution": "the owner gives it"})
    return from_fix(finding.fix, txn, books, account=answer.account)


def finding_companies(text: str, books: Books) -> set[str]:
    """The entities whose accounts stand in the text of a cure."""
    words = (word for line in text.splitlines() for word in line.split()[:1])
    return {name for word in words if (name := books.registry.ent(word))}


def _as_class(text: str, transfer: str, pair: Iterable[str], day: dt.date, books: Books) -> str:
    """The text of a pair by due-from and due-to as another class: the giver's due-from and the
    receiver's due-to become the accounts of the class."""
    roles = {
        "distribution": ("distribution", ("invest-in", "distribution-income")),
        "dividend": ("distribution", ("distribution-income",)),
        "contribution": ("invest-in", ("contribution",)),
    }
    if transfer not in roles:
        raise UserError(
            f"this cannot be booked as '{transfer}'", hint=f"say --as {', '.join(roles)}"
        )
    one, other = pair
    gives, takes = roles[transfer]
    for giver, receiver in ((one, other), (other, one)):
        due_from = account_for(giver, (DUE_FROM,), receiver, day, books)
        due_to = account_for(receiver, (DUE_TO,), giver, day, books)
        text = text.replace(due_from, account_for(giver, (gives,), receiver, day, books))
        text = text.replace(due_to, account_for(receiver, takes, giver, day, books))
    for was in ("settlement", "expense-on-behalf"):
        text = text.replace(f'transfer: "{was}"', f'transfer: "{transfer}"')
    return text
