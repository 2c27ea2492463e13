"""``books veil fix`` on one finding at a time: computed, decided, drafted, waived, or told."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from muddled_year import muddled
from proper_year import ALDER, BIRCH, NORA, larkin
from year_books import Year

from core.home import Home
from core.journal.read import read
from plugins.run import RULES
from plugins.veil.remedies.ask import CODES
from scripts import books as loading
from scripts.main import main

Fix = Callable[..., str]


@pytest.fixture(scope="module")
def muddle(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the muddled year, made once."""
    path = tmp_path_factory.mktemp("muddle")
    muddled(path)
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}


@pytest.fixture
def fix(
    muddle: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Fix:
    """Runs the command on the finding of a code whose message or place holds a word."""
    for name, content in muddle.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    home = Home(tmp_path)

    def run(finding: str, word: str, *args: str, code: int = 0) -> str:
        monkeypatch.chdir(tmp_path)
        found = [f for f in findings(home) if f.code == finding and word in f.message + f.file]
        assert found, (finding, word)
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["veil", "fix", found[0].fingerprint, "--yes", *args])
        said = capsys.readouterr()
        assert ended.value.code == code, said.out + said.err
        return said.out + said.err

    return run


def findings(home: Home) -> list[loading.Finding]:
    return loading.check(read(home.main_root, home=home))


def codes(tmp_path: Path, finding: str, word: str = "") -> int:
    return sum(f.code == finding and word in f.message + f.file for f in findings(Home(tmp_path)))


def test_every_rule_has_a_remedy_or_says_what_a_person_does() -> None:
    veil = {rule.code for rule in RULES if not rule.code.startswith(("BUD-", "BILL-"))}
    assert veil - CODES == set()


def test_a_half_that_stands_under_another_name_is_made_the_half(fix: Fix, tmp_path: Path) -> None:
    said = fix("VEIL-005", "600.00 USD with Nora")
    assert "is the other half: the bank's line is there already" in said
    assert "-  Income:Nora:Other  -600.00 USD" in said
    assert "+  Assets:Nora:InvestIn:Alder  -600.00 USD" in said
    assert "Assets:Nora:Bank  600.00 USD\n" in said
    assert codes(tmp_path, "VEIL-005", "600.00") == 0


def test_two_halves_without_a_link_get_one(fix: Fix) -> None:
    said = fix("VEIL-005", "crosses to Alder")
    heads = [line for line in said.splitlines() if line.startswith("+2026-11-1")]
    assert len(heads) == 2
    assert len({line.rpartition("^")[2] for line in heads}) == 1


def test_the_cost_that_is_missing_is_booked_and_owed(fix: Fix) -> None:
    said = fix("VEIL-005", "Rider", "--account", "Expenses:Alder:Insurance")
    assert "+  Expenses:Alder:Insurance  41.00 USD" in said
    assert "+  Liabilities:Alder:DueTo:Birch  -41.00 USD" in said


def test_a_mixed_entry_becomes_a_pair_and_the_banks_stay(fix: Fix) -> None:
    said = fix("VEIL-001", "Nora Larkin", "--as", "distribution")
    assert "+  Equity:Alder:Members:Nora:Distributions  900.00 USD" in said
    assert "+  Assets:Nora:InvestIn:Alder  -900.00 USD" in said
    assert "Assets:Alder:Bank  -900.00 USD" in said


def test_a_charge_in_time_is_owed_and_an_old_one_is_a_question(fix: Fix) -> None:
    assert "+  Assets:Alder:DueFrom:Nora  64.20 USD" in fix("VEIL-002", "64.20")
    said = fix("VEIL-002", "71.10", code=1)
    assert "this is a decision; the answers are" in said
    assert "--as distribution: Nora took it out of Alder" in said
    assert "--waive REASON --by NAME" in said


