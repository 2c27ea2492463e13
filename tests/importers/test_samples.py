"""Every real statement file that is covered, against the facts about it.

The files are third-party and are read where they lie beside the checkout; where they are absent
the tests are skipped. A file that no importer covers must be refused: never read wrongly.
"""

import json
import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.findings import UserError
from importers.csv.propose import propose
from importers.csv.read import read_csv
from importers.detect import load_profiles, read_statement_file
from importers.pdf.template import Template, load_templates
from importers.statement import Statement, StatementLine

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = CHECKOUT.parent / "shared" / "samples"
FACTS: list[dict[str, Any]] = (
    json.loads((SAMPLES / "facts.json").read_text()) if SAMPLES.is_dir() else []
)
PROFILES = load_profiles(CHECKOUT / "rules" / "sources")
# The bank of this one is made up, so that no template of it comes with the product.
ACME = {
    "institution": "ACME Bank",
    "kind": "bank",
    "currency": "USD",
    "recognise": ["^ACME Bank", "^Statement:"],
    "period": r"^Date: (?P<to>\w+ \d+, ?\d{4})",
    "period-format": "%B %d,%Y",
    "closing": r"^Balance: (?P<amount>\S+)$",
    "identity": {"version": 1},
}
TEMPLATES = {
    **load_templates(CHECKOUT / "rules" / "templates"),
    "acme": Template.model_validate(ACME),
}

READ = {"ofx", "csv", "camt", "mt940", "qif", "pdf"}
# Files that are not read, and why: each must be refused.
NOT_COVERED = {
    "csv/german-bank.csv": "the bank is not named",
    "csv/french-headers.csv": "the bank is not named",
    "csv/citizens.csv": "three columns that say nothing of the sign",
    "csv/statement-with-trailer.csv": "three columns that say nothing of the sign",
    "csv/pending-in-date-column.csv": "three columns that say nothing of the sign",
    "csv/semicolon-preamble.csv": "the bank is not named",
    "csv/card-number-preamble.csv": "the bank is not named",
    "csv/generic-balance.csv": "the bank is not named",
    "csv/generic-dc-flag.csv": "the bank is not named",
    "csv/generic-multi-currency.csv": "the bank is not named",
    "csv/header-only.csv": "the bank is not named",
    "camt/intraday-camt052-v6.xml": "nothing in it is booked: its one entry is pending",
}


def is_refused(fact: dict[str, Any]) -> bool:
    return bool(
        fact["format"] not in READ
        or fact["facts"]["must_be_refused"]
        or fact["file"] in NOT_COVERED
    )


def total_of(line: StatementLine) -> Decimal:
    """A trade's total as written: 401(k) purchases and reinvestments do not pass through cash."""
    if line.trade is None:
        return line.amount
    return Decimal(0) if line.trade.action == "reinvest" else line.trade.total


def told(statement: Statement) -> dict[str, Any]:
    days = [line.date.isoformat() for line in statement.lines]
    return {
        "account_id": statement.account_id,
        "currency": statement.currency,
        "transactions": len(statement.lines),
        "sum": sum((total_of(line) for line in statement.lines), Decimal(0)),
        "first_date": min(days, default=None),
        "last_date": max(days, default=None),
        "balance": statement.balance,
        "balance_date": statement.balance_date.isoformat() if statement.balance_date else None,
    }


def expected(account: dict[str, Any]) -> dict[str, Any]:
    out = {key: account[key] for key in told(Statement(None, None, ()))}
    for key in ("sum", "balance"):
        out[key] = None if out[key] is None else Decimal(out[key])
    if out["currency"]:
        out["currency"] = out["currency"].split()[0]  # a remark may follow
    return out


def by_account(statements: tuple[Statement, ...]) -> list[Statement]:
    """The statements of one account as one: the facts of MT940 files are by account."""
    out: dict[str | None, Statement] = {}
    for statement in statements:
        before = out.get(statement.account_id)
        lines = (*before.lines, *statement.lines) if before else statement.lines
        out[statement.account_id] = replace(statement, lines=lines)
    return list(out.values())


def as_written(statement: Statement) -> Statement:
    """The lines with the totals of their trades as QIF writes them, which is without a sign."""
    totals = [
        replace(line, trade=replace(line.trade, total=abs(line.trade.total)))
        if line.trade
        else line
        for line in statement.lines
    ]
    return replace(statement, lines=tuple(totals))


