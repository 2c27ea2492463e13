"""The veil statement: each section on small books with exact figures, and laws on any books."""

import datetime as dt
import io
import json
import os
import re
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pdfplumber
import pytest
from beancount import loader
from hypothesis import given, settings
from hypothesis import strategies as st
from veil_books import BOOKS, veil_books

from core.findings import Finding, Severity
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.period import parse_period
from plugins.veil.owed import LOANS, debts
from reports.pages.page import Page, Picture
from reports.pages.pdf import pdf, unprintable
from reports.pages.picture import Flow, svg
from reports.pages.render import render
from reports.veil.as_json import as_json
from reports.veil.matrix import Gap
from reports.veil.papers import MISSING
from reports.veil.score import NO_FACTOR, factor_of, score
from reports.veil.statement import VeilStatement, group_statement, veil_statement
from reports.veil.worded import worded, worded_group

GOLDEN = Path(__file__).parent / "golden" / "veil"
D = Decimal
YEAR = parse_period("2026")


@pytest.fixture
def acme(tmp_path: Path) -> VeilStatement:
    """Acme's statement of 2026."""
    return veil_statement(veil_books(tmp_path), "Acme", YEAR)


def page(folder: Path, entity: str = "Acme", text: str = BOOKS) -> Page:
    books = veil_books(folder, text)
    return worded(veil_statement(books, entity, YEAR), books)


@pytest.mark.parametrize("form", ["text", "md", "html", "json"])
def test_the_statement_looks_as_it_did(tmp_path: Path, form: str) -> None:
    books = veil_books(tmp_path)
    statement = veil_statement(books, "Acme", YEAR)
    text = as_json(statement) if form == "json" else render(worded(statement, books), form)
    golden = GOLDEN / f"acme.{form}"
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


def test_the_group_looks_as_it_did(tmp_path: Path) -> None:
    books = veil_books(tmp_path)
    text = render(worded_group(group_statement(books, YEAR), books), "text")
    golden = GOLDEN / "group.text"
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_crossing_has_its_amount_its_paper_and_both_places(acme: VeilStatement) -> None:
    got = [
        (c.part.transfer, c.part.party, c.part.gave, c.part.received, len(c.others))
        for c in acme.crossings
    ]
    assert got == [
        ("contribution", "Jane", D("0"), D("10000.00"), 1),
        ("loan-advance", "Jane", D("0"), D("1200.00"), 1),
        ("distribution", "Jane", D("600.00"), D("0"), 1),
        ("distribution", "Raj", D("400.00"), D("0"), 0),
        ("rent", "AcmeHoldings", D("200.00"), D("200.00"), 1),  # booked and owed, not yet paid
        ("loan-repayment", "Jane", D("311.33"), D("0"), 1),
        ("settlement", "AcmeHoldings", D("150.00"), D("0"), 1),
        ("settlement", "Ops", D("500.00"), D("0"), 0),
    ]
    # Raj keeps no books here and owes none; Ops does.
    assert [c.part.party for c in acme.crossings if not c.answered] == ["Ops"]
    bare = [c.part.where for c in acme.crossings if not c.is_documented]
    assert [place.partition(":")[0] for place in bare] == ["books.beancount"] * 3
    lost = acme.crossings[3].papers
    assert [(p.path, p.state) for p in lost] == [("papers/lost.txt", MISSING)]


def test_every_place_is_where_its_entry_begins(acme: VeilStatement) -> None:
    lines = BOOKS.splitlines()
    for crossing in acme.crossings:
        for place in (crossing.part.where, *crossing.others):
            line = lines[int(place.rpartition(":")[2]) - 1]
            assert line.startswith(crossing.part.date.isoformat())
            assert f"^{crossing.link}" in line


def test_a_drafted_paper_is_named_and_is_no_evidence(tmp_path: Path) -> None:
    draft = '2026-09-11 document Assets:Acme:Bank "papers/call.txt" ^ic-26-008\n'
    text = BOOKS + draft + '  status: "draft"\n'
    crossing = veil_statement(veil_books(tmp_path, text), "Acme", YEAR).crossings[-1]
    assert ([p.state for p in crossing.papers], crossing.is_documented) == (["draft"], False)
    signed = veil_statement(veil_books(tmp_path, BOOKS + draft), "Acme", YEAR).crossings[-1]
    assert ([p.state for p in signed.papers], signed.is_documented) == (["filed"], True)


