"""What books that know nothing of Bulkhead lack to be kept with it. Nothing is changed.

The report goes by facts in the ledger, never by what an account's name may mean: who owns an
account is its second component where that is used consistently, and an account with a bank behind
it is one whose balance somebody asserts.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from beancount.core import data

from core.findings import Finding
from core.journal.books import Books

_SHOWN = 5
# A component under at least this many of the five kinds of account names an owner.
_ROOTS_OF_AN_OWNER = 3


@dataclass(frozen=True)
class Lack:
    """One thing that is missing: how often, some of its places, and what to do about it."""

    what: str
    count: int
    examples: tuple[str, ...]
    todo: str


@dataclass(frozen=True)
class Adoption:
    """What a ledger is, what is wrong with it already, and what it lacks, in the order to mend."""

    transactions: int
    first: dt.date | None
    last: dt.date | None
    accounts: int
    currencies: tuple[str, ...]
    files: int
    findings: tuple[Finding, ...]
    owners: tuple[str, ...]
    lacks: tuple[Lack, ...]


def adoption(books: Books) -> Adoption:
    """The report on ``books``, which were read without running plugins that are not allowed."""
    dates = [txn.date for txn in books.transactions]
    owners = _owners(books)
    lacks = [
        lack
        for lack in (
            *_entities(books, owners),
            _crossings(books, owners),
            _bank_facts(books),
            _statement_lines(books),
            _doorway(books),
            _identity(books),
        )
        if lack
    ]
    return Adoption(
        transactions=len(dates),
        first=min(dates, default=None),
        last=max(dates, default=None),
        accounts=len(_opens(books)),
        currencies=_currencies(books),
        files=len(books.files),
        findings=books.findings,
        owners=owners,
        lacks=tuple(lacks),
    )


def _opens(books: Books) -> list[data.Open]:
    return [entry for entry in books.entries if isinstance(entry, data.Open)]


def _second(account: str) -> str:
    return account.split(":")[1]


def _owners(books: Books) -> tuple[str, ...]:
    """The registered entities; without any, the second components that look like owners."""
    if books.registry.entities:
        return tuple(books.registry.entities)
    roots: dict[str, set[str]] = {}
    for entry in _opens(books):
        roots.setdefault(_second(entry.account), set()).add(entry.account.split(":")[0])
    return tuple(sorted(n for n, found in roots.items() if len(found) >= _ROOTS_OF_AN_OWNER))


def _currencies(books: Books) -> tuple[str, ...]:
    """Every currency posted, the most frequent first."""
    units = (p.units for txn in books.transactions for p in txn.postings)
    found = Counter(amount.currency for amount in units if amount is not None)
    return tuple(currency for currency, _ in found.most_common())


def _entities(books: Books, owners: Sequence[str]) -> Iterator[Lack]:
    opens = _opens(books)
    nobodys = [entry.account for entry in opens if _second(entry.account) not in owners]
    start = min((entry.date for entry in opens), default=None)
    if not books.registry.entities and start:
        names = owners or ("Me",)
        said = "\n".join(f'{start} custom "entity" "{name}" "person"' for name in names)
        yield Lack(
            "no owner of books is registered",
            len(names),
            tuple(owners[:_SHOWN]),
            f'register each, a company as "llc", in ledger/registry.beancount:\n{said}',
        )
    if nobodys:
        name = owners[0] if owners else "Me"
        renamed = [f"{a} → {_owned(a, name)}" for a in nobodys[:_SHOWN]]
        yield Lack(
            "accounts do not say whose they are: their second part names no owner",
            len(nobodys),
            tuple(renamed),
            "put the owner second in each name, in every file; the entries stay as they are",
        )


def _owned(account: str, name: str) -> str:
    root, _, rest = account.partition(":")
    return f"{root}:{name}:{rest}"


def _crossings(books: Books, owners: Sequence[str]) -> Lack | None:
    found = [
        txn
        for txn in books.transactions
        if len({s for p in txn.postings if (s := _second(p.account)) in owners}) > 1
    ]
    return _lack(
        "transactions post to two owners at once",
        [_told(txn, books) for txn in found],
        "split each into a pair: one transaction for each owner, with the same ^ic- link",
    )


def _bank_facts(books: Books) -> Lack | None:
    asserted = {e.account for e in books.entries if isinstance(e, data.Balance)}
    wanting = [
        entry.account
        for entry in _opens(books)
        if entry.account in asserted
        and entry.account.startswith(("Assets:", "Liabilities:"))
        and not {"role", "account-id", "title-holder"} <= (entry.meta or {}).keys()
    ]
    return _lack(
        "accounts with balance assertions do not say which bank account they are",
        wanting,
        'give their open directives role: "bank" (or "card"), account-id: "chase-4411" and '
        "title-holder: with the legal name of the owner",
    )


def _statement_lines(books: Books) -> Lack | None:
    wanting = [
        entry.account
        for entry in _opens(books)
        if (known := books.accounts.get(entry.account)) and not known.line
    ]
    return _lack(
        "accounts have no line on the statements",
        wanting,
        'give them, or a parent account, line: "cash-and-equivalents" and the like; '
        "docs/books.md lists the lines",
    )


def _doorway(books: Books) -> Lack | None:
    if any(name == "bulkhead.veil" for name, _ in books.options["plugin"]):
        return None
    return Lack(
        "the root does not ask for the rules, so bean-check and Fava do not run them",
        1,
        (books.relative(str(books.root)),),
        'add to the root file: plugin "bulkhead.veil" "entity" ("group" where it holds several)',
    )


def _identity(books: Books) -> Lack | None:
    asserted = {e.account for e in books.entries if isinstance(e, data.Balance)}
    found = [
        txn
        for txn in books.transactions
        if any(p.account in asserted and "id" not in (p.meta or {}) for p in txn.postings)
    ]
    last = max((txn.date for txn in found), default=None)
    return _lack(
        "bank lines carry no id, so an import cannot know them again",
        [_told(txn, books) for txn in found],
        f"begin importing with lines after {last}; what stands before is left alone",
    )


def _lack(what: str, places: Sequence[str], todo: str) -> Lack | None:
    return Lack(what, len(places), tuple(places[:_SHOWN]), todo) if places else None


def _told(txn: data.Transaction, books: Books) -> str:
    file, line = books.where(txn)
    return f"{file}:{line} {txn.date} {txn.payee or ''} {txn.narration or ''}".rstrip()
