"""BH-E2: the affidavit that stands in for a receipt that is missing."""

import datetime as dt
import hashlib
from base64 import b32encode
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import convert, data

from core.findings import UserError
from core.journal.books import Books
from reports.papers.drafted import Drafted, beside, dated
from reports.papers.linked import companies, expense_day, of_link_or_id, seller
from reports.papers.paper import Facts, Heading, Paper, Signatures, Signer, Text, said_day
from reports.papers.parties import Party, legal_name, party
from reports.papers.words import both

_MONEY = frozenset(("bank", "card", "cash", "due-to"))


@dataclass(frozen=True)
class Affidavit:
    """The facts: what was bought, when, for how much (positive), and what it was paid with."""

    company: Party
    date: dt.date
    day: dt.date
    payee: str
    narration: str
    purpose: str
    attendees: str
    accounts: tuple[str, ...]
    amount: Decimal
    currency: str
    paid_with: str
    slug: str

    def paper(self) -> Paper:
        """The affidavit, worded."""
        return Paper(
            form="BH-E2",
            title="Missing-receipt affidavit",
            entity=self.company.name,
            legal_name=self.company.legal_name,
            date=self.date,
            kind="affidavits",
            slug=self.slug,
            size=self.company.size,
            parts=(
                Facts(
                    (
                        ("Company", self.company.legal_name),
                        ("Paid to", self.payee),
                        ("Day", said_day(self.day)),
                        ("Amount", both(self.amount, self.currency)),
                        ("What was bought", self.narration),
                        ("Account", ", ".join(self.accounts)),
                        ("Paid with", self.paid_with),
                        ("Business purpose", self.purpose),
                        ("Who was there", self.attendees),
                        ("Place", ""),
                    )
                ),
                Heading("Statements"),
                Text(
                    "I made this purchase, or had it made, for the company named above. The facts "
                    "above are taken from its books; I have completed and checked them.",
                    numbered=True,
                ),
                Text(
                    "The receipt was lost or never given. I have asked the seller for another, or "
                    "could not; the reason is:",
                    numbered=True,
                ),
                Facts((("Reason", ""), ("Asked the seller on", ""))),
                Text(
                    "No part of the amount was personal, and it is claimed only once. If the "
                    "receipt is found it is put in the place of this affidavit.",
                    numbered=True,
                ),
                Text(
                    "What I state here is true to the best of my knowledge. I know that an "
                    "affidavit may not be accepted where the law asks for a receipt.",
                    numbered=True,
                ),
                Heading("Signatures"),
                Signatures(
                    (
                        Signer("", "Who made the purchase"),
                        self.company.signature("Approved"),
                    )
                ),
            ),
        )


def affidavit(books: Books, given: str, company: str = "", day: dt.date | None = None) -> Drafted:
    """The affidavit for the expense with this link or bank line id; dated ``day``, by default the
    day the books end. An entry without a link gets one. Raises UserError where it is no expense, or
    where a link has several."""
    txns = of_link_or_id(books, given)
    owner = companies(books, txns, company)[0]
    found = [t for t in txns if books.registry.ents(t) == {owner} and _costs(t)]
    if len(found) != 1:
        what = "none is an expense" if not found else f"{len(found)} are expenses"
        raise UserError(
            f"of the entries of {owner} with '{given}' {what}",
            hint="name the expense by the id on its bank posting",
        )
    txn = found[0]
    costs = _costs(txn)
    link = min(txn.links or (), default="") or new_link(txn, books)
    weights = [convert.get_weight(p) for p in costs]
    facts = Affidavit(
        company=party(books, owner),
        date=day or dated(books, "BH-E2", [link], books.as_of),
        day=min(expense_day(txn, posting, books) for posting in costs),
        payee=seller(txn, books),
        narration=txn.narration or "",
        purpose=_text(txn, "purpose"),
        attendees=_text(txn, "attendees"),
        accounts=tuple(p.account.partition(f":{owner}:")[2] for p in costs),
        amount=sum((w.number for w in weights), Decimal(0)),
        currency=weights[0].currency,
        paid_with=_paid_with(txn, books),
        slug=link,
    )
    return Drafted(
        facts.paper(),
        (beside(books, owner, [txn], facts.date),),
        frozenset((link,)),
        unlinked=() if txn.links else (txn,),
    )


def new_link(txn: data.Transaction, books: Books) -> str:
    """A link for an entry that has none: ``doc-``, its year, and six characters that the same entry
    gives again, unless another entry has them."""
    said = "\x1f".join(
        (
            books.relative(str(txn.meta.get("filename", ""))),
            str(txn.date),
            txn.payee or "",
            txn.narration or "",
            *(f"{p.account} {p.units}" for p in txn.postings),
        )
    )
    taken: set[str] = books.memo.setdefault("links given", set())
    number = 0
    while True:
        digest = hashlib.sha256(f"{said}\x1e{number}".encode()).digest()
        link = f"doc-{txn.date:%y}-{b32encode(digest)[:6].decode().lower()}"
        if link not in books.by_link and link not in taken:
            taken.add(link)
            return link
        number += 1


def _costs(txn: data.Transaction) -> list[data.Posting]:
    return [p for p in txn.postings if p.account.startswith("Expenses:")]


def _text(txn: data.Transaction, key: str) -> str:
    value = txn.meta.get(key)
    return value if isinstance(value, str) else ""


def _paid_with(txn: data.Transaction, books: Books) -> str:
    for posting in txn.postings:
        account = books.accounts.get(posting.account)
        if account and account.role in _MONEY:
            if account.role == "due-to":
                return f"by {legal_name(books, account.counterparty)}, who is owed it"
            known = f" ({account.account_id})" if account.account_id else ""
            return f"{posting.account.split(':', 2)[2].replace(':', ' ')}{known}"
    return ""