def test_who_owes_whom_by_both_books_and_what_sets_them_apart(acme: VeilStatement) -> None:
    got = [(o.debtor, o.creditor, o.kind, o.creditors, o.debtors) for o in acme.matrix.owed]
    assert got == [
        ("Acme", "AcmeHoldings", "due", D("50.00"), D("50.00")),
        ("Acme", "Jane", "loan", D("906.67"), D("906.67")),
        ("Acme", "Ops", "due", D("300.00"), D("300.00")),
        ("Ops", "Acme", "due", D("500.00"), D("0")),
    ]
    (apart,) = (o for o in acme.matrix.owed if not o.agrees)
    line = next(i for i, text in enumerate(BOOKS.splitlines(), 1) if "^ic-26-008" in text)
    assert apart.gaps == (Gap("ic-26-008", D("500.00"), D("0"), (f"books.beancount:{line}",)),)


def test_who_paid_whom_leaves_out_what_is_only_owed(acme: VeilStatement) -> None:
    got = {(p.giver, p.receiver, p.transfer): (p.givers, p.receivers) for p in acme.matrix.paid}
    assert got == {
        ("Acme", "AcmeHoldings", "settlement"): (D("150.00"), D("150.00")),
        ("Acme", "Jane", "distribution"): (D("600.00"), D("600.00")),
        ("Acme", "Jane", "loan-repayment"): (D("311.33"), D("311.33")),
        ("Acme", "Ops", "settlement"): (D("500.00"), D("0")),
        ("Acme", "Raj", "distribution"): (D("400.00"), None),
        ("Jane", "Acme", "contribution"): (D("10000.00"), D("10000.00")),
        ("Jane", "Acme", "loan-advance"): (D("1200.00"), D("1200.00")),
    }


def test_dues_fall_into_the_bucket_of_their_age(tmp_path: Path, acme: VeilStatement) -> None:
    got = [(i.creditor, i.by, i.days, i.amount, i.bucket) for i in acme.ageing]
    assert got == [
        ("Acme", "Acme", 20, D("500.00"), 0),
        ("AcmeHoldings", "Acme", 122, D("50.00"), 3),  # 200.00 less the 150.00 of June
        ("Ops", "Acme", 294, D("300.00"), 3),
    ]
    # Ops owes nothing by its own books: what Acme's say is shown all the same.
    ops = veil_statement(veil_books(tmp_path), "Ops", YEAR).ageing
    assert ("Acme", "Acme", D("500.00")) in [(i.creditor, i.by, i.amount) for i in ops]


@pytest.mark.parametrize(
    ("day", "bucket"),
    [
        ("2026-08-31", 0),
        ("2026-08-30", 1),
        ("2026-08-01", 1),
        ("2026-07-31", 2),
        ("2026-07-02", 2),
        ("2026-07-01", 3),
    ],
)
def test_a_bucket_ends_with_its_last_day(tmp_path: Path, day: str, bucket: int) -> None:
    text = BOOKS.replace('2026-09-10 * "Ops"', f'{day} * "Ops"')  # the books end on 2026-09-30
    items = veil_statement(veil_books(tmp_path, text), "Acme", YEAR).ageing
    assert next(i.bucket for i in items if i.debtor == "Ops") == bucket


def test_a_loan_stands_beside_its_schedule(acme: VeilStatement) -> None:
    (loan,) = acme.loans
    # 1,200.00 at 1.5 % a quarter over four: 311.33 each, of which 18.00 and 13.60 are interest
    assert loan.scheduled == D("608.94")
    assert (loan.borrowers, loan.lenders, loan.agrees) == (D("906.67"), D("906.67"), False)
    assert (loan.due, loan.late, loan.open) == (2, 1, 1)
    assert [p.path for p in loan.papers] == ["papers/note.txt"]


def test_before_it_was_late_the_loan_agrees(tmp_path: Path) -> None:
    books = veil_books(tmp_path)
    (loan,) = veil_statement(books, "Acme", parse_period("2026-Q2")).loans
    assert (loan.scheduled, loan.borrowers, loan.agrees) == (D("906.67"), D("906.67"), True)
    assert (loan.due, loan.late) == (1, 0)


