"""The example group: exactly what is left open on purpose, the same in every view of it."""

import datetime as dt
import hashlib
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.period import month_end, parse_period
from reports.catalogue import REPORTS
from scripts.books import check

CHECKOUT = Path(__file__).resolve().parents[2]
HOME = Home(CHECKOUT)
EVIDENCE = ("receipt", "document", "statement", "resolution", "agreement", "solvency", "w9")

# Worked out from the entries' own amounts while they were written, not by the program:
# cash, assets and liabilities at the end of September 2026, net income of July to September.
FIGURES = {
    "Jane": ("88150.75", "230426.94", "1531.80", "1483.10"),
    "Acme": ("66608.46", "147909.16", "19679.55", "17375.60"),
    "Harbor": ("30855.63", "320566.19", "226432.15", "-2367.47"),
    "AcmeIndia": ("2340577.31", "3531925.13", "89390.00", "346018.56"),
}


@pytest.fixture(scope="module")
def group() -> Books:
    return read(HOME.main_root, home=HOME)


def amount(books: Books, report: str, entity: str, label: str) -> Decimal:
    found = REPORTS[report](books, entity, parse_period("2026-Q3"))
    (number,) = (row.amounts[0] for row in found.rows if row.label == label)
    assert number is not None
    return number


def test_the_example_has_exactly_two_findings_and_asks_for_one_rate() -> None:
    books = read(HOME.main_root, home=HOME)
    found = [(f.code, f.severity, f.file, f.entities) for f in check(books)]
    month = "ledger/acme/2026/2026-09.beancount"
    assert found == [
        ("VEIL-002", "error", month, ("Acme",)),
        ("VEIL-005", "error", month, ("Acme",)),
        ("VEIL-010", "info", "ledger/registry.beancount", ("Acme", "Jane")),
    ]


def test_bank_exports_wait_in_the_inbox() -> None:
    names = {path.suffix for path in HOME.inbox.iterdir()}
    assert {".csv", ".qfx"} <= names


@pytest.mark.parametrize(
    "root",
    ["group", "acme/main", "acme-india/main", "harbor/main", "jane/main"],
    ids=lambda root: root,
)
def test_bean_check_and_our_check_agree_on_every_root(root: str) -> None:
    path = HOME.ledger / f"{root}.beancount"
    _, errors, _ = loader.load_file(str(path))
    ours = check(read(path, home=HOME))
    assert sorted(e.message for e in errors) == sorted(
        f"{f.code} {f.message}" for f in ours if f.severity == "error"
    )


def test_every_root_repeats_the_mandatory_block() -> None:
    for root in (HOME.main_root, *HOME.entity_roots):
        text = root.read_text()
        kind = "group" if root == HOME.main_root else "entity"
        assert f'plugin "bulkhead.veil" "{kind}"' in text
        for included in ("registry", "commodities", "prices", "rules/policy"):
            assert f"{included}.beancount" in text


def test_the_group_holds_every_entry_of_every_root() -> None:
    group = read(HOME.main_root, home=HOME)
    for root in HOME.entity_roots:
        alone = read(root, home=HOME)
        (entity,) = {e for t in alone.transactions for e in alone.registry.ents(t)}
        of_group = [t for t in group.transactions if group.registry.ents(t) == {entity}]
        assert [(t.date, t.narration, t.postings) for t in of_group] == [
            (t.date, t.narration, t.postings) for t in alone.transactions
        ]


