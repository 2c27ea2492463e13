"""BH-M1: the minutes of the owners' year-end meeting, with the year's figures and acts."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.findings import UserError
from core.journal.books import Books
from core.period import Period
from plugins.veil.transfers import parties
from reports.balances import ZERO, Ledger
from reports.balances import total as summed
from reports.papers.consent import signed_by
from reports.papers.drafted import Drafted, as_link, dated, for_entity
from reports.papers.linked import movements
from reports.papers.paper import Facts, Heading, Paper, Part, Table, Text, said_day
from reports.papers.parties import Party, legal_name, owners, party
from reports.papers.words import figures, percent

# What owners look at once a year; the rest is daily business.
_KINDS = frozenset(
    "contribution distribution tax-distribution dividend loan-advance asset-transfer sale".split()
)


@dataclass(frozen=True)
class Act:
    """What went to or from an owner or a related company, in words, on its day; ``amount`` is
    positive."""

    what: str
    day: dt.date
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Minutes:
    """The facts of a fiscal year: figures at its end and of its course, what went between the
    company and its owners or relatives, loans still owed, and filings made."""

    company: Party
    date: dt.date
    year: Period
    currency: str
    owners: tuple[tuple[Party, Decimal], ...]
    assets: Decimal
    liabilities: Decimal
    income: Decimal
    expenses: Decimal
    acts: tuple[Act, ...]
    loans: tuple[tuple[str, str, Decimal], ...]
    filings: tuple[tuple[dt.date, str, str], ...]

    def paper(self) -> Paper:
        """The minutes, worded."""
        return Paper(
            form="BH-M1",
            title=f"Minutes of the year-end meeting, {self.year.name}",
            entity=self.company.name,
            legal_name=self.company.legal_name,
            date=self.date,
            kind="minutes",
            slug=self.year.name,
            size=self.company.size,
            parts=(
                Facts(
                    (
                        ("Company", self.company.described),
                        ("Fiscal year", f"{said_day(self.year.first)} to {_last(self.year)}"),
                        ("Day and place", ""),
                        *(
                            (self.company.owner.capitalize(), f"{p.legal_name}, {percent(s)}")
                            for p, s in self.owners
                        ),
                        ("Chair", ""),
                        ("Minutes by", ""),
                    )
                ),
                Text(
                    f"The {self.company.owners} named above were present in person, by proxy or by "
                    "a line of communication, waived notice, and found that they could decide."
                ),
                Heading("The year's figures"),
                *self._figures(),
                Heading("Between the company, its owners and related companies"),
                *self._acts(),
                Heading("Related loans at the end of the year"),
                *self._loans(),
                Heading("Filings and formalities"),
                *self._filings(),
                Heading("Resolved"),
                *(Text(said, numbered=True) for said in self._clauses()),
                Facts((("Other business", ""),)),
                *signed_by(self.company, self.owners),
            ),
        )

    def _figures(self) -> tuple[Part, ...]:
        return (
            Table(
                ("From the company's books", self.currency),
                (
                    ("Income of the year", figures(self.income)),
                    ("Less: expenses of the year", figures(-self.expenses)),
                    ("Result of the year", figures(self.income - self.expenses)),
                    ("Total assets at its end", figures(self.assets)),
                    ("Less: total liabilities at its end", figures(-self.liabilities)),
                    ("Equity at its end", figures(self.assets - self.liabilities)),
                ),
                first_amount=1,
                totals=1,
            ),
        )

    def _acts(self) -> tuple[Part, ...]:
        if not self.acts:
            return (Text("The books show none."),)
        rows = tuple(
            (
                act.what,
                said_day(act.day),
                figures(act.amount, act.currency),
            )
            for act in self.acts
        )
        return (Table(("What", "Day", "Amount"), rows, first_amount=2),)

    def _loans(self) -> tuple[Part, ...]:
        if not self.loans:
            return (Text("The books show none."),)
        rows = tuple((account, who, figures(number)) for account, who, number in self.loans)
        return (Table(("Account", "With", f"Owed, {self.currency}"), rows, first_amount=2),)

    def _filings(self) -> tuple[Part, ...]:
        if not self.filings:
            return (Text("The registry records none in this year."),)
        rows = tuple((what, said_day(day), period) for day, what, period in self.filings)
        return (Table(("What", "Done on", "For"), rows, first_amount=3),)

    def _clauses(self) -> Iterator[str]:
        yield (
            "The figures above and the statements they are taken from were presented, and the "
            f"{self.company.owners} accept them, subject to the tax returns."
        )
        if self.acts:
            yield (
                "What is listed above between the company, its owners and related companies is "
                "confirmed. Where no consent was signed on or before the day, this is a late "
                "ratification and is recorded as such."
            )
        yield (
            "The result of the year is allocated among the capital accounts as the company's "
            "governing documents say."
        )
        yield "Those who manage the company are confirmed until the next year-end meeting."


def minutes(books: Books, company: str, year: Period, day: dt.date | None = None) -> Drafted:
    """The minutes of a fiscal year; dated ``day``, by default its last. Raises UserError where the
    books do not reach its end, or the registry lacks what the paper needs."""
    if books.as_of < year.last:
        raise UserError(
            f"the books end on {books.as_of}, and {year.name} on {year.last}",
            hint="minutes of a year are drafted when it is over; choose an earlier one",
        )
    meeting = party(books, company)
    link = as_link(f"minutes-{company}-{year.name}")
    date = day or dated(books, "BH-M1", [link], year.last)
    ledger = Ledger.of(books, company)
    held = ledger.closing(year.last)
    facts = Minutes(
        company=meeting,
        date=date,
        year=year,
        currency=ledger.currency,
        owners=owners(books, meeting, date),
        assets=sum((n for a, n in held.items() if a.startswith("Assets:")), ZERO),
        liabilities=-sum((n for a, n in held.items() if a.startswith("Liabilities:")), ZERO),
        income=-summed(ledger.flows(year.first, year.last, "Income")),
        expenses=summed(ledger.flows(year.first, year.last, "Expenses")),
        acts=tuple(_acts(books, company, year)),
        loans=tuple(
            (account.split(":", 2)[2], books.accounts[account].counterparty, abs(number))
            for account, number in sorted(held.items())
            if number and books.role(account) in {"loan-to", "loan-from"}
        ),
        filings=tuple(_filings(books, company, year)),
    )
    return Drafted(
        facts.paper(),
        (for_entity(books, company, date),),
        frozenset((link,)),
    )


def _last(year: Period) -> str:
    return said_day(year.last)


def _acts(books: Books, company: str, year: Period) -> Iterator[Act]:
    for txn in books.transactions:
        in_year = year.first <= txn.date <= year.last
        if not in_year or txn.meta.get("transfer") not in _KINDS:
            continue
        if books.registry.ents(txn) == {company} and parties(txn, books) - {company}:
            for moved in movements(books, [txn], company):
                to = "to" if moved.gives else "from"
                kind = moved.kind.replace("-", " ").capitalize()
                what = f"{kind} {to} {legal_name(books, moved.party)}"
                yield Act(what, moved.day, moved.amount, moved.currency)


def _filings(books: Books, company: str, year: Period) -> Iterator[tuple[dt.date, str, str]]:
    for entry in books.standing:
        if not isinstance(entry, data.Custom) or entry.type != "fulfilled":
            continue
        values = [str(value.value) for value in entry.values]
        if values[:1] == [company] and year.first <= entry.date <= year.last:
            yield entry.date, values[1].replace("-", " "), " ".join(values[2:])