def test_capital_accounts_add_up_and_know_the_result(acme: VeilStatement) -> None:
    jane, raj = acme.owners.capital
    assert (jane.opening, jane.contributions, jane.distributions) == (0, 10000, -600)
    assert (jane.closing, jane.result) == (D("9400.00"), D("-610.80"))  # 60 % of a loss of 1,018.00
    assert (raj.closing, raj.result, raj.capital) == (D("-400.00"), D("-407.20"), D("-807.20"))
    for line in acme.owners.capital:
        moved = line.contributions + line.distributions + line.other
        assert line.opening + moved == line.closing


def test_an_owner_sees_his_capital_in_each_company(tmp_path: Path) -> None:
    books = veil_books(tmp_path)
    got = {(c.company, c.owner) for c in veil_statement(books, "Jane", YEAR).owners.capital}
    assert got == {("Acme", "Jane"), ("AcmeHoldings", "Jane"), ("Ops", "Jane")}


def test_an_owner_who_got_too_little_is_short(tmp_path: Path, acme: VeilStatement) -> None:
    assert [(s.owner, s.per_percent, s.short) for s in acme.owners.shares] == [
        ("Jane", D("10"), D("0")),
        ("Raj", D("10"), D("0")),
    ]
    text = BOOKS.replace("Members:Raj:Distributions  400.00", "Members:Raj:Distributions  300.00")
    shares = veil_statement(veil_books(tmp_path, text), "Acme", YEAR).owners.shares
    assert [(s.owner, s.per_percent, s.short) for s in shares][1] == ("Raj", D("7.5"), D("100"))


def test_the_calendar_says_what_is_done_and_what_is_overdue(acme: VeilStatement) -> None:
    assert [(f.key, f.due, f.done, f.state) for f in acme.formalities] == [
        ("tax-return", dt.date(2026, 3, 15), None, "overdue"),
        ("annual-report", dt.date(2026, 5, 5), dt.date(2026, 4, 20), "done"),
    ]


def test_a_later_quarter_keeps_what_is_overdue_and_drops_what_is_done(tmp_path: Path) -> None:
    found = veil_statement(veil_books(tmp_path), "Acme", parse_period("2026-Q3")).formalities
    assert [f.key for f in found] == ["tax-return"]


def test_a_waiver_is_shown_with_its_reason_and_costs_nothing(acme: VeilStatement) -> None:
    (waived,) = acme.waived
    assert waived.code == "VEIL-019"
    assert waived.waived == "the receipt was lost in the removal (Jane Roe)"
    records = next(f for f in acme.score.factors if f.name == "Absence of records")
    assert (records.errors, records.waived, records.points) == (1, 1, 10)


def test_what_another_booked_is_a_finding_of_who_lacks_it(tmp_path: Path) -> None:
    books = veil_books(tmp_path)
    ops = veil_statement(books, "Ops", YEAR)
    assert "VEIL-005" in {f.code for f in ops.findings}
    (alone,) = ops.crossings
    assert (alone.part.entity, alone.answered) == ("Acme", False)
    text = render(worded(ops, books), "text")
    assert "only in Acme's books; Ops has no entry, and the total leaves it out" in text
    # Of a company whose name only begins alike, nothing of it is said.
    assert "VEIL-005" not in {f.code for f in veil_statement(books, "AcmeHoldings", YEAR).findings}


def test_an_outside_owners_crossings_are_those_of_the_others_books(tmp_path: Path) -> None:
    books = veil_books(tmp_path)
    raj = veil_statement(books, "Raj", YEAR)
    assert [(c.part.entity, c.part.gave, c.answered) for c in raj.crossings] == [
        ("Acme", D("400.00"), True)
    ]
    row = next(t for t in render(worded(raj, books), "text").splitlines() if "ic-26-004" in t)
    assert re.search(r"Acme +400\.00  USD", row)  # turned round: he received it


def test_findings_after_the_period_are_not_its_own(tmp_path: Path) -> None:
    books = veil_books(tmp_path)
    first = veil_statement(books, "Acme", parse_period("2026-Q1"))
    assert first.findings
    assert all(f.date is None or f.date <= first.period.last for f in first.findings)
    assert first.day == dt.date(2026, 3, 31)
    assert [o.kind for o in first.matrix.owed] == ["loan", "due"]  # to Jane, and to Ops