def test_the_bean_check_program_says_the_same() -> None:
    program = Path(sys.executable).parent / "bean-check"
    done = subprocess.run(
        [program, "--no-cache", HOME.main_root], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "VEIL-002" in done.stderr
    assert "VEIL-005" in done.stderr


@pytest.mark.parametrize("entity", FIGURES)
def test_the_statements_show_the_figures_worked_out_by_hand(group: Books, entity: str) -> None:
    cash, assets, liabilities, income = (Decimal(figure) for figure in FIGURES[entity])
    assert amount(group, "balance-sheet", entity, "Cash and equivalents") == cash
    assert amount(group, "balance-sheet", entity, "Assets") == assets
    equity = amount(group, "balance-sheet", entity, "Total equity")
    assert equity == assets - liabilities
    assert amount(group, "income-statement", entity, "Net income") == income


def test_each_entity_has_a_history(group: Books) -> None:
    count = Counter(e for t in group.transactions for e in group.registry.ents(t))
    assert {e: 300 <= count[e] <= 500 for e in ("Jane", "Acme", "Harbor")} == {
        "Jane": True,
        "Acme": True,
        "Harbor": True,
    }
    assert 150 <= count["AcmeIndia"] <= 300
    days = [t.date for t in group.transactions]
    assert (days[0], days[-1]) == (dt.date(2025, 5, 1), dt.date(2026, 10, 12))


def test_month_files_are_in_date_order_and_hold_their_month_only() -> None:
    for path in sorted(HOME.ledger.glob("*/20*/*.beancount")):
        days = [line[:10] for line in path.read_text().splitlines() if line[:2] == "20"]
        assert days == sorted(days), path
        assert {day[:7] for day in days} == {path.stem}


def test_every_bank_and_card_month_is_proven_by_a_statement(group: Books) -> None:
    proven = {
        (entry.account, entry.date)
        for entry in group.entries
        if isinstance(entry, data.Balance) and "statement" in entry.meta
    }
    for account in group.accounts.values():
        if account.role not in {"bank", "card"}:
            continue
        assert account.opened
        last = month_end(account.opened.year, account.opened.month)
        while last < dt.date(2026, 10, 1):
            first = last + dt.timedelta(days=1)
            assert (account.name, first) in proven, f"{account.name} {first}"
            last = month_end(first.year, first.month)


def test_every_paper_that_the_books_name_is_there_and_every_paper_is_named(group: Books) -> None:
    named = set()
    for entry in group.entries:
        paths = [str(entry.meta[key]) for key in EVIDENCE if key in (entry.meta or {})]
        if isinstance(entry, data.Document):
            digest = hashlib.sha256(Path(entry.filename).read_bytes()).hexdigest()
            assert digest == entry.meta["sha256"], entry.filename
            named.add(Path(entry.filename).resolve())
        for path in (path.partition("#")[0] for path in paths):
            file = Path(entry.meta["filename"])
            found = [p / path for p in file.parents if (p / path).is_file()]
            assert found, f"{file.name}:{entry.meta['lineno']} {path}"
            named.add(found[0].resolve())
    papers = {p.resolve() for p in HOME.ledger.glob("*/documents/**/*.txt")}
    assert sorted(p.name for p in papers - named) == KEPT_ON_FILE


# Nobody's entry needs these; they are kept because somebody may ask.
KEPT_ON_FILE = ["2025-07-02-first-board-meeting.txt"]


def test_costs_of_a_company_from_75_dollars_have_a_paper(group: Books) -> None:
    threshold = {"USD": Decimal(75), "INR": Decimal(6500)}
    for txn in group.transactions:
        (entity,) = group.registry.ents(txn)
        cost = sum(
            (p.units.number for p in txn.postings if p.account.startswith("Expenses:")), Decimal(0)
        )
        currency = group.registry.entities[entity].currency
        if group.registry.entities[entity].is_person or cost < threshold[currency]:
            continue
        assert any(key in txn.meta for key in EVIDENCE) or any(
            link.startswith("inv-") for link in txn.links
        ), f"{entity} {txn.date} {txn.payee}"


@pytest.mark.parametrize(
    ("loan", "interest", "principal", "rate", "payment"),
    [
        ("Liabilities:Harbor:Mortgage", "", "225000.00", "6.50", "1422.15"),
        (
            "Liabilities:Acme:LoanFrom:Jane:N-01",
            "Expenses:Acme:Interest:Jane",
            "20000.00",
            "6.00",
            "886.41",
        ),
    ],
)
def test_loans_are_paid_to_the_cent_of_their_schedule(
    group: Books, loan: str, interest: str, principal: str, rate: str, payment: str
) -> None:
    interest = interest or "Liabilities:Harbor:AccruedInterest"
    balance, paid = Decimal(principal), 0
    for txn in group.transactions:
        moved = {p.account: p.units.number for p in txn.postings}
        if moved.get(loan, 0) <= 0:
            continue
        due = (balance * Decimal(rate) / 1200).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
        assert moved[interest] == due
        assert moved[loan] + due == Decimal(payment)
        balance -= moved[loan]
        paid += 1
    assert paid == (16 if "Mortgage" in loan else 11)


def test_the_members_share_60_to_40_in_what_is_distributed_and_allocated(group: Books) -> None:
    for kind in ("Distributions", "Allocated", "Contributions"):
        sums = {
            who: sum(
                p.units.number
                for t in group.transactions
                for p in t.postings
                if p.account == f"Equity:Acme:Members:{who}:{kind}"
            )
            for who in ("Jane", "Raj")
        }
        assert abs(sums["Jane"] * 40 - sums["Raj"] * 60) < 1, kind
