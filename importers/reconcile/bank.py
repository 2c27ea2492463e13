"""The bank's side of a reconciliation: an account and currency of a statement, up to a day."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.entity import Account
from core.findings import EXIT_FINDINGS, UserError
from core.identity import LineIds
from core.journal.books import Books
from core.money import at_cents
from core.period import month_end
from importers.account import Hints, candidates
from importers.plan import id_of_line
from importers.statement import Statement, StatementFile

_ROLES = frozenset({"bank", "card", "cash"})


@dataclass(frozen=True)
class Line:
    """A line of the statement: ``amount`` is what the account gained, ``row`` counts the file's
    lines from 1, ``id`` is the line's identity as an import gives it."""

    row: int
    date: dt.date
    amount: Decimal
    text: str
    id: str = ""

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from the others of its file: two details of one entry share a row."""
        return self.row, self.id


@dataclass(frozen=True)
class Bank:
    """What the bank says of an account in one currency, from ``first`` to ``end``.

    ``opening`` is what it says of the morning of ``first``, ``closing`` of the evening of ``end``;
    owed amounts are negative. ``unread`` is what the closing balance holds beyond opening and
    lines: zero where the statement adds up.
    """

    account: str
    currency: str
    file: str
    first: dt.date
    end: dt.date
    opening: Decimal
    closing: Decimal
    lines: tuple[Line, ...]

    @property
    def unread(self) -> Decimal:
        """What the lines lack, or have too much."""
        return self.closing - self.opening - sum((x.amount for x in self.lines), Decimal(0))


def banks(
    file: StatementFile,
    account: Account,
    books: Books,
    *,
    until: dt.date | None = None,
    balance: Decimal | None = None,
) -> list[Bank]:
    """The bank's side for each currency that the file has of ``account``.

    ``until`` leaves out later lines, and takes them off the closing balance; ``balance`` is the
    closing balance by somebody's word. Raises UserError where the file is another account's, says
    no closing balance, or does not reach the day.
    """
    shown = str(file.path)
    told = of_account(file, account, books)
    found: dict[str, list[tuple[Statement, list[Line]]]] = {}
    for statement in told:
        ids = LineIds(account.account_id or account.name)
        own = statement.currency or _only_currency(account, books, shown)
        found.setdefault(own, []).append((statement, []))
        for line in statement.lines:
            text = " ".join(filter(None, (line.payee, line.narration)))
            line_id = id_of_line(ids, statement, line)
            of = found.setdefault(line.currency or own, [(statement, [])])
            of[-1][1].append(Line(line.row, line.date, line.amount, text, line_id))
    if balance is not None and len(found) > 1:
        raise UserError(
            f"has lines in {', '.join(found)}; one balance cannot be said for them",
            file=shown,
            hint="reconcile the files of each currency by themselves",
        )
    sides = [_side(account, c, of, shown, until, balance) for c, of in found.items()]
    known = [side for side in sides if side is not None]
    if not known:
        raise UserError(
            f"says no closing balance{_older(told)}",
            file=shown,
            hint="give what the paper statement says: --balance 1234.56 (what is owed on a card "
            "is negative)",
        )
    return known


def of_account(file: StatementFile, account: Account, books: Books) -> list[Statement]:
    """The statements that are the account's; raises UserError where there are none."""
    shown = str(file.path)
    if account.role not in _ROLES:
        raise UserError(
            f"{account.name} is no bank or card account",
            hint='name one whose open directive has role: "bank", "card" or "cash"',
        )
    if file.is_feed:
        raise UserError("is a feed's, which proves no balance", file=shown)
    hints = Hints(file.path, file.institution)
    found, others = [], set()
    for statement in file.statements:
        meant = {a.name for a in candidates(statement, hints, books)}
        is_open = not meant or not (statement.account_id or account.account_id)
        if account.name in meant or (is_open and not _says_another(statement, account)):
            found.append(statement)
        else:
            others |= meant or {statement.account_id or ""}
    if not found:
        raise UserError(
            f"is not of {account.name}, but of {', '.join(sorted(others)) or 'no account'}",
            file=shown,
            hint="name the account whose statement this is",
            code=EXIT_FINDINGS,
        )
    numbers = sorted({s.account_id for s in found if s.account_id})
    if len(numbers) > 1:
        raise UserError(
            f"holds {len(numbers)} accounts that may be {account.name}: {', '.join(numbers)}",
            file=shown,
            hint="export them one by one, or give the accounts longer account-ids",
            code=EXIT_FINDINGS,
        )
    if others and len(file.statements) > 1 and not any(s.account_id for s in found):
        raise UserError("holds several accounts and does not say which is which", file=shown)
    return found