def test_a_period_before_the_books_is_empty_and_says_so(tmp_path: Path) -> None:
    books = veil_books(tmp_path)
    text = render(worded(veil_statement(books, "Acme", parse_period("2019")), books), "text")
    assert "Nothing crossed." in text
    assert "Nobody owes anybody anything." in text
    assert "there are no crossings" in text


IN_TRANSIT = """
2025-01-01 open Assets:Acme:InTransit:AcmeHoldings  USD
  role: "in-transit"
  counterparty: "AcmeHoldings"
2026-09-28 * "AcmeHoldings" "The rest of May" ^ic-26-009
  transfer: "settlement"
  counterparty: "AcmeHoldings"
  Assets:Acme:InTransit:AcmeHoldings  50.00 USD
  Assets:Acme:Bank
2026-09-30 * "AcmeHoldings" "The rest of May" ^ic-26-009
  transfer: "settlement"
  counterparty: "AcmeHoldings"
  Liabilities:Acme:DueTo:AcmeHoldings  50.00 USD
  Assets:Acme:InTransit:AcmeHoldings
2026-09-30 * "Acme" "The rest of May" ^ic-26-009
  transfer: "settlement"
  counterparty: "Acme"
  Assets:AcmeHoldings:Bank  50.00 USD
  Assets:AcmeHoldings:DueFrom:Acme
"""


def test_money_in_transit_is_not_paid_twice(tmp_path: Path) -> None:
    paid = veil_statement(veil_books(tmp_path, BOOKS + IN_TRANSIT), "Acme", YEAR).matrix.paid
    rent = next(p for p in paid if p.receiver == "AcmeHoldings")
    assert (rent.givers, rent.receivers) == (D("200.00"), D("200.00"))


def test_without_an_account_between_them_the_money_counts(tmp_path: Path) -> None:
    text = BOOKS + (
        '2026-09-29 * "Ops" "Something" ^ic-26-010\n  counterparty: "Ops"\n'
        "  Expenses:Acme:Office  40.00 USD\n  Assets:Acme:Bank\n"
    )
    found = veil_statement(veil_books(tmp_path, text), "Acme", YEAR).crossings[-1].part
    assert (found.transfer, found.gave, found.received) == ("no class", D("40.00"), D("0"))


def test_one_entry_towards_two_parties_is_two_crossings(tmp_path: Path) -> None:
    text = BOOKS + (
        '2026-09-29 * "Two" ^ic-26-011\n  transfer: "distribution"\n'
        "  Equity:Acme:Members:Jane:Distributions  60.00 USD\n"
        "  Equity:Acme:Members:Raj:Distributions   40.00 USD\n  Assets:Acme:Bank\n"
    )
    found = veil_statement(veil_books(tmp_path, text), "Acme", YEAR).crossings[-2:]
    got = [(c.part.party, c.part.gave, c.answered) for c in found]
    assert got == [("Jane", D("60.00"), False), ("Raj", D("40.00"), True)]


def test_an_entitys_own_root_says_what_it_cannot_see(tmp_path: Path) -> None:
    books = veil_books(tmp_path)
    entries = [
        e for e in books.entries if not hasattr(e, "postings") or books.registry.ents(e) == {"Acme"}
    ]
    entries = [e for e in entries if getattr(e, "account", ":Acme:").split(":")[1] == "Acme"]
    alone = Books.of(entries, books.options, base=tmp_path, kind="entity")
    acme = veil_statement(alone, "Acme", YEAR)
    assert all(o.agrees and None in (o.creditors, o.debtors) for o in acme.matrix.owed)
    assert all(c.answered for c in acme.crossings)
    assert "one side only" in render(worded(acme, alone), "text")


def found(severity: str, factor: str = "Siphoning; commingling", waived: str = "") -> Finding:
    return Finding("VEIL-099", Severity(severity), "", factor=factor, waived=waived)


