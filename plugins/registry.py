"""Findings about the registry itself: who is registered, how, and whether shares add up."""

import datetime as dt
import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from pathlib import PurePosixPath

from beancount.core import data

from core.bills.cards import card_statements_in
from core.bills.matching import recurring_in
from core.budget.ledger import budgets_in
from core.budget.plans import plans_in
from core.codes import Code
from core.dealings import malformed, parties_of
from core.entity import KINDS, ROLES, TAX_CLASSES, is_month_day
from core.findings import Finding, Severity
from core.journal.books import Books
from core.loans.ledger import loans_in
from core.policy import AS_OF, as_of_problem, rule_problems
from core.seal import CLOSE, REOPEN, SOFT, reopened, seal_of
from plugins.veil.formalities import fulfilled_of, obligation_of

_FACTOR = "Absence of records"

CODES = (
    Code(
        "LINT-ENTITY",
        "Account of nobody",
        "an account's second component is no registered entity",
        "correct the name, or register the entity",
        factor=_FACTOR,
    ),
    Code(
        "LINT-REGISTRY",
        "Registry that means nothing",
        "a directive of the registry or policy is malformed, shares do not sum to 100, or an "
        "account has a role or counterparty that is none",
        "correct the directive",
        factor=_FACTOR,
    ),
)


def registry_findings(books: Books, codes: Collection[str]) -> Iterator[Finding]:
    """LINT-ENTITY for accounts of nobody, LINT-REGISTRY for directives that mean nothing; ``codes``
    are those of the rules that policy may name."""
    yield from _unregistered(books)
    yield from _directives(books, codes)
    yield from _shares(books)
    yield from _account_facts(books)


def _found(books: Books, code: str, message: str, meta: data.Meta, day: dt.date | None) -> Finding:
    return Finding(
        code,
        Severity.ERROR,
        message,
        factor=_FACTOR,
        date=day,
        file=books.relative(str(meta.get("filename", ""))),
        line=int(meta.get("lineno", 0)),
    )


