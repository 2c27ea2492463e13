"""Papers drafted from small books: what they say, figured by hand, and what they refuse."""

import datetime as dt
import hashlib
import io
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pdfplumber
import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from paper_books import ENTRIES, PAID, REGISTRY, paper_books

from core.findings import UserError
from core.journal.books import Books
from core.period import parse_period
from reports.papers.affidavit import affidavit
from reports.papers.allocation import allocation
from reports.papers.capital_call import capital_call, shared
from reports.papers.consent import consent
from reports.papers.distribution import distribution
from reports.papers.drafted import Drafted
from reports.papers.expenses import expense_report
from reports.papers.minutes import minutes
from reports.papers.note import note
from reports.papers.paper import DRAFT, Facts, Paper, Table, Text
from reports.papers.pdf import pdf, unprintable, unprintable_in
from reports.papers.solvency import Solvency
from reports.papers.words import both, figures, in_words

GOLDEN = Path(__file__).parent / "golden" / "papers"
CALL_DAYS = {"date": dt.date(2026, 7, 1), "due": dt.date(2026, 8, 1)}
FORMS: dict[str, Callable[[Books], Drafted]] = {
    "consent": lambda b: consent(b, ["ic-26-bbbbbb"], "Acme"),
    "contribution": lambda b: consent(b, ["^ic-26-aaaaaa"], "Acme", dt.date(2026, 2, 1)),
    "distribution": lambda b: distribution(b, PAID, "Acme"),
    "capital-call": lambda b: capital_call(b, "Acme", Decimal("1000.01"), **CALL_DAYS),
    "note": lambda b: note(b, "n-02"),
    "expense-report": lambda b: expense_report(b, ["ic-26-dddddd"]),
    "affidavit": lambda b: affidavit(b, "chase-4411-1"),
    "allocation": lambda b: allocation(b, "a1"),
    "minutes": lambda b: minutes(b, "Acme", parse_period("FY2026")),
}


def printed(paper: Paper) -> str:
    with pdfplumber.open(io.BytesIO(pdf(paper))) as file:
        return "\n".join(page.extract_text() for page in file.pages)


def said(paper: Paper) -> str:
    return json.dumps(paper.to_json(), ensure_ascii=False)


@pytest.mark.parametrize("form", FORMS)
def test_a_paper_says_what_its_golden_file_says(form: str) -> None:
    paper = FORMS[form](paper_books()).paper
    text = json.dumps(paper.to_json(), indent=1, ensure_ascii=False) + "\n"
    path = GOLDEN / f"{form}.json"
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("form", FORMS)
def test_every_paper_says_on_every_page_that_it_is_a_draft(form: str) -> None:
    paper = FORMS[form](paper_books()).paper
    with pdfplumber.open(io.BytesIO(pdf(paper))) as file:
        pages = [page.extract_text() for page in file.pages]
    assert all(DRAFT.upper() in page and f"Form {paper.form}" in page for page in pages)
    assert "has no effect until it is signed" in pages[-1]


def test_a_distribution_states_both_tests_with_the_figures_of_the_books() -> None:
    text = printed(FORMS["distribution"](paper_books()).paper)
    for line in (
        "Total assets before the distribution 33,700.00",
        "Less: the distribution (6,000.00)",
        "Less: total liabilities (12,500.00)",
        "the balance-sheet test is met, with a margin of USD 15,200.00",
        "Cash before the distribution 28,700.00",
        "Add: receipts expected in 90 days 5,000.00",
        # 2,500.00, three times 438.71, and 1,598.13 of principal that was missed from March on
        "Less: obligations due in 90 days (5,414.26)",
        "the cash-flow test is met, with a margin of USD 22,285.74",
        "Jane Roe June 30, 2026 60.00 % 3,600.00",
        "Raj Patel June 30, 2026 40.00 % 2,400.00",
        "six thousand and 00/100 US dollars (USD 6,000.00)",
    ):
        assert line in text


def test_figures_of_a_day_before_the_payment_are_the_same() -> None:
    before = distribution(paper_books(), PAID, "Acme", dt.date(2026, 6, 29)).paper
    assert "USD 15,200.00" in said(before)
    assert "Total assets before the distribution" in said(before)


