"""Which column of an unknown table is what: by what its cells hold, then by what it is called."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from importers.csv.chain import Step, chain
from importers.csv.contents import (
    conventions,
    has_fraction,
    looks_like_amount,
    number,
    shared_formats,
)
from importers.csv.sniff import Sheet
from importers.csv.words import FLAGS, PENDING, Role, plain, rank
from importers.statement import RefusedFileError

Content = Literal["empty", "date", "amount", "currency", "text"]
_BY_HAND = "write a profile by hand: docs/files.md, “A bank that is not known”"
_MONEY: tuple[Role, ...] = ("amount", "debit", "credit", "balance")


@dataclass(frozen=True)
class Roles:
    """The column of each role by its index; a role that the file does not have is not there."""

    names: tuple[str, ...]
    contents: tuple[Content, ...]
    of: dict[Role, int]
    formats: tuple[str, ...]
    convention: tuple[str, str]
    pending: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def name(self, role: Role) -> str:
        """The column's name, or empty."""
        return self.names[self.of[role]] if role in self.of else ""


def roles_of(sheet: Sheet, shown: str) -> Roles:
    """The roles of a sheet's columns.

    Raises RefusedFileError where the date or the amount cannot be told apart from other columns.
    """
    width = len(sheet.header) or len(sheet.rows[0][1])
    names = tuple(
        (sheet.header[i] if i < len(sheet.header) else "") or f"Column {i + 1}"
        for i in range(width)
    )
    if len(set(names)) < len(names):
        raise RefusedFileError("two of its columns have one name", file=shown, hint=_BY_HAND)
    contents = tuple(_content(sheet.column(i), names[i]) for i in range(width))
    of: dict[Role, int] = {}
    _take_dates(of, names, contents)
    _take_money(of, sheet, names, contents)
    if "date" not in of or not {"amount", "debit"} & set(of):
        what = "the date" if "date" not in of else "the amount"
        raise RefusedFileError(
            f"it cannot be told which column is {what}", file=shown, hint=_BY_HAND
        )
    _take_texts(of, sheet, names, contents)
    pending = _pending(sheet, of["date"])
    days = [d for role in ("date", "transaction-date") for d in _days(sheet, of, role, pending)]
    formats = shared_formats(days)
    if not formats:
        raise RefusedFileError(
            f"the dates of “{names[of['date']]}” are not written in one way",
            file=shown,
            hint=_BY_HAND,
        )
    return Roles(names, contents, of, formats, _convention(sheet, of, shown), pending)


def _content(cells: Sequence[str], name: str) -> Content:
    if not cells:
        return "empty"
    dates = [cell for cell in cells if plain(cell) not in PENDING]
    if dates and shared_formats(dates):
        return "date"
    amounts = [cell for cell in cells if looks_like_amount(cell)]
    is_money = min(rank(name, role) for role in _MONEY) < 999
    # One garbled cell makes no text of a column of amounts: reading it will name the row.
    if is_money and len(amounts) * 2 >= len(cells):
        return "amount"
    if len(amounts) == len(cells) and any(has_fraction(cell) for cell in cells):
        return "amount"
    if all(len(cell) == 3 and cell.isalpha() for cell in cells) and rank(name, "currency") < 999:
        return "currency"
    return "text"


def _best(
    names: Sequence[str], contents: Sequence[Content], wanted: set[str], role: Role, taken: set[int]
) -> int | None:
    """The free column whose name says the role best; None where none does."""
    found = [
        (rank(names[i], role), i)
        for i in range(len(names))
        if contents[i] in wanted and i not in taken and rank(names[i], role) < 999
    ]
    return min(found)[1] if found else None


def _take_dates(of: dict[Role, int], names: Sequence[str], contents: Sequence[Content]) -> None:
    dates = [i for i, content in enumerate(contents) if content == "date"]
    value = {i for i in dates if rank(names[i], "value-date") < 999}
    booked = _best(names, contents, {"date"}, "date", value)
    rest = [i for i in dates if i not in value] or dates
    if booked is None and rest:
        booked = rest[0]
    if booked is None:
        return
    of["date"] = booked
    bought = _best(names, contents, {"date"}, "transaction-date", {booked} | value)
    if bought is not None:
        of["transaction-date"] = bought


