"""BH-R3: the owners' consent to a distribution, with the solvency determination."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.findings import UserError
from core.journal.books import Books
from reports.papers.consent import carrying_out, opening, signed_by, when_done
from reports.papers.drafted import Drafted, beside, dated
from reports.papers.figures import solvency
from reports.papers.linked import links_of, movements, of_links, total
from reports.papers.paper import Heading, Paper, Part, Table, Text, said_day
from reports.papers.parties import Party, owners, party
from reports.papers.solvency import Solvency
from reports.papers.words import both, figures, percent

KINDS = frozenset(("distribution", "tax-distribution", "dividend"))


@dataclass(frozen=True)
class Payee:
    """An owner who is paid: percentage on the day, amount, and the day of the entry."""

    owner: Party
    share: Decimal
    amount: Decimal
    day: dt.date


@dataclass(frozen=True)
class Distribution:
    """The facts of a distribution: who owns, who gets what, and the figures of both tests."""

    company: Party
    date: dt.date
    kind: str
    currency: str
    owners: tuple[tuple[Party, Decimal], ...]
    payees: tuple[Payee, ...]
    solvency: Solvency
    slug: str

    @property
    def total(self) -> Decimal:
        """What is distributed altogether."""
        return sum((payee.amount for payee in self.payees), Decimal(0))

    def paper(self) -> Paper:
        """The resolution, worded."""
        word = "dividend" if self.kind == "dividend" else "distribution"
        return Paper(
            form="BH-R3",
            title=f"Resolution on a {word}",
            entity=self.company.name,
            legal_name=self.company.legal_name,
            date=self.date,
            kind="resolutions",
            slug=self.slug,
            size=self.company.size,
            parts=(
                *opening(self.company, self.owners, self.date),
                *self.solvency.parts(),
                Heading("Resolved"),
                *self._clauses(word),
                *when_done([payee.day for payee in self.payees], self.date),
                *signed_by(self.company, self.owners),
            ),
        )

    def _clauses(self, word: str) -> tuple[Part, ...]:
        amount = both(self.total, self.currency)
        if not self.solvency.met:
            return (
                Text(
                    f"On the figures above the {word} of {amount} would fail a solvency test. This "
                    "draft does not approve it. What was paid already should be returned, or the "
                    "owners and counsel should determine on other documented figures, attached to "
                    "this paper, that both tests are met.",
                    numbered=True,
                ),
                self._table(),
            )
        return (
            Text(
                "The undersigned have considered the figures above and determine that the company "
                f"meets both solvency tests after a {word} of {amount}.",
                numbered=True,
            ),
            Text(
                f"The company may pay a {word} of {amount} out of its own account, to its "
                f"{self.company.owners} as follows:",
                numbered=True,
            ),
            self._table(),
            Text(carrying_out(self.company), numbered=True),
        )

    def _table(self) -> Table:
        rows = [
            (p.owner.legal_name, said_day(p.day), percent(p.share), figures(p.amount))
            for p in self.payees
        ]
        rows.append(("Total", "", "", figures(self.total, self.currency)))
        return Table(
            (self.company.owner.capitalize(), "Day of payment", "Share held", "Amount"),
            tuple(rows),
            first_amount=2,
            totals=1,
        )


def distribution(
    books: Books, links: Sequence[str], company: str, day: dt.date | None = None
) -> Drafted:
    """The resolution on the distributions that the company's entries of the links pay.

    ``day`` is the day of the determination, by default that of the first payment. Raises UserError
    for what the registry lacks, or where a figure cannot be had.
    """
    txns = of_links(books, links)
    moved = [m for m in movements(books, txns, company) if m.kind in KINDS and m.gives]
    if not moved:
        raise UserError(f"no entry of {company} with these links pays a distribution")
    number, currency = total(moved)
    own = [each.txn for each in moved]
    named = links_of(own)
    date = day or dated(books, "BH-R3", named, min(each.day for each in moved))
    paying = party(books, company)
    owned = owners(books, paying, date)
    shares = {owner.name: share for owner, share in owned}
    paid = sum((m.amount for m in moved if m.day <= date), Decimal(0))
    facts = Distribution(
        company=paying,
        date=date,
        kind=moved[0].kind,
        currency=currency,
        owners=owned,
        payees=tuple(
            Payee(party(books, m.party), shares.get(m.party, Decimal(0)), m.amount, m.day)
            for m in moved
        ),
        solvency=solvency(books, company, date, number, paid=paid, currency=currency),
        slug=min(named, default="distribution"),
    )
    remarks: tuple[str, ...] = ()
    if not facts.solvency.met:
        largest = figures(facts.solvency.largest, facts.solvency.currency)
        remarks = (
            f"a solvency test is not met on the figures of {date}: the paper approves nothing; "
            f"the largest distribution that meets both is {largest}",
        )
    return Drafted(facts.paper(), (beside(books, company, own, date),), named, remarks=remarks)