def test_a_distribution_that_fails_a_test_is_not_approved() -> None:
    poor = ENTRIES.replace("Assets:Acme:Bank   20000.00 USD", "Assets:Acme:Bank   3000.00 USD")
    draft = distribution(paper_books(poor), PAID, "Acme")
    # Assets 16,700 - 6,000 less liabilities 12,500: short by 1,800; 4,200 would do.
    assert "the balance-sheet test is NOT met; it is short by USD 1,800.00" in said(draft.paper)
    assert "does not approve it" in said(draft.paper)
    assert "may pay a distribution" not in said(draft.paper)
    assert "both is USD 4,200.00" in draft.remarks[0]


def test_the_worked_case_of_a_solvency_determination() -> None:
    amounts = map(Decimal, "50000 38000 5000 15000 14000 24500 6000".split())
    case = Solvency(dt.date(2026, 9, 30), "USD", *amounts, 90, "")
    assert case.balance_margin == 1000
    assert case.cash_margin == -1500
    assert not case.met
    assert case.largest == 4500


def test_a_consent_after_the_fact_is_a_ratification() -> None:
    books = paper_books()
    assert "The undersigned ratify it" not in said(FORMS["consent"](books).paper)
    late = consent(books, ["ic-26-bbbbbb"], "Acme", dt.date(2026, 2, 3)).paper
    assert "was done on February 2, 2026, before the date" in said(late)


def test_a_note_has_its_schedule_to_the_cent() -> None:
    text = printed(FORMS["note"](paper_books()).paper)
    assert "1 March 1, 2026 438.71 41.67 397.04 9,602.96" in text
    assert "24 February 1, 2028" in text
    level = "23 of four hundred thirty-eight and 71/100 US dollars (USD 438.71)"
    assert level in " ".join(text.split())
    assert "law of the State of Oregon governs" in text
    assert text.count("Total") == 1


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        (
            '  maturity: 2028-02-01\n  schedule: "quarterly"\n  kind: "interest-only"\n',
            "8 quarterly payments: 7 of one hundred twenty-five and 00/100 US dollars (USD 125.00)",
        ),
        ("  maturity: 2027-02-01\n", "in one payment, on February 1, 2027, of ten thousand five"),
        (
            '  term: 3\n  interest-only: 1\n  schedule: "monthly"\n',
            "3 monthly payments: the first on March 1, 2026, the next as the schedule of this note",
        ),
        ("  term: 1\n", "in one payment, on March 1, 2026, of ten thousand forty-one and 67/100"),
    ],
)
def test_a_note_says_how_it_is_paid_back(terms: str, told: str) -> None:
    agreed = '  maturity: 2028-02-01\n  schedule: "monthly"\n  payment: 438.71 USD\n'
    assert agreed in REGISTRY
    draft = note(paper_books(registry=REGISTRY.replace(agreed, terms)), "N-02")
    assert told in said(draft.paper)


def test_a_note_on_demand_has_no_schedule() -> None:
    demand = REGISTRY.replace("maturity: 2028-02-01", 'maturity: "demand"').replace(
        '  schedule: "monthly"\n  payment: 438.71 USD\n', ""
    )
    text = printed(note(paper_books(registry=demand), "N-02").paper)
    assert "within thirty days after the lender asks" in text
    assert "Schedule of payments" not in text


def test_an_expense_report_finds_the_expense_behind_the_repayment() -> None:
    draft = FORMS["expense-report"](paper_books())
    text = printed(draft.paper)
    assert "Swift Air: Trade fair in Denver March 11, 2026 Travel no 300.00" in text
    assert "Still to be paid back USD 0.00" in text
    assert draft.links == {"ic-26-cccccc", "ic-26-dddddd"}
    assert "late" not in text
    late = expense_report(paper_books(), ["ic-26-dddddd"], "", dt.date(2026, 5, 11)).paper
    assert "This report is late for 1 of the expenses" in said(late)
    in_time = expense_report(paper_books(), ["ic-26-dddddd"], "", dt.date(2026, 5, 10)).paper
    assert "This report is late" not in said(in_time)


def test_the_day_of_an_expense_may_stand_on_its_posting() -> None:
    taxis = """
2026-09-20 * "Yellow Cab" "Two rides" ^ic-26-hhhhhh
  counterparty: "Jane"
  Expenses:Acme:Travel   20.00 USD
    expense-date: 2026-07-01
  Expenses:Acme:Travel   30.00 USD
  Liabilities:Acme:DueTo:Jane   -50.00 USD
    expense-date: 2026-09-18
2026-09-25 * "Jane Roe" "Paid back" ^ic-26-iiiiii
  transfer: "reimbursement"
  counterparty: "Jane"
  Liabilities:Acme:DueTo:Jane   50.00 USD
    expense-date: 2026-09-18
  Assets:Acme:Bank
"""
    draft = expense_report(paper_books(ENTRIES + taxis), ["ic-26-iiiiii"])
    text = printed(draft.paper)
    assert "Yellow Cab: Two rides July 1, 2026 Travel no 20.00" in text
    assert "Yellow Cab: Two rides September 18, 2026 Travel no 30.00" in text
    assert "The first expense is of July 1, 2026." in text
    assert "This report is late for 1 of the expenses" in text
    assert draft.links == {"ic-26-hhhhhh", "ic-26-iiiiii"}
    assert ["Day", "July 1, 2026"] in facts(affidavit(paper_books(ENTRIES + taxis), "ic-26-hhhhhh"))