@pytest.mark.parametrize(
    ("findings", "crossings", "documented", "points"),
    [
        ([], 0, 0, 100),
        ([found("error")], 4, 4, 90),
        ([found("warning")], 4, 4, 97),
        ([found("info"), found("info", waived="why (who)")], 4, 4, 100),
        ([found("error")] * 3, 4, 4, 70),
        ([found("error")] * 4, 4, 4, 70),  # one factor takes no more
        ([found("error")] * 4 + [found("error", "Insolvency")], 4, 4, 60),
        ([], 4, 0, 80),
        ([], 40, 39, 99),  # 20 × 1 ÷ 40 = 0.5, half-up
        ([], 41, 40, 100),
        ([found("error", f) for f in "ABCDEFGHIJK"], 4, 0, 0),  # never below zero
    ],
)
def test_the_score_is_its_formula(
    findings: list[Finding], crossings: int, documented: int, points: int
) -> None:
    assert score(findings, crossings, documented).points == points


def test_a_finding_counts_under_its_first_factor() -> None:
    assert factor_of(found("error")) == "Siphoning"
    assert factor_of(found("error", "Absence of reliable records")) == "Absence of records"
    assert factor_of(found("error", "Sham debt: no intention to repay")) == "Sham debt"
    assert factor_of(found("error", "")) == NO_FACTOR


def recomputed(said: dict) -> int:
    """The score, by nothing but what the JSON says."""
    rule = said["formula"]
    off = sum(
        min(rule["most_of_factor"], rule["error"] * f["errors"] + rule["warning"] * f["warnings"])
        for f in said["factors"]
    )
    crossings, bare = said["crossings"], said["crossings"] - said["documented"]
    paper = (2 * rule["paper"] * bare + crossings) // (2 * crossings) if crossings else 0
    return max(0, rule["start"] - off - paper)


@pytest.mark.parametrize("entity", ["Acme", "AcmeHoldings", "Jane", "Ops", "Raj"])
def test_the_score_can_be_recomputed_from_the_json_and_from_its_findings(
    tmp_path: Path, entity: str
) -> None:
    said = json.loads(as_json(veil_statement(veil_books(tmp_path), entity, YEAR)))
    assert recomputed(said["score"]) == said["score"]["points"]
    for severity in ("error", "warning", "info"):
        counted = sum(f[f"{severity}s"] for f in said["score"]["factors"])
        assert counted == sum(f["severity"] == severity for f in said["findings"])
    assert said["score"]["documented"] == sum(c["documented"] for c in said["crossings"])
    assert said["score"]["crossings"] == len(said["crossings"])


NAMES = ("Ann", "Bay", "BayOne")
CLASSES = {"settlement": ("DueFrom", "DueTo"), "loan-advance": ("LoanTo", "LoanFrom")}
ROLES = {"DueFrom": "due-from", "DueTo": "due-to", "LoanTo": "loan-to", "LoanFrom": "loan-from"}
OPENS = "".join(
    f'2025-01-01 custom "entity" "{one}" "llc"\n2025-01-01 open Assets:{one}:Bank\n  role: "bank"\n'
    + "".join(
        f"2025-01-01 open {root}:{one}:{kind}:{other}\n"
        f'  role: "{ROLES[kind]}"\n  counterparty: "{other}"\n'
        for other in NAMES
        if other != one
        for root, kind in (
            ("Assets", "DueFrom"),
            ("Liabilities", "DueTo"),
            ("Assets", "LoanTo"),
            ("Liabilities", "LoanFrom"),
        )
    )
    for one in NAMES
)


@st.composite
def pairs(draw: Callable) -> str:
    """Advances in either direction between three entities; of some the other half is missing."""
    text = [OPENS]
    for number in range(draw(st.integers(0, 8))):
        giver, receiver = draw(st.permutations(NAMES))[:2]
        transfer = draw(st.sampled_from(sorted(CLASSES)))
        given, taken = CLASSES[transfer]
        amount = draw(st.integers(-5000, 5000).filter(bool))
        day = dt.date(2025, 11, 1) + dt.timedelta(days=draw(st.integers(0, 400)))
        head = f'{day} * "x" ^ic-26-{number}\n  transfer: "{transfer}"\n'
        halves = [
            f'{head}  counterparty: "{receiver}"\n  Assets:{giver}:{given}:{receiver}  {amount}.00 '
            f"USD\n  Assets:{giver}:Bank\n",
            f'{head}  counterparty: "{giver}"\n  Assets:{receiver}:Bank  {amount}.00 USD\n'
            f"  Liabilities:{receiver}:{taken}:{giver}\n",
        ]
        text += halves[: draw(st.sampled_from((1, 2, 2, 2)))]
    return "".join(text)


