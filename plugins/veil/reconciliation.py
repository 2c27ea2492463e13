"""Reconciliation: each month of each bank and card account is proven by a statement.

Missing records are a factor of their own: Laya v. Erin Homes, 352 S.E.2d 93 (W.Va. 1986). What
proves a month is Beancount's assertion on the day after it, with the statement as evidence::

    2026-02-01 balance Assets:Acme:Bank  500.00 USD
      statement: "documents/statements/2026-01.pdf"
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from beancount.core import data

from core.entity import Account
from core.findings import Finding, Severity
from core.journal.books import Books
from core.period import month_end
from core.seal import seals_of
from plugins.rule import Rule, Scope, about, described
from plugins.veil.evidence import evidence
from plugins.veil.gathering import first_days
from plugins.veil.marks import is_outstanding, may_be_outstanding, says_no

_CODE = "VEIL-020"
_FACTOR = "Absence of records"
_PROVEN = frozenset({"bank", "card"})
_LAG = 20  # days after the month until its statement must be here
_OUTSTANDING = dt.timedelta(days=60)
_DAY = dt.timedelta(days=1)


def unreconciled(books: Books) -> Iterator[Finding]:
    """VEIL-020: a month of a bank or card account that no statement proves; and postings that
    have been outstanding for more than 60 days. In a closed month it is an error."""
    due = _newest_month_due(books)
    seals = seals_of(books.standing)
    for account, last, entry, why in months_unproven(books, due):
        seal = seals.get(account.entity, ())
        is_closed = any(s.period.first <= last <= s.period.last for s in seal)
        yield _found(account, last, why, entry, books, is_closed=is_closed)
    yield from _outstanding(due, books)


def months_unproven(
    books: Books, due: dt.date
) -> Iterator[tuple[Account, dt.date, data.Directive | None, str]]:
    """The account, the month's last day, what it stands on (None: the account's opening) and why,
    of each month up to the day ``due`` that no statement proves."""
    asserted = _asserted(books)
    begun = _first_days(books)
    for account in books.accounts.values():
        if account.role not in _PROVEN or account.name not in begun:
            continue
        first = begun[account.name]
        last = month_end(first.year, first.month)
        while last <= due and account.is_open(last):
            found = _unproven(account, last, asserted.get((account.name, last + _DAY), ()), books)
            if found:
                yield account, last, *found
            after = last + _DAY
            last = month_end(after.year, after.month)


def _newest_month_due(books: Books) -> dt.date:
    """The end of the newest month that must be proven: more than the lag before as-of."""
    lag = int(books.policy.threshold(_CODE, "recon-lag", books.as_of, _LAG))
    day = books.as_of - dt.timedelta(days=lag)
    return day.replace(day=1) - _DAY


def _first_days(books: Books) -> Mapping[str, dt.date]:
    """The day of each account's first entry: what lay before it no statement has to prove."""
    days = first_days(books)
    for entry in books.standing:
        if isinstance(entry, data.Balance | data.Pad):
            days[entry.account] = min(entry.date, days.get(entry.account, entry.date))
    return days


def _asserted(books: Books) -> Mapping[tuple[str, dt.date], Sequence[data.Balance]]:
    """The assertions on first days of a month, by account and day."""
    found: dict[tuple[str, dt.date], list[data.Balance]] = {}
    for entry in books.standing:
        if isinstance(entry, data.Balance) and entry.date.day == 1:
            found.setdefault((entry.account, entry.date), []).append(entry)
    return found


def _unproven(
    account: Account, last: dt.date, asserted: Sequence[data.Balance], books: Books
) -> tuple[data.Directive | None, str] | None:
    """What a finding stands on (None: the account's opening) and why; None where all is proven."""
    month, day = f"{last:%Y-%m}", last + _DAY
    if not asserted:
        return None, (
            f"{account.name} has no balance on {day}: {month} is not reconciled; import its "
            "statement, or assert its closing balance with statement:"
        )
    for entry in asserted:
        if entry.diff_amount is not None:
            return entry, (
                f"the balance of {account.name} on {day} fails: {month} is not reconciled; find "
                "the difference"
            )
    if any(evidence(entry, books, ("statement",)) for entry in asserted):
        return None
    entry = asserted[0]
    said = entry.meta.get("statement")
    lacks = f"its statement “{said}” is not there" if said else "it names no statement:"
    return entry, (
        f"{account.name} has a balance on {day}, but {lacks}; {month} is proven by the statement's "
        "file, as statement: of the balance"
    )


def _found(
    account: Account,
    last: dt.date,
    why: str,
    entry: data.Directive | None,
    books: Books,
    *,
    is_closed: bool,
) -> Finding:
    meta = entry.meta if entry else account.meta
    return Finding(
        _CODE,
        Severity.ERROR if is_closed else Severity.WARNING,
        f"{why} ({account.entity} {last:%Y-%m} is closed)" if is_closed else why,
        factor=_FACTOR,
        entities=(account.entity,) if account.entity else (),
        date=last,
        file=books.relative(str(meta.get("filename", ""))),
        line=int(meta.get("lineno", 0)),
        evidence=(f"the statement of {account.name} for {last:%Y-%m}",),
        identity=(account.name, f"{last:%Y-%m}"),
    )


def _outstanding(due: dt.date, books: Books) -> Iterator[Finding]:
    """Each once, however many months it has been outstanding in."""
    for txn in books.select("outstanding", is_outstanding):
        of_txn = says_no(txn.meta)
        said = [posting for posting in txn.postings if of_txn or says_no(posting.meta)]
        if not any(books.role(posting.account) in _PROVEN for posting in said):
            continue
        age = books.as_of - txn.date
        if age > _OUTSTANDING and txn.date <= due:
            yield about(
                books,
                txn,
                code=_CODE,
                factor=_FACTOR,
                severity=Severity.WARNING,
                message=f"{described(txn)} has been in the books for {age.days} days and on no "
                "statement (recon: no); find it there, or reverse it",
                evidence=("the statement that has it, or the reversal",),
            )


RULES = (
    Rule(
        _CODE,
        "Month not reconciled",
        _FACTOR,
        Scope.EVERYTHING,
        True,
        unreconciled,
        meaning="a month of a bank or card account, from that of its first entry on, open to its "
        "end and over for more than recon-lag days (20), has no balance directive on the first day "
        "of the next one with a statement: file that is there, or it fails; or a posting with "
        "recon: no is more than 60 days old. In a closed month it is an error",
        cure="import the statement, which writes the balance; or write the balance with "
        "statement:, and clear what is outstanding",
        reference="Laya v. Erin Homes, 352 S.E.2d 93 (W.Va. 1986)",
        looks_at=may_be_outstanding,
        sees_assertions=True,
        usual=Severity.WARNING,
    ),
)
