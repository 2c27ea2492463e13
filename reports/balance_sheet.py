"""The balance sheet at the end of a period's last day. Debits of assets and credits of the rest
are positive."""

from collections.abc import Mapping
from decimal import Decimal

from core.findings import Finding
from core.journal.books import Books
from core.period import Period, fiscal_year_of
from reports.balances import ZERO, Ledger, total
from reports.income_statement import net_income
from reports.lines import (
    BALANCE_SECTIONS,
    CURRENT_ASSETS,
    EQUITY,
    LINES,
    NONCURRENT_ASSETS,
    line_of,
    unassigned,
)
from reports.model import HEADING, TOTAL, Identity, Report, Row

_ASSETS = (CURRENT_ASSETS, NONCURRENT_ASSETS)


def balance_sheet(books: Books, entity: str, period: Period) -> Report:
    """The entity's balance sheet; earlier years' results stand in retained until allocated."""
    ledger = Ledger.of(books, entity)
    day = period.last
    year = fiscal_year_of(day, books.registry.entities[entity].fiscal_year_end)
    held = ledger.closing(day)
    equity = ledger.flows(None, day, "Equity")
    all_flows = ledger.flows(None, day, "Income", "Expenses")
    result = -total(ledger.flows(year.first, day, "Income", "Expenses"))
    lines, findings = _by_line(books, held, equity)
    lines["retained"]["Earlier results"] = -total(all_flows) - result
    lines["current-year-result"] = {f"Since {year.first}": result}
    difference = total(held) - total(ledger.flows(None, day, "Assets", "Liabilities"))
    lines["unrealised-currency"] = {"": difference}
    rows, sums = _rows(lines)
    assets = sum((sums[s] for s in _ASSETS), ZERO)
    rest = sum((sums[s] for s in BALANCE_SECTIONS if s not in _ASSETS), ZERO)
    to_date = Period(year.name, year.first, day)
    person = books.registry.entities[entity].is_person
    return Report(
        name="balance-sheet",
        title="Net worth" if person else "Balance sheet",
        entity=entity,
        legal_name=books.registry.entities[entity].legal_name or entity,
        period=period,
        currency=ledger.currency,
        as_of=books.as_of,
        columns=(f"{day}",),
        rows=tuple(rows),
        identities=(
            Identity("Assets = liabilities + equity", assets, rest),
            Identity(
                "Current-year result = net income of the fiscal year to date",
                result,
                net_income(books, entity, to_date),
            ),
            Identity(
                "Cash = Σ bank and cash accounts",
                total(lines["cash-and-equivalents"]) - total(lines["bank-overdrafts"]),
                _cash(books, held),
            ),
        ),
        findings=tuple(findings),
        unreviewed=Ledger.of(books, entity).unreviewed(day),
    )


_Lines = dict[str, dict[str, Decimal]]


def _by_line(
    books: Books, held: Mapping[str, Decimal], equity: Mapping[str, Decimal]
) -> tuple[_Lines, list[Finding]]:
    """Amounts by line and account, each in the sign of its section; empty name: unassigned."""
    lines: _Lines = {name: {} for name in (*LINES, "")}
    findings = []
    for account, number in sorted({**held, **equity}.items()):
        line = line_of(account, books.accounts)
        if line is None:
            findings.append(unassigned(books, account))
            lines[""][account] = number
        elif line.name == "cash-and-equivalents" and number < 0:
            # An overdraft is a debt to the bank, not less cash elsewhere.
            lines["bank-overdrafts"][account] = -number
        else:
            lines[line.name][account] = number if line.section in _ASSETS else -number
    return lines, findings


def _cash(books: Books, held: Mapping[str, Decimal]) -> Decimal:
    roles = {"bank", "cash", "in-transit"}
    return sum((n for account, n in held.items() if books.role(account) in roles), ZERO)


def _rows(lines: _Lines) -> tuple[list[Row], dict[str, Decimal]]:
    rows: list[Row] = []
    sums = dict.fromkeys(BALANCE_SECTIONS, ZERO)
    for section in BALANCE_SECTIONS:
        body: list[Row] = []
        for line in LINES.values():
            accounts = {a: n for a, n in lines[line.name].items() if n}
            if line.section != section or not accounts:
                continue
            sums[section] += total(accounts)
            if line.name == "capital":
                body.extend(_capital(accounts))
            else:
                body.append(Row(line.title, (total(accounts),), name=line.name))
        if section == CURRENT_ASSETS and lines[""]:
            body.append(Row("Unassigned", (total(lines[""]),), name="unassigned"))
            sums[section] += total(lines[""])
        if body:
            rows.append(Row(section, (None,), HEADING))
            rows += body
            rows.append(Row(f"Total {section[:1].lower()}{section[1:]}", (sums[section],), TOTAL))
        if section == NONCURRENT_ASSETS:
            rows.append(Row("Assets", (sums[CURRENT_ASSETS] + sums[section],), TOTAL))
        if section == EQUITY:
            rest = sum((sums[s] for s in BALANCE_SECTIONS if s not in _ASSETS), ZERO)
            rows.append(Row("Liabilities and equity", (rest,), TOTAL))
    return rows, sums


def _capital(accounts: Mapping[str, Decimal]) -> list[Row]:
    """Capital by owner, from ``Equity:<entity>:Members:<owner>``; the rest as one row."""
    by_owner: dict[str, Decimal] = {}
    for account, number in accounts.items():
        parts = account.split(":")
        owner = parts[3] if parts[2:3] == ["Members"] and len(parts) > 3 else ""
        by_owner[owner] = by_owner.get(owner, ZERO) + number
    return [
        Row(f"Capital, {owner}" if owner else "Capital", (number,), name="capital")
        for owner, number in sorted(by_owner.items(), reverse=True)
    ]
