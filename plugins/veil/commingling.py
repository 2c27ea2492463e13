"""Commingling: two entities in one entry, the owner's costs on a company, a shared account.

Courts list commingling and siphoning among the factors of a unity of interest: Sea-Land v. Pepper
Source, 941 F.2d 519 (7th Cir. 1991); DeWitt Truck Brokers v. Flemming Fruit, 540 F.2d 681 (4th Cir.
1976).
"""

import bisect
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from beancount.core import data

from core.entity import Account
from core.findings import Finding, Severity
from core.journal.books import Books
from core.journal.shape import Shape
from core.money import at_cents
from plugins.rule import Rule, Scope, about, described
from plugins.veil.cures import on_behalf, other_class
from plugins.veil.remedies.accounts import with_openings
from plugins.veil.splitting import split_between
from plugins.veil.transfers import entities_of, is_mixed, posting_party

_COMMINGLING = "Commingling; treating another entity's assets as own"
_SIPHONING = "Siphoning; commingling"
_SEA_LAND = "Sea-Land Services v. Pepper Source, 941 F.2d 519 (7th Cir. 1991)"


def two_entities(books: Books) -> Iterator[Finding]:
    """VEIL-001: one transaction posts to two entities. Eliminations live in their own file."""
    for txn in books.transactions:
        entities = sorted(entities_of(txn, books))
        if len(entities) < 2 or is_elimination(txn):
            continue
        yield about(
            books,
            txn,
            code="VEIL-001",
            factor=_COMMINGLING,
            message=f"{described(txn)} posts to {' and '.join(entities)} in one transaction; "
            "split it into a pair",
            evidence=("the class of the transfer, and the paper it needs",),
            fix=with_openings(split_between(txn, entities, books), books),
            fix_replaces=True,
        )


def is_of_two(shape: Shape, books: Books) -> bool:
    """Shapes that post to two entities."""
    return len(shape.entities(books)) > 1


def is_elimination(txn: data.Transaction) -> bool:
    file = str(txn.meta.get("filename", "")).replace("\\", "/")
    return "elimination" in (txn.tags or ()) and "/eliminations" in file


def personal_cost(books: Books) -> Iterator[Finding]:
    """VEIL-002: a company pays what is its owner's.

    Booked as a distribution or as pay it is in order. Booked as owed by the person it is in order
    while the time to repay runs (``due-from-days``, default 30, the last day included).
    """
    repaid = _Repayments(books)
    for txn in books.transactions:
        if is_mixed(txn, books):
            continue
        for entity in entities_of(txn, books):
            if not books.registry.entities[entity].is_person:
                yield from _personal(txn, entity, books, repaid)


def looks_at(shape: Shape, books: Books) -> bool:
    """What is owed, what accounts or tags call personal, and any payee where policy names some."""
    if shape.tags & {"personal"} or "due-from" in shape.roles(books):
        return True
    known = (books.accounts.get(account) for account in shape.accounts)
    is_personal = any(account and account.personal for account in known)
    return is_personal or (bool(books.policy.personal_payees) and shape.has_company(books))


def may_be_personal(txn: data.Transaction, books: Books) -> bool:
    """Of these: what is called personal, and all that is owed by persons."""
    if any(books.role(posting.account) == "due-from" for posting in txn.postings):
        return True
    return any(_why_personal(txn, entity, books)[0] for entity in entities_of(txn, books))