def _near(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _roles() -> str:
    return f" ({', '.join(sorted(ROLES))})"


def _unregistered(books: Books) -> Iterator[Finding]:
    known = list(books.registry.entities)
    opens = [e for e in books.standing if isinstance(e, data.Open)]
    if not known and opens:
        message = 'no entity is registered: add a custom "entity" directive for each owner of books'
        yield _found(books, "LINT-ENTITY", message, opens[0].meta, opens[0].date)
        return
    for entry in opens:
        if books.registry.ent(entry.account) is None:
            part = entry.account.split(":")[1]
            message = f"{entry.account}: “{part}” is no registered entity{_near(part, known)}"
            yield _found(books, "LINT-ENTITY", message, entry.meta, entry.date)


def _directives(books: Books, codes: Collection[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for entry in books.standing:
        if not isinstance(entry, data.Custom):
            continue
        values = [value.value for value in entry.values]
        if entry.type == "veil-rule":
            found = rule_problems(entry, codes)
        else:
            found = _directive_problems(entry, values, seen, books)
        for problem in found:
            yield _found(books, "LINT-REGISTRY", problem, entry.meta, entry.date)
    problems = (
        loans_in(books).declared,
        budgets_in(books),
        plans_in(books),
        recurring_in(books),
        card_statements_in(books),
    )
    for entry, problem in (each for found in problems for each in found.problems):
        yield _found(books, "LINT-REGISTRY", problem, entry.meta, entry.date)


def _directive_problems(
    entry: data.Custom, values: list[object], seen: set[str], books: Books
) -> Iterator[str]:
    if entry.type == "entity":
        if len(values) != 2 or not all(isinstance(value, str) for value in values):
            yield 'an entity is written: custom "entity" "Acme" "llc"'
            return
        name, kind = str(values[0]), str(values[1])
        yield from _entity_problems(entry, kind)
        if name in seen:
            yield f"the entity {name} is registered twice"
        seen.add(name)
        yield from _shared_folder(name, books)
    elif entry.type == "ownership":
        if len(values) != 3 or not isinstance(values[2], Decimal):
            yield 'an ownership is written: custom "ownership" "Acme" "Jane" 60.00'
            return
        for named in map(str, values[:2]):
            if named not in books.registry.entities:
                yield f"“{named}” is no registered entity{_near(named, list(seen))}"
    elif entry.type in {"personal-payee", AS_OF}:
        yield from _policy_problems(entry, values)
    elif entry.type in _READERS:
        yield from _unreadable(entry, str(values[0]) if values else "", books)
    else:
        yield from _dealing_problems(entry, books)


def _policy_problems(entry: data.Custom, values: list[object]) -> Iterator[str]:
    if entry.type == AS_OF:
        if problem := as_of_problem(entry):
            yield problem
        return
    try:
        re.compile(str(values[1]))
    except (IndexError, re.error):
        yield 'written: custom "personal-payee" "Acme" "regular expression"'


def _dealing_problems(entry: data.Custom, books: Books) -> Iterator[str]:
    """Vendors, employees, allocations, assets and leases."""
    if problem := malformed(entry):
        yield problem
    known = list(books.registry.entities)
    for named in parties_of(entry):
        if books.registry.named(named) is None:
            yield f"“{named}” is no registered entity{_near(named, known)}"


def _entity_problems(entry: data.Custom, kind: str) -> Iterator[str]:
    if kind not in KINDS:
        yield f"“{kind}” is no kind of entity{_near(kind, list(KINDS))} ({', '.join(KINDS)})"
    tax = entry.meta.get("tax-class")
    if tax and tax not in TAX_CLASSES:
        yield f"“{tax}” is no tax class ({', '.join(TAX_CLASSES)})"
    year_end = entry.meta.get("fiscal-year-end")
    if year_end and not is_month_day(year_end):
        yield f'“{year_end}” is no end of a fiscal year; it is written "12-31"'


# Directives of an entity, each with who reads it: a ValueError says what it lacks.
_READERS: Mapping[str, Callable[[data.Custom], object]] = {
    CLOSE: seal_of,
    SOFT: seal_of,
    REOPEN: reopened,
    "obligation": obligation_of,
    "fulfilled": fulfilled_of,
}


def _unreadable(entry: data.Custom, name: str, books: Books) -> Iterator[str]:
    try:
        _READERS[entry.type](entry)
    except ValueError as error:
        yield str(error)
        return
    if name not in books.registry.entities:
        yield f"“{name}” is no registered entity{_near(name, list(books.registry.entities))}"


def _shared_folder(name: str, books: Books) -> Iterator[str]:
    """Entries stand by folder: of two entities in one, nobody can tell whose an entry is."""
    mine = PurePosixPath(books.registry.entities[name].folder)
    for other in books.registry.entities.values():
        if other.name == name:
            return  # each two once: the later one is named
        theirs = PurePosixPath(other.folder)
        if mine.is_relative_to(theirs) or theirs.is_relative_to(mine):
            apart = f"{name} keeps its books in {mine}/, {other.name} in {theirs}/"
            yield f'{apart}; give it a "folder:" of its own'


def _shares(books: Books) -> Iterator[Finding]:
    """On every day with a directive, an entity's shares add up to 100."""
    days = sorted({(o.entity, o.date) for o in books.registry.ownerships})
    for entity, day in days:
        shares = books.registry.owners(entity, day)
        total = sum(shares.values(), Decimal(0))
        if total != 100:
            meta = next(
                o.meta for o in books.registry.ownerships if (o.entity, o.date) == (entity, day)
            )
            message = (
                f"the shares of {entity} add up to {total} on {day}, not to 100; correct them, or "
                "add the owner who is missing"
            )
            yield _found(books, "LINT-REGISTRY", message, dict(meta), day)


def _account_facts(books: Books) -> Iterator[Finding]:
    known = list(books.registry.entities)
    for account in books.accounts.values():
        problems = []
        if account.role and account.role not in ROLES:
            problems.append(
                f"“{account.role}” is no role{_near(account.role, sorted(ROLES)) or _roles()}"
            )
        party = account.counterparty
        if party and known and books.registry.named(party) is None:
            problems.append(f"the counterparty “{party}” is not registered{_near(party, known)}")
        for problem in problems:
            message = f"{account.name}: {problem}"
            yield _found(books, "LINT-REGISTRY", message, dict(account.meta), account.opened)
