"""What an export of another budgeting program says: its categories and what was decided on them."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from core.budget.month import month_named
from importers.confined import read_confined
from importers.statement import RefusedFileError

YNAB, ACTUAL = "YNAB", "Actual"
_MOST = 60_000_000  # bytes, unpacked; ten years of a household are a few megabytes
_ZIP, _SQLITE = b"PK\x03\x04", b"SQLite format 3\x00"
Months = Mapping[int, Decimal]


@dataclass(frozen=True)
class Category:
    """A category of the other program. ``assigned`` is by month, as is ``available``, what it had
    at a month's end. ``is_card``: it holds the money for a card of this name. ``target`` is an
    amount and the month it is due in. ``keeps_debt``: what is missing is carried."""

    name: str
    group: str
    assigned: Months = field(default_factory=dict)
    available: Months = field(default_factory=dict)
    is_card: bool = False
    keeps_debt: bool = False
    target: tuple[Decimal, int] | None = None


@dataclass(frozen=True)
class BudgetExport:
    """An export. ``holds`` is by the month that was held in; ``remarks`` are what is not taken
    over, in words. Months are numbers (``core.budget.month``)."""

    program: str
    categories: tuple[Category, ...]
    holds: Months
    remarks: tuple[str, ...]

    @property
    def months(self) -> list[int]:
        """The months in which something was assigned."""
        found = {m for each in self.categories for m, number in each.assigned.items() if number}
        return sorted(found)


def read_export(path: Path) -> BudgetExport:
    """The budget that a file holds: YNAB's zip or its Plan.csv (once Budget.csv), Actual's zip or
    its db.sqlite. It is read in a child process with limits. Raises RefusedFileError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RefusedFileError(f"cannot be read: {error.strerror}", file=path.name) from error
    if len(raw) > _MOST:
        raise RefusedFileError("is larger than a budget can be", file=path.name)
    return _made(read_confined(_read, raw, path.name))


def _read(raw: bytes) -> dict[str, Any]:
    """In the child: what the file says, as JSON has it."""
    from importers.budgets.actual import read_actual
    from importers.budgets.ynab import read_ynab

    if raw.startswith(_SQLITE):
        return read_actual(raw)
    if not raw.startswith(_ZIP):
        return read_ynab(raw, b"")
    members = _members(raw)
    database = next((body for name, body in members.items() if name.endswith("db.sqlite")), None)
    if database is not None:
        return read_actual(database)
    plan = [n for n in members if n.endswith(("plan.csv", "budget.csv", "plan.tsv", "budget.tsv"))]
    register = [n for n in members if n.endswith(("register.csv", "register.tsv"))]
    if len(plan) != 1:
        raise RefusedFileError(
            "is a zip without a budget",
            hint="give the zip that YNAB exports (Plan.csv, Register.csv) or Actual (db.sqlite)",
        )
    return read_ynab(members[plan[0]], members[register[0]] if register else b"")


def _members(raw: bytes) -> dict[str, bytes]:
    """The files of a zip by name in lower case, as far as they are what one looks for."""
    wanted = (".csv", ".tsv", "db.sqlite")
    try:
        with zipfile.ZipFile(BytesIO(raw)) as packed:
            infos = [i for i in packed.infolist() if i.filename.casefold().endswith(wanted)]
            if len(infos) > 10 or sum(info.file_size for info in infos) > _MOST:
                raise RefusedFileError("unpacks to more than a budget can be")
            found = {}
            for info in infos:
                with packed.open(info) as member:
                    body = member.read(_MOST + 1)
                if len(body) > info.file_size:
                    raise RefusedFileError("unpacks to more than it says")
                found[info.filename.casefold()] = body
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise RefusedFileError("is no zip that can be opened", hint="export it again") from error


def _made(said: Mapping[str, Any]) -> BudgetExport:
    return BudgetExport(
        said["program"],
        tuple(
            Category(
                each["name"],
                each["group"],
                _months(each["assigned"]),
                _months(each["available"]),
                each.get("is_card", False),
                each.get("keeps_debt", False),
                (Decimal(each["target"][0]), month_named(each["target"][1]))
                if each.get("target")
                else None,
            )
            for each in said["categories"]
        ),
        _months(said["holds"]),
        tuple(said["remarks"]),
    )


def _months(said: Mapping[str, str]) -> Months:
    return {month_named(month): Decimal(number) for month, number in said.items()}
