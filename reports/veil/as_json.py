"""The veil statement as the documented JSON: amounts are strings, days ISO, places file:line."""

import json
from decimal import Decimal
from typing import Any

from core.money import at_cents
from reports.veil import score as scoring
from reports.veil.ageing import BUCKETS, OpenItem
from reports.veil.crossings import Crossing
from reports.veil.formalities import Formality
from reports.veil.loans import LoanLine
from reports.veil.matrix import Matrix
from reports.veil.owners import Owners
from reports.veil.papers import Paper
from reports.veil.score import Score
from reports.veil.statement import GroupStatement, VeilStatement


def as_json(statement: VeilStatement | GroupStatement) -> str:
    """The statement as a JSON text."""
    made = _entity(statement) if isinstance(statement, VeilStatement) else _group(statement)
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _entity(statement: VeilStatement) -> dict[str, Any]:
    return {
        "report": "veil",
        "entity": statement.entity,
        "legal_name": statement.legal_name,
        **_head(statement),
        "score": _score(statement.score),
        "findings": [f.to_json() for f in statement.findings],
        "waived": [f.to_json() for f in statement.waived],
        **_matrix(statement.matrix),
        "due_max_days": statement.due_max_days,
        "ageing": [_item(item) for item in statement.ageing],
        "crossings": [_crossing(each) for each in statement.crossings],
        "loans": [_loan(loan) for loan in statement.loans],
        **_owners(statement.owners),
        "formalities": [_formality(each) for each in statement.formalities],
    }


def _group(statement: GroupStatement) -> dict[str, Any]:
    return {
        "report": "veil",
        "entity": None,
        **_head(statement),
        "scores": {name: _score(score) for name, score in statement.scores},
        **_matrix(statement.matrix),
    }


def _head(statement: VeilStatement | GroupStatement) -> dict[str, Any]:
    return {
        "period": statement.period.name,
        "from": statement.period.first.isoformat(),
        "to": statement.period.last.isoformat(),
        "day": statement.day.isoformat(),
        "as_of": statement.as_of.isoformat(),
        "commit": statement.commit or None,
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "points": score.points,
        "formula": {
            "start": scoring.START,
            "error": scoring.ERROR,
            "warning": scoring.WARNING,
            "most_of_factor": scoring.MOST_OF_FACTOR,
            "paper": scoring.PAPER,
        },
        "factors": [
            {
                "factor": factor.name,
                "errors": factor.errors,
                "warnings": factor.warnings,
                "infos": factor.infos,
                "waived": factor.waived,
                "points": factor.points,
            }
            for factor in score.factors
        ],
        "crossings": score.crossings,
        "documented": score.documented,
        "paper_points": score.paper_points,
    }


def _matrix(matrix: Matrix) -> dict[str, Any]:
    owed = [
        {
            "debtor": each.debtor,
            "creditor": each.creditor,
            "on": each.kind,
            "currency": each.currency,
            "creditors_books": _number(each.creditors),
            "debtors_books": _number(each.debtors),
            "agrees": each.agrees,
            "gaps": [
                {
                    "link": gap.link,
                    "creditors_books": _number(gap.creditors),
                    "debtors_books": _number(gap.debtors),
                    "where": list(gap.where),
                }
                for gap in each.gaps
            ],
        }
        for each in matrix.owed
    ]
    paid = [
        {
            "giver": each.giver,
            "receiver": each.receiver,
            "class": each.transfer,
            "currency": each.currency,
            "givers_books": _number(each.givers),
            "receivers_books": _number(each.receivers),
            "agrees": each.agrees,
        }
        for each in matrix.paid
    ]
    return {"owed": owed, "paid": paid}


def _crossing(crossing: Crossing) -> dict[str, Any]:
    part = crossing.part
    return {
        "date": part.date.isoformat(),
        "in_books_of": part.entity,
        "with": part.party,
        "class": part.transfer,
        "currency": part.currency or None,
        "gave": _number(part.gave),
        "received": _number(part.received),
        "link": crossing.link or None,
        "where": part.where,
        "others": list(crossing.others),
        "answered": crossing.answered,
        "documented": crossing.is_documented,
        "papers": _papers(crossing.papers),
        "findings": list(crossing.findings),
    }


def _papers(papers: tuple[Paper, ...]) -> list[dict[str, str]]:
    return [{"what": p.what, "path": p.path, "state": p.state, "named_at": p.where} for p in papers]


def _item(item: OpenItem) -> dict[str, Any]:
    return {
        "debtor": item.debtor,
        "creditor": item.creditor,
        "by_books_of": item.by,
        "since": item.date.isoformat(),
        "days": item.days,
        "bucket": BUCKETS[item.bucket],
        "open": _number(item.amount),
        "currency": item.currency,
        "link": item.link or None,
        "where": item.where,
    }


def _loan(loan: LoanLine) -> dict[str, Any]:
    return {
        "id": loan.id,
        "lender": loan.lender,
        "borrower": loan.borrower,
        "related": loan.related,
        "principal": _number(loan.principal),
        "currency": loan.currency,
        "rate": None if loan.rate is None else str(loan.rate),
        "scheduled": _number(loan.scheduled),
        "borrowers_books": _number(loan.borrowers),
        "lenders_books": _number(loan.lenders),
        "agrees": loan.agrees,
        "instalments": {"due": loan.due, "late": loan.late, "open": loan.open},
        "papers": _papers(loan.papers),
        "where": loan.where,
        "last_entry": loan.last_entry or None,
    }


def _owners(owners: Owners) -> dict[str, Any]:
    capital = [
        {
            "company": line.company,
            "owner": line.owner,
            "percent": str(line.share),
            "currency": line.currency,
            "opening": _number(line.opening),
            "contributions": _number(line.contributions),
            "distributions": _number(line.distributions),
            "other": _number(line.other),
            "closing": _number(line.closing),
            "unallocated_result": _number(line.result),
            "capital": _number(line.capital),
            "accounts": dict(zip(line.accounts, line.where, strict=True)),
        }
        for line in owners.capital
    ]
    shares = [
        {
            "company": line.company,
            "year_to": line.last.isoformat(),
            "owner": line.owner,
            "percent": str(line.share),
            "paid_per_percent": _number(line.per_percent),
            "short": _number(line.short),
            "currency": line.currency,
            "where": line.where or None,
        }
        for line in owners.shares
    ]
    return {"capital": capital, "shares": shares, "problems": list(owners.problems)}


def _formality(each: Formality) -> dict[str, Any]:
    return {
        "what": each.key,
        "for": each.period,
        "agency": each.agency or None,
        "due": each.due.isoformat(),
        "done": each.done.isoformat() if each.done else None,
        "state": each.state,
        "papers": _papers(each.papers),
        "where": each.where,
    }


def _number(number: Decimal | None) -> str | None:
    return None if number is None else at_cents(number)
