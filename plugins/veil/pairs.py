"""Pairs: every crossing is on both sides, classified, and equal.

Two sets of books that do not agree are no records, and cannot be consolidated (ASC 810-10-45-1);
an unclassified payment to an owner looks like a distribution (Estate of Mixon v. United States, 464
F.2d 394 (5th Cir. 1972)).
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.books import GROUP, Books
from core.money import at_cents, round_half_up
from plugins.rule import Rule, Scope, about, described
from plugins.veil.cures import expense_of
from plugins.veil.exchange import in_one_currency, units_by_entity, weights_by_entity
from plugins.veil.gathering import ZERO
from plugins.veil.remedies.accounts import with_openings
from plugins.veil.transfers import (
    CLASSES,
    crosses,
    entities_of,
    facts_of,
    is_mixed,
    outsiders,
    pair_links,
    parties,
    posting_party,
)

_RECORDS = "Absence of records; commingling"
_CLASS = "Failure of formalities; disguised distribution"


def missing_partner(books: Books) -> Iterator[Finding]:
    """VEIL-005: a transfer without a pair link, or a link that some named entity is not part of.

    Only the group's books can see both sides; an entity's own are tested for the link alone.
    """
    outside = outsiders(books)
    nameless = []
    for txn in books.transactions:
        facts = facts_of(txn, books)
        named, entities = facts.parties, facts.entities
        if not named and not facts.is_mixed:
            nameless.append(txn)
        if not named or facts.is_mixed or not entities:
            continue
        wanted = named - entities - outside
        links = pair_links(txn)
        if not links:
            if wanted:
                yield _unlinked(txn, books, sorted(wanted))
        elif books.kind == GROUP:
            there = _entities_of(links, books)
            for missing in sorted(wanted - there):
                yield _half(txn, books, missing)
    if books.kind == GROUP:
        yield from _not_named(nameless, books)


def _entities_of(links: Sequence[str], books: Books) -> set[str]:
    """The entities that own a transaction of any of the links."""
    return set().union(*(entities_of(txn, books) for link in links for txn in books.by_link[link]))


def _unlinked(txn: data.Transaction, books: Books, wanted: list[str]) -> Finding:
    return about(
        books,
        txn,
        code="VEIL-005",
        factor=_RECORDS,
        message=f"{described(txn)} crosses to {', '.join(wanted)} without a pair link; give it and "
        "its other half the same ^ic-… link",
        evidence=("the entry of the other side, with the same link",),
    )


def _half(txn: data.Transaction, books: Books, missing: str) -> Finding:
    (entity,) = entities_of(txn, books)
    link = pair_links(txn)[0]
    return about(
        books,
        txn,
        code="VEIL-005",
        factor=_RECORDS,
        message=f"{entity} booked {_size(txn, missing, books)} with {missing}, "
        f"“{txn.narration or txn.payee}” (^{link}); {missing}'s books have no other half",
        evidence=(f"the entry in {missing}'s books with ^{link}",),
        fix=with_openings(_other_half(txn, entity, missing, link, books), books),
    )


def _size(txn: data.Transaction, party: str, books: Books) -> str:
    """The amount that crosses: the first posting towards ``party``, else the first of all."""
    towards = [p for p in txn.postings if posting_party(p, books).casefold() == party.casefold()]
    units = (towards or txn.postings)[0].units
    return f"{at_cents(abs(units.number))} {units.currency}" if units and units.number else "it"


def _not_named(nameless: Iterable[data.Transaction], books: Books) -> Iterator[Finding]:
    """The reverse: an entry that shares a pair's link but is no transfer itself."""
    for txn in nameless:
        links = pair_links(txn)
        if not links:
            continue
        (entity,) = entities_of(txn, books) or {""}
        others = _entities_of(links, books) - {entity}
        if others:
            yield about(
                books,
                txn,
                code="VEIL-005",
                factor=_RECORDS,
                message=f"{described(txn)} shares the link of {', '.join(sorted(others))} "
                "but names no counterparty",
                fix=f'  counterparty: "{min(others)}"' if len(others) == 1 else "",
            )


