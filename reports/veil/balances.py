"""The sections on dues by age, loans, capital accounts, shares and the formalities calendar."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from core.money import plain
from reports.pages.page import Heading, Part, Row, Table, Text
from reports.render import shown
from reports.veil.ageing import BUCKETS, OpenItem
from reports.veil.crossed import papers_cell
from reports.veil.crossings import ZERO
from reports.veil.formalities import LATE, Formality
from reports.veil.loans import LoanLine
from reports.veil.owners import Owners
from reports.veil.papers import FILED
from reports.veil.statement import VeilStatement


def ageing_part(statement: VeilStatement) -> Iterator[Part]:
    """What is open on due-to and due-from accounts, by age."""
    yield Heading("Dues by age")
    if not statement.ageing:
        yield Text("No due is open.")
        return
    yield Text(
        f"By {statement.entity}'s books, and by the other's where these differ. Repayments settle "
        "the oldest first; "
        "age counts from the day of the entry. What is older than "
        f"{statement.due_max_days} days is stale (due-max-days of VEIL-025)."
    )
    heads = ("Debtor", "Creditor", "Books", *BUCKETS, "Total", "")
    yield Table(
        "Dues by age", heads, tuple(_buckets(statement.ageing)), frozenset(range(3, len(heads) - 1))
    )
    yield Table(
        "Open items",
        ("Debtor", "Creditor", "Books", "Since", "Days", "Open", "", "Link, entry"),
        tuple(
            Row(
                (
                    item.debtor,
                    item.creditor,
                    item.by,
                    item.date.isoformat(),
                    str(item.days),
                    shown(item.amount),
                    item.currency,
                    f"^{item.link}; {item.where}" if item.link else item.where,
                ),
                marked=item.days > statement.due_max_days,
            )
            for item in statement.ageing
        ),
        frozenset({4, 5}),
    )


def _buckets(items: Sequence[OpenItem]) -> Iterator[Row]:
    sums: dict[tuple[str, str, str, str], list[Decimal]] = {}
    for item in items:
        key = item.debtor, item.creditor, item.by, item.currency
        sums.setdefault(key, [ZERO] * len(BUCKETS))[item.bucket] += item.amount
    for (debtor, creditor, by, currency), numbers in sorted(sums.items()):
        cells = [shown(n) if n else "" for n in numbers]
        yield Row((debtor, creditor, by, *cells, shown(sum(numbers, ZERO)), currency))


def loans_part(loans: Sequence[LoanLine], day: dt.date) -> Iterator[Part]:
    """Each loan beside its schedule."""
    yield Heading(f"Loans against their schedules on {day}")
    if not loans:
        yield Text("No loan is declared.")
        return
    yield Text(
        "What the schedule says is still owed, and what the books of both sides say. 'books veil "
        "loan ID --schedule' prints the schedule."
    )
    yield Table(
        "Loans and their balances",
        ("Loan", "Lender", "Borrower", "Schedule", "Borrower's books", "Lender's books", ""),
        tuple(
            Row(
                (
                    loan.id,
                    loan.lender,
                    loan.borrower,
                    "by days" if loan.scheduled is None else shown(loan.scheduled),
                    _view(loan.borrowers),
                    _view(loan.lenders),
                    loan.currency,
                ),
                marked=not loan.agrees,
            )
            for loan in loans
        ),
        frozenset({3, 4, 5}),
    )
    yield Table(
        "Loans, their terms and papers",
        ("Loan", "Lent", "", "% a year", "Due", "Late", "Open", "Note", "Declared, last entry"),
        tuple(
            Row(
                (
                    loan.id,
                    shown(loan.principal),
                    loan.currency,
                    "none" if loan.rate is None else plain(loan.rate),
                    str(loan.due),
                    str(loan.late),
                    str(loan.open),
                    papers_cell(loan.papers),
                    "; ".join(filter(None, (loan.where, loan.last_entry))),
                ),
                marked=bool(loan.open) or not any(p.state == FILED for p in loan.papers),
            )
            for loan in loans
        ),
        frozenset({1, 3, 4, 5, 6}),
    )
    yield Text(
        "Due: instalments that fell due by the day; late: of them not paid within their grace; "
        "open: of those still short."
    )


def _view(number: Decimal | None) -> str:
    return "not here" if number is None else shown(number)


def capital_part(owners: Owners, day: dt.date) -> Iterator[Part]:
    """The owners' capital accounts over the period."""
    yield Heading("Capital accounts")
    for problem in owners.problems:
        yield Text(f"The figures of {problem}.", loud=True)
    if not owners.capital:
        yield Text("None.")
        return
    yield Text(
        f"By the accounts under each owner's name, at the rates of {day} where the money is "
        "foreign. Result is the owner's share of the current fiscal year's result as far as the "
        "books have not allocated it; with it the capital is what VEIL-017 judges."
    )
    heads = ("Company", "Owner", "%", "Opening", "Put in", "Taken out", "Other", "Closing")
    yield Table(
        "Capital accounts",
        (*heads, "Result", "Capital", ""),
        tuple(
            Row(
                (
                    line.company,
                    line.owner,
                    plain(line.share),
                    *(shown(n) for n in (line.opening, line.contributions, line.distributions)),
                    *(shown(n) for n in (line.other, line.closing, line.result, line.capital)),
                    line.currency,
                ),
                marked=line.capital < 0,
            )
            for line in owners.capital
        ),
        frozenset(range(2, 10)),
    )
    yield Table(
        "Where the capital stands",
        ("Company", "Owner", "Accounts", "Opened"),
        tuple(
            Row((line.company, line.owner, "; ".join(line.accounts), "; ".join(line.where)))
            for line in owners.capital
        ),
    )


def share_part(owners: Owners) -> Iterator[Part]:
    """Whether owners were paid by their shares."""
    yield Heading("Distributions and shares")
    if not owners.shares:
        yield Text("No company distributed anything in a fiscal year of the period.")
        return
    yield Text(
        "What each owner was paid for each percent of the share, over the fiscal year up to the "
        "day; equal figures are in proportion. Short is what an owner is owed to stand as who got "
        "most (VEIL-016)."
    )
    yield Table(
        "Distributions and shares",
        ("Company", "Year to", "Owner", "%", "For each percent", "Short", "", "Share declared"),
        tuple(
            Row(
                (
                    line.company,
                    line.last.isoformat(),
                    line.owner,
                    plain(line.share),
                    shown(line.per_percent),
                    shown(line.short),
                    line.currency,
                    line.where,
                ),
                marked=line.stands_out,
            )
            for line in owners.shares
        ),
        frozenset({3, 4, 5}),
    )


def formalities_part(calendar: Sequence[Formality]) -> Iterator[Part]:
    """The formalities calendar."""
    yield Heading("Formalities calendar")
    if not calendar:
        yield Text("Nothing fell due, and nothing is overdue.")
        return
    yield Table(
        "Formalities calendar",
        ("Due", "What", "For", "To whom", "State", "Receipt", "Declared"),
        tuple(
            Row(
                (
                    each.due.isoformat(),
                    each.key,
                    each.period,
                    each.agency,
                    f"{each.state} {each.done}" if each.done else each.state,
                    papers_cell(each.papers) if each.done else "",
                    each.where,
                ),
                marked=each.state == LATE
                or bool(each.done and not any(p.state == FILED for p in each.papers)),
            )
            for each in calendar
        ),
    )
