"""BH-E1: the expense report of somebody whom a company pays back, under an accountable plan."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import convert, data

from core.findings import UserError
from core.journal.books import Books
from plugins.veil.evidence import KEYS, documents, evidence
from plugins.veil.transfers import posting_party
from reports.papers.drafted import Drafted, beside, dated
from reports.papers.linked import companies, expense_day, links_of, of_links, seller
from reports.papers.paper import Facts, Heading, Paper, Signatures, Table, Text, said_day
from reports.papers.parties import Party, party
from reports.papers.words import figures

ZERO = Decimal(0)
_REPORT_DAYS, _RETURN_DAYS = 60, 120


@dataclass(frozen=True)
class Expense:
    """One expense: what was bought, why (purpose and attendees, where the entry says), the
    account, and whether evidence is on file."""

    day: dt.date
    payee: str
    purpose: str
    account: str
    amount: Decimal
    on_file: bool


@dataclass(frozen=True)
class ExpenseReport:
    """The facts of a report: ``advanced`` is what the company had given before, ``returned`` what
    came back of it, ``paid_back`` what the company has paid for expenses so far. Amounts are
    positive, in ``currency``."""

    company: Party
    person: Party
    date: dt.date
    currency: str
    expenses: tuple[Expense, ...]
    advanced: Decimal
    returned: Decimal
    paid_back: Decimal
    slug: str

    @property
    def total(self) -> Decimal:
        """What was spent."""
        return sum((each.amount for each in self.expenses), ZERO)

    def paper(self) -> Paper:
        """The report, worded."""
        due = self.total - self.advanced + self.returned - self.paid_back
        settled = "Still to be paid back" if due >= 0 else "Excess to be returned"
        rows = [
            (
                f"{each.payee}: {each.purpose}" if each.purpose else each.payee,
                said_day(each.day),
                each.account,
                "yes" if each.on_file else "no",
                figures(each.amount),
            )
            for each in self.expenses
        ]
        rows.append(("Total", "", "", "", figures(self.total, self.currency)))
        return Paper(
            form="BH-E1",
            title="Expense report under an accountable plan",
            entity=self.company.name,
            legal_name=self.company.legal_name,
            date=self.date,
            kind="expense-reports",
            slug=self.slug,
            size=self.company.size,
            parts=(
                Facts(
                    (
                        ("Company", self.company.legal_name),
                        ("Reported by", self.person.legal_name),
                        ("Reported on", said_day(self.date)),
                        ("Place of the expenses", ""),
                    )
                ),
                Heading("Expenses"),
                Table(
                    ("Paid to, and business purpose", "Day", "Account", "On file", "Amount"),
                    tuple(rows),
                    first_amount=4,
                    totals=1,
                ),
                Facts(
                    (
                        ("Advanced before", figures(self.advanced, self.currency)),
                        ("Returned of it", figures(self.returned, self.currency)),
                        ("Paid back so far", figures(self.paid_back, self.currency)),
                        (settled, figures(abs(due), self.currency)),
                    )
                ),
                Heading("Statements"),
                *(Text(said, numbered=True) for said in self._statements()),
                Heading("Signatures"),
                Signatures(
                    (
                        self.person.signature("Reported by"),
                        self.company.signature("Approved"),
                    )
                ),
            ),
        )

    def _statements(self) -> Iterator[str]:
        yield (
            f"Each expense was paid or incurred by {self.person.legal_name} in doing the business "
            f"of {self.company.legal_name}, and none of it is personal."
        )
        yield (
            "This report states for each expense its amount, day, place and business purpose, and "
            "the receipts are attached. Where there is no receipt, a missing-receipt affidavit "
            "stands in for it."
        )
        first = min(each.day for each in self.expenses)
        report = first + dt.timedelta(days=_REPORT_DAYS)
        back = first + dt.timedelta(days=_RETURN_DAYS)
        yield (
            f"The first expense is of {said_day(first)}. Expenses are reported within "
            f"{_REPORT_DAYS} days, here by {said_day(report)}, and what was advanced and not spent "
            f"is returned within {_RETURN_DAYS} days, here by {said_day(back)}."
        )
        late = [each for each in self.expenses if (self.date - each.day).days > _REPORT_DAYS]
        if late:
            yield (
                f"This report is late for {len(late)} of the expenses: it comes more than "
                f"{_REPORT_DAYS} days after them. Counsel or the CPA decides how their payment is "
                "treated."
            )


def expense_report(
    books: Books, links: Sequence[str], company: str = "", day: dt.date | None = None
) -> Drafted:
    """The report on the expenses and repayments of the links, dated ``day``, by default what the
    entries say (``reported:``), else the last of their days.

    Where the links hold only a repayment, the expenses are those of its ``expense-date:`` (or that
    of its postings) that credit the same account. Raises UserError where there are none.
    """
    txns = of_links(books, links)
    owner = companies(books, txns, company)[0]
    own = [txn for txn in txns if books.registry.ents(txn) == {owner}]
    costs = [txn for txn in own if _costs(txn, owner, books)]
    if not costs:
        costs = [cost for txn in own for cost in _behind(txn, owner, books)]
    if not costs:
        raise UserError(
            f"neither the entries of the link nor those they pay back are expenses of {owner}",
            hint="name the links of the expenses too; a repayment says the day with expense-date:",
        )
    back = [txn for txn in own if txn.meta.get("transfer") in {"reimbursement", "settlement"}]
    expenses = [each for txn in costs for each in _expenses(txn, owner, books)]
    reported = [d for txn in own if isinstance(d := txn.meta.get("reported"), dt.date)]
    last = max(each.day for each in expenses)
    person = _person(books, [*costs, *back], owner)
    # What an entry of an expense takes from an advance was spent, not returned.
    spent = [id(txn) for txn in costs]
    due_from = [
        number
        for txn in own
        for number in _moved(txn, "due-from", person, books)
        if number > 0 or id(txn) not in spent
    ]
    facts = ExpenseReport(
        company=party(books, owner),
        person=party(books, person),
        date=day or dated(books, "BH-E1", links_of(own), max(reported, default=last)),
        currency=_currency(costs, owner, books),
        expenses=tuple(expenses),
        advanced=sum((n for n in due_from if n > 0), ZERO),
        returned=-sum((n for n in due_from if n < 0), ZERO),
        paid_back=sum((n for t in back for n in _moved(t, "due-to", person, books)), ZERO),
        slug=min(links_of(own)),
    )
    return Drafted(
        facts.paper(), (beside(books, owner, own, facts.date),), links_of([*own, *costs])
    )


def _costs(txn: data.Transaction, company: str, books: Books) -> list[data.Posting]:
    """The postings to the company's expenses."""
    return [
        p
        for p in txn.postings
        if p.account.startswith("Expenses:") and books.registry.ent(p.account) == company
    ]


