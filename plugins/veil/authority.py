"""Authority: what passes between a company and its owners was decided before it was done.

Missing formalities alone do not pierce an LLC (RULLCA 304(b)); for corporations they are a factor.
Which papers are there depends on files on disk, so no rule here is of the scope LINK.
"""

from collections.abc import Iterator

from beancount.core import data
from beancount.core.amount import Amount

from core.entity import Entity
from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape
from plugins.rule import Rule, Scope, about, described
from plugins.veil.distributions import CLASSES, is_distribution, may_be_distribution, papers
from plugins.veil.gathering import ZERO, book_value
from plugins.veil.transfers import entities_of, is_mixed, parties

_FACTOR = "Failure of formalities"
_CORPORATIONS = frozenset({"corporation", "india-pvt"})
_DECIDED = CLASSES | {"contribution", "loan-advance", "asset-transfer"}
_OWNING = frozenset({"invest-in", "distribution-income"})
_PAY = "guaranteed-payment"


def without_authority(books: Books) -> Iterator[Finding]:
    """VEIL-014: a company's side of a distribution, contribution, loan, sale of an asset to someone
    related, or change of a guaranteed payment, that no paper of its day or before allows."""
    paid: dict[tuple[str, str], Amount] = {}
    for txn in books.transactions:
        if not may_need_authority(txn, books) or is_mixed(txn, books):
            continue
        entity = _company(txn, books)
        if entity is None or _receives(txn, books):
            continue
        if txn.meta.get("transfer") == _PAY and not _is_change(txn, entity, paid, books):
            continue
        yield from _judged(txn, entity, books)


def looks_at(shape: Shape, books: Books) -> bool:
    """Whatever has a class, and what may be a distribution."""
    return "transfer" in shape.keys or may_be_distribution(shape, books)


def may_need_authority(txn: data.Transaction, books: Books) -> bool:
    """Whether the transaction is of a kind that is decided; what is owned by persons as well."""
    transfer = txn.meta.get("transfer")
    if transfer in _DECIDED or transfer == _PAY:
        return True
    if transfer == "sale":
        return any(books.role(p.account) == "fixed-asset" for p in txn.postings)
    return is_distribution(txn, books)


def _receives(txn: data.Transaction, books: Books) -> bool:
    """Whether it is a company's side of what it is paid as an owner: who pays it decided that."""
    return txn.meta.get("transfer") in CLASSES and any(
        p.units and (p.units.number or ZERO) < 0
        for p in txn.postings
        if books.role(p.account) in _OWNING
    )


def _company(txn: data.Transaction, books: Books) -> Entity | None:
    for name in entities_of(txn, books):
        entity = books.registry.entities[name]
        if not entity.is_person and entity.kind != "elimination":
            return entity
    return None


def _is_change(
    txn: data.Transaction,
    entity: Entity,
    paid: dict[tuple[str, str], Amount],
    books: Books,
) -> bool:
    """Whether a guaranteed payment is another one than the payment before it."""
    numbers = [
        book_value(p) for p in txn.postings if books.role(p.account) == _PAY and p.units is not None
    ]
    if not numbers:
        return False  # the side that receives it
    now = Amount(sum((number for number, _ in numbers), ZERO), numbers[0][1])
    who = entity.name, ", ".join(sorted(parties(txn, books)))
    before = paid.get(who)
    paid[who] = now
    return before is not None and before != now


def _judged(txn: data.Transaction, entity: Entity, books: Books) -> Iterator[Finding]:
    on_file = papers(txn, books)
    in_time = [path for day, path in on_file if day is None or day <= txn.date]
    kind = txn.meta.get("transfer") or "distribution"
    if not on_file:
        named = [str(txn.meta[key]) for key in ("resolution", "agreement") if txn.meta.get(key)]
        said = f"names {named[0]}, which is not there" if named else "has no resolution on file"
        yield _found(txn, entity, f"{said}; file the consent that allowed this {kind}", books)
    elif not in_time:
        day, path = min((day, path) for day, path in on_file if day is not None)
        said = (
            f"was done before {path.name} of {day} allowed it; file what was decided by {txn.date}"
        )
        yield _found(txn, entity, f"{said}, or record it as a ratification with a waiver", books)
    elif _signed_by_beneficiary_alone(txn, entity, books):
        said = f"was approved by {txn.meta['approved-by']} alone, who receives it"
        yield _found(txn, entity, f"{said}; {entity.name} asks for another's approval", books)


def _signed_by_beneficiary_alone(txn: data.Transaction, entity: Entity, books: Books) -> bool:
    """Whether the entity's ``approval: "other"`` is asked for and ``approved-by:`` is nobody else
    than the counterparty."""
    by = txn.meta.get("approved-by")
    if entity.meta.get("approval") != "other" or not isinstance(by, str):
        return False
    own = {name.casefold() for name in parties(txn, books)}
    for name in parties(txn, books):
        known = books.registry.named(name)
        own |= {known.legal_name.casefold()} if known else set()
    signers = {each.strip().casefold() for each in by.split(",") if each.strip()}
    return bool(signers) and signers <= own


def _found(txn: data.Transaction, entity: Entity, said: str, books: Books) -> Finding:
    strict = entity.kind in _CORPORATIONS
    return about(
        books,
        txn,
        code="VEIL-014",
        factor=_FACTOR,
        severity=Severity.ERROR if strict else Severity.WARNING,
        message=f"{entity.name}: {described(txn)} {said}",
        evidence=(f"written consent or minutes dated {txn.date} or before",),
    )


RULES = (
    Rule(
        "VEIL-014",
        "No authority",
        _FACTOR,
        Scope.ENTITY,
        True,
        without_authority,
        meaning="a company's side of a distribution, dividend, contribution, loan advance, asset "
        "sold or moved to a related party, or change of a guaranteed payment has no resolution: or "
        "agreement: on file, or one dated later (by the date in the file's name, else of the "
        'document directive); or, where the entity says approval: "other", only who receives it '
        "approved it (error for corporations, warning for others). A company that is paid as an "
        "owner decides nothing",
        cure="written consent or minutes of the day or before, as a document with the link of "
        "the entry; a late ratification is recorded as what it is, with a waiver",
        reference="RULLCA 105, 404, 304(b)",
        looks_at=looks_at,
        looks_closer=may_need_authority,
    ),
)