def _other_half(txn: data.Transaction, entity: str, missing: str, link: str, books: Books) -> str:
    """The missing half: the interface postings mirrored, against the other side's bank account."""
    mirror = {
        "due-from": ("due-to", f"Liabilities:{missing}:DueTo:{entity}"),
        "due-to": ("due-from", f"Assets:{missing}:DueFrom:{entity}"),
        "distribution": ("invest-in", f"Assets:{missing}:InvestIn:{entity}"),
        "invest-in": ("contribution", f"Equity:{missing}:Members:{entity}:Contributions"),
        "contribution": ("invest-in", f"Assets:{missing}:InvestIn:{entity}"),
    }
    is_payer = any(books.role(posting.account) == "due-from" for posting in txn.postings)
    on_behalf = is_payer and txn.meta.get("transfer") == "expense-on-behalf"
    lines, cash = [], []
    for posting in txn.postings:
        role = books.role(posting.account)
        units = posting.units
        if units is None or units.number is None:
            return ""
        amount = f"{at_cents(-units.number)} {units.currency}"
        if role in mirror:
            wanted, usual = mirror[role]
            lines.append(f"  {_account(missing, wanted, entity, books) or usual}  {amount}")
        elif role in {"bank", "cash", "card", "in-transit"}:
            # Who is paid for has the cost; no money of his moved.
            account = (
                expense_of(missing, txn.date, books)
                if on_behalf
                else _arrives_at(missing, txn, books)
            )
            if not account:
                return ""
            cash.append(f"  {account}  {amount}")
        else:
            return ""
    if not lines or not cash:
        return ""
    narration = (txn.narration or "").replace("\\", "\\\\").replace('"', '\\"')
    transfer = txn.meta.get("transfer", "settlement")
    head = [
        f'{txn.date} {txn.flag} "{entity}" "{narration}" ^{link}',
        f'  transfer: "{transfer}"',
        f'  counterparty: "{entity}"',
    ]
    return "\n".join([*head, *cash, *lines])


def _arrives_at(entity: str, txn: data.Transaction, books: Books) -> str:
    """The entity's bank account, or its in-transit account where a later balance is proven.

    A balance that was checked after the transfer shows that the bank had not seen the money yet.
    """
    bank = _account(entity, "bank", "", books)
    proven = books.last_balance.get(bank, txn.date) > txn.date
    return (_account(entity, "in-transit", "", books) if proven else "") or bank


def _account(entity: str, role: str, counterparty: str, books: Books) -> str:
    """The entity's first open account of a role (towards ``counterparty``), or an empty string."""
    for account in books.accounts.values():
        matches = account.entity == entity and account.role == role and not account.closed
        if matches and counterparty in {"", account.counterparty}:
            return account.name
    return ""


def disagreement(books: Books) -> Iterator[Finding]:
    """VEIL-006: the sides of a pair differ in amount, class, or date."""
    if books.kind != GROUP:
        return
    outside = outsiders(books)
    for link, txns in sorted(books.by_link.items()):
        if not link.startswith("ic-"):
            continue
        facts = [each for t in txns if not (each := facts_of(t, books)).is_mixed and each.parties]
        sides = [each.txn for each in facts]
        entities = frozenset().union(*(each.entities for each in facts))
        named = frozenset().union(*(each.parties for each in facts))
        if len(entities) < 2 or named - entities - outside:
            continue  # a missing partner is VEIL-005's
        if named & outside:
            sides = [each.txn for each in facts if not each.parties & outside]
            if len(sides) < 2:
                continue
        yield from _amounts(link, sides, books)
        yield from _classes(link, sides, books)
        yield from _dates(link, sides, books)


def _found(
    sides: Sequence[data.Transaction], books: Books, message: str, severity: Severity
) -> Finding:
    finding = about(
        books,
        sides[-1],
        code="VEIL-006",
        factor="Absence of reliable records",
        message=message,
        severity=severity,
        evidence=("the statement lines of both sides",),
    )
    entities = tuple(sorted({e for t in sides for e in entities_of(t, books)}))
    return Finding(**{**finding.__dict__, "entities": entities})


def _amounts(link: str, sides: Sequence[data.Transaction], books: Books) -> Iterator[Finding]:
    crossing = [p for txn in sides for p in txn.postings if _crosses(p, books)]
    sums: dict[str, Decimal] = {}
    for posting in crossing:
        if posting.units is not None:
            number, currency = posting.units
            sums[currency] = sums.get(currency, ZERO) + (number or ZERO)
    day = sides[-1].date
    tolerance = Decimal(books.policy.threshold("VEIL-006", "amount-tolerance", day, 0))
    off = {currency: total for currency, total in sums.items() if abs(total) > tolerance}
    if not off:  # nearly always: only what differs is weighed
        return
    cure = "correct the wrong side, or book the difference, such as a fee, where it arose"
    units = units_by_entity(crossing, books)
    booked = {e: {c: n for c, n in own.items() if c in off} for e, own in units.items()}
    booked = {entity: own for entity, own in booked.items() if own}
    if len(off) > 1:
        # Two currencies: compare at the transactions' own prices, 0.5 % of the larger side.
        open_ = [p for p in crossing if p.units and p.units.currency in off]
        converted = in_one_currency(weights_by_entity(open_, books), sides)
        if converted:
            currency, each = converted
            total = sum(each.values(), ZERO)
            if abs(total) <= max(map(abs, each.values())) * Decimal("0.005"):
                return
            off = {currency: round_half_up(total)}
            booked = {entity: {currency: round_half_up(n)} for entity, n in each.items()}
        else:
            cure = "no posting says at what price to compare them: write it (@) on one"
    gaps = ", ".join(f"{at_cents(total)} {currency}" for currency, total in sorted(off.items()))
    told = "; ".join(
        f"{entity} has {' and '.join(f'{at_cents(n)} {c}' for c, n in sorted(own.items()))}"
        for entity, own in sorted(booked.items())
    )
    message = f"the sides of ^{link} differ by {gaps} ({told}); {cure}"
    yield _found(sides, books, message, Severity.ERROR)


