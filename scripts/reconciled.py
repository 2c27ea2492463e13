"""A reconciliation as text, Markdown and JSON."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.journal.books import Books
from core.money import at_cents
from importers.reconcile.bank import Line
from importers.reconcile.entries import Entry
from importers.reconcile.matching import Match
from importers.reconcile.reconciliation import Reconciliation, where

_WIDTH = 46


def as_text(of: Reconciliation, books: Books) -> Iterator[str]:
    """The statement with both adjusted balances, every item with its place, and what to do."""
    bank = of.bank
    yield f"{bank.account}, {bank.currency}: reconciliation on {bank.end}"
    yield ""
    for name, amount, items in _sections(of, books):
        yield f"{name:<{_WIDTH}}{at_cents(amount):>16}"
        for item in items:
            yield f"  {item}"
    yield ""
    yield from _verdict(of, books)


def as_markdown(of: Reconciliation, books: Books) -> Iterator[str]:
    """The same as a table and lists."""
    bank = of.bank
    yield f"## {bank.account}, {bank.currency}: reconciliation on {bank.end}\n"
    yield "| | |\n|---|---:|"
    sections = list(_sections(of, books))
    for name, amount, _ in sections:
        yield f"| {name.strip()} | {at_cents(amount)} |"
    for name, _, items in sections:
        if items:
            yield f"\n{name.strip()}:\n"
            for item in items:
                yield f"- {item}"
    yield ""
    yield from (f"- {line.strip()}" for line in _verdict(of, books))


def as_json(of: Reconciliation, books: Books) -> dict[str, Any]:
    """Everything, amounts as text."""
    bank = of.bank

    def lines(some: tuple[Line, ...]) -> list[dict[str, Any]]:
        return [_line(line) for line in some]

    def entries(some: tuple[Entry, ...]) -> list[dict[str, Any]]:
        return [_entry(entry, books) for entry in some]

    return {
        "account": bank.account,
        "currency": bank.currency,
        "file": bank.file,
        "from": bank.first.isoformat(),
        "to": bank.end.isoformat(),
        "statement_balance": at_cents(bank.closing),
        "book_balance": at_cents(of.held.held),
        "bank_errors": at_cents(of.bank_errors),
        "adjusted_bank": at_cents(of.adjusted_bank),
        "adjusted_book": at_cents(of.adjusted_book),
        "difference": at_cents(of.difference),
        "closes": of.closes,
        "matched": [
            {"by": m.by, "lines": lines(m.lines), "entries": entries(m.entries)} for m in of.matches
        ],
        "deposits_in_transit": entries(of.in_transit),
        "outstanding_payments": entries(of.payments),
        "booked_later": entries(of.booked_later),
        "not_in_the_books": lines(of.unbooked),
        "errors_of_the_bank": lines(of.errors),
        "differing": [
            {"lines": lines(m.lines), "entries": entries(m.entries)} for m in of.differing
        ],
        "to_decide": [
            {"why": d.why, "lines": lines(d.lines), "entries": entries(d.entries)}
            for d in of.doubts
        ],
        "rows_near": list(of.rows_near),
    }


def _sections(of: Reconciliation, books: Books) -> Iterator[tuple[str, Decimal, list[str]]]:
    """Each line of the statement: its name, its amount, and the items that it is made of."""
    bank = of.bank
    yield f"Statement balance on {bank.end}", bank.closing, []
    outstanding = (("deposits in transit", of.in_transit), ("outstanding payments", of.payments))
    for name, entries in outstanding:
        if entries:
            total = sum((entry.amount for entry in entries), Decimal(0))
            yield f"  {name}", total, [_of_books(entry, books) for entry in entries]
    if of.bank_errors or of.errors:
        items = [_of_bank(line, of) for line in of.errors]
        if of.held.errors:
            items.append(f"{at_cents(of.held.errors)} of earlier statements")
        yield "  errors of the bank", -of.bank_errors, items
    yield "Adjusted bank balance", of.adjusted_bank, []
    yield f"Books on {bank.end}", of.held.held, []
    if of.booked_later:
        total = sum((entry.amount for entry in of.booked_later), Decimal(0))
        items = [_of_books(entry, books) for entry in of.booked_later]
        yield f"  booked after {bank.end}", total, items
    if of.unbooked:
        total = sum((line.amount for line in of.unbooked), Decimal(0))
        yield "  not in the books", total, [_of_bank(line, of) for line in of.unbooked]
    if of.asked:
        total = sum((line.amount for line in of.asked), Decimal(0))
        yield "  to decide", total, [_of_bank(line, of) for line in of.asked]
    yield "Adjusted book balance", of.adjusted_book, []
    yield "Difference", of.difference, []


def _verdict(of: Reconciliation, books: Books) -> Iterator[str]:
    lines = sum(len(match.lines) for match in of.matches)
    yield f"{lines} of {len(of.bank.lines)} lines of the statement are in the books."
    for match in of.matches:
        if match.by != "id":
            yield f"  {_by(match, of, books)}"
    if of.difference:
        yield f"It cannot be closed: {at_cents(of.difference)} {of.bank.currency} is unexplained."
    for row in of.rows_near:
        yield f"  {row}"
    if of.unbooked:
        count = len(of.unbooked)
        lines_are = "line is" if count == 1 else "lines are"
        yield (
            f"{count} {lines_are} not in the books: 'books import {of.bank.file}' books "
            "them; --bank-error ROW says that one is the bank's error."
        )
    for doubt in of.doubts:
        rows = ", ".join(f"{of.bank.file}:{line.row}" for line in doubt.lines)
        yield f"Which is {rows}? ({doubt.why})"
        for entry in doubt.entries:
            yield f"  --match {doubt.lines[0].row}={where(entry, books)}   {_what(entry)}"


def _by(match: Match, of: Reconciliation, books: Books) -> str:
    """A match that is not the bank's own word, with both places, to be looked through."""
    rows = ", ".join(f"{of.bank.file}:{line.row}" for line in match.lines)
    places = ", ".join(where(entry, books) for entry in match.entries)
    number = sum((line.amount for line in match.lines), Decimal(0))
    if not match.lines or not match.entries:
        return f"{rows or places} cancel out ({match.by})"
    return f"{at_cents(number):>12}  {rows} is {places} ({match.by})"


def _of_books(entry: Entry, books: Books) -> str:
    return f"{_what(entry)}  ({where(entry, books)})"


def _what(entry: Entry) -> str:
    return f"{entry.date} {at_cents(entry.amount):>12}  {entry.text}"


def _of_bank(line: Line, of: Reconciliation) -> str:
    return f"{line.date} {at_cents(line.amount):>12}  {line.text}  ({of.bank.file}:{line.row})"


def _line(line: Line) -> dict[str, Any]:
    return {
        "row": line.row,
        "date": line.date.isoformat(),
        "amount": at_cents(line.amount),
        "text": line.text,
    }


def _entry(entry: Entry, books: Books) -> dict[str, Any]:
    return {
        "at": where(entry, books),
        "date": entry.date.isoformat(),
        "amount": at_cents(entry.amount),
        "text": entry.text,
        "recon": entry.recon,
    }