def test_a_cure_that_would_leave_the_finding_is_refused(fix: Fix, tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in tmp_path.rglob("*.beancount")}
    said = fix("VEIL-002", "71.10", "--as", "due-from", code=1)
    assert "nothing was written" in said
    assert {p: p.read_bytes() for p in tmp_path.rglob("*.beancount")} == before


def test_what_a_cure_brings_is_said(fix: Fix) -> None:
    said = fix("VEIL-002", "71.10", "--as", "distribution")
    assert "It brings: " in said
    assert "VEIL-014" in said


def test_money_under_way_over_a_month_end_goes_by_in_transit(fix: Fix, tmp_path: Path) -> None:
    said = fix("VEIL-006", "lie in two months")
    assert "+ Assets:Nora:InTransit 250.00 USD" in " ".join(said.split())
    assert codes(tmp_path, "VEIL-006", "two months") == 0
    assert codes(tmp_path, "VEIL-025", "2026-10 Birch") == 0


def test_a_corrective_distribution_is_owed_until_it_is_paid(fix: Fix) -> None:
    said = fix("VEIL-016", "Alder")
    assert "#corrective" in said
    assert "+  Liabilities:Alder:DueTo:Tom  -1000.00 USD" in said
    assert "+2026-12-31 open Liabilities:Alder:DueTo:Tom" in said
    assert "books veil settle Alder Tom" in said
    assert "Bank" not in "".join(line for line in said.splitlines() if line[:1] in "+-")


def test_interest_is_split_by_the_schedule_in_both_books(fix: Fix, tmp_path: Path) -> None:
    said = fix("VEIL-012", "N-1")
    assert "+  Liabilities:Alder:LoanFrom:Nora:N-1  488.65 USD" in said
    assert "+  Assets:Nora:LoanTo:Alder:N-1  -488.65 USD" in said
    assert codes(tmp_path, "VEIL-012") == codes(tmp_path, "LN-01") == 0


def test_a_loan_that_was_signed_is_declared(fix: Fix, tmp_path: Path) -> None:
    said = fix("VEIL-009", "N-3", code=1)
    assert "--as loan: a note was signed" in said
    assert "--as contribution: there is no note" in said
    paper = tmp_path / "ledger/birch/documents/notes/n-3.txt"
    paper.parent.mkdir(parents=True)
    paper.write_text("signed 2026-07-21\n")
    facts = ("rate=5.00", "maturity=demand", "schedule=monthly", "document=documents/notes/n-3.txt")
    said = fix("VEIL-009", "N-3", "--as", "loan", *(w for f in facts for w in ("--say", f)))
    assert '+2026-07-21 custom "loan" "N-3" "Nora" "Birch" 2500.00 USD' in said
    assert codes(tmp_path, "VEIL-009", "N-3") == 0


def test_a_consent_is_drafted_and_somebody_has_to_sign_it(fix: Fix, tmp_path: Path) -> None:
    said = fix("VEIL-014", "Birch")
    assert "Drafted. Sign it, then: books veil document signed" in said
    assert list((tmp_path / "ledger/birch/documents/resolutions").glob("*.pdf"))
    assert codes(tmp_path, "VEIL-014", "Birch") == 1
    assert "It is drafted already." in fix("VEIL-014", "Birch")


def test_facts_are_metadata_of_the_entry(fix: Fix, tmp_path: Path) -> None:
    fix("VEIL-019", "attendees", "--say", "attendees=R. Sato, City Museum")
    assert codes(tmp_path, "VEIL-019", "attendees") == 0
    said = fix("VEIL-019", "Office Barn", "--say", "receipt=documents/none.pdf", code=1)
    assert "nothing was written" in said


def test_a_statement_proves_its_month(fix: Fix, tmp_path: Path) -> None:
    paper = "statement=documents/statements/2026-08-bank.txt"
    said = fix("VEIL-020", "Card", code=1)
    assert "--say closing=123.45" in said
    said = fix("VEIL-020", "Card", "--say", "closing=1.00", "--say", paper, code=1)
    assert "nothing was written" in said
    assert codes(tmp_path, "VEIL-020", "Card") == 1