def _personal(
    txn: data.Transaction, entity: str, books: Books, repaid: "_Repayments"
) -> Iterator[Finding]:
    paid = [p for p in txn.postings if books.role(p.account) in {"bank", "card"} and _is_credit(p)]
    if not paid:
        return
    why, severity = _why_personal(txn, entity, books)
    if not why:
        return
    others = [p for p in txn.postings if not _is_credit(p)]
    roles = {books.role(p.account) for p in others}
    costs = [p for p in others if p.account.startswith("Expenses:")]
    costs = [p for p in costs if books.role(p.account) not in {"payroll", "guaranteed-payment"}]
    if not costs and roles & {"distribution", "payroll", "due-from", "guaranteed-payment"}:
        if "due-from" in roles:
            yield from repaid.overdue(txn, others, entity)
        return
    besides = other_class(txn, books)
    first = f"take it apart from {besides} in the same entry, and " if besides else ""
    number = -sum((p.units.number or Decimal(0) for p in paid if p.units), Decimal(0))
    currency = paid[0].units.currency if paid[0].units else ""
    yield about(
        books,
        txn,
        code="VEIL-002",
        factor=_SIPHONING,
        severity=severity,
        message=f"{entity} paid {at_cents(number)} {currency} to {described(txn)}, {why}; "
        f"{first}book it as a distribution, or as owed by the owner",
        evidence=("the owner's repayment, or the resolution of a distribution",),
        fix=with_openings(_owed_by_owner(txn, entity, costs, books), books),
        fix_replaces=True,
    )


def _is_credit(posting: data.Posting) -> bool:
    return bool(posting.units and posting.units.number and posting.units.number < 0)


def _why_personal(txn: data.Transaction, entity: str, books: Books) -> tuple[str, Severity]:
    for posting in txn.postings:
        account = books.accounts.get(posting.account)
        if account and account.personal:
            return f"on the personal account {account.name}", Severity.ERROR
    if "personal" in (txn.tags or ()):
        return "which is tagged #personal", Severity.ERROR
    if books.policy.is_personal_payee(entity, txn.payee or "", txn.date):
        return "a payee that its policy calls personal", Severity.WARNING
    return "", Severity.INFO


def _owed_by_owner(
    txn: data.Transaction, entity: str, costs: list[data.Posting], books: Books
) -> str:
    """The pair that books the charge as owed by the only owner who keeps books here."""
    owners = [
        owner
        for owner in books.registry.owners(entity, txn.date)
        if owner in books.registry.entities and books.registry.entities[owner].books
    ]
    if len(owners) != 1 or not costs or other_class(txn, books):
        return ""
    return on_behalf(txn, entity, owners[0], costs, books, said="Paid in error")


class _Repayments:
    """What was repaid on each due-from account, oldest debt first, in one pass over the books."""

    def __init__(self, books: Books) -> None:
        self._books = books
        # Running totals: what was repaid up to a day, what was lent up to and with an entry.
        self._repaid: dict[str, tuple[list[dt.date], list[Decimal]]] = {}
        self._lent: dict[tuple[str, int], Decimal] = {}
        lent: dict[str, Decimal] = {}
        for txn in books.transactions:
            for posting in txn.postings:
                if books.role(posting.account) != "due-from" or not posting.units:
                    continue
                number = posting.units.number or Decimal(0)
                if number < 0:
                    days, totals = self._repaid.setdefault(posting.account, ([], []))
                    days.append(txn.date)
                    totals.append((totals[-1] if totals else Decimal(0)) - number)
                elif number > 0:
                    lent[posting.account] = lent.get(posting.account, Decimal(0)) + number
                    self._lent[posting.account, id(txn)] = lent[posting.account]

    def overdue(
        self, txn: data.Transaction, others: list[data.Posting], entity: str
    ) -> Iterator[Finding]:
        """A finding when what the person owes for ``txn`` was not repaid in time."""
        books = self._books
        days = int(books.policy.threshold("VEIL-002", "due-from-days", txn.date, 30))
        due = txn.date + dt.timedelta(days=days)
        if books.as_of <= due:
            return
        for posting in others:
            if books.role(posting.account) != "due-from" or not posting.units:
                continue
            before = self._lent.get((posting.account, id(txn)), Decimal(0))
            paid = self._paid_by(posting.account, due)
            if paid < before:
                short = min(before - paid, posting.units.number or Decimal(0))
                yield about(
                    books,
                    txn,
                    code="VEIL-002",
                    factor=_SIPHONING,
                    message=f"{posting_party(posting, books)} had until {due} to repay {entity} "
                    f"for {described(txn)}; {at_cents(short)} {posting.units.currency} is open",
                    evidence=("the paired repayment",),
                )

    def _paid_by(self, account: str, day: dt.date) -> Decimal:
        """What was repaid up to and with ``day``; repayments settle the oldest debt first."""
        days, totals = self._repaid.get(account, ([], []))
        count = bisect.bisect_right(days, day)
        return totals[count - 1] if count else Decimal(0)


