"""Account statements of ISO 20022: camt.053, and what is booked already in a camt.052.

Only booked entries are lines. A camt.054 explains entries of a statement and is refused, since
it would bring them a second time.

Of a reversal CdtDbtInd says the sign, as the standard has it. Some banks write the sign of what
is reversed instead (German savings banks: OCA/bank-statement-import#375, where others disagree);
the balances decide: where the lines add up only with the reversals turned, they are turned.
"""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from importers.camt.entry import IDENTITY, Entry, booked_entry, status
from importers.camt.values import day_of, signed_amount
from importers.camt.xml import Node, parsed
from importers.plain_text import beginning
from importers.proof.addition import adds_up, unproved
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.(05[234])\.001\.([0-9]{2})")
# The elements that are read have stood alike in every version from 2 to 13.
_VERSIONS = range(2, 14)
_STATEMENTS = {"053": ("BkToCstmrStmt", "Stmt"), "052": ("BkToCstmrAcctRpt", "Rpt")}


@dataclass(frozen=True)
class _Balance:
    amount: Decimal
    currency: str
    date: dt.date | None
    is_interim: bool


def looks_like_camt(head: bytes) -> bool:
    """Whether the beginning of a file is a camt message, whatever the file is called."""
    text = beginning(head).lstrip()
    return text.startswith("<") and ("camt.05" in text or "<BkToCstmr" in text)


def read_camt(path: Path, raw: bytes, shown: str) -> StatementFile:
    """The statements of a camt file. Raises RefusedFileError with the reason to tell its owner."""
    root = parsed(raw, shown)
    documents = _documents(root, shown)
    if not documents:
        raise RefusedFileError(
            f"is no camt message of a version known here ({root.namespace or 'no namespace'})",
            file=shown,
            hint="download the statement as camt.053",
        )
    statements, warnings, institution, left_out = [], [], "", 0
    for document, kind in documents:
        for node in document.all(*_STATEMENTS[kind]):
            statement, said, not_booked = _statement(node, shown)
            left_out += not_booked
            if statement.lines or statement.balance is not None:
                statements.append(statement)
                warnings += said
                warnings += _intraday(kind, statement) + unproved(statement)
            institution = institution or _institution(node)
    if not statements:
        what = f"nothing is booked: {left_out} entries are pending" if left_out else "no statement"
        raise RefusedFileError(
            f"holds no booked entry and no closing balance: {what}",
            file=shown,
            hint="download the statement (camt.053) when the bank has closed the day",
        )
    return StatementFile(path, "camt", institution or "bank", tuple(statements), tuple(warnings))


def _documents(root: Node, shown: str) -> list[tuple[Node, str]]:
    """The camt messages in a file, with 053 or 052: its root, or what an envelope holds."""
    match = _NAMESPACE.fullmatch(root.namespace) if root.name == "Document" else None
    if match is None:
        return [found for child in root.children for found in _documents(child, shown)]
    if match[1] == "054":
        raise RefusedFileError(
            "is a notice (camt.054): it explains entries that the statement has as well",
            file=shown,
            hint="download the statement (camt.053) instead",
        )
    return [(root, match[1])] if int(match[2]) in _VERSIONS else []


