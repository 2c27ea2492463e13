"""An import as the documented JSON: what each file says, and what of it is new."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from core.money import at_cents
from importers.planned import FilePlan, ImportPlan, Proof, StatementPlan
from importers.statement import Statement


def to_json(plan: ImportPlan) -> dict[str, Any]:
    """The documented JSON of an import; amounts are strings from the owner's view."""
    return {
        "files": [
            {
                "file": str(file.path),
                "format": file.format or None,
                "refused": file.refused or None,
                "accounts": [_account_json(s.statement) for s in file.statements],
                "new": _count(file, lambda s: len(s.drafts)),
                "known": _count(file, lambda s: s.known),
                "joined": _count(file, lambda s: s.joined),
                "proofs": [_proof_json(s.proof) for s in file.statements if s.proof],
            }
            for file in plan.files
        ]
    }


def _count(file: FilePlan, number: Callable[[StatementPlan], int]) -> int | None:
    """The sum over the file's statements; None while a ledger account is unknown."""
    if file.refused or any(s.account is None for s in file.statements):
        return None
    return sum(number(s) for s in file.statements)


def _proof_json(proof: Proof) -> dict[str, Any]:
    """``opening`` + ``rows`` = ``closing`` but for ``unread``; the books hold ``gap`` more."""
    return {
        "account": proof.account,
        "currency": proof.currency,
        "date": proof.date.isoformat(),
        "opening": at_cents(proof.opening),
        "rows": at_cents(proof.rows),
        "closing": at_cents(proof.closing),
        "unread": at_cents(proof.unread),
        "books": at_cents(proof.books),
        "gap": at_cents(proof.gap),
        "rows_near": list(proof.rows_near),
    }


def _account_json(statement: Statement) -> dict[str, Any]:
    dates = [line.date for line in statement.lines]
    return {
        "account_id": statement.account_id,
        "currency": statement.currency,
        "transactions": len(statement.lines),
        "sum": at_cents(sum((line.amount for line in statement.lines), Decimal(0))),
        "first_date": min(dates).isoformat() if dates else None,
        "last_date": max(dates).isoformat() if dates else None,
        "balance": None if statement.balance is None else at_cents(statement.balance),
        "balance_date": statement.balance_date.isoformat() if statement.balance_date else None,
    }
