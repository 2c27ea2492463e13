"""Shared costs: an invoice or a vendor of two companies needs a key that both have agreed to.

One entity's staff, premises or money used as another's without an agreement is what GreenHunter v.
Western Ecosystems, 2014 WY 144, is about; Reg. 1.482-9 asks for arm's length.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from beancount.core import convert, data

from core.dealings import Allocation
from core.findings import Finding, Severity
from core.journal.books import GROUP, Books
from core.journal.shape import Shape
from core.money import at_cents, round_half_up
from plugins.rule import Rule, Scope, about, described
from plugins.veil.agreements import is_on_paper, not_on_paper
from plugins.veil.declared import dealings, worth
from plugins.veil.transfers import (
    entities_of,
    is_half_unseen,
    is_mixed,
    pair_links,
    parties,
    posting_party,
)

_SHARED = "Commingling; treating another entity's assets as own"
_RECHARGES = {"service", "expense-on-behalf"}
_MONTH = dt.timedelta(days=31)
_COST_ROLES = {"fixed-asset", "inventory"}


def shared_cost(books: Books) -> Iterator[Finding]:
    """VEIL-022: one invoice or one vendor in two companies, or a cost passed on between two,
    without a key for it; or shares that are not those of the key.

    Only the group's books show both sides.
    """
    if books.kind != GROUP:
        return
    looked_at = [txn for txn in books.transactions if may_share(txn, books)]
    by_link: dict[str, list[data.Transaction]] = {}
    for txn in looked_at:
        for link in pair_links(txn):
            by_link.setdefault(link, []).append(txn)
    yield from _invoices(looked_at, by_link, books)
    yield from _vendors(looked_at, by_link, books)
    yield from _recharges(by_link, books)
    yield from _keys(looked_at, by_link, books)


def looks_at(shape: Shape, books: Books) -> bool:
    """A company's invoices, allocations and classes; all that it buys where there are vendors."""
    said = not shape.keys.isdisjoint({"invoice", "allocation", "transfer"})
    return (said or bool(dealings(books).vendors)) and shape.has_company(books)


def may_share(txn: data.Transaction, books: Books) -> bool:
    """Entries of a company with an invoice or an allocation, recharges, and costs of vendors that
    are one entity's."""
    meta = txn.meta
    if not ("invoice" in meta or "allocation" in meta or meta.get("transfer") in _RECHARGES):
        declared = dealings(books)
        if not declared.vendors or "" in (declared.entities_of_vendor(txn.payee or "") or {""}):
            return False
    return not is_mixed(txn, books) and bool(_company(txn, books))


def _company(txn: data.Transaction, books: Books) -> str:
    """The company whose entry it is; an empty string for a person's."""
    for name in entities_of(txn, books):
        return "" if books.registry.entities[name].is_person else name
    return ""


def _text(txn: data.Transaction, key: str) -> str:
    value = txn.meta.get(key)
    return value.strip() if isinstance(value, str) else ""


def _costs(txn: data.Transaction, books: Books) -> list[data.Posting]:
    """The postings that say that the cost is the entity's own."""
    return [
        posting
        for posting in txn.postings
        if posting.units
        and posting.units.number
        and (posting.account.startswith("Expenses:") or books.role(posting.account) in _COST_ROLES)
    ]


def _has_key(txns: Sequence[data.Transaction], by_link: dict[str, list[data.Transaction]]) -> bool:
    """Whether one of the entries, or of those that they are paired with, names an allocation."""
    near = [*txns, *(other for txn in txns for link in pair_links(txn) for other in by_link[link])]
    return any(_text(txn, "allocation") for txn in near)


def _months(txns: list[data.Transaction]) -> Iterator[list[data.Transaction]]:
    """Runs of entries of which each is within a month of the one before."""
    run: list[data.Transaction] = []
    for txn in txns:  # in date order
        if run and txn.date - run[-1].date > _MONTH:
            yield run
            run = []
        run.append(txn)
    if run:
        yield run


def _invoices(
    txns: list[data.Transaction], by_link: dict[str, list[data.Transaction]], books: Books
) -> Iterator[Finding]:
    """One invoice of one payee as a cost of two companies."""
    for same in _by_invoice(txns, books).values():
        for run in _months([txn for txn in same if _costs(txn, books)]):
            companies = sorted({_company(txn, books) for txn in run})
            if len(companies) > 1 and not _has_key(run, by_link):
                yield _shared(
                    run[-1],
                    books,
                    f"invoice {_text(run[-1], 'invoice')} of {described(run[-1])} is a cost of "
                    f"{' and of '.join(companies)}; name the key: allocation: on the entries",
                    companies,
                )


