"""Agreements between related parties: what one sells, lets or renders to another, and whose asset.

Using another's assets as one's own is the fourth factor of Sea-Land v. Pepper Source, 941 F.2d 519
(7th Cir. 1991); Reg. 1.482 and, for an owner's rent, IRC 280A and 162 ask for a price on paper.
"""

import datetime as dt
from collections.abc import Iterator

from beancount.core import data

from core.dealings import Allocation, Lease
from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape
from plugins.rule import Rule, Scope, about, described
from plugins.veil.declared import dealings
from plugins.veil.evidence import evidence, has_evidence
from plugins.veil.transfers import is_half_unseen, is_mixed, pair_links, parties

_FACTOR = "Treating another's assets as own; no arm's-length dealing"
_CLASSES = {"rent", "service", "sale"}


def no_contract(books: Books) -> Iterator[Finding]:
    """VEIL-026: rent, service or sale without agreement and invoice, or an asset of another entity
    whose costs are borne without a lease."""
    told: set[int] = set()
    for txn in books.transactions:
        if txn.meta.get("transfer") not in _CLASSES or id(txn) in told:
            continue
        if is_half_unseen(txn, books):
            continue
        if parties(txn, books) and not is_mixed(txn, books):
            sides = _sides(txn, books)
            told.update(map(id, sides))
            yield from _without_contract(txn, sides, books)
    used: dict[int, Lease] = {}
    for txn in books.transactions:
        if may_need_contract(txn, books) and not is_mixed(txn, books):
            yield from _assets(txn, used, books)
    for lease in used.values():
        if not is_on_paper(lease, books):
            yield not_on_paper("VEIL-026", _FACTOR, f"the lease of {lease.asset}", lease, books)


def looks_at(shape: Shape, _: Books) -> bool:
    """What has a class, or names an asset."""
    return not shape.keys.isdisjoint({"transfer", "asset"})


def may_need_contract(txn: data.Transaction, _: Books) -> bool:
    """Dealings of these classes, and whatever names an asset."""
    if txn.meta.get("transfer") in _CLASSES or "asset" in txn.meta:
        return True
    return any("asset" in (posting.meta or ()) for posting in txn.postings)


def _sides(txn: data.Transaction, books: Books) -> list[data.Transaction]:
    """The entries of the pair, as far as they are of these classes."""
    found = {id(txn): txn}
    for link in pair_links(txn):
        for other in books.by_link[link]:
            if other.meta.get("transfer") in _CLASSES:
                found[id(other)] = other
    return list(found.values())


def _without_contract(
    txn: data.Transaction, sides: list[data.Transaction], books: Books
) -> Iterator[Finding]:
    agreed = any(has_evidence(side, books, ("agreement",)) for side in sides)
    invoiced = any(str(side.meta.get("invoice") or "").strip() for side in sides)
    missing = [key for key, there in (("agreement", agreed), ("invoice", invoiced)) if not there]
    if not missing:
        return
    wanted = {
        "agreement": "the contract with its price basis",
        "invoice": "the invoice of the month",
    }
    yield about(
        books,
        txn,
        code="VEIL-026",
        factor=_FACTOR,
        severity=Severity.WARNING if len(missing) > 1 else Severity.INFO,
        message=f"{described(txn)}, {txn.meta.get('transfer')} between related parties, has no "
        f"{' and no '.join(missing)}; add {' and '.join(f'{key}:' for key in missing)}",
        evidence=tuple(wanted[key] for key in missing),
    )


def _assets(txn: data.Transaction, used: dict[int, Lease], books: Books) -> Iterator[Finding]:
    """The entry's expenses for assets that are another entity's and not let to its own. The leases
    that allow it are put into ``used``."""
    declared = dealings(books)
    told: set[tuple[str, str]] = set()
    for posting in txn.postings:
        code = (posting.meta or {}).get("asset") or txn.meta.get("asset")
        user = books.registry.ent(posting.account)
        if not isinstance(code, str) or not user or not posting.account.startswith("Expenses:"):
            continue
        owner = declared.owner_of_asset(code, txn.date)
        if not owner or owner.casefold() == user.casefold() or (code, user) in told:
            continue
        lease = next((x for x in declared.leases if _lets(x, code, owner, user, txn.date)), None)
        if lease is not None:
            used[id(lease)] = lease
            continue
        told.add((code, user))
        yield about(
            books,
            txn,
            code="VEIL-026",
            factor=_FACTOR,
            severity=Severity.WARNING,
            message=f"{user} bears {described(txn)} for {code}, which is {owner}'s, and no lease "
            f"covers {txn.date}; add the lease, or have {owner} bear it",
            evidence=(f"the lease of {code} from {owner} to {user}",),
        )


def _lets(lease: Lease, code: str, owner: str, user: str, day: dt.date) -> bool:
    who = (lease.lessor.casefold(), lease.lessee.casefold())
    return lease.asset == code and who == (owner.casefold(), user.casefold()) and lease.covers(day)


def is_on_paper(declared: Allocation | Lease, books: Books) -> bool:
    """Whether a declaration names a document that is there."""
    custom = data.Custom(dict(declared.meta), dt.date.min, "", [])
    return bool(evidence(custom, books, ("document", "agreement")))


def not_on_paper(
    code: str, factor: str, what: str, declared: Allocation | Lease, books: Books
) -> Finding:
    """The warning about a declaration that names no document."""
    file, line = books.place(declared.meta)
    message = f"{what} names no document: that is there; file the signed agreement"
    return Finding(
        code,
        Severity.WARNING,
        message,
        factor=factor,
        entities=tuple(sorted(declared.parties)),
        date=declared.date,
        file=file,
        line=line,
        evidence=("the signed agreement",),
    )


RULES = (
    Rule(
        "VEIL-026",
        "Related parties without a contract",
        _FACTOR,
        Scope.EVERYTHING,
        True,
        no_contract,
        meaning="a pair of the class rent, service or sale names neither agreement: (a file that "
        "is there) nor invoice: on either side (warning; one of the two missing is an info); or "
        'an entity has an expense with asset: for what custom "asset" says is another\'s, and no '
        'custom "lease" from that one covers the day, or the lease has no document (warning)',
        cure="a lease or service agreement with its price basis, and an invoice for each month",
        reference="Sea-Land Services v. Pepper Source, 941 F.2d 519 (7th Cir. 1991); Reg. 1.482; "
        "IRC 280A, 162",
        looks_at=looks_at,
        looks_closer=may_need_contract,
    ),
)