def _says_another(statement: Statement, account: Account) -> bool:
    """Whether a statement names digits, and the account has others."""
    digits = "".join(c for c in statement.account_id or "" if c.isdigit())
    own = account.account_id.rpartition("-")[2]
    return bool(digits and own.isdigit()) and not digits.endswith(own)


def _only_currency(account: Account, books: Books, shown: str) -> str:
    if len(account.currencies) > 1:
        raise UserError(
            f"does not say its currency, and {account.name} holds {', '.join(account.currencies)}",
            file=shown,
        )
    entity = books.registry.entities.get(account.entity)
    return account.currencies[0] if account.currencies else entity.currency if entity else "USD"


def _side(
    account: Account,
    currency: str,
    told: Sequence[tuple[Statement, Sequence[Line]]],
    shown: str,
    until: dt.date | None,
    balance: Decimal | None,
) -> Bank | None:
    """Statements of one account and currency as one; None where none says a closing balance."""
    lines = sorted((x for _, of in told for x in of), key=lambda x: (x.date, x.row))
    days = [line.date for line in lines]
    own = [s for s, _ in told if currency == (s.currency or currency)]
    ends = [(day, s.balance) for s in own if s.balance is not None and (day := _end(s))]
    spans = [day for s in own for day in s.period or ()]
    said_days = [day for day, _ in ends] or [*days, *spans]
    if not said_days:
        return None
    end = max(said_days)
    # Of several statements of one day the next begins with what the one before ends with.
    begun = [s.opening for s in own]
    at_end = [number for day, number in ends if day == end]
    last_said = at_end[-1] if at_end else None
    closing = next((n for n in reversed(at_end) if n not in begun), last_said)
    # What is dated after the balance is not in it.
    last = until or end
    _check_reach(last, end, min([*days, *spans, end]), shown)
    if balance is not None:
        closing = balance
    elif closing is None:
        return None
    else:
        closing -= sum((x.amount for x in lines if last < x.date <= end), Decimal(0))
        closing += sum((x.amount for x in lines if end < x.date <= last), Decimal(0))
    within = tuple(x for x in lines if x.date <= last)
    total = sum((x.amount for x in within), Decimal(0))
    starts = [(s.opening_date or _first(s) or end, s.opening) for s in own]
    early = min((day for day, _ in starts), default=end)
    ended = [number for _, number in ends]
    at_start = [n for day, n in starts if day == early and n is not None]
    opening = next((n for n in at_start if n not in ended), (at_start or [closing - total])[0])
    first = min([*days, *spans, last])
    return Bank(account.name, currency, shown, first, last, opening, closing, within)


def _check_reach(until: dt.date, end: dt.date, first: dt.date, shown: str) -> None:
    """A file may be cut, or be said to hold all of its last month; of other days it is silent."""
    if first <= until <= max(end, month_end(end.year, end.month)):
        return
    raise UserError(
        f"goes from {first} to {end}, and says nothing of {until}",
        file=shown,
        hint="give a day within, or the end of its last month: --until",
    )


def _older(told: Sequence[Statement]) -> str:
    """Which balance it says instead, where there is one."""
    days = [s.balance_date for s in told if s.balance is not None and s.balance_date]
    return f": the one of {max(days)} is older than its lines" if days else ""


def _end(statement: Statement) -> dt.date | None:
    """The day of the closing balance; none where that is older than all that the statement tells:
    some banks send with every file what an account held long ago."""
    days = [*(line.date for line in statement.lines), *(statement.period or ())]
    said = statement.balance_date
    if said and statement.lines and said < min(days):
        return None
    return said or max(days, default=None)


def _first(statement: Statement) -> dt.date | None:
    return min([line.date for line in statement.lines] + list(statement.period or ()), default=None)


def sentence(bank: Bank) -> Iterator[str]:
    """Where the statement itself does not add up."""
    if bank.unread:
        rows = bank.closing - bank.opening - bank.unread
        yield (
            f"{bank.file}: the lines do not add up: opening {at_cents(bank.opening)} + lines "
            f"{at_cents(rows)} is not {at_cents(bank.closing)}; "
            f"{at_cents(bank.unread)} {bank.currency} is missing"
        )