@settings(max_examples=60)
@given(pairs())
def test_crossings_are_the_postings_and_the_matrix_the_balances(text: str) -> None:
    entries, errors, options = loader.load_string(text)
    assert not errors
    books = Books.of(entries, options)
    postings = [(t, p) for t in books.transactions for p in t.postings]
    whole = group_statement(books, YEAR, [])
    for entity in NAMES:
        statement = veil_statement(books, entity, YEAR, [])
        for transfer in CLASSES:
            own = [
                c.part
                for c in statement.crossings
                if (c.part.entity, c.part.transfer) == (entity, transfer)
            ]
            posted = sum(
                p.units.number
                for t, p in postings
                if t.date.year == 2026
                and t.meta["transfer"] == transfer
                and p.account.split(":")[1] == entity
                and p.account.count(":") == 3
            )
            assert sum(c.gave - c.received for c in own) == posted
        assert statement.matrix == whole.matrix.around(entity)
        for item in statement.ageing:
            assert item.amount
    for owed in whole.matrix.owed:
        asset, liability = ("DueFrom", "DueTo") if owed.kind == "due" else ("LoanTo", "LoanFrom")
        accounts = {
            f"Assets:{owed.creditor}:{asset}:{owed.debtor}": owed.creditors,
            f"Liabilities:{owed.debtor}:{liability}:{owed.creditor}": -owed.debtors,
        }
        for account, number in accounts.items():
            held = (p for t, p in postings if p.account == account and t.date <= whole.day)
            assert sum(p.units.number for p in held) == number
        apart = sum(g.creditors - g.debtors for g in owed.gaps)
        assert apart == owed.creditors - owed.debtors
    for entity in NAMES:  # what is left of the items is what is owed by these books
        ageing = veil_statement(books, entity, YEAR, []).ageing
        for owed in whole.matrix.owed:
            if owed.kind == "due" and entity in (owed.debtor, owed.creditor):
                view = owed.creditors if entity == owed.creditor else owed.debtors
                own = (i for i in ageing if (i.debtor, i.creditor) == (owed.debtor, owed.creditor))
                assert sum(i.amount for i in own if i.by == entity) == view


def test_loans_are_no_dues(tmp_path: Path) -> None:
    books = veil_books(tmp_path)
    assert [d.currency for d in debts(books, books.transactions, LOANS)] == ["USD"]
    assert {(d.creditor, d.debtor) for d in debts(books, books.transactions)} == {
        ("Acme", "Ops"),
        ("AcmeHoldings", "Acme"),
        ("Ops", "Acme"),
    }


def test_the_same_page_is_the_same_pdf_and_has_every_section(tmp_path: Path) -> None:
    made = page(tmp_path)
    first = pdf(made)
    assert first == pdf(page(tmp_path))
    with pdfplumber.open(io.BytesIO(first)) as file:
        pages = [each.extract_text() for each in file.pages]
    text = "\n".join(pages)
    for heading in ("In short", "Who owes whom", "Waivers", "Capital accounts", "Formalities"):
        assert heading in text
    assert all("no legal opinion" in each for each in pages)
    assert "(807.20)" in text