def test_what_came_into_a_closed_month_goes_into_the_first_open_one(
    fix: Fix, tmp_path: Path
) -> None:
    said = fix("VEIL-021", "Paper & Pine")
    assert '+2026-02-01 * "Paper & Pine" "Found in a drawer in March" #adjusting' in said
    assert '+  applies-to: "2026-01"' in said
    assert codes(tmp_path, "VEIL-021") == 0


def test_an_old_debt_can_become_capital_or_is_settled(fix: Fix) -> None:
    assert "books veil settle Alder Birch" in fix("VEIL-025", "Birch owes Alder", code=1)
    said = fix("VEIL-025", "Nora owes Alder", code=1)
    assert "--as distribution: by resolution what Nora owes becomes a distribution" in said


@pytest.mark.parametrize(
    ("code", "word", "told"),
    [
        ("VEIL-010", "N-2", "an amendment that raises the rate"),
        ("VEIL-011", "instalment 2", '2026-12-31 custom "loan-forbearance" "N-1"'),
        ("VEIL-026", "rent", 'custom "lease"'),
    ],
)
def test_what_only_a_person_can_do_is_said_with_the_directive(
    fix: Fix, code: str, word: str, told: str
) -> None:
    said = fix(code, word, code=1)
    assert f"only a person can cure this {code}" in said
    assert told in said


def test_a_waiver_has_a_reason_and_a_name_and_a_rule_that_takes_it(
    fix: Fix, tmp_path: Path
) -> None:
    assert "a waiver has a reason and a name" in fix("VEIL-026", "rent", "--waive", "x", code=2)
    assert "no waiver holds" in fix("VEIL-001", "", "--waive", "x", "--by", "Nora", code=1)
    said = fix("VEIL-026", "rent", "--waive", "one desk", "--by", "Nora Larkin")
    assert '+  waive: "VEIL-026 one desk"' in said
    assert [f.severity for f in findings(Home(tmp_path)) if f.code == "VEIL-026"] == ["info"]


