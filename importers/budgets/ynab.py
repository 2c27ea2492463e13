"""YNAB's export: ``… - Plan.csv`` (before 2024 ``Budget.csv``, and as .tsv) and ``Register.csv``.

Columns of the plan: Month (``Jan 2026``), Category Group/Category, Category Group, Category,
Assigned (once Budgeted), Activity, Available. Of the register: Account, Flag, Date, Payee, Category
Group/Category, Category Group, Category, Memo, Outflow, Inflow, Cleared. Amounts are written as the
plan's settings say: with a currency sign before or behind, a point or a comma.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from core.money import at_cents
from importers.statement import RefusedFileError

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_ASSIGNED = ("Assigned", "Budgeted")
_CARDS, _INFLOW = "Credit Card Payments", "Inflow"
_AMOUNT = re.compile(r"(?<![.,\d])\d[\d.,'’\s]*")
_LARGEST = 500_000  # lines
Row = Mapping[str, str]


def read_ynab(plan: bytes, register: bytes) -> dict[str, Any]:
    """What the two files say, as JSON has it. Raises RefusedFileError."""
    rows = _rows(plan, ("Month", "Category Group", "Category", "Activity", "Available"), "the plan")
    assigned = next((name for name in _ASSIGNED if name in rows[0]), "")
    if not assigned:
        raise RefusedFileError("has no column Assigned", hint="export the plan from YNAB again")
    point = _point(row[c] for row in rows for c in (assigned, "Activity", "Available"))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    active: dict[tuple[str, str], Decimal] = {}
    for number, row in enumerate(rows, 2):
        group, name = row["Category Group"].strip(), row["Category"].strip()
        if group == _INFLOW:
            continue
        month = _month(row["Month"], number)
        category = found.setdefault(
            (group, name),
            {
                "name": name,
                "group": group,
                "assigned": {},
                "available": {},
                "is_card": group == _CARDS,
            },
        )
        if month in category["available"]:
            raise RefusedFileError(f"has {group}: {name} twice in {month}", line=number)
        category["assigned"][month] = at_cents(_number(row[assigned], point, number))
        category["available"][month] = at_cents(_number(row["Available"], point, number))
        key = group, name
        active[key] = active.get(key, Decimal(0)) + _number(row["Activity"], point, number)
    return {
        "program": "YNAB",
        "categories": list(found.values()),
        "holds": {},
        "remarks": [
            "YNAB exports no targets: add them with bud-target",
            *_unlike(register, active),
        ],
    }


def _unlike(register: bytes, active: Mapping[tuple[str, str], Decimal]) -> Iterable[str]:
    """Categories whose activity is not the sum of the register's lines."""
    if not register.strip():
        return
    rows = _rows(register, ("Category Group", "Category", "Outflow", "Inflow"), "the register")
    point = _point(row[c] for row in rows for c in ("Outflow", "Inflow"))
    sums: dict[tuple[str, str], Decimal] = {}
    for number, row in enumerate(rows, 2):
        key = row["Category Group"].strip(), row["Category"].strip()
        flow = _number(row["Inflow"], point, number) - _number(row["Outflow"], point, number)
        sums[key] = sums.get(key, Decimal(0)) + flow
    for key, activity in active.items():
        of_register = sums.get(key, Decimal(0))
        if key[0] != _CARDS and activity != of_register:
            yield (
                f"{key[1]}: the plan has {at_cents(activity)} of activity, the register "
                f"{at_cents(of_register)}; the two are not of one export"
            )


def _rows(raw: bytes, columns: tuple[str, ...], what: str) -> list[Row]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedFileError("is not text in UTF-8", hint="export it from YNAB again") from error
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in head else ",")
    lacking = [name for name in columns if name not in (reader.fieldnames or ())]
    if lacking:
        raise RefusedFileError(
            f"is no export of a budget: {what} has no column {', '.join(lacking)}",
            hint="give the zip that YNAB or Actual exports, or YNAB's Plan.csv",
        )
    rows: list[Row] = []
    try:
        for row in reader:
            rows.append({k: v or "" for k, v in row.items() if isinstance(k, str)})
            if len(rows) > _LARGEST:
                raise RefusedFileError(f"has more than {_LARGEST:,} lines")
    except csv.Error as error:
        raise RefusedFileError(f"is no CSV: {error}", line=reader.line_num) from error
    if not rows:
        raise RefusedFileError(f"is empty: {what} has no line")
    return rows


def _month(text: str, line: int) -> str:
    name, _, year = text.strip().partition(" ")
    if name not in _MONTHS or not re.fullmatch(r"\d{4}", year):
        raise RefusedFileError(
            f"“{text}” is no month as YNAB writes it (Jan 2026)",
            line=line,
            hint="set YNAB to English for the export",
        )
    return f"{year}-{_MONTHS.index(name) + 1:02}"


def _point(texts: Iterable[str]) -> str:
    """The decimal point of a file: what stands before the last two digits of its amounts; empty
    where amounts have no decimals."""
    seen = set()
    for text in texts:
        digits = _digits(text)
        if len(digits) > 2 and digits[-3] in ".,":
            seen.add(digits[-3])
    if len(seen) > 1:
        raise RefusedFileError("writes amounts with a point and with a comma as decimals")
    return seen.pop() if seen else ""


def _digits(text: str) -> str:
    match = _AMOUNT.search(text)
    return match[0].strip() if match else ""


def _number(text: str, point: str, line: int) -> Decimal:
    digits = _digits(text)
    whole, _, cents = digits.rpartition(point) if point and point in digits else (digits, "", "")
    bare = re.sub(r"[.,'’\s]", "", whole)
    if (digits or text.strip()) and not bare.isdigit():
        raise RefusedFileError(f"“{text}” is no amount", line=line)
    number = Decimal(f"{bare or 0}.{cents or 0}")
    return -number if re.search(r"[-−(]", text) else number
