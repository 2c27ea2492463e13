"""Remedies of papers and records: VEIL-004, 012, 014, 018-024, 026 and LN-03.

What is a fact of the world, a person says (``--say``); what is a paper, is drafted and signed; what
the schedule of a loan tells, is computed.
"""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

from beancount.core import data

from core.findings import Finding
from core.journal.books import Books
from core.journal.change import Block
from core.journal.edit import Edit
from core.journal.placement import month_file
from core.journal.working import Lines
from core.loans.compare import splits
from core.loans.ledger import loans_in, sides
from core.loans.schedule import schedule
from core.money import at_cents, parse_decimal
from plugins.veil.remedies.dates import adjusting
from plugins.veil.remedies.rebooking import halves, rebooked
from plugins.veil.remedies.remedy import Answer, ByHand, Choice, Cure, Paper, Remedy
from plugins.veil.remedies.written import drawn_by
from plugins.veil.transfers import pair_links

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def said_lines(finding: Finding, answer: Answer) -> Cure:
    """What a person said, as metadata of the directive found."""
    text = tuple(f"  {key}: {_value(value)}" for key, value in answer.said.items())
    return Cure(lines=(Lines(Path(finding.file), finding.line, text),))


def waived(finding: Finding, answer: Answer) -> Cure:
    """A waiver of this rule on the directive found."""
    text = (
        f"  waive: {_value(f'{finding.code} {answer.waive}')}",
        f"  waived-by: {_value(answer.by)}",
    )
    return Cure(lines=(Lines(Path(finding.file), finding.line, text),))


def _value(text: str) -> str:
    if _DATE.fullmatch(text) or text in {"TRUE", "FALSE"}:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def clock(_finding: Finding, _txn: data.Transaction, _books: Books, _answer: Answer) -> Remedy:
    """VEIL-004: the report is there and was not named; else the money is pay."""
    return ByHand(
        "where the report was made in time, say so: --say reported=2026-02-10 (the day it was "
        "handed in), and draft it by 'books veil document expense-report LINK'; where it was not, "
        "have the money returned ('books veil settle'), or run it through payroll as wages and "
        "book those by the payroll register"
    )


def authority(_finding: Finding, txn: data.Transaction, books: Books, _answer: Answer) -> Remedy:
    """VEIL-014: the consent is drafted; the owners sign it."""
    links = tuple(pair_links(txn) or sorted(txn.links or ()))
    if not links:
        return ByHand("give the entry a link (^ic-…), then the consent can be drafted for it")
    (entity,) = books.registry.ents(txn)
    return Paper("resolution", links[:1], entity)


def receipt(finding: Finding, txn: data.Transaction, _books: Books, _answer: Answer) -> Remedy:
    """VEIL-019: the receipt, or the affidavit that stands in for it; of a cost that nobody gives a
    receipt for, the paper that shows it."""
    wanted = [key for key in ("purpose", "attendees") if f"add {key}:" in finding.message]
    if wanted:
        return Choice({f"{wanted[0]}=…": "as it was"}, "--say")
    if "by document:" in finding.message:  # no receipt is missing, so no affidavit stands in for it
        answers = {"document=PATH": "the file that shows it, below ledger/"}
        if "attach the receipt" in finding.message:
            answers["receipt=PATH"] = "somebody was paid: the receipt's file"
        return Choice(answers, "--say")
    ids = [str(id_) for p in txn.postings if (id_ := (p.meta or {}).get("id"))]
    names = tuple([*ids, *sorted(txn.links or ())][:1])
    if not names:
        return Choice({"receipt=PATH": "the receipt's file, below ledger/"}, "--say")
    return Paper("affidavit", names)


def account_of(finding: Finding, _books: Books, answer: Answer) -> Remedy:
    """VEIL-018: whose account it is, on its opening."""
    lines = tuple(line for line in finding.fix.splitlines() if line.strip())
    if "account-id" in finding.message and "account-id" not in answer.said:
        if "is the same bank account" in finding.message:
            return ByHand("only the bank can cure this: open an account for each, and move one")
        return Choice({"account-id=BANK-1234": "the bank, and the last four digits"}, "--say")
    if not lines and not answer.said:
        return ByHand(
            "only the bank can cure this: the account's holder is another than its entity; move "
            "its money to an account of the entity, or correct title-holder: if it is wrong"
        )
    text = tuple(f"  {key}: {_value(value)}" for key, value in answer.said.items())
    return Cure(lines=(Lines(Path(finding.file), finding.line, (*text, *lines)),))


def month(finding: Finding, books: Books, answer: Answer) -> Remedy:
    """VEIL-020: the statement's closing balance, with its file."""
    name = finding.identity[0] if finding.identity else ""
    account = books.accounts.get(name)
    if account is None or finding.date is None or "has no balance" not in finding.message:
        return ByHand(
            "where the balance is right, name its statement: --say statement=PATH; where it fails, "
            "look for the entry that is missing, doubled or wrong"
        )
    if not {"closing", "statement"} <= answer.said.keys():
        return Choice(
            {
                "closing=123.45": "the closing balance as the statement says it",
                "statement=PATH": "the statement's file, below ledger/",
            },
            "--say",
        )
    entity = books.registry.entities[account.entity]
    day = finding.date + dt.timedelta(days=1)
    number = parse_decimal(answer.said["closing"])
    currency = account.currencies[0] if account.currencies else entity.currency
    text = (
        f"{day} balance {name}  {at_cents(number)} {currency}\n"
        f"  statement: {_value(answer.said['statement'])}"
    )
    return Cure(blocks=((month_file(entity, finding.date), entity, Block(day, text)),))


