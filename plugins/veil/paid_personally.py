"""Costs of a company that a person paid: they belong into the company's books.

Otherwise the owner silently funds the company, and the company has no record of its cost: IRC
62(c) and Reg. 1.62-2 for employees; Rev. Rul. 69-184, partners are not employees.
"""

from collections.abc import Iterator, Sequence

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.books import GROUP, Books
from core.journal.shape import Shape
from plugins.rule import Rule, Scope, about, described
from plugins.veil.cures import on_behalf
from plugins.veil.declared import dealings
from plugins.veil.remedies.accounts import with_openings
from plugins.veil.transfers import entities_of, is_mixed, keeps_books, pair_links, posting_party

_FACTOR = "Absence of records; undercapitalisation"
_MONEY = {"bank", "card", "cash", "in-transit"}
# What is bought without being an expense at once; accounts without a role, such as prepaid, too.
_THINGS = {"", "fixed-asset", "inventory", "ap"}


def left_outside(books: Books) -> Iterator[Finding]:
    """VEIL-003: a person paid for a company, and the company's books do not show it.

    They do where an entry with the same pair link books the cost, and owes it to the person or has
    it from them as a contribution. An entity's own books are asked for the link alone.
    """
    persons = {e.name for e in books.registry.entities.values() if e.is_person}
    for txn in books.transactions:
        person = books.registry.ent(txn.postings[0].account) if txn.postings else None
        if person is None or person not in persons or is_mixed(txn, books):
            continue
        named = _named(txn, books) - {person}
        for company in sorted(named):
            if not _is_booked(txn, person, [company], books):
                yield _found(txn, person, company, books, Severity.ERROR)
        companies = dealings(books).entities_of_vendor(txn.payee or "")
        vendors_of = sorted(c for c in companies if c)
        if not vendors_of or person in companies or named:
            continue
        if _comes_in(txn, books) or _is_entity(txn.payee or "", books):
            continue
        if not _is_booked(txn, person, vendors_of, books):
            yield _found(txn, person, " or ".join(vendors_of), books, Severity.WARNING)


def looks_at(shape: Shape, books: Books) -> bool:
    """What is said to be for an entity, halves of pairs, and what persons buy where there are
    vendors."""
    if "for-entity" in shape.keys or "ic" in shape.links:
        return True
    entities = (books.registry.entities[each] for each in shape.entities(books))
    return bool(dealings(books).vendors) and any(entity.is_person for entity in entities)


def may_be_for_company(txn: data.Transaction, books: Books) -> bool:
    """Of these: not what is bought from anybody else than a vendor."""
    if pair_links(txn) or _named(txn, books):
        return True
    return bool(dealings(books).entities_of_vendor(txn.payee or "") - {""})


def _named(txn: data.Transaction, books: Books) -> set[str]:
    """The entities that ``for-entity:`` names, on the entry or on one of its postings."""
    said = [txn.meta.get("for-entity"), *((p.meta or {}).get("for-entity") for p in txn.postings)]
    named = (name for name in said if isinstance(name, str) and name)
    return {entity.name if (entity := books.registry.named(n)) else n for n in named}


def _comes_in(txn: data.Transaction, books: Books) -> bool:
    """Whether money comes in: a refund is no purchase."""
    return any(
        p.units and p.units.number and p.units.number > 0 and books.role(p.account) in _MONEY
        for p in txn.postings
    )


def _is_entity(payee: str, books: Books) -> bool:
    """Whether the payee is a registered entity: what passes between those is a pair."""
    return payee.casefold() in {
        name.casefold() for e in books.registry.entities.values() for name in (e.name, e.legal_name)
    }


def _is_booked(txn: data.Transaction, person: str, companies: Sequence[str], books: Books) -> bool:
    links = pair_links(txn)
    kept = [c for c in companies if books.registry.named(c) and keeps_books(c, books)]
    if books.kind != GROUP or (not kept and all(map(books.registry.named, companies))):
        return bool(links)
    wanted = {company.casefold() for company in kept}
    partners = (other for link in links for other in books.by_link[link] if other is not txn)
    return any(
        {e.casefold() for e in entities_of(other, books)} & wanted
        and not is_mixed(other, books)
        and _books_the_cost(other, person, books)
        for other in partners
    )


def _books_the_cost(txn: data.Transaction, person: str, books: Books) -> bool:
    """Whether the company's entry has the cost, and owes it to the person or has it from them."""
    cost = owed = False
    for posting in txn.postings:
        number = posting.units.number if posting.units else None
        if not number:
            continue
        role = books.role(posting.account)
        if number > 0 and (posting.account.startswith("Expenses:") or role in _THINGS):
            cost = cost or not posting.account.startswith(("Income:", "Equity:"))
        if number < 0 and role in {"due-to", "contribution"}:
            owed = owed or posting_party(posting, books).casefold() in {person.casefold(), ""}
    return cost and owed


def _found(
    txn: data.Transaction, person: str, company: str, books: Books, severity: Severity
) -> Finding:
    entity = books.registry.named(company)
    costs = [p for p in txn.postings if p.account.startswith("Expenses:")]
    fix = ""
    if entity and costs:
        fix = on_behalf(txn, person, entity.name, costs, books, said=f"Paid for {entity.name}")
        fix = with_openings(fix, books)
    if severity is Severity.WARNING:
        why = f"{described(txn)}, a vendor of {company}"
    elif entity or not books.registry.entities:
        why = f"{described(txn)} for {company}"
    else:
        why = f"{described(txn)} for {company}, which is no registered entity"
    return about(
        books,
        txn,
        code="VEIL-003",
        factor=_FACTOR,
        severity=severity,
        message=f"{person} paid {why}, whose books do not show it; book it as a pair: due-from "
        "here, the cost and due-to (or a contribution) there",
        evidence=("the vendor's receipt", "the expense report"),
        fix=fix,
        fix_replaces=bool(fix),
    )


RULES = (
    Rule(
        "VEIL-003",
        "Company cost left outside",
        _FACTOR,
        Scope.LINK,
        True,
        left_outside,
        meaning="a person paid what for-entity: says is a company's (error), or somebody on a "
        "company's list of vendors (warning), and no entry of the company with the same ^ic- link "
        "books the cost and owes it to the person, or has it from them as a contribution",
        cure="a pair: due-from in the person's books, the cost and due-to in the company's; "
        "attach the expense report and the receipt",
        reference="IRC 62(c); Reg. 1.62-2; Rev. Rul. 69-184",
        looks_at=looks_at,
        looks_closer=may_be_for_company,
    ),
)