@pytest.mark.parametrize(
    ("payee", "others", "told"),
    [
        ("Jane", "Corner Print", "Corner Print"),
        ("Jane Roe", "Corner Print", "Corner Print"),
        ("Jane", "Acme", ""),
        ("Corner Print", "Acme", "Corner Print"),
    ],
)
def test_an_expense_was_paid_to_the_shop_and_not_to_who_paid_it(
    payee: str, others: str, told: str
) -> None:
    flyers = f"""
2026-09-20 * "{payee}" "Flyers" ^ic-26-hhhhhh
  transfer: "expense-on-behalf"
  counterparty: "Jane"
  Expenses:Acme:Travel   90.00 USD
  Liabilities:Acme:DueTo:Jane
2026-09-20 * "{others}" "Flyers" ^ic-26-hhhhhh
  transfer: "expense-on-behalf"
  counterparty: "Acme"
  Assets:Jane:InvestIn:Acme   90.00 USD
  Assets:Jane:Bank
"""
    books = paper_books(ENTRIES + flyers)
    assert ["Paid to", told] in facts(affidavit(books, "ic-26-hhhhhh"))
    first = expense_report(books, ["ic-26-hhhhhh"]).paper.to_json()["parts"][2]["rows"][0][0]
    assert first == f"{told or '(seller not named)'}: Flyers"


def test_who_sells_within_the_group_is_the_seller() -> None:
    rent = """
2026-09-20 * "Pune" "Fittings" ^ic-26-hhhhhh
  transfer: "sale"
  Expenses:Acme:Rent   90.00 USD
    counterparty: "Pune"
  Assets:Acme:Bank
"""
    assert ["Paid to", "Pune"] in facts(affidavit(paper_books(ENTRIES + rent), "ic-26-hhhhhh"))


def facts(draft: Drafted) -> list[list[str]]:
    """The facts at the head of a paper."""
    return [list(pair) for pair in draft.paper.to_json()["parts"][0]["pairs"]]


def test_an_advance_is_set_against_what_was_spent_and_returned() -> None:
    spent = """
2026-09-01 * "Jane Roe" "Advance for the fair" ^ic-26-gggggg
  counterparty: "Jane"
  Assets:Acme:DueFrom:Jane   500.00 USD
  Assets:Acme:Bank
2026-09-10 * "Inn" "Two nights" ^ic-26-gggggg
  Expenses:Acme:Travel   420.00 USD
  Assets:Acme:DueFrom:Jane
2026-09-20 * "Jane Roe" "Part of the rest" ^ic-26-gggggg
  transfer: "settlement"
  counterparty: "Jane"
  Assets:Acme:Bank   50.00 USD
  Assets:Acme:DueFrom:Jane
"""
    account = """
2026-01-01 open Assets:Acme:DueFrom:Jane  USD
  role: "due-from"
  counterparty: "Jane"
"""
    draft = expense_report(paper_books(ENTRIES + spent, REGISTRY + account), ["ic-26-gggggg"])
    text = printed(draft.paper)
    assert "Advanced before USD 500.00" in text
    assert "Returned of it USD 50.00" in text
    assert "Excess to be returned USD 30.00" in text


def test_minutes_state_the_years_figures_and_what_went_between() -> None:
    text = printed(FORMS["minutes"](paper_books()).paper)
    assert "Result of the year 1,199.00" in text  # 8,000 - 6,500 - 300 - 1
    assert "Equity at its end 15,199.00" in text  # 20,000 - 6,000 + 1,199
    assert "Distribution to Raj Patel June 30, 2026 USD 2,400.00" in text
    assert "LoanFrom:Jane:N-02 Jane 10,000.00" in text
    assert "annual report May 5, 2026 2026" in text


