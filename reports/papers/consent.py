"""BH-R1: written consent of a company's owners to a loan, a contribution, or another transfer."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.findings import UserError
from core.journal.books import Books
from reports.papers.drafted import Drafted, beside, dated
from reports.papers.linked import Movement, links_of, movements, of_links
from reports.papers.paper import Facts, Heading, Paper, Part, Signatures, Text, said_day
from reports.papers.parties import Party, owners, party
from reports.papers.words import both, percent

# What the owners resolve, by class and by whether the company gives: {amount}, {other}, {note}.
_RESOLVED = {
    ("loan-advance", True): "The company may lend {amount} to {other} on the terms of {note}, and "
    "may take that note. The owners find the loan to be in the company's interest.",
    ("loan-advance", False): "The company may borrow {amount} from {other} on the terms of {note}, "
    "and may sign that note.",
    ("contribution", True): "The company may contribute {amount} to the capital of {other}.",
    ("contribution", False): "The company accepts a contribution of {amount} to its capital from "
    "{other}, to be credited to the capital account of {other}. This consent by itself changes "
    "nobody's percentage; a change is made by an amendment.",
    ("guaranteed-payment", True): "The company may pay {amount} to {other} as a guaranteed payment "
    "for services.",
    ("asset-transfer", True): "The company may transfer to {other} the property described in the "
    "attached bill of sale, at {amount}.",
    ("asset-transfer", False): "The company may take over from {other} the property described in "
    "the attached bill of sale, at {amount}.",
    ("sale", True): "The company may buy from {other} for {amount}, at a price that strangers "
    "would agree on.",
    ("sale", False): "The company may sell to {other} for {amount}, at a price that strangers "
    "would agree on.",
}
_OTHERWISE = {
    True: "The company may pay {amount} to {other} ({kind}).",
    False: "The company may receive {amount} from {other} ({kind}).",
}


@dataclass(frozen=True)
class Resolved:
    """One thing that is resolved: the class, the other side, the amount, and the entry's day."""

    kind: str
    gives: bool
    other: Party
    amount: Decimal
    currency: str
    day: dt.date
    note: str


@dataclass(frozen=True)
class Consent:
    """The facts of a written consent: the company, its owners with their percentages on the day,
    and what they resolve."""

    company: Party
    date: dt.date
    owners: tuple[tuple[Party, Decimal], ...]
    resolved: tuple[Resolved, ...]
    slug: str

    def paper(self) -> Paper:
        """The consent, worded."""
        clauses = [Text(_clause(each), numbered=True) for each in self.resolved]
        return Paper(
            form="BH-R1",
            title=consent_title(self.company),
            entity=self.company.name,
            legal_name=self.company.legal_name,
            date=self.date,
            kind="resolutions",
            slug=self.slug,
            size=self.company.size,
            parts=(
                *opening(self.company, self.owners, self.date),
                Heading("Resolved"),
                *clauses,
                Text(carrying_out(self.company), numbered=True),
                *when_done([each.day for each in self.resolved], self.date),
                *signed_by(self.company, self.owners),
            ),
        )


def consent(
    books: Books, links: Sequence[str], company: str, day: dt.date | None = None
) -> Drafted:
    """The consent of ``company`` to what the entries of the links moved; dated ``day``, by default
    the day of the first entry. Raises UserError for what the registry lacks."""
    txns = of_links(books, links)
    moved = movements(books, txns, company)
    own = [each.txn for each in moved]
    named = links_of(own)
    date = day or dated(books, "BH-R1", named, min(each.day for each in moved))
    drafted = Consent(
        company=party(books, company),
        date=date,
        owners=owners(books, party(books, company), date),
        resolved=tuple(_resolved(books, each) for each in moved),
        slug=min(named, default="consent"),
    )
    return Drafted(drafted.paper(), (beside(books, company, own, date),), named)


def consent_title(company: Party) -> str:
    """``Written consent of the members``, or of who owns such a company."""
    return f"Written consent of the {company.owners}"


def opening(
    company: Party, owned: tuple[tuple[Party, Decimal], ...], date: dt.date
) -> tuple[Part, ...]:
    """Who consents, and how."""
    every = "sole" if len(owned) == 1 else "all"
    who = company.owner if len(owned) == 1 else company.owners
    being = "the sole" if every == "sole" else "all the"
    return (
        Text(
            f"The undersigned, being {being} {who} of {company.described} (the company), act by "
            "written consent without a meeting, as far as the law that governs the company and "
            "its own governing documents allow it, and waive notice of a meeting. This consent is "
            f"prepared for {said_day(date)} and is effective when it is signed."
        ),
        Facts(
            (
                ("Company", company.legal_name),
                *((_owner(company), f"{p.legal_name}, {percent(s)}") for p, s in owned),
            )
        ),
    )


def carrying_out(company: Party) -> str:
    """The clause that lets somebody do it."""
    return (
        f"The managers or officers of {company.legal_name} may sign and do what is needed to carry "
        "this out, and this consent is kept with the company's records."
    )


def when_done(days: Sequence[dt.date], date: dt.date) -> tuple[Part, ...]:
    """What a consent says of acts before it: those are ratified, and recorded as such."""
    first = min(days)
    if date > first:
        return (
            Text(
                f"The books show that this was done on {said_day(first)}, before the date of this "
                "consent. The undersigned ratify it, and the company's records show it as a late "
                "ratification.",
                numbered=True,
            ),
        )
    return (
        Text(
            f"Where this consent is signed after {said_day(first)}, the day on which the books "
            "show the transfer, it ratifies what was done by then, and the company's records show "
            "it as a late ratification. Nobody dates a signature earlier than it is made.",
            numbered=True,
        ),
    )


def signed_by(company: Party, owned: tuple[tuple[Party, Decimal], ...]) -> tuple[Part, ...]:
    """The lines for every owner."""
    signers = tuple(p.signature(f"{_owner(company)}, {percent(share)}") for p, share in owned)
    return Heading("Signatures"), Signatures(signers)


def _owner(company: Party) -> str:
    return company.owner.capitalize()


def _resolved(books: Books, moved: Movement) -> Resolved:
    if not moved.kind:
        file, line = books.where(moved.txn)
        raise UserError(
            "the entry does not say what kind of transfer it is",
            file=file,
            line=line,
            hint='add transfer: "…" (loan-advance, contribution, distribution, …)',
        )
    return Resolved(
        moved.kind,
        moved.gives,
        party(books, moved.party),
        moved.amount,
        moved.currency,
        moved.day,
        moved.note,
    )


def _clause(each: Resolved) -> str:
    wording = _RESOLVED.get((each.kind, each.gives)) or _OTHERWISE[each.gives]
    return wording.format(
        amount=both(each.amount, each.currency),
        other=each.other.legal_name,
        kind=each.kind.replace("-", " "),
        note=f"promissory note {each.note}" if each.note else "a written promissory note",
    )