def shared_account(books: Books) -> Iterator[Finding]:
    """VEIL-018: one bank account under two entities, or one that does not say whose it is."""
    holders: dict[str, Account] = {}
    for account in books.accounts.values():
        if account.role not in {"bank", "card"}:
            continue
        entity = books.registry.entities.get(account.entity)
        owner = (entity.legal_name or entity.name) if entity else account.entity
        lines = []
        if not account.account_id:
            lines.append('  account-id: "<institution>-<last four>"')
        if not account.title_holder:
            holder = owner or "<its entity>"
            lines.append(f'  title-holder: "{holder}"')
        if lines:
            missing = " and ".join(line.split(":")[0].strip() for line in lines)
            fix = "\n".join(line for line in lines if "<" not in line)
            yield _account_finding(books, account, f"does not say its {missing}; add it", fix)
        elif entity and account.title_holder.casefold() not in {
            entity.legal_name.casefold() or entity.name.casefold(),
        }:
            message = (
                f"is held by “{account.title_holder}”, not by {owner}; correct the holder, or move "
                "the account to its entity"
            )
            yield _account_finding(books, account, message, "")
        key = account.account_id.casefold()
        first = holders.setdefault(key, account) if key else account
        if first.entity != account.entity:
            message = (
                f"is the same bank account ({account.account_id}) as {first.name}; separate them"
            )
            yield _account_finding(books, account, message, "")


def _account_finding(books: Books, account: Account, message: str, fix: str) -> Finding:
    return Finding(
        "VEIL-018",
        Severity.ERROR,
        f"{account.name} {message}",
        factor=_COMMINGLING,
        entities=(account.entity,) if account.entity else (),
        date=account.opened,
        file=books.relative(str(account.meta.get("filename", ""))),
        line=int(account.meta.get("lineno", 0)),
        evidence=("the bank's statement with the holder's name",),
        fix=fix,
        identity=(account.name, message),
    )


RULES = (
    Rule(
        "VEIL-001",
        "Two entities in one entry",
        _COMMINGLING,
        Scope.LINK,
        False,
        two_entities,
        meaning="one transaction posts to two entities; no waiver holds against it",
        cure="split it into a pair: one transaction for each entity with the same ^ic- link, each "
        "balanced through due-from and due-to, a loan, capital, or income and expense",
        reference=_SEA_LAND,
        looks_at=is_of_two,
    ),
    Rule(
        "VEIL-002",
        "Personal cost of a company",
        _SIPHONING,
        Scope.ENTITY,
        True,
        personal_cost,
        meaning="a company paid something personal, or was not repaid for it within due-from-days "
        "(30); a payee on the personal list is only a warning",
        cure="book it as a distribution, as pay, or as owed by the person, who repays it in time "
        "by a paired entry",
        reference="DeWitt Truck Brokers v. Flemming Fruit, 540 F.2d 681 (4th Cir. 1976)",
        looks_at=looks_at,
        looks_closer=may_be_personal,
    ),
    Rule(
        "VEIL-018",
        "Shared account",
        _COMMINGLING,
        Scope.DECLARED,
        True,
        shared_account,
        meaning="two entities share a bank account, or an account does not say whose it is",
        cure="separate accounts; account-id and title-holder on the open directive",
        reference=f"{_SEA_LAND}; Associated Vendors v. Oakland Meat, 210 Cal. App. 2d 825 (1962)",
    ),
)