def test_a_dry_run_and_all_of_one_code_write_nothing_else(
    fix: Fix,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*.beancount")}
    for args in (["--code", "veil-007", "--dry-run"], ["-e", "birch", "--dry-run"]):
        with pytest.raises(SystemExit):
            main(["veil", "fix", "--all", *args])
        said = capsys.readouterr().out
        assert "Dry run: nothing was written." in said
        assert "left for you" in said
    assert {p: p.read_bytes() for p in tmp_path.rglob("*.beancount")} == before
    with pytest.raises(SystemExit):
        main(["veil", "fix", "--all", "--code", "VEIL-007", "--yes", "--no-commit"])
    assert '+  transfer: "contribution"' in capsys.readouterr().out
    assert codes(tmp_path, "VEIL-007") == 2
    assert codes(tmp_path, "VEIL-001") == 2


def test_a_cost_that_the_owner_gives_is_a_contribution(fix: Fix, tmp_path: Path) -> None:
    account = "Expenses:Alder:Supplies"
    said = fix("VEIL-003", "Print Works", "--as", "contribution", "--account", account)
    assert "+  Assets:Nora:InvestIn:Alder  58.00 USD" in said
    assert "+  Expenses:Alder:Supplies  58.00 USD" in said
    assert "+  Equity:Alder:Members:Nora:Contributions  -58.00 USD" in said
    assert codes(tmp_path, "VEIL-003", "Print Works") == 0


def test_a_shared_bill_names_a_key(fix: Fix) -> None:
    assert "--as A1: it is shared by the key A1" in fix("VEIL-022", "C-771", code=1)
    assert '+  allocation: "A1"' in fix("VEIL-022", "C-771", "--as", "a1")


def test_at_a_terminal_the_answers_are_asked_for(fix: Fix, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("distribution\n"))
    said = fix("VEIL-002", "71.10")
    assert "Which (distribution, due-from)" in said
    assert "Mended." in said


@pytest.fixture
def other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fix:
    """As ``fix``, in the proper year of the group with what a test adds to it."""

    def run(add: Callable[[Year], object], finding: str, *args: str, code: int = 0) -> str:
        year = larkin(tmp_path)
        add(year)
        if not (tmp_path / "ledger/group.beancount").exists():
            year.write()
        monkeypatch.chdir(tmp_path)
        found = [f for f in findings(year.home) if f.code == finding]
        with pytest.raises(SystemExit) as ended:
            main(["veil", "fix", found[0].fingerprint, "--yes", *args])
        said = capsys.readouterr()
        assert ended.value.code == code, said.out + said.err
        return said.out + said.err

    return run


def _wired(year: Year) -> None:
    for entity, about, rows in (
        ("Alder", "Birch", [("Assets:Alder:DueFrom:Birch", "700.00"), (ALDER, "-700.00")]),
        ("Birch", "Alder", [(BIRCH, "685.00"), ("Liabilities:Birch:DueTo:Alder", "-685.00")]),
    ):
        year.book("11-12", about, "Wire", *rows, link="ic-26-200", transfer="settlement",
                  counterparty=about, resolution=entity)  # fmt: skip


def test_a_difference_of_two_banks_is_a_cost_of_who_got_less(other: Fix, tmp_path: Path) -> None:
    said = other(_wired, "VEIL-006", code=1)
    assert "--account Expenses:Birch:…: Birch bore 15.00 as a cost" in said
    said = other(_wired, "VEIL-006", "--account", "Expenses:Birch:Fees")
    assert "+  Liabilities:Birch:DueTo:Alder  -700.00 USD" in said
    assert "+  Expenses:Birch:Fees  15.00 USD" in said
    assert findings(Home(tmp_path)) == []


def _overdrawn(year: Year) -> None:
    rows = [("Equity:Birch:Members:Nora:Distributions", "60000.00"), (BIRCH, "-60000.00")]
    theirs = [(NORA, "60000.00"), ("Assets:Nora:InvestIn:Birch", "-60000.00")]
    paper = year.paper("Birch", "resolutions", "2026-11-12-consent")
    year.pair("11-12", "distribution", "ic-26-200", ("Nora", rows), ("Birch", theirs), "Too much",
              resolution=paper)  # fmt: skip


def test_what_was_drawn_beyond_capital_is_owed_back(other: Fix, tmp_path: Path) -> None:
    assert "--as due-from: Nora took" in other(_overdrawn, "VEIL-017", code=1)
    said = other(_overdrawn, "VEIL-017", "--as", "due-from")
    assert "books veil settle Nora Birch" in said
    left = [f for f in findings(Home(tmp_path)) if f.code == "VEIL-017"]
    assert all("mended since" in f.message for f in left)


def _unsigned(year: Year) -> None:
    year.registry.append('2026-01-01 custom "allocation" "K7" "Alder" 50.00 "Birch" 50.00')
    year.book("11-12", "Print Works", "Flyers", ("Expenses:Alder:Supplies", "20.00"),
              ("Assets:Alder:DueFrom:Birch", "20.00"), (ALDER, "-40.00"), link="ic-26-200",
              transfer="expense-on-behalf", counterparty="Birch", allocation="K7")  # fmt: skip
    year.book("11-12", "Alder", "Flyers", ("Expenses:Birch:Supplies", "20.00"),
              ("Liabilities:Birch:DueTo:Alder", "-20.00"), link="ic-26-200",
              transfer="expense-on-behalf", counterparty="Alder")  # fmt: skip


def test_a_key_without_its_agreement_gets_one_to_sign(other: Fix, tmp_path: Path) -> None:
    assert "Drafted. Sign it, then" in other(_unsigned, "VEIL-022")
    assert list((tmp_path / "ledger").glob("*/documents/**/*.pdf"))
