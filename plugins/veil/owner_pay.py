"""What owners are paid, and as what: that depends on how the company is taxed.

IRC 707(c); Rev. Rul. 69-184: no wages to partners; Watson v. United States, 668 F.3d 1008 (8th Cir.
2012): an officer who takes distributions of an S corporation takes reasonable wages first.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from beancount.core import data

from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape
from core.period import fiscal_year_of
from plugins.rule import Rule, Scope, about, described
from plugins.veil.declared import accounts_of_roles, dealings
from plugins.veil.evidence import has_evidence
from plugins.veil.transfers import entities_of, is_mixed, posting_party

_FACTOR = "Failure of formalities; disguised distribution"
_PAY = frozenset({"payroll", "guaranteed-payment", "distribution"})
_PAYROLL = frozenset({"payroll"})
_DISTRIBUTIONS = frozenset({"distribution", "tax-distribution", "dividend"})
_TAKEN = _PAY | _DISTRIBUTIONS
# What an owner is credited with; the roles of the side that is paid.
_INCOME = frozenset({"invest-in", "distribution-income", "guaranteed-payment-income"})
# An Indian company, too, pays its owners dividends only (the class matrix).
_CORPORATIONS = {"c-corp", "india-company"}


def wrong_kind(books: Books) -> Iterator[Finding]:
    """VEIL-023: wages to a partner, pay to the owner of a disregarded company, distributions of an
    S corporation to an officer without wages, and of a corporation that are no dividends."""
    officers = _Officers(books)
    for txn in books.transactions:
        if not may_be_pay(txn, books) or is_mixed(txn, books) or _is_paid(txn, books):
            continue
        (entity,) = entities_of(txn, books)
        tax_class = books.registry.entities[entity].tax_class
        if tax_class == "partnership":
            yield from _of_partnership(txn, entity, books)
        elif tax_class == "disregarded":
            yield from _of_disregarded(txn, entity, books)
        elif tax_class == "s-corp":
            officers.add(txn, entity)
        elif tax_class in _CORPORATIONS:
            yield from _of_corporation(txn, entity, books)
    yield from officers.without_wages()


def looks_at(shape: Shape, books: Books) -> bool:
    """What has a class, or accounts of pay, in a company's books."""
    said = "transfer" in shape.keys or not _PAY.isdisjoint(shape.roles(books))
    return said and shape.has_company(books)


def may_be_pay(txn: data.Transaction, books: Books) -> bool:
    """Pay and distributions of companies."""
    if not is_pay(txn, books):
        return False
    return any(not books.registry.entities[e].is_person for e in entities_of(txn, books))


def is_pay(txn: data.Transaction, books: Books) -> bool:
    """Whether an entry is pay or a distribution, by its class or by the role of an account."""
    if txn.meta.get("transfer") in _TAKEN:
        return True
    asked = accounts_of_roles(_PAY, books)
    return any(posting.account in asked for posting in txn.postings)


def is_payroll(txn: data.Transaction, books: Books) -> bool:
    """Whether an entry is payroll, by its class or by the role of an account."""
    if txn.meta.get("transfer") == "payroll":
        return True
    wages = accounts_of_roles(_PAYROLL, books)
    return any(posting.account in wages for posting in txn.postings)


def recipients(txn: data.Transaction, entity: str, books: Books) -> list[str]:
    """The owners of the entity on that day whom the entry pays: it names them as payee, by their
    name or legal name, or as counterparty."""
    named = {posting_party(posting, books).casefold() for posting in txn.postings}
    for said in (txn.payee, txn.meta.get("counterparty")):
        if isinstance(said, str):
            named.add(said.strip().casefold())
    named.discard("")
    return [
        owner for owner in books.registry.owners(entity, txn.date) if named & _names(owner, books)
    ]


def _names(owner: str, books: Books) -> set[str]:
    known = books.registry.named(owner)
    return {
        owner.casefold(),
        *([known.legal_name.casefold()] if known and known.legal_name else []),
    }


def _is_paid(txn: data.Transaction, books: Books) -> bool:
    """Whether it is the side of a company that is paid as another's owner: the payer's side is
    judged."""
    return any(
        books.role(p.account) in _INCOME and p.units and (p.units.number or Decimal(0)) < 0
        for p in txn.postings
    )


def _is_guaranteed(txn: data.Transaction, books: Books) -> bool:
    return txn.meta.get("transfer") == "guaranteed-payment" or any(
        books.role(posting.account) == "guaranteed-payment" for posting in txn.postings
    )


def _of_partnership(txn: data.Transaction, entity: str, books: Books) -> Iterator[Finding]:
    if is_payroll(txn, books) and (owners := recipients(txn, entity, books)):
        yield _found(
            txn,
            books,
            Severity.ERROR,
            f"{entity} is a partnership and pays its partner {owners[0]} wages, {described(txn)}; "
            "book a guaranteed payment, or a distribution",
            "the operating agreement's clause on the payment",
        )
    if _is_guaranteed(txn, books) and not has_evidence(txn, books, ("agreement",)):
        yield _found(
            txn,
            books,
            Severity.WARNING,
            f"the guaranteed payment {described(txn)} of {entity} names no agreement: that is "
            "there; add it",
            "the operating agreement's clause on the payment",
        )