def _by_invoice(
    txns: list[data.Transaction], books: Books
) -> dict[tuple[str, str], list[data.Transaction]]:
    found: dict[tuple[str, str], list[data.Transaction]] = {}
    for txn in txns:
        payee, invoice = dealings(books).payee(txn.payee or ""), _text(txn, "invoice")
        if payee and invoice:
            found.setdefault((payee, invoice.casefold()), []).append(txn)
    return found


def _vendors(
    txns: list[data.Transaction], by_link: dict[str, list[data.Transaction]], books: Books
) -> Iterator[Finding]:
    """A vendor that is on one company's list, and a cost of another company in the same month."""
    by_payee: dict[str, list[data.Transaction]] = {}
    for txn in txns:
        if txn.payee and _costs(txn, books):
            by_payee.setdefault(dealings(books).payee(txn.payee), []).append(txn)
    for payee, same in by_payee.items():
        entities = dealings(books).entities_of_vendor(payee)
        if len(entities) != 1 or "" in entities:
            continue
        (owner,) = ((e.name if (e := books.registry.named(n)) else n) for n in entities)
        for run in _months(same):
            companies = sorted({_company(txn, books) for txn in run})
            others = [txn for txn in run if _company(txn, books) != owner]
            if owner in companies and others and not _has_key(run, by_link):
                other = _company(others[-1], books)
                yield _shared(
                    others[-1],
                    books,
                    f"{described(others[-1])} is a vendor of {owner} and a cost of {other} in the "
                    f"same month; name the key (allocation:), or register it as {other}'s vendor",
                    companies,
                )


def _recharges(by_link: dict[str, list[data.Transaction]], books: Books) -> Iterator[Finding]:
    """A pair between companies that passes a cost on without a key."""
    told: set[int] = set()
    for _, txns in sorted(by_link.items()):
        sides = [t for t in txns if t.meta.get("transfer") in _RECHARGES and _is_between(t, books)]
        if not sides or id(sides[0]) in told or _has_key(sides, by_link):
            continue
        if is_half_unseen(sides[0], books):
            continue
        told.update(map(id, sides))
        names = sorted(
            {_company(t, books) for t in sides}.union(*(parties(t, books) for t in sides))
        )
        yield _shared(
            sides[0],
            books,
            f"{described(sides[0])} passes a cost on between {' and '.join(names)} without a key; "
            'name it: allocation: "…" (one of 100 % will do)',
            sorted({_company(t, books) for t in sides}),
        )


def _is_between(txn: data.Transaction, books: Books) -> bool:
    """Whether all whom the company's entry names are companies, too."""
    named = parties(txn, books) - {_company(txn, books)}
    known = [books.registry.named(name) for name in named]
    return bool(known) and not any(entity and entity.is_person for entity in known)


def _keys(
    txns: list[data.Transaction], by_link: dict[str, list[data.Transaction]], books: Books
) -> Iterator[Finding]:
    """Costs that are shared by a key: it is there, it is on paper, and the shares are its own."""
    seen: set[int] = set()
    without_paper: set[int] = set()
    invoices = _by_invoice(txns, books)
    for txn in sorted(txns, key=lambda t: not _text(t, "invoice")):
        code = _text(txn, "allocation")
        if not code or id(txn) in seen:
            continue
        key = dealings(books).allocation(code, txn.date)
        if key is None:
            seen.add(id(txn))
            yield _shared(
                txn,
                books,
                f"{described(txn)} names the key {code}, which nothing declares on {txn.date}; "
                f'add custom "allocation" "{code}" with its shares and document:',
                (),
            )
            continue
        if id(key) not in without_paper and not is_on_paper(key, books):
            without_paper.add(id(key))
            yield not_on_paper("VEIL-022", _SHARED, f"the key {code}", key, books)
        invoice = (dealings(books).payee(txn.payee or ""), _text(txn, "invoice").casefold())
        same = [
            t
            for t in invoices.get(invoice, [txn])
            if abs(t.date - txn.date) <= _MONTH and _text(t, "allocation") in {"", code}
        ]
        event = {id(t): t for t in same}
        for each in same:
            event.update((id(t), t) for link in pair_links(each) for t in by_link[link])
        seen |= event.keys()
        yield from _shares(list(event.values()), txn, key, books)