def test_the_paper_size_follows_the_country() -> None:
    books = paper_books()
    assert FORMS["note"](books).paper.size == "us-letter"
    call = capital_call(books, "Pune", Decimal(100), **CALL_DAYS).paper
    assert call.size == "a4"
    assert "all the shareholders" not in said(call)
    assert "the sole shareholder of Pune Fittings Private Limited" in said(call)
    with pdfplumber.open(io.BytesIO(pdf(call))) as file:
        assert round(file.pages[0].width) == 595


HOSTILE = [
    '#import "x": *',
    "#panic()",
    "[*bold* _it_ $x$ <tag> @ref",
    "= Heading",
    "- item // no comment /* nor this",
    "\\u{41} ~ -- --- ...",
    'https://example.org/#read("/etc/passwd")',
    "`raw` 'q' #{1+1}",
    "</script>{{ x }}{% y %}",
]


@pytest.mark.parametrize("payee", HOSTILE)
def test_what_comes_from_the_books_is_printed_as_it_is(payee: str) -> None:
    quoted = payee.replace("\\", "\\\\").replace('"', '\\"')
    books = paper_books(ENTRIES.replace('"Landlord" "Rent"', f'"{quoted}" "{quoted}"'))
    text = printed(FORMS["affidavit"](books).paper)
    assert f"Paid to {payee}" in text
    assert f"What was bought {payee}" in text


def test_a_word_longer_than_a_line_stays_on_the_page() -> None:
    word = "".join(chr(97 + n % 26) for n in range(300))
    entries = ENTRIES.replace('"Swift Air" "Flight to the fair"', f'"{word}" "{word}"')
    paper = expense_report(paper_books(entries), ["ic-26-dddddd"]).paper
    with pdfplumber.open(io.BytesIO(pdf(paper))) as file:
        page = file.pages[0]
        assert max(char["x1"] for char in page.chars) < page.width - 70
        letters = "".join(c["text"] for c in page.chars if c["text"].isalpha())
    assert word in letters