def _crosses(posting: data.Posting, books: Books) -> bool:
    """Whether it is an interface posting; what is in transit is compared where it arrives."""
    return bool(posting_party(posting, books)) and books.role(posting.account) != "in-transit"


def _classes(link: str, sides: Sequence[data.Transaction], books: Books) -> Iterator[Finding]:
    classes = sorted({str(t.meta["transfer"]) for t in sides if t.meta.get("transfer")})
    if len(classes) > 1:
        message = (
            f"the sides of ^{link} are of different classes: {', '.join(classes)}; give both the "
            "right one"
        )
        yield _found(sides, books, message, Severity.ERROR)


def _dates(link: str, sides: Sequence[data.Transaction], books: Books) -> Iterator[Finding]:
    first, last = min(t.date for t in sides), max(t.date for t in sides)
    days = int(books.policy.threshold("VEIL-006", "date-tolerance", last, 5))
    if (last - first).days > days:
        apart = (last - first).days
        message = f"the sides of ^{link} are {apart} days apart ({first}, {last}); correct a date"
        yield _found(sides, books, message, Severity.WARNING)
    elif (first.year, first.month) != (last.year, last.month) and not _in_transit(sides, books):
        message = (
            f"the sides of ^{link} lie in two months ({first}, {last}); use in-transit accounts"
        )
        yield _found(sides, books, message, Severity.WARNING)


def _in_transit(sides: Sequence[data.Transaction], books: Books) -> bool:
    return any(books.role(p.account) == "in-transit" for t in sides for p in t.postings)


def unclassified(books: Books) -> Iterator[Finding]:
    """VEIL-007: a transfer without a class, or with one that is not in the catalogue."""
    for txn in books.transactions:
        transfer = txn.meta.get("transfer")
        if transfer in CLASSES or is_mixed(txn, books) or not parties(txn, books):
            continue
        said = f"has the class “{transfer}”, which is none" if transfer else "has no class"
        other = _class_of_partner(txn, books)
        yield about(
            books,
            txn,
            code="VEIL-007",
            factor=_CLASS,
            message=f"the transfer {described(txn)} {said}; add transfer: with one of "
            f"{', '.join(sorted(CLASSES))}",
            evidence=("the paper that its class needs",),
            fix=f'  transfer: "{other}"' if other and not transfer else "",
        )


def _class_of_partner(txn: data.Transaction, books: Books) -> str:
    """The class that the rest of the pair has, when it agrees."""
    found = {
        str(other.meta["transfer"])
        for link in pair_links(txn)
        for other in books.by_link[link]
        if other.meta.get("transfer") in CLASSES
    }
    return found.pop() if len(found) == 1 else ""


RULES = (
    Rule(
        "VEIL-005",
        "No partner",
        _RECORDS,
        Scope.LINK,
        True,
        missing_partner,
        meaning="a crossing has no partner in the other entity's books, or no ^ic- link",
        cure="book the other side with the same link",
        reference="Sea-Land Services v. Pepper Source, 941 F.2d 519 (7th Cir. 1991)",
        looks_at=crosses,
    ),
    Rule(
        "VEIL-006",
        "Pair disagrees",
        "Absence of records",
        Scope.LINK,
        True,
        disagreement,
        meaning="the two sides of a pair differ in amount or class (error), or lie too far apart "
        "or in two months (warning). Two currencies are compared at a price of the pair's own "
        "entries, wherever it stands, and may differ by 0.5 % of the larger side",
        cure="correct the wrong side, or book the difference, such as a wire fee, where it arose; "
        "over a month end use the in-transit account",
        reference="ASC 810-10-45-1: what does not agree cannot be eliminated",
        looks_at=crosses,
    ),
    Rule(
        "VEIL-007",
        "No class",
        _CLASS,
        Scope.LINK,
        True,
        unclassified,
        meaning="a crossing has no transfer: class, or an unknown one",
        cure="name the class on both sides, with the paper that it needs",
        reference="Estate of Mixon v. United States, 464 F.2d 394 (5th Cir. 1972)",
        looks_at=crosses,
    ),
)