def _take_money(
    of: dict[Role, int], sheet: Sheet, names: Sequence[str], contents: Sequence[Content]
) -> None:
    taken = set(of.values())
    balance = _best(names, contents, {"amount"}, "balance", taken)
    if balance is not None:
        of["balance"] = balance
        taken.add(balance)
    debit = _best(names, contents, {"amount", "empty"}, "debit", taken)
    credit = _best(names, contents, {"amount", "empty"}, "credit", taken)
    if debit is not None and credit is not None and (sheet.column(debit) or sheet.column(credit)):
        of["debit"], of["credit"] = debit, credit
    else:
        money = [i for i, content in enumerate(contents) if content == "amount" and i not in taken]
        called = _best(names, contents, {"amount"}, "amount", taken)
        amount = called if called is not None else (money[0] if len(money) == 1 else None)
        if amount is None and len(money) == 2 and balance is None:
            amount, of["balance"] = _amount_and_balance(sheet, *money)
        if amount is None:
            return
        of["amount"] = amount
    flag = _flag(sheet, names, contents)
    if flag is not None and "amount" in of:
        of["flag"] = flag


def _amount_and_balance(sheet: Sheet, one: int, other: int) -> tuple[int | None, int]:
    """Which of two columns of amounts is the balance of the other; none unless all rows agree."""
    ways = conventions(sheet.column(one) + sheet.column(other))
    for amount, balance in ((one, other), (other, one)):
        steps = [
            Step(line, dt.date.min, said, left)
            for line, cells in sheet.rows
            if (said := number(cells[amount], ways[0])) is not None
            and (left := number(cells[balance], ways[0])) is not None
        ]
        links = chain(steps)
        if len(links.moves) > 1 and len(ways) == 1 and all(m.agrees for m in links.moves):
            return amount, balance
    return None, other


def _flag(sheet: Sheet, names: Sequence[str], contents: Sequence[Content]) -> int | None:
    """The column that says in or out on every row, in words that mean that."""
    for i, name in enumerate(names):
        said = {cell.casefold() for cell in sheet.column(i)}
        fits = any(said and said <= set(pair) for pair in FLAGS)
        if contents[i] == "text" and fits and rank(name, "flag") < 999:
            return i if len(sheet.column(i)) == len(sheet.rows) else None
    return None


def _take_texts(
    of: dict[Role, int], sheet: Sheet, names: Sequence[str], contents: Sequence[Content]
) -> None:
    taken = set(of.values())
    currency = _best(names, contents, {"currency"}, "currency", taken)
    if currency is not None:
        of["currency"] = currency
    for role in ("id", "account"):
        column = _best(names, contents, {"text"}, role, taken)
        if column is None:
            continue
        cells = sheet.column(column)
        unique = len(set(cells)) == len(sheet.rows)
        # The other side's account differs from row to row; one's own are few and come again.
        own = len(set(cells)) == 1 or min(map(cells.count, set(cells))) > 1
        if (role == "id" and unique) or (role == "account" and own):
            of[role] = column
            taken.add(column)
    payee = _best(names, contents, {"text"}, "payee", taken)
    text = _best(names, contents, {"text"}, "text", taken | {-1 if payee is None else payee})
    if payee is None and text is None:
        free = [i for i, content in enumerate(contents) if content == "text" and i not in taken]
        # Of several texts that nothing names, the one that says most.
        payee = max(free, key=lambda i: sum(map(len, sheet.column(i))), default=None)
    first, second = (payee, text) if payee is not None else (text, None)
    if first is not None:
        of["payee"] = first
    if second is None and first is not None:
        second = _best(names, contents, {"text"}, "text", taken | {first})
    if second is not None:
        of["text"] = second


def _pending(sheet: Sheet, date: int) -> dict[int, tuple[str, ...]]:
    """The columns that say of a row that it is not booked yet, and in which words."""
    found = {}
    for i in range(len(sheet.rows[0][1])):
        cells = sheet.column(i)
        said = {cell for cell in cells if plain(cell) in PENDING}
        if said and (i == date or len(set(cells)) <= 6):
            found[i] = tuple(sorted(said))
    return found


def _days(
    sheet: Sheet, of: dict[Role, int], role: Role, pending: dict[int, tuple[str, ...]]
) -> list[str]:
    if role not in of:
        return []
    out = pending.get(of[role], ())
    return [cell for cell in sheet.column(of[role]) if cell not in out]


def _convention(sheet: Sheet, of: dict[Role, int], shown: str) -> tuple[str, str]:
    """How the amounts are written. Raises RefusedFileError where no cell decides it."""
    cells = [cell for role in _MONEY if role in of for cell in sheet.column(of[role])]
    found = conventions(cells)
    if len(found) > 1:
        open_cell = next(c for c in cells if len({number(c, way) for way in found}) > 1)
        raise RefusedFileError(
            f"“{open_cell}” may be thousands or decimals, and no other amount decides it",
            file=shown,
            hint=_BY_HAND,
        )
    return found[0]
