"""Account statements from MT940 files, and interim reports (MT942) as what they are.

Every statement of a file stays one, with its own balances; the pages of one statement, which end
in ``:62M:`` and go on with ``:60M:``, are put together.
"""

import datetime as dt
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from importers.mt940.line import IDENTITY, amount_of, day_of, is_expected, read_line, refused
from importers.mt940.tokenizer import Field, Message, messages
from importers.proof.addition import adds_up, unproved
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine

_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9]+,[0-9]*)")
_FLOOR = re.compile(r"([A-Z]{3})[CD]?[0-9]+,[0-9]*")
_SUMS = re.compile(r"([0-9]{1,5})[A-Z]{3}[0-9]+,[0-9]*")


@dataclass(frozen=True)
class _Balance:
    amount: Decimal
    currency: str
    date: dt.date


def read_mt940(path: Path, raw: bytes, shown: str) -> StatementFile:
    """The statements of a file. Raises RefusedFileError with the reason to tell its owner."""
    statements: list[Statement] = []
    warnings: list[str] = []
    for pages in _paged(messages(raw, shown)):
        read = _interim if pages[0].is_interim else _statement
        statement, said = read(pages, shown)
        statements.append(statement)
        warnings += said
    if not statements:
        raise RefusedFileError(
            "holds no statement (:20:)", file=shown, hint="download it from the bank again"
        )
    return StatementFile(path, "mt940", "bank", tuple(statements), tuple(warnings))


def _paged(found: list[Message]) -> list[list[Message]]:
    """The messages of each statement: its pages."""
    groups: list[list[Message]] = []
    for message in found:
        before = groups[-1][-1] if groups else None
        goes_on = before is not None and before.get("62F", "62M") == before.get("62M")
        if before and goes_on and message.get("60M") and _account(message) == _account(before):
            groups[-1].append(message)
        else:
            groups.append([message])
    return groups


def _statement(pages: list[Message], shown: str) -> tuple[Statement, list[str]]:
    """The statement on ``pages``, and what to warn of."""
    opening = _balance(pages[0], ("60F", "60M"), shown)
    closing = _balance(pages[-1], ("62F", "62M"), shown)
    if opening.currency != closing.currency:
        raise refused(
            f"opens in {opening.currency} and closes in {closing.currency}",
            pages[-1].fields[0],
            shown,
        )
    statement = Statement(
        account_id=_account_id(pages[0], opening.currency),
        currency=opening.currency,
        lines=tuple(line for page in pages for line in _lines(page, None, shown)),
        balance=closing.amount,
        balance_date=closing.date,
        kind="bank",
        identity=IDENTITY,
        opening=opening.amount,
        opening_date=opening.date,
    )
    if (
        pages[-1].ends_file
        and pages[-1].fields[-1].tag in {"62F", "62M"}
        and not adds_up(statement)
    ):
        raise refused(
            "the file ends within its closing balance, and the lines do not add up to what is left "
            "of it: it is cut off",
            pages[-1].fields[-1],
            shown,
        )
    warnings = list(unproved(statement))
    if pages[-1].get("62F") is None:
        warnings.append(
            f"{statement.account_id}: ends with an intermediate balance: more of it must follow in "
            "another file"
        )
        statement = replace(statement, balance=None, balance_date=None)
    return statement, warnings


def _interim(pages: list[Message], shown: str) -> tuple[Statement, list[str]]:
    """An interim report: no balances, and lines that the bank may still change.

    Its currency is that of its limits and sums; it is on the lines, since the report does not say
    what the account is kept in.
    """
    (message,) = pages
    floor = message.get("34F")
    match = _FLOOR.fullmatch(floor.lines[0].strip()) if floor else None
    if floor and not match:
        raise refused(f":34F: cannot be read: “{floor.lines[0][:40]}”", floor, shown)
    lines = _lines(message, match[1] if match else None, shown)
    sums = [f for f in message.fields if f.tag in {"90D", "90C"}]
    counted = 0
    for field in sums:
        found = _SUMS.fullmatch(field.lines[0].strip())
        if not found:
            raise refused(f":{field.tag}: cannot be read: “{field.lines[0][:40]}”", field, shown)
        counted += int(found[1])
    expected = sum(1 for f in message.fields if f.tag == "61" and is_expected(f))
    if counted > len(lines) + expected:
        raise refused(
            f"says it has {counted} lines and has {len(lines) + expected}: a part of it is missing",
            sums[0],
            shown,
        )
    statement = Statement(
        account_id=_account_id(message, ""),
        currency=None,
        lines=lines,
        kind="bank",
        identity=IDENTITY,
    )
    warnings = [
        f"{statement.account_id}: is an interim report (MT942): it has no balances, and the bank "
        "may still change its lines"
    ]
    if expected:
        warnings.append(f"{statement.account_id}: {expected} expected lines are left out")
    return statement, warnings


def _lines(message: Message, currency: str | None, shown: str) -> tuple[StatementLine, ...]:
    """The booked lines of a message, each with the :86: fields that follow it."""
    found: list[tuple[Field, list[Field]]] = []
    texts: list[Field] | None = None
    for field in message.fields:
        if field.tag == "61":
            texts = []
            found.append((field, texts))
        elif field.tag != "86":
            texts = None  # what follows is said of the statement, not of a line
        elif texts is not None:
            texts.append(field)
    return tuple(
        read_line(field, said, currency, shown) for field, said in found if not is_expected(field)
    )


def _balance(message: Message, tags: tuple[str, ...], shown: str) -> _Balance:
    field = message.get(*tags)
    if field is None:
        raise refused(f"a statement has no :{tags[0]}:", message.fields[0], shown)
    text = field.lines[0].strip()
    match = _BALANCE.fullmatch(text)
    day = day_of(match[2]) if match else None
    if not match or day is None:
        raise refused(f":{field.tag}: cannot be read: “{text[:40]}”", field, shown)
    amount = amount_of(match[4], field, shown)
    return _Balance(-amount if match[1] == "D" else amount, match[3], day)


def _account(message: Message) -> str:
    field = message.get("25", "25P")
    return field.lines[0].strip() if field else ""


def _account_id(message: Message, currency: str) -> str | None:
    """The account as written, without the currency that some banks put behind its number."""
    account = _account(message)
    if currency and re.fullmatch(rf"[A-Z]{{2}}[0-9]{{2}}[A-Z0-9]+\s*{currency}", account):
        account = account.removesuffix(currency).strip()
    return account or None
