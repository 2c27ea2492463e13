"""A PDF statement by its template. Its rows must lead from the opening to the closing balance.

A text layer can lose a row, or show it where no template looks. What would be missing is not seen
by reading, so it is seen by adding: where the sum is wrong by a cent nothing of the file is used.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.money import at_cents, parse_decimal
from importers.csv.balance import parsed_day
from importers.pdf.days import Period, day_before, day_within
from importers.pdf.rows import Row, rows_of
from importers.pdf.template import Sign, Template
from importers.pdf.text import Line, Word, lines_of, pages_of
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine

_SHOW = "'books import --text FILE' shows its lines; a template is a file in rules/templates/"
_ADAPT = "'books import --text FILE' shows its lines; correct the template, or export CSV"
# Behind or before an amount: money in, money out, whatever the sign of the table.
_SIDE = re.compile(r"^(?P<before>CR|DR)\b\s*|\s*(?<![A-Z])(?P<after>CR|DR)\.?$")
# An account statement in the languages of our profiles has one of these words in it.
_BALANCE = re.compile(r"balance|saldo|solde|kontostand", re.IGNORECASE)


@dataclass(frozen=True)
class _Reading:
    """A document on its way: its lines, who it is from, and the name to show."""

    lines: Sequence[Line]
    name: str
    template: Template
    shown: str

    def refused(self, reason: str, line: Line | None = None) -> RefusedFileError:
        where = f"page {line.page}, “{line.text[:80]}”: " if line else ""
        return RefusedFileError(
            f"{where}{reason}; nothing of the file was used",
            file=self.shown,
            line=line.number if line else 0,
            hint=f"{_ADAPT} (template {self.name})",
        )


def looks_like_pdf(head: bytes) -> bool:
    """Whether a file that begins so is a PDF."""
    return b"%PDF-" in head[:1024]


def read_pdf(
    path: Path, raw: bytes, templates: Mapping[str, Template], shown: str
) -> StatementFile:
    """The statement in a PDF of which a template knows the layout.

    Raises RefusedFileError where none does, where something cannot be read for certain, and where
    the rows do not add up.
    """
    return read_pages(path, pages_of(raw, shown), templates, shown)


def read_pages(
    path: Path, pages: Sequence[Sequence[Word]], templates: Mapping[str, Template], shown: str
) -> StatementFile:
    """The same, from words that are found already."""
    name = _template_for(pages, templates, shown)
    template = templates[name]
    reading = _Reading(lines_of(pages, template.line_tolerance), name, template, shown)
    text = "\n".join(line.text for line in reading.lines)
    period = _period(reading, text)
    closing = _balance(reading, text, "closing", template.closing)
    opening = _balance(reading, text, "opening", template.opening) if template.opening else None
    rows = rows_of(reading.lines, template, period)
    lines = tuple(_line(reading, row, period) for row in rows)
    if opening is not None:
        _check_sum(reading, opening, [line.amount for line in lines], closing)
    first, last = period
    statement = Statement(
        account_id=_account(template, text),
        currency=template.currency,
        lines=lines,
        balance=closing,
        balance_date=last,
        kind=template.kind,
        identity=(f"{name}-{template.identity.version}", _IDENTITY),
        opening=opening,
        opening_date=first - dt.timedelta(days=1) if first and opening is not None else None,
        period=(first, last) if first else None,
    )
    warnings = () if lines else ("has a closing balance and no transactions",)
    return StatementFile(path, "pdf", template.institution, (statement,), warnings)


# A day without a year comes again each year: the whole one, as the period gives it, is in the id.
_IDENTITY = ("day", "description", "amount", "debit", "credit")


def _template_for(
    pages: Sequence[Sequence[Word]], templates: Mapping[str, Template], shown: str
) -> str:
    """The name of the template that knows the first page best."""
    fitting = []
    for name, template in templates.items():
        lines = lines_of(pages[:1], template.line_tolerance)
        text = "\n".join(line.text for line in lines)
        if all(re.search(pattern, text, re.MULTILINE) for pattern in template.recognise):
            fitting.append((len(template.recognise), name))
    if not fitting:
        raise _unknown(pages, templates, shown)
    most = max(count for count, _ in fitting)
    best = sorted(name for count, name in fitting if count == most)
    if len(best) > 1:
        raise RefusedFileError(
            f"is recognised by {' and by '.join(best)}",
            file=shown,
            hint="give one of these templates in rules/templates/ another pattern to recognise",
        )
    return best[0]


def _unknown(
    pages: Sequence[Sequence[Word]], templates: Mapping[str, Template], shown: str
) -> RefusedFileError:
    if not any(_BALANCE.search(word.text) for page in pages for word in page):
        return RefusedFileError(
            "is a PDF and no account statement: it speaks of no balance",
            file=shown,
            hint=f"if it is one, write a template; {_SHOW}",
        )
    known = ", ".join(sorted(templates)) or "none"
    return RefusedFileError(
        "is a PDF that no template knows", file=shown, hint=f"known: {known}; {_SHOW}"
    )


def _found(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, re.MULTILINE)


def _period(reading: _Reading, text: str) -> Period:
    template = reading.template
    match = _found(template.period, text)
    if not match:
        raise reading.refused("its period is not found")
    said = match.groupdict()
    days = {
        key: parsed_day(said[key].strip(), template.period_format)
        for key in ("from", "to")
        if said.get(key)
    }
    for key, day in days.items():
        if day is None:
            raise reading.refused(f"“{said[key]}” is not a date as this bank writes it")
    first, last = days.get("from"), days["to"]
    if last is None or (first and first > last):
        raise reading.refused("its period ends before it begins")
    return first, last


def _balance(reading: _Reading, text: str, which: str, pattern: str) -> Decimal:
    match = _found(pattern, text)
    if not match:
        raise reading.refused(f"its {which} balance is not found")
    try:
        return _amount(match["amount"], reading.template, reading.template.sign)
    except ValueError as error:
        raise reading.refused(f"{which} balance: {error}") from error


def _account(template: Template, text: str) -> str | None:
    match = _found(template.account, text) if template.account else None
    return match[1].strip() or None if match and match[1] else None


def _line(reading: _Reading, row: Row, period: Period) -> StatementLine:
    template, cells = reading.template, row.cells
    date = day_within(cells["date"], template.date_format, period)
    if date is None:
        raise reading.refused(f"“{cells['date']}” is no day of the statement's period", row.line)
    bought = None
    if cells.get("transaction"):
        bought = day_before(cells["transaction"], template.date_format, date)
        if bought is None:
            raise reading.refused(f"“{cells['transaction']}” is not a date", row.line)
    try:
        amount = _amount_of(row, template)
    except ValueError as error:
        raise reading.refused(str(error), row.line) from error
    return StatementLine(
        date=date,
        amount=amount,
        currency=template.currency,
        payee=" ".join(f"{cells['description']} {row.more}".split()),
        narration="",
        row=row.line.number,
        cells={**cells, "day": date.isoformat(), "text": row.line.text},
        bank_id=cells.get("id", ""),
        transaction_date=bought,
    )


def _amount_of(row: Row, template: Template) -> Decimal:
    """The row's amount as the owner sees it. Raises ValueError where it is not certain."""
    debit, credit = row.cells.get("debit", ""), row.cells.get("credit", "")
    if debit and credit:
        raise ValueError(f"has both a debit ({debit}) and a credit ({credit})")
    if debit:
        return -_amount(debit, template, "as-is")
    if credit:
        return _amount(credit, template, "as-is")
    return _amount(row.cells.get("amount", ""), template, row.sign)


def _amount(text: str, template: Template, sign: Sign) -> Decimal:
    """The amount that ``text`` writes, money out negative. CR and DR say more than a sign."""
    text = text.strip()
    side = _SIDE.search(text)
    bare = _SIDE.sub("", text, count=1)
    number = parse_decimal(bare, decimal=template.decimal, grouping=template.grouping)
    if side:
        if number < 0:
            raise ValueError(f"“{text}” has a sign and a side")
        return number if "CR" in (side["before"], side["after"]) else -number
    return -number if sign == "inverted" else number


def _check_sum(
    reading: _Reading, opening: Decimal, amounts: Sequence[Decimal], closing: Decimal
) -> None:
    total = sum(amounts, Decimal(0))
    gap = closing - opening - total
    if gap:
        count = f"{len(amounts)} {'row' if len(amounts) == 1 else 'rows'}"
        raise reading.refused(
            f"its rows do not add up: it opens at {at_cents(opening)}, its {count} sum to "
            f"{at_cents(total)}, and it closes at {at_cents(closing)}: a gap of {at_cents(gap)}"
        )