def _of_disregarded(txn: data.Transaction, entity: str, books: Books) -> Iterator[Finding]:
    wages = is_payroll(txn, books)
    if not wages and not _is_guaranteed(txn, books):
        return  # nearly always a distribution
    if owners := recipients(txn, entity, books):
        kind = "wages" if wages else "a guaranteed payment"
        yield _found(
            txn,
            books,
            Severity.ERROR,
            f"{entity} is disregarded and pays its owner {owners[0]} {kind}, {described(txn)}; "
            "an owner of such a company takes draws: book a distribution",
            "the resolution of the distribution",
        )


def _of_corporation(txn: data.Transaction, entity: str, books: Books) -> Iterator[Finding]:
    transfer = txn.meta.get("transfer")
    distributes = any(books.role(p.account) == "distribution" for p in txn.postings)
    if transfer == "dividend" or not (distributes or transfer in _DISTRIBUTIONS):
        return
    said = f"is of the class “{transfer}”" if transfer else "has no class"
    yield _found(
        txn,
        books,
        Severity.WARNING,
        f"{entity} is a corporation, and its distribution {described(txn)} {said}; make it "
        'transfer: "dividend" on both sides',
        "the resolution that declares the dividend",
    )


class _Officers:
    """What officers who own an S corporation took in each of its years, and their wages."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._wages: dict[tuple[str, str, dt.date], Decimal] = {}
        self._taken: dict[tuple[str, str, dt.date], Decimal] = {}
        self._last: dict[tuple[str, str, dt.date], data.Transaction] = {}

    def add(self, txn: data.Transaction, entity: str) -> None:
        """An entry of pay or a distribution of the S corporation ``entity``."""
        books = self._books
        year_end = books.registry.entities[entity].fiscal_year_end
        for owner in recipients(txn, entity, books):
            key = (entity, owner, fiscal_year_of(txn.date, year_end).last)
            for posting in txn.postings:
                number = posting.units.number if posting.units else None
                role = books.role(posting.account)
                sums = {"payroll": self._wages, "distribution": self._taken}.get(role)
                if sums is None or not number or not self._is_for(owner, posting):
                    continue
                sums[key] = sums.get(key, Decimal(0)) + number
                if role == "distribution" and number > 0:
                    self._last[key] = txn

    def _is_for(self, owner: str, posting: data.Posting) -> bool:
        party = posting_party(posting, self._books).casefold()
        return not party or party in _names(owner, self._books)

    def without_wages(self) -> Iterator[Finding]:
        """A finding for each year in which an officer took distributions and no wages; an info
        while the year still runs."""
        for (entity, owner, last), taken in self._taken.items():
            if taken <= 0 or self._wages.get((entity, owner, last), Decimal(0)) > 0:
                continue
            txn = self._last[entity, owner, last]
            if not self._is_officer(entity, owner, last):
                continue
            running = self._books.as_of < last
            yield _found(
                txn,
                self._books,
                Severity.INFO if running else Severity.WARNING,
                f"{owner}, an officer of the S corporation {entity}, took distributions in the "
                f"year to {last} and no wages; run payroll, and keep the study of what is "
                "reasonable pay",
                "the payroll register",
                "the study of reasonable pay",
            )

    def _is_officer(self, entity: str, owner: str, day: dt.date) -> bool:
        """Declared so; and who owns the company alone, for somebody must act for it."""
        owners = self._books.registry.owners(entity, day)
        return dealings(self._books).is_officer(entity, owner, day) or list(owners) == [owner]


def _found(
    txn: data.Transaction, books: Books, severity: Severity, message: str, *wanted: str
) -> Finding:
    return about(
        books,
        txn,
        code="VEIL-023",
        factor=_FACTOR,
        severity=severity,
        message=message,
        evidence=wanted,
    )


RULES = (
    Rule(
        "VEIL-023",
        "Owner pay of the wrong kind",
        _FACTOR,
        Scope.ENTITY,
        True,
        wrong_kind,
        meaning="by the company's tax class: a partnership pays a partner wages (error), or a "
        "guaranteed payment without its agreement: (warning); a disregarded company pays its "
        "owner anything but draws (error); an officer who owns an S corporation took "
        "distributions in a year and no wages (warning; info while the year runs); a corporation "
        'distributes anything but a dividend (warning). Officers are those of custom "employee" '
        "with officer: TRUE, and who owns the company alone",
        cure="reclassify: a draw, a guaranteed payment, or wages; run payroll; keep the study of "
        "reasonable pay",
        reference="IRC 707(c); Rev. Rul. 69-184; Watson v. United States, 668 F.3d 1008 (8th Cir. "
        "2012)",
        looks_at=looks_at,
        looks_closer=may_be_pay,
    ),
)