def _statement(node: Node, shown: str) -> tuple[Statement, list[str], int]:
    """A statement, what to warn of, and how many entries are not booked."""
    account = node.text_of("Acct", "Id", "IBAN") or node.text_of("Acct", "Id", "Othr", "Id")
    entries, other = [], Counter[str]()
    for entry in node.all("Ntry"):
        if (said := status(entry, shown)) == "BOOK":
            entries.append(booked_entry(entry, account, shown))
        else:
            other[said] += 1
    openings = _balances(node, "OPBD", shown) or _balances(node, "PRCD", shown)
    closings = _balances(node, "CLBD", shown)
    currency = _currency(node, entries, [*openings, *closings])
    opening = next((b for b in openings if b.currency == currency), None)
    closing = next((b for b in reversed(closings) if b.currency == currency), None)
    statement = Statement(
        account_id=account or None,
        currency=currency,
        lines=tuple(_own_currency(entry, currency) for entry in entries),
        balance=closing.amount if closing else None,
        balance_date=closing.date if closing else None,
        kind="bank",
        identity=IDENTITY,
        opening=opening.amount if opening else None,
        opening_date=opening.date if opening else None,
        period=_period(node, shown),
    )
    statement, turned = _reversals_proved(statement, entries)
    warnings = [entry.warning for entry in entries if entry.warning] + turned
    warnings += [
        f"{account}: {count} entries are {said}, not booked: left out"
        for said, count in sorted(other.items())
    ]
    if closings and not closing:
        warnings.append(
            f"{account}: the closing balance is in {closings[-1].currency}, the account in "
            f"{currency}: it is not used"
        )
    foreign = sorted({e.currency for e in entries if e.currency != currency})
    if foreign:
        warnings.append(f"{account}: has entries in {', '.join(foreign)} beside {currency}")
    if node.text_of("StmtPgntn", "LastPgInd") == "false":
        warnings.append(f"{account}: is not the last page of the statement; import the others too")
    return statement, warnings, sum(other.values())


def _own_currency(entry: Entry, currency: str | None) -> StatementLine:
    return replace(entry.line, currency=None) if entry.currency == currency else entry.line


def _currency(node: Node, entries: list[Entry], balances: list[_Balance]) -> str | None:
    """The account's currency; where the file does not say, the one of all entries, else the first
    balance's."""
    named = node.text_of("Acct", "Ccy")
    of_entries = {entry.currency for entry in entries}
    if named or len(of_entries) == 1:
        return named or of_entries.pop()
    return balances[0].currency if balances else None


def _balances(node: Node, code: str, shown: str) -> list[_Balance]:
    """The balances of a kind, oldest first; a page's own only where there is no other."""
    found = []
    for balance in node.all("Bal"):
        if balance.text_of("Tp", "CdOrPrtry", "Cd") == code:
            amount, currency = signed_amount(balance, shown)
            is_interim = balance.text_of("Tp", "SubTp", "Cd") == "INTM"
            day = day_of(balance.get("Dt"), shown)
            found.append(_Balance(amount, currency, day, is_interim))
    final = [balance for balance in found if not balance.is_interim]
    return sorted(final or found, key=lambda balance: balance.date or dt.date.min)


def _period(node: Node, shown: str) -> tuple[dt.date, dt.date] | None:
    first = day_of(node.get("FrToDt", "FrDtTm") or node.get("FrToDt", "FrDt"), shown)
    last = day_of(node.get("FrToDt", "ToDtTm") or node.get("FrToDt", "ToDt"), shown)
    return (first, last) if first and last else None


def _reversals_proved(statement: Statement, entries: list[Entry]) -> tuple[Statement, list[str]]:
    """The statement with its reversals turned where only that makes it add up."""
    reversals = {index for index, entry in enumerate(entries) if entry.is_reversal}
    if not reversals or adds_up(statement):
        return statement, []
    turned = replace(
        statement,
        lines=tuple(
            _turned(line) if index in reversals else line
            for index, line in enumerate(statement.lines)
        ),
    )
    if not adds_up(turned):
        return statement, []
    return turned, [
        f"{statement.account_id}: this bank gives a reversal the sign of what it reverses: "
        f"{len(reversals)} were turned, and so the lines add up to the closing balance"
    ]


def _turned(line: StatementLine) -> StatementLine:
    splits = tuple(replace(split, amount=-split.amount) for split in line.splits)
    return replace(line, amount=-line.amount, splits=splits)


def _intraday(kind: str, statement: Statement) -> tuple[str, ...]:
    if kind == "053":
        return ()
    said = f"{statement.account_id}: is an intraday report (camt.052): more may be booked that day"
    return (said,)


def _institution(node: Node) -> str:
    bank = node.get("Acct", "Svcr", "FinInstnId")
    return (
        next((bank.text_of(n) for n in ("Nm", "BICFI", "BIC") if bank.text_of(n)), "")
        if bank
        else ""
    )