def closed(finding: Finding, txn: data.Transaction, books: Books, _answer: Answer) -> Remedy:
    """VEIL-021: what was added to a closed period goes into the first open one."""
    added = re.search(r'applies-to: "([^"]+)"', finding.message)
    if not added:
        return ByHand("take the change back: 'git log -p' of the file shows what it was before")
    return adjusting(txn, added[1], books)


def key(finding: Finding, txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-022: a key that is declared, or one that is agreed on first."""
    keys = sorted(
        {
            str(e.values[0].value)
            for e in books.standing
            if isinstance(e, data.Custom) and e.type == "allocation" and e.values
        }
    )
    chosen = next((k for k in keys if k.casefold() == answer.chosen.casefold()), "")
    if chosen:
        return Cure(
            edits=tuple(
                Edit(t, without=("allocation",), head={"allocation": chosen})
                for t in halves(txn, books)
                if t.meta.get("allocation") != chosen
            )
        )
    if keys:
        return Choice({k: f"it is shared by the key {k}" for k in keys})
    names = [f'"{name}" 50.00' for name in finding.entities]
    return ByHand(
        "agree on a key, write it into the registry, and have it signed:\n"
        f'  {txn.date} custom "allocation" "A1" {" ".join(names)}\n'
        "then 'books veil document allocation A1' drafts the agreement, and --as A1 names it"
    )


def pay(finding: Finding, txn: data.Transaction, books: Books, answer: Answer) -> Remedy:
    """VEIL-023: owner pay as what the company's tax class allows."""
    (company,) = books.registry.ents(txn)
    kind = books.registry.entities[company].tax_class
    drawn = drawn_by(company, books)
    if "agreement:" in finding.message:
        return Choice({"agreement=PATH#CLAUSE": "the operating agreement's clause"}, "--say")
    if kind == "s-corp":
        return ByHand(
            "run payroll for the officer's reasonable pay, and keep the study of it; what was "
            "distributed cannot be made wages afterwards without the payroll taxes"
        )
    answers = {drawn: f"the owner takes a {drawn}"}
    if kind == "partnership":
        answers["guaranteed-payment"] = "for the partner's services, as the agreement says"
    if kind in {"c-corp", "india-company"} or answer.chosen in answers:
        chosen = answer.chosen or drawn
        edits = rebooked(halves(txn, books), chosen, books)
        return Cure(edits=tuple(edits))
    return Choice(answers)


def fulfilled(finding: Finding, books: Books, answer: Answer) -> Remedy:
    """VEIL-024: the filing, done and on file."""
    entity = books.registry.entities.get(finding.entities[0]) if finding.entities else None
    if entity is None or len(finding.identity) < 3:
        return ByHand(finding.fix or 'write custom "fulfilled" with the receipt as document:')
    name, what, period = finding.identity[:3]
    if "document" not in answer.said:
        return Choice(
            {
                "document=PATH": f"file it first: the receipt of {name} {what} {period}, below "
                "ledger/",
                "date=2026-04-30": "when it was filed, where it was not today",
            },
            "--say",
        )
    day = dt.date.fromisoformat(answer.said.get("date", books.as_of.isoformat()))
    text = (
        f'{day} custom "fulfilled" "{name}" "{what}" "{period}"\n'
        f"  document: {_value(answer.said['document'])}"
    )
    return Cure(blocks=((month_file(entity, day), entity, Block(day, text)),))


def split(finding: Finding, txn: data.Transaction, books: Books, _answer: Answer) -> Remedy:
    """VEIL-012, LN-03: interest and principal as the schedule has them."""
    loans = loans_in(books)
    loan = loans.declared.loans.get(loans.note_of(txn))
    if loan is None or "correct the split" not in finding.message:
        return ByHand(
            "redirect the money to the note's holder and book the repayment there; or keep the "
            'signed assignment: custom "loan-event" "NOTE" "assignment" with document:'
        )
    events = loans.events(loan)
    edits = []
    for side in sides(loan, books):
        rows = schedule(loan, events, moves=side.moves, until=books.as_of)
        for each in splits(loan, rows, events, side):
            if each.flow.txn.date == txn.date:
                edit = _resplit(each.flow.txn, each.expected - each.posted, side.accounts, books)
                if edit is None:
                    return ByHand(
                        f"book {at_cents(each.expected)} {loan.currency} as interest and the rest "
                        f"as principal: books veil loan {loan.id} --schedule"
                    )
                edits.append(edit)
    return Cure(edits=tuple(edits)) if edits else ByHand("correct the split by the schedule")


def _resplit(
    txn: data.Transaction, more: Decimal, accounts: tuple[str, ...], books: Books
) -> Edit | None:
    """The entry with ``more`` interest and as much less principal."""
    roles = {"interest-expense", "interest-income"}
    interest = [i for i, p in enumerate(txn.postings) if books.role(p.account) in roles]
    loan = [i for i, p in enumerate(txn.postings) if p.account in accounts]
    if len(interest) > 1 or len(loan) != 1:
        return None
    units = txn.postings[loan[0]].units
    if units is None or units.number is None:
        return None
    sign = 1 if units.number > 0 else -1  # the borrower's principal and interest are debits
    numbers = {loan[0]: units.number - sign * more}
    if interest:
        old = txn.postings[interest[0]].units
        numbers[interest[0]] = ((old.number if old else None) or Decimal(0)) + sign * more
        return Edit(txn, numbers=numbers)
    entity = books.registry.ent(accounts[0]) or ""
    role = "interest-expense" if sign > 0 else "interest-income"
    name = next(
        (a.name for a in books.accounts.values() if (a.entity, a.role) == (entity, role)), ""
    )
    return Edit(txn, numbers=numbers, more=((name, sign * more, units.currency),)) if name else None
