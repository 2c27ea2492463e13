"""A feed's lines as the statements that every import begins with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.entity import Account
from core.findings import EXIT_FINDINGS, UserError
from importers.feed.contract import OPENING, FeedAccount, FeedLine, Item
from importers.feed.record import Record, Told
from importers.matching.second_source import DAYS
from importers.statement import Statement, StatementFile, StatementLine

_CURRENCY = re.compile(r"[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]|[A-Z]")
_KINDS = frozenset({"any", "bank", "card", "investment"})


@dataclass(frozen=True)
class Run:
    """One run's file for one entity, as it was decoded: ``path`` in the home, and its hash."""

    path: Path
    sha256: str
    record: Record


def statement_line(line: FeedLine, row: int) -> StatementLine:
    """The line as a line of a statement; ``row`` is its place in the run's file.

    Raises UserError for a currency that no journal can hold.
    """
    currency = line.currency.upper()
    if not _CURRENCY.fullmatch(currency):
        raise UserError(
            f"line {line.id} of {line.date} is in {line.currency!r}, which is no name of a "
            "currency; nothing was written",
            code=EXIT_FINDINGS,
        )
    payee = line.payee or line.description
    cells = {"payee": line.payee, "description": line.description, "category": line.category}
    return StatementLine(
        date=line.date,
        amount=line.amount,
        currency=currency,
        payee=payee,
        narration="" if line.description == payee else line.description,
        row=row,
        cells={name: text for name, text in cells.items() if text},
        bank_id=line.id,
        transaction_date=line.authorized,
        trade=line.trade,
    )


def statement_file(
    run: Run, item: Item, accounts: Sequence[tuple[FeedAccount, Account]], told: Told
) -> StatementFile:
    """The statements of one entity's ``accounts``; an account with neither a line nor a balance
    has none."""
    statements = []
    for feed_account, account in accounts:
        rows = [(row, line) for row, line in run.record.lines if line.account == feed_account.ref]
        if rows or feed_account.balance is not None or feed_account.positions:
            statements.append(_statement(rows, item, feed_account, account, told))
    return StatementFile(
        run.path,
        "feed",
        item.institution,
        tuple(statements),
        sha256=run.sha256,
        is_feed=True,
    )


def _statement(
    rows: Sequence[tuple[int, FeedLine]],
    item: Item,
    feed_account: FeedAccount,
    account: Account,
    told: Told,
) -> Statement:
    lines = tuple(statement_line(line, row) for row, line in rows)
    days = [line.date for line in lines if not line.bank_id.startswith(OPENING)]
    known = told.first_day(feed_account.ref)
    period = None
    if days:
        # A feed has all that has posted until now: what another source dates a few days later is
        # among its lines. How the runs were cut makes no difference.
        period = (min([*days, known] if known else days), max(days) + DAYS)
    return Statement(
        feed_account.mask or None,
        feed_account.currency,
        lines,
        balance=feed_account.balance,
        balance_date=feed_account.balance_date,
        kind=feed_account.kind if feed_account.kind in _KINDS else None,
        period=period,
        positions=feed_account.positions,
        account=account.name,
        scope=item.scope,
    )
