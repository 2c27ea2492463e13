"""The book diff as the documented JSON. Amounts are strings, differences are head minus base."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.money import at_cents, round_half_up
from reports.bookdiff.changes import Change, DirectiveChange, amount_told
from reports.bookdiff.loose import Loose
from reports.bookdiff.market import Amounts
from reports.bookdiff.model import BookDiff
from reports.bookdiff.touched import Line

_FINEST = 8  # decimals of a value that was converted


def as_json(diff: BookDiff) -> str:
    """The text of the object; ``docs/review.md`` lists its keys."""
    return json.dumps(to_json(diff), indent=2, ensure_ascii=False) + "\n"


def to_json(diff: BookDiff) -> dict[str, Any]:
    """The object."""
    currency = diff.figures.currency
    return {
        "base": diff.base,
        "head": diff.head,
        "financial_change": diff.financial_change,
        "currency": dict(currency),
        "totals": {
            owner: {
                month: {name: _amounts(amounts, currency[owner]) for name, amounts in said.items()}
                for month, said in months.items()
            }
            for owner, months in diff.figures.totals.items()
        },
        "accounts": {
            owner: {
                account: {m: _amounts(amounts, currency[owner]) for m, amounts in months.items()}
                for account, months in accounts.items()
            }
            for owner, accounts in diff.figures.accounts.items()
        },
        "transactions": [_transaction(change) for change in diff.changes],
        "renames": [{"from": old, "to": new} for old, new in diff.renames.items()],
        "directives": [_directive(change) for change in diff.directives]
        + [
            {"kind": "changed", "type": "option", "name": o.name, "base": o.base, "head": o.head}
            for o in diff.options
        ],
        "findings": {
            "new": [finding.to_json() for finding in diff.new],
            "cured": [finding.to_json() for finding in diff.cured],
        },
        "tax_lines": [_line(line, currency) for line in diff.taxes],
        "envelopes": [_line(line, currency) for line in diff.envelopes],
        "crossings": [
            {"link": c.link, "entities": list(c.owners), "kinds": list(c.kinds)}
            for c in diff.crossings
        ],
        "closed_periods": [
            {"entity": c.owner, "period": c.period, "entries": c.count} for c in diff.closed
        ],
        "notes": list(diff.notes),
    }


def _amounts(amounts: Amounts, currency: str) -> str | dict[str, str]:
    """A string where only the owner's currency occurs."""
    if set(amounts) == {currency}:
        return _plain(amounts[currency])
    return {name: _plain(number) for name, number in amounts.items()}


def _plain(number: Decimal) -> str:
    """Exact, with two decimals and more only where they are not zero."""
    short = number.normalize()
    exponent = short.as_tuple().exponent
    too_fine = isinstance(exponent, int) and exponent < -_FINEST
    return at_cents(round_half_up(number, _FINEST).normalize() if too_fine else short)


def _transaction(change: Change) -> dict[str, Any]:
    txn = change.txn
    return {
        "kind": change.kind,
        "entity": txn.entity,
        "payee": txn.txn.payee,
        "narration": txn.narration,
        "date_base": change.base.date.isoformat() if change.base else None,
        "date_head": change.head.date.isoformat() if change.head else None,
        "fields": list(change.field_names),
        "changes": [{"field": f.name, "base": f.base, "head": f.head} for f in change.fields],
        "links": sorted(txn.links),
        "postings_base": _postings(change.base),
        "postings_head": _postings(change.head),
        "file": txn.file,
        "line": txn.line,
    }


def _postings(txn: Loose | None) -> list[dict[str, Any]] | None:
    """The postings as their side has them, under that side's names of accounts."""
    if txn is None:
        return None
    return [
        {
            "account": posting.account,
            "amount": f"{leg.number:f}" if leg.number is not None else None,
            "currency": leg.currency,
            "text": amount_told(leg),
        }
        for posting, leg in zip(txn.txn.postings, txn.as_written, strict=True)
    ]


def _directive(change: DirectiveChange) -> dict[str, Any]:
    each = change.directive
    return {
        "kind": change.kind,
        "type": each.kind,
        "date": each.entry.date.isoformat(),
        "account": each.account or None,
        "base": change.base.text if change.base else None,
        "head": change.head.text if change.head else None,
        "file": each.file,
        "line": each.line,
    }


def _line(line: Line, currency: Mapping[str, str]) -> dict[str, Any]:
    amounts = _amounts(line.amounts, currency[line.owner])
    return {"entity": line.owner, "name": line.name, "period": line.period, "amount": amounts}