@given(text=st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cc", "Cf", "Zs"])))
def test_no_text_is_ever_run(text: str) -> None:
    table = Table((text,), ((text,),), first_amount=1)
    parts = (Text(text), Text(text, numbered=True), Facts(((text, text),)), table)
    day = dt.date(2026, 1, 1)
    paper = Paper("BH-X", text, "Acme", text, day, "x", "x", "a4", parts)
    assert pdf(paper).startswith(b"%PDF")


def test_hidden_characters_do_not_reach_the_paper() -> None:
    paper = Paper(
        "BH-X", "a\u202eb\x1bc", "Acme", "A", dt.date(2026, 1, 1), "x", "x", "a4", (Text("\u200b"),)
    )
    assert paper.to_json()["title"] == "a b c"


def test_characters_that_the_fonts_do_not_have_are_told() -> None:
    def saying(text: str) -> Paper:
        return Paper("X", text, "Acme", "A", dt.date(2026, 1, 1), "x", "x", "a4", ())

    assert unprintable(saying("Zoë Łuczak, Ελένη, Юрий: 5 € – “ok” ₹ №")) == ""
    assert unprintable(saying("हिंदी क्षेत्र ₹५०, שלום, Երևան")) == ""
    assert unprintable(saying("日本 a த ߐ")) == "ߐத日本"


def test_every_letter_that_is_said_to_print_has_a_glyph() -> None:
    """Each on a page of its own, beside one that no font has and that prints as a box."""
    every = map(chr, range(0x80, 0x2000))
    letters = [c for c in every if unicodedata.category(c)[0] == "L" and not unprintable_in(c)]
    assert {"é", "Ж", "ש", "ह"} <= set(letters)
    source = (
        "#set page(width: 30pt, height: 30pt, margin: 4pt)\n"
        '#set text(font: "Libertinus Serif")\n'
        "#for char in json(bytes(sys.inputs.chars)) { page(char) }"
    )
    pages = typst.compile(
        source.encode(),
        ignore_system_fonts=True,
        sys_inputs={"chars": json.dumps(["日", "本", *letters])},
        format="png",
    )
    box, other, *drawn = pages
    assert box == other
    assert [c for c, page in zip(letters, drawn, strict=True) if page == box] == []


def test_the_same_paper_has_the_same_bytes_in_another_process() -> None:
    here = pdf(FORMS["note"](paper_books()).paper)
    code = (
        "import hashlib; from paper_books import paper_books; from reports.papers.note import note;"
        "from reports.papers.pdf import pdf;"
        "print(hashlib.sha256(pdf(note(paper_books(), 'N-02').paper)).hexdigest())"
    )
    root = Path(__file__).resolve().parents[2]
    paths = f"{root}{os.pathsep}{root / 'tests/lab'}"
    for zone, hashes in (("Asia/Kolkata", "1"), ("America/New_York", "2")):
        env = {**os.environ, "PYTHONPATH": paths, "TZ": zone, "PYTHONHASHSEED": hashes}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == hashlib.sha256(here).hexdigest()
    assert b"/CreationDate" not in here


@pytest.mark.parametrize(
    ("form", "gone", "wanted"),
    [
        ("consent", '  legal-name: "Acme Widgets LLC"\n', 'legal-name: "…"'),
        ("consent", '  jurisdiction: "US-OR"\n', 'jurisdiction: "US-OR"'),
        ("consent", '  legal-name: "Raj Patel"\n', 'legal-name: "…"'),
        ("distribution", '2026-01-01 custom "ownership" "Acme" "Raj" 40.00\n', ""),
        ("note", "  rate: 5.00\n", "rate: 5.00"),
        ("note", "  maturity: 2028-02-01\n", "correct it"),
    ],
)
def test_what_the_registry_lacks_is_named(form: str, gone: str, wanted: str) -> None:
    assert gone in REGISTRY
    books = paper_books(registry=REGISTRY.replace(gone, ""))
    if not wanted:  # an owner fewer: the paper is made, and Raj holds nothing
        assert "Raj Patel, 40.00 %" not in said(FORMS[form](books).paper)
        return
    with pytest.raises(UserError) as error:
        FORMS[form](books)
    assert wanted in error.value.hint


@pytest.mark.parametrize(
    ("drafting", "told"),
    [
        (lambda b: consent(b, ["ic-26-zzzzzz"], "Acme"), "no entry carries ^ic-26-zzzzzz"),
        (lambda b: consent(b, ["inv-7"], "Acme"), "names a counterparty"),
        (lambda b: distribution(b, ["ic-26-bbbbbb"], "Acme"), "pays a distribution"),
        (lambda b: note(b, "N-09"), "known: N-02"),
        (lambda b: allocation(b, "A9"), "known: a1"),
        (lambda b: affidavit(b, "ic-26-bbbbbb"), "none is an expense"),
        (lambda b: affidavit(b, "no-such"), "no bank line has the id 'no-such'"),
        (lambda b: expense_report(b, ["ic-26-bbbbbb"]), "are expenses of Acme"),
        (lambda b: minutes(b, "Acme", parse_period("FY2027")), "the books end on 2026-12-31"),
        (lambda b: minutes(b, "Jane", parse_period("FY2026")), "nobody is registered as owner"),
        (lambda b: capital_call(b, "Acme", Decimal(-1), **CALL_DAYS), "no amount to call for"),
    ],
)
def test_what_cannot_be_drafted_is_told(drafting: Callable[[Books], Drafted], told: str) -> None:
    with pytest.raises(UserError) as error:
        drafting(paper_books())
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("number", "currency", "words"),
    [
        ("0.05", "USD", "zero and 05/100 US dollars"),
        ("6000", "USD", "six thousand and 00/100 US dollars"),
        ("1438.715", "USD", "one thousand four hundred thirty-eight and 72/100 US dollars"),
        ("21000019", "EUR", "twenty-one million nineteen and 00/100 euros"),
        ("520000", "INR", "five lakh twenty thousand and 00/100 Indian rupees"),
        ("10000000", "INR", "one crore and 00/100 Indian rupees"),
        ("7.10", "CHF", "seven and 10/100 CHF"),
    ],
)
def test_amounts_in_words(number: str, currency: str, words: str) -> None:
    assert in_words(Decimal(number), currency) == words


def test_amounts_in_figures() -> None:
    assert both(Decimal("6000"), "USD") == "six thousand and 00/100 US dollars (USD 6,000.00)"
    assert figures(Decimal("-12.345")) == "(12.35)"
    assert figures(Decimal("-0.004"), "USD") == "USD 0.00"


@given(
    amount=st.decimals("0.01", "1e9", places=2),
    shares=st.lists(st.decimals("0.01", "100", places=2), min_size=1, max_size=7),
)
def test_a_call_loses_no_cent_and_nobody_pays_a_cent_more_than_the_share(
    amount: Decimal, shares: list[Decimal]
) -> None:
    parts = shared(amount, tuple(shares))
    assert sum(parts) == amount
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - amount * share / sum(shares)) < Decimal("0.01")
