"""BH-R2: a call for capital from every owner, in proportion to what they own."""

import datetime as dt
import hashlib
from base64 import b32encode
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from core.findings import UserError
from core.journal.books import Books
from reports.papers.consent import carrying_out, opening, signed_by
from reports.papers.drafted import Drafted, for_entity
from reports.papers.paper import Facts, Heading, Paper, Table, Text, said_day
from reports.papers.parties import Party, owners, party
from reports.papers.words import both, figures, percent

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class CapitalCall:
    """The facts of a call: who owns what, who pays how much, by when, and for what."""

    company: Party
    date: dt.date
    due: dt.date
    amount: Decimal
    purpose: str
    owners: tuple[tuple[Party, Decimal], ...]
    parts: tuple[Decimal, ...]
    slug: str

    def paper(self) -> Paper:
        """The resolution, worded."""
        currency = self.company.currency
        rows = [
            (owner.legal_name, percent(share), figures(part))
            for (owner, share), part in zip(self.owners, self.parts, strict=True)
        ]
        rows.append(("Total", "", figures(self.amount, currency)))
        return Paper(
            form="BH-R2",
            title="Resolution on a call for capital",
            entity=self.company.name,
            legal_name=self.company.legal_name,
            date=self.date,
            kind="resolutions",
            slug=self.slug,
            size=self.company.size,
            parts=(
                *opening(self.company, self.owners, self.date),
                Heading("Resolved"),
                Text(
                    f"The company calls for {both(self.amount, currency)} of capital from its "
                    f"{self.company.owners}, in proportion to what they hold, payable to its own "
                    f"bank account by {said_day(self.due)}:",
                    numbered=True,
                ),
                Table(
                    (self.company.owner.capitalize(), "Share held", "To be paid"),
                    tuple(rows),
                    first_amount=1,
                    totals=1,
                ),
                Facts((("Purpose", self.purpose),)),
                Text(
                    "What each pays is credited to its own capital account. Called in proportion "
                    "and paid in full, it changes nobody's percentage; what happens where somebody "
                    "does not pay follows from the company's governing documents.",
                    numbered=True,
                ),
                Text(carrying_out(self.company), numbered=True),
                *signed_by(self.company, self.owners),
            ),
        )


def capital_call(
    books: Books,
    company: str,
    amount: Decimal,
    *,
    date: dt.date,
    due: dt.date,
    purpose: str = "",
) -> Drafted:
    """A call of ``amount`` (in the company's currency, positive) made on ``date`` and due on
    ``due``. Its link begins ``call-``: contributions that answer it may carry it beside their
    own."""
    if amount <= 0 or amount != amount.quantize(_CENT):
        raise UserError(f"'{amount}' is no amount to call for", hint="for example 20000.00")
    if due < date:
        raise UserError(f"the call would be due on {due}, before its own day, {date}")
    calling = party(books, company)
    owned = owners(books, calling, date)
    link = _link(company, date, due, amount)
    facts = CapitalCall(
        company=calling,
        date=date,
        due=due,
        amount=amount,
        purpose=purpose,
        owners=owned,
        parts=shared(amount, tuple(share for _, share in owned)),
        slug=link,
    )
    remark = f"contributions that answer this call may carry ^{link} beside their own link"
    return Drafted(
        facts.paper(),
        (for_entity(books, company, date),),
        frozenset((link,)),
        remarks=(remark,),
    )


def shared(amount: Decimal, shares: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    """``amount`` in cents by shares, with no cent lost: cents that are left go to those with the
    largest remainders, of equal ones to the first."""
    whole = sum(shares, Decimal(0))
    exact = [amount * share / whole for share in shares]
    parts = [each.quantize(_CENT, rounding=ROUND_DOWN) for each in exact]
    left = int((amount - sum(parts, Decimal(0))) / _CENT)
    by_remainder = sorted(range(len(shares)), key=lambda n: (parts[n] - exact[n], n))
    for place in by_remainder[:left]:
        parts[place] += _CENT
    return tuple(parts)


def _link(company: str, date: dt.date, due: dt.date, amount: Decimal) -> str:
    """A link of its own that the same call gives again."""
    digest = hashlib.sha256(f"{company}\x1f{date}\x1f{due}\x1f{amount}".encode()).digest()
    return f"call-{date:%y}-{b32encode(digest)[:6].decode().lower()}"