def _expenses(txn: data.Transaction, company: str, books: Books) -> Iterator[Expense]:
    on_file = bool(evidence(txn, books, KEYS)) or any(documents(txn, books))
    said = [str(txn.meta.get("purpose") or txn.narration or "")]
    if txn.meta.get("attendees"):
        said.append(f"with {txn.meta['attendees']}")
    paid_to = seller(txn, books)
    for posting in _costs(txn, company, books):
        yield Expense(
            expense_day(txn, posting, books),
            paid_to or "(seller not named)",
            ", ".join(each for each in said if each),
            posting.account.partition(f":{company}:")[2],
            convert.get_weight(posting).number,
            on_file,
        )


def _behind(txn: data.Transaction, company: str, books: Books) -> Iterator[data.Transaction]:
    """The expenses that a repayment pays: of its ``expense-date``, or of that of a debt that it
    pays, on the same account."""
    repaid = [p for p in txn.postings if books.role(p.account) == "due-to"]
    owed = {p.account for p in repaid}
    said = ((meta or {}).get("expense-date") for meta in (txn.meta, *(p.meta for p in repaid)))
    days = {day for day in said if isinstance(day, dt.date)}
    if not days or not owed:
        return
    for other in books.transactions:
        if any(p.account in owed and _is_credit(p) for p in other.postings):
            costs = _costs(other, company, books)
            if days & {other.date, *(expense_day(other, p, books) for p in costs)} and costs:
                yield other


def _is_credit(posting: data.Posting) -> bool:
    return bool(convert.get_weight(posting).number < 0)


def _person(books: Books, txns: Sequence[data.Transaction], company: str) -> str:
    named = {
        entity.name
        for txn in txns
        for posting in txn.postings
        if (entity := books.registry.named(posting_party(posting, books))) and entity.is_person
    }
    if len(named) != 1:
        raise UserError(
            f"the entries of {company} name {' and '.join(sorted(named)) or 'nobody'} as the person"
            " who is paid back",
            hint="draft one report for each person, by the links of that person's entries",
        )
    return named.pop()


def _currency(txns: Sequence[data.Transaction], company: str, books: Books) -> str:
    found = {convert.get_weight(p).currency for txn in txns for p in _costs(txn, company, books)}
    if len(found) != 1:
        raise UserError(
            f"the expenses are in {' and '.join(sorted(found))}",
            hint="draft one report for each currency",
        )
    return str(found.pop())


def _moved(txn: data.Transaction, role: str, person: str, books: Books) -> Iterator[Decimal]:
    """What each posting of this role about the person weighs."""
    for posting in txn.postings:
        if books.role(posting.account) == role and posting_party(posting, books) == person:
            yield convert.get_weight(posting).number
