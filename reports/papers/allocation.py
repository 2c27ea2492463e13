"""BH-A1: the agreement by which companies share a cost, from its allocation directive."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from beancount.core import data

from core.findings import UserError
from core.journal.books import Books
from reports.papers.drafted import Drafted, as_link, for_entity
from reports.papers.paper import Facts, Heading, Paper, Signatures, Table, Text, said_day
from reports.papers.parties import Party, party
from reports.papers.words import percent


@dataclass(frozen=True)
class Allocation:
    """The facts: who shares at which percentages since when, on what ``basis`` (empty where the
    directive does not say), and the costs that entries have shared by it so far."""

    name: str
    date: dt.date
    shares: tuple[tuple[Party, Decimal], ...]
    basis: str
    costs: tuple[str, ...]
    kept_by: Party

    def paper(self) -> Paper:
        """The agreement, worded."""
        rows = [(p.legal_name, percent(share)) for p, share in self.shares]
        rows.append(("Total", percent(sum((s for _, s in self.shares), Decimal(0)))))
        costs = "; ".join(self.costs)
        return Paper(
            form="BH-A1",
            title=f"Cost-allocation agreement {self.name}",
            entity=self.kept_by.name,
            legal_name=" and ".join(p.legal_name for p, _ in self.shares),
            date=self.date,
            kind="agreements",
            slug=self.name,
            size=self.kept_by.size,
            parts=(
                Text(
                    "This agreement is made by "
                    + " and by ".join(p.described for p, _ in self.shares)
                    + f" (the parties), for costs from {said_day(self.date)} on."
                ),
                Facts((("Costs shared", costs), ("Basis of the key", self.basis))),
                Heading("Key"),
                Table(("Party", "Share"), tuple(rows), first_amount=1, totals=1),
                Heading("Terms"),
                *(Text(said, numbered=True) for said in _TERMS),
                Heading("Signatures"),
                Signatures(tuple(p.signature("Party") for p, _ in self.shares)),
            ),
        )


_TERMS = (
    "Each party bears its share of the costs named above by the key. The key follows what each "
    "party uses; it is looked at once a year, and when the use changes.",
    "Where a party pays the whole of a shared cost, it books the share of each other party as due "
    "from that party, which books its own expense and what it owes, on the same day, with the bill "
    "or a copy of it.",
    "What is owed is paid from one party's own account to another's, at least once in every "
    "quarter. Nothing is added to the cost and no interest is charged when it is paid in time.",
    "No party answers for another's debts, and this agreement makes no partnership among them. "
    "Each keeps its own books, accounts and records.",
    "Any party may end this agreement with thirty days' written notice. A change holds only when "
    "it is written and signed by every party.",
)


def allocation(books: Books, name: str) -> Drafted:
    """The agreement behind ``custom "allocation" NAME``; the newest of that name. Raises UserError
    where there is none, or where its shares do not add up to 100."""
    known: dict[str, data.Custom] = {}
    for entry in books.standing:
        if isinstance(entry, data.Custom) and entry.type == "allocation" and entry.values:
            known[str(entry.values[0].value).casefold()] = entry
    found = known.get(name.casefold())
    if found is None:
        raise UserError(
            f"there is no allocation '{name}'",
            hint=f"known: {', '.join(sorted(known)) or 'none'}; one is declared by "
            f'custom "allocation" "{name}" "Acme" 75.00 "Harbor" 25.00',
        )
    values = [value.value for value in found.values]
    pairs = list(zip(values[1::2], values[2::2], strict=False))
    shares = [s for _, s in pairs if isinstance(s, Decimal)]
    if len(shares) != len(pairs) or len(values) % 2 == 0 or sum(shares, Decimal(0)) != 100:
        file, line = books.where(found)
        raise UserError(
            f"the shares of allocation {values[0]} do not add up to 100",
            file=file,
            line=line,
            hint='for example "Acme" 75.00 "Harbor" 25.00',
        )
    named = tuple((party(books, str(who)), share) for who, share in pairs)
    keeping = [p for p, _ in named if books.registry.entities[p.name].books]
    if not keeping:
        raise UserError(f"nobody in allocation {values[0]} keeps books here")
    basis = found.meta.get("basis")
    facts = Allocation(
        name=str(values[0]),
        date=found.date,
        shares=named,
        basis=basis if isinstance(basis, str) else "",
        costs=_costs(books, str(values[0])),
        kept_by=keeping[0],
    )
    return Drafted(
        facts.paper(),
        tuple(for_entity(books, p.name, found.date) for p in keeping),
        frozenset((as_link(f"alloc-{facts.name}"),)),
        remarks=("when it is signed, name it in the allocation directive (document:)",),
    )


def _costs(books: Books, name: str) -> tuple[str, ...]:
    """The accounts, by their names below the entity, of the expenses that carry the allocation."""
    found = {
        posting.account.split(":", 2)[2].replace(":", " ")
        for txn in books.transactions
        if txn.meta.get("allocation") == name
        for posting in txn.postings
        if posting.account.startswith("Expenses:")
    }
    return tuple(sorted(found))