def investments_told(statement: Statement) -> dict[str, Any]:
    reinvested = [line.trade.total for line in statement.lines if is_reinvest(line)]
    return {
        "positions": [(p.security.unique_id, p.units, p.value) for p in statement.positions],
        "positions_date": {p.date.isoformat() for p in statement.positions if p.date},
        "reinvest_total": sum(reinvested, Decimal(0)),
    }


def is_reinvest(line: StatementLine) -> bool:
    return line.trade is not None and line.trade.action == "reinvest"


def investments_expected(account: dict[str, Any]) -> dict[str, Any]:
    positions = [
        (p["security"], Decimal(p["units"]), Decimal(p["market_value"]))
        for p in account.get("positions", [])
    ]
    return {
        "positions": positions,
        "positions_date": {account["positions_date"]} if positions else set(),
        "reinvest_total": Decimal(account.get("reinvest_total", 0)),
    }


@pytest.mark.skipif(not FACTS, reason="the sample statements are not beside the checkout")
@pytest.mark.parametrize(
    "fact", [f for f in FACTS if not is_refused(f)], ids=lambda fact: fact["file"]
)
def test_a_sample_is_read_as_its_facts_say(fact: dict[str, Any]) -> None:
    path = SAMPLES / fact["file"]
    file = read_statement_file(path, PROFILES, TEMPLATES)
    statements = list(file.statements)
    if fact["format"] == "mt940":
        statements = by_account(file.statements)
    elif fact["format"] == "qif":
        statements = [as_written(s) for s in statements]
    assert [told(s) for s in statements] == [expected(a) for a in fact["facts"]["accounts"]]
    assert file.format == fact["format"]
    for statement, account in zip(statements, fact["facts"]["accounts"], strict=True):
        assert investments_told(statement) == investments_expected(account)


@pytest.mark.skipif(not FACTS, reason="the sample statements are not beside the checkout")
@pytest.mark.parametrize("fact", [f for f in FACTS if is_refused(f)], ids=lambda fact: fact["file"])
def test_a_sample_that_is_not_covered_is_refused_with_a_reason(fact: dict[str, Any]) -> None:
    with pytest.raises(UserError) as caught:
        read_statement_file(SAMPLES / fact["file"], PROFILES, TEMPLATES)
    assert caught.value.code == 1
    assert caught.value.message


# What the file does not say, where it is more than the bank's name and that it is no card's.
ANSWERS = {"csv/card-number-preamble.csv": {"kind": "card", "sign": "charges-negative"}}
PROPOSED = [
    fact
    for fact in FACTS
    if fact["format"] == "csv"
    and NOT_COVERED.get(fact["file"], "brokerage with securities") != "brokerage with securities"
    and any(account["transactions"] for account in fact["facts"]["accounts"])
]


@pytest.mark.skipif(not FACTS, reason="the sample statements are not beside the checkout")
@pytest.mark.parametrize("fact", PROPOSED, ids=lambda fact: fact["file"])
def test_a_sample_of_an_unknown_bank_is_read_as_its_facts_say_once_a_proposal_is_accepted(
    fact: dict[str, Any],
) -> None:
    path = SAMPLES / fact["file"]
    raw = path.read_bytes()
    answers = {"kind": "bank", "institution": "Any", **ANSWERS.get(fact["file"], {})}
    proposal = propose(raw, fact["file"]).answered(**answers)
    assert proposal.questions == ()
    assert proposal.evidence
    file = read_csv(path, raw, proposal.profile, proposal.name, fact["file"])
    assert [told(s) for s in file.statements] == [expected(a) for a in fact["facts"]["accounts"]]


@pytest.mark.skipif(not FACTS, reason="the sample statements are not beside the checkout")
@pytest.mark.parametrize(
    ("name", "said"),
    [("header-only", "no row has a date and an amount"), ("garbled-amount", "12..34")],
)
def test_a_sample_for_which_nothing_can_be_proposed_says_why(name: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        propose((SAMPLES / "csv" / f"{name}.csv").read_bytes(), name)


def test_the_samples_are_here_when_all_is_required() -> None:

    if not FACTS and not os.environ.get("BOOKS_REQUIRE_ALL"):
        pytest.skip("the sample statements are not beside the checkout")
    assert len(FACTS) > 100
