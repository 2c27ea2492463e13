"""What stands around an unknown table: the account's number, stated balances, the table's end."""

import re
from dataclasses import dataclass
from typing import Any

from importers.csv.contents import formats_of
from importers.csv.roles import Roles
from importers.csv.sniff import Sheet

_NUMBER = re.compile(
    r"(?P<label>[^:;,\d]*\b(?:account|card|konto|kontonummer|compte|cuenta|iban)\b[^:;,\d]*)"
    r"(?P<mark>[:;,]+\"?\s*)[^:;,\n]*?(?P<number>[A-Z]{0,4}[\dXx*•][\dXx*•. -]{2,}[\dXx*])",
    re.IGNORECASE,
)
_BALANCE = re.compile(
    r"(?P<label>(?:(?P<close>ending|closing|final|ledger)|(?P<open>opening|beginning|starting))"
    r"\s+balance)|(?P<label2>endsaldo|solde final|saldo final)",
    re.IGNORECASE,
)
_PERIOD = re.compile(
    r"(?P<label>[A-Za-zÀ-ÿ ]*(?:period|zeitraum|période|periodo)[A-Za-zÀ-ÿ ]*)", re.IGNORECASE
)
_AMOUNT = r"(?P<amount>-?[$€£]?-?[\d.,]*\d)"
_CURRENCY = re.compile(r"\(([A-Z]{3})\)")


@dataclass(frozen=True)
class Around:
    """The keys of a profile that come from outside of the table's rows."""

    end: str = ""
    account: str = ""
    currency: str = ""
    opening: dict[str, Any] | None = None
    balance: dict[str, Any] | None = None
    evidence: tuple[str, ...] = ()


def around(sheet: Sheet, roles: Roles) -> Around:
    """What the lines above and below the table say of it."""
    lines = sheet.text.splitlines()
    first, last = (sheet.rows[i][0] for i in (0, -1))
    beside = [*lines[: (sheet.header_line or first) - 1], *lines[last:]]
    evidence = []
    end = _end(sheet)
    if end:
        evidence.append(f"the table ends before “{_first(sheet.below[0])[:40]}”")
    account = ""
    if "account" not in roles.of:
        found = next((m for line in beside if (m := _NUMBER.search(line))), None)
        if found:
            label = re.escape(found["label"].strip()).replace(r"\ ", " ")
            account = rf"{label}[^\dXx*•\n]*?([A-Z]{{0,4}}[\dXx*•][\dXx*•. -]+[\dXx*])"
            evidence.append(f"the account is {found['number']}, as “{found['label'].strip()}” says")
    balance = _stated(beside, "close")
    if balance:
        evidence.append("a closing balance is stated")
    named = {m[1] for name in _money(roles) if (m := _CURRENCY.search(name))}
    currency = named.pop() if len(named) == 1 and "currency" not in roles.of else ""
    return Around(end, account, currency, _stated(beside, "open"), balance, tuple(evidence))


def _money(roles: Roles) -> list[str]:
    return [roles.name(role) for role in ("amount", "debit", "credit", "balance")]


def _first(cells: tuple[str, ...]) -> str:
    return next(cell for cell in cells if cell)


def _end(sheet: Sheet) -> str:
    """A pattern of the first cell beneath the table."""
    if not sheet.below:
        return ""
    word = re.match(r"[^\d:]*", _first(sheet.below[0]))
    begins = (word[0] if word else "").strip()
    # A row that begins with digits looks like a transaction to a pattern; its first word is all.
    return re.escape(begins).replace(r"\ ", " ") if begins else ".*"


def _stated(lines: list[str], which: str) -> dict[str, Any] | None:
    """The pattern of a balance that a line states, and of its date or the stated period's end."""
    for at, line in enumerate(lines):
        match = _BALANCE.search(line)
        if not match or (which == "open") != bool(match["open"]):
            continue
        label = re.escape(match[0]).replace(r"\ ", " ")
        rest = line[match.end() :]
        dated = re.match(r"(?P<between>\D*)(?P<date>[\d/.-]{6,10})\b\D*[\d]", rest)
        if dated and formats_of(dated["date"]):
            between = re.escape(dated["between"]).replace(r"\ ", " ")
            pattern = rf"{label}{between}(?P<date>[\d/.-]+)\D*?{_AMOUNT}"
        else:
            pattern = rf"{label}\D*?{_AMOUNT}"
            period = next((m for above in lines[:at] if (m := _PERIOD.search(above))), None)
            if which == "close" and period:
                words = re.escape(period["label"].strip()).replace(r"\ ", " ")
                pattern = rf"{words}[^\n]*?[\d/.-]+[^\d\n]+(?P<date>[\d/.-]+)[\s\S]*?{pattern}"
        if re.search(pattern, "\n".join(lines)):
            return {"pattern": pattern}
    return None