def test_text_of_the_books_is_never_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script> #[evil] | *x*"
    text = BOOKS.replace('"papers/lost.txt"', f'"{evil}"')
    html = render(page(tmp_path, text=text), "html")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    markdown = render(page(tmp_path, text=text), "md")
    (row,) = (line for line in markdown.splitlines() if "evil" in line and line.startswith("|"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 9  # eight cells and no more
    with pdfplumber.open(io.BytesIO(pdf(page(tmp_path, text=text)))) as file:
        said = "".join(each.extract_text() for each in file.pages).replace("\n", "")
    assert "#[evil]" in said


def test_the_drawing_says_in_words_what_it_shows() -> None:
    flows = (
        Flow("Acme", "Jane", D("1200"), "USD"),
        Flow("Ops", "Acme", D("5"), "USD", agrees=False),
    )
    drawn = svg("Who owes <whom>", flows, ("owes", "is owed"), "f1")
    assert "Acme to Jane: 1,200.00 USD; Ops to Acme: 5.00 USD, the books differ." in drawn
    assert "Who owes &lt;whom&gt;" in drawn
    assert drawn == svg("Who owes <whom>", flows[::-1], ("owes", "is owed"), "f1")


def test_no_two_names_of_a_drawing_stand_upon_each_other() -> None:
    flows = [Flow("A", f"T{i % 4}", D(i + 1), "USD") for i in range(9)]
    flows += [Flow("B", f"T{i}", D(1), "USD") for i in range(7)]
    drawn = svg("x", flows, ("a", "b"), "f")
    for x in (4, 360):
        ys = sorted(int(y) for y in re.findall(rf'x="{x}" y="(\d+)"', drawn))
        assert all(later - earlier >= 20 for earlier, later in pairwise(ys))
    height = int(re.search(r'viewBox="0 0 \d+ (\d+)"', drawn)[1])
    assert all(0 < int(y) < height for y in re.findall(r' y="(\d+)"', drawn))


def test_each_drawing_of_a_page_has_ids_of_its_own(tmp_path: Path) -> None:
    made = page(tmp_path)
    assert sum(isinstance(part, Picture) for part in made.parts) == 2
    ids = re.findall(r' id="([^"]+)"', render(made, "html"))
    assert len(ids) == len(set(ids)) == 4


@pytest.fixture(scope="module")
def example() -> Home:
    return Home(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("entity", ["Acme", "Harbor"])
def test_the_example_says_the_same_however_it_is_read(example: Home, entity: str) -> None:
    warm = read(example.main_root, home=example)
    cold = read(example.main_root, home=example)
    assert warm.parts is not None
    assert len(cold.transactions)  # makes all entries: nothing is selected from pieces any more
    texts = {as_json(veil_statement(books, entity, YEAR)) for books in (warm, cold)}
    assert len(texts) == 1


def test_in_the_example_only_the_furnace_sets_two_books_apart(example: Home) -> None:
    whole = group_statement(read(example.main_root, home=example), YEAR)
    assert [(o.debtor, o.creditor, o.creditors) for o in whole.matrix.owed if not o.agrees] == [
        ("Harbor", "Acme", D("2500.00"))
    ]
    assert [g.link for o in whole.matrix.owed for g in o.gaps] == ["ic-26-046"]


def test_an_entry_of_two_entities_is_a_crossing_too(tmp_path: Path) -> None:
    text = BOOKS + (
        '2026-09-29 * "Jane" "moved money"\n'
        "  Assets:Acme:Bank  -70.00 USD\n  Assets:Jane:Bank  70.00 USD\n"
    )
    books = veil_books(tmp_path, text)
    for entity, party, gave, received in (("Acme", "Jane", 70, 0), ("Jane", "Acme", 0, 70)):
        found = veil_statement(books, entity, YEAR).crossings[-1]
        part = found.part
        assert (part.transfer, part.party) == ("two entities in one entry", party)
        assert (part.gave, part.received, found.answered) == (gave, received, True)
        assert "VEIL-001" in found.findings


def test_eliminations_are_no_crossings(tmp_path: Path) -> None:
    (tmp_path / "eliminations").mkdir()
    (tmp_path / "eliminations/2026.beancount").write_text(
        '2026-09-30 * "Eliminate what Acme owes AcmeHoldings" #elimination\n'
        "  Liabilities:Acme:DueTo:AcmeHoldings   50.00 USD\n"
        "  Assets:AcmeHoldings:DueFrom:Acme     -50.00 USD\n"
    )
    before = veil_statement(veil_books(tmp_path), "Acme", YEAR)
    text = 'include "eliminations/2026.beancount"\n' + BOOKS
    after = veil_statement(veil_books(tmp_path, text), "Acme", YEAR)
    owed = [(o.debtor, o.creditor, o.creditors, o.debtors) for o in after.matrix.owed]
    assert owed == [(o.debtor, o.creditor, o.creditors, o.debtors) for o in before.matrix.owed]
    assert len(after.crossings) == len(before.crossings)


def test_what_the_pdf_cannot_print_is_said(tmp_path: Path) -> None:
    assert unprintable(page(tmp_path)) == ""
    text = BOOKS.replace("lost in the removal", "lost, खोया, 紛失")
    assert unprintable(page(tmp_path, text=text)) == "失紛"