def _shares(
    event: list[data.Transaction], txn: data.Transaction, key: Allocation, books: Books
) -> Iterator[Finding]:
    """What each entity bears of the cost, against its percentage.

    The shares of a service are not in its pair: what it cost the one who renders it is elsewhere.
    """
    if any(t.meta.get("transfer") == "service" for t in event):
        return
    borne, rates = _borne(event, books)
    if borne is None:
        yield _shared(
            txn,
            books,
            f"the shares of {described(txn)} by the key {key.code} are in two currencies, and "
            f"there is no price on {txn.date} to compare them; add it",
            sorted({_company(t, books) for t in event}),
        )
        return
    total = sum(borne.values(), Decimal(0))
    # A cent for each who shares; half a percent where two currencies are compared at a price.
    tolerance = Decimal("0.01") * len(key.shares)
    tolerance += abs(total) * Decimal("0.005") if rates else 0
    wanted = {_registered(name, books): total * share / 100 for name, share in key.shares.items()}
    off = [
        f"{name} bears {at_cents(round_half_up(borne.get(name, Decimal(0))))} instead of "
        f"{at_cents(round_half_up(wanted.get(name, Decimal(0))))}"
        for name in sorted(wanted.keys() | borne.keys())
        if abs(wanted.get(name, Decimal(0)) - borne.get(name, Decimal(0))) > tolerance
    ]
    if off:
        yield _shared(
            txn,
            books,
            f"{described(txn)} is not shared as the key {key.code} says: {'; '.join(off)}; correct "
            "the shares, or agree on another key",
            sorted({_company(t, books) for t in event}),
        )


def _registered(name: str, books: Books) -> str:
    entity = books.registry.named(name)
    return entity.name if entity else name


def _borne(event: list[data.Transaction], books: Books) -> tuple[dict[str, Decimal] | None, bool]:
    """The cost that each entity bears in one currency (None: no price), and whether a price was
    needed. Whose half is not there bears what the others say that it owes them."""
    borne: dict[str, Decimal] = {}
    own = {_company(txn, books) for txn in event}
    wanted, converted = "", False
    for txn in event:
        company = _company(txn, books)
        bearers = [(company, posting) for posting in _costs(txn, books)]
        for posting in txn.postings:
            party = _registered(posting_party(posting, books), books)
            if party and party not in own and books.role(posting.account) == "due-from":
                bearers.append((party, posting))
        for bearer, posting in bearers:
            weight = convert.get_weight(posting)
            wanted = wanted or weight.currency
            converted = converted or weight.currency != wanted
            number = worth(weight.number, weight.currency, wanted, txn.date, books)
            if number is None:
                return None, True
            borne[bearer] = borne.get(bearer, Decimal(0)) + number
    return borne, converted


def _shared(txn: data.Transaction, books: Books, message: str, entities: Sequence[str]) -> Finding:
    found = about(
        books,
        txn,
        code="VEIL-022",
        factor=_SHARED,
        severity=Severity.WARNING,
        message=message,
        evidence=("the signed cost-sharing agreement", "the invoice"),
    )
    return Finding(**{**found.__dict__, "entities": tuple(entities) or found.entities})


RULES = (
    Rule(
        "VEIL-022",
        "Shared cost without a key",
        _SHARED,
        Scope.EVERYTHING,
        True,
        shared_cost,
        meaning="within a month the same invoice of a payee is a cost of two companies, or a "
        "vendor that is on one company's list is a cost of another; or a pair of the class "
        "service or expense-on-behalf between companies names no allocation: on either side; or "
        "the key that it names is not declared, has no document, or is not how the cost is shared "
        "(0.01 for each who shares; 0.5 % more where currencies are compared at the day's price). "
        "The shares of a service are not compared: what it cost is not in its pair",
        cure='custom "allocation" with shares that add up to 100 and the signed agreement as '
        "document:, allocation: on the entries, and a pair for what is passed on",
        reference="GreenHunter Energy v. Western Ecosystems Technology, 2014 WY 144; Reg. 1.482-9",
        looks_at=looks_at,
        looks_closer=may_share,
    ),
)
