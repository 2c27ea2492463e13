"""``books veil document``: a paper is filed and attached in one change, and again is nothing."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from beancount.core import data
from click.testing import CliRunner

from core import git
from core.findings import UserError
from core.home import Home
from core.journal.read import read
from plugins.veil.evidence import has_evidence
from scripts.main import cli

REGISTRY = "ledger/registry.beancount"
ACME = "ledger/acme/2026/2026-09.beancount"
DRAFT = "ledger/acme/documents/resolutions/2026-09-03-bh-r3-ic-26-aaaaaa.pdf"
DRAW = """\
;; September

2026-09-03 * "Jane" "Draw" ^ic-26-aaaaaa
  transfer: "distribution"
  counterparty: "Jane"
  Equity:Acme:Members:Jane:Distributions  10.00 USD
  Assets:Acme:AR

2026-09-05 * "Inn" "A night"
  receipt: "documents/inn.pdf"
  Expenses:Acme:Travel  90.00 USD
  Liabilities:Acme:AP

2026-09-06 * "Client" "Sale"
  Assets:Acme:AR  500.00 USD
  Income:Acme:Sales
"""
JANE = """\
2026-09-03 * "Acme" "Draw" ^ic-26-aaaaaa
  transfer: "distribution"
  counterparty: "Acme"
  Assets:Jane:Cash  10.00 USD
  Assets:Jane:InvestIn:Acme
"""


@pytest.fixture
def drawn(home: Home, write: Callable[[str, str], Path]) -> Home:
    """Acme of Oregon has paid Jane 10.00, committed."""
    registry = (home.path / REGISTRY).read_text()
    place = '  jurisdiction: "US-OR"\n'
    write(REGISTRY, registry.replace('"Acme" "llc"\n', f'"Acme" "llc"\n{place}', 1))
    write(ACME, DRAW)
    write("ledger/jane/2026/2026-09.beancount", JANE)
    write("ledger/acme/documents/inn.pdf", "a bill")
    names = [REGISTRY, ACME, "ledger/jane/2026/2026-09.beancount", "ledger/acme/documents/inn.pdf"]
    git.commit(home.path, [Path(name) for name in names], "A draw", {})
    return home


def document(home: Home, *args: str) -> str:
    """What the command says; a UserError is raised on."""
    result = CliRunner().invoke(cli, ["--home", str(home.path), "veil", "document", *args])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def content(home: Home) -> dict[str, bytes]:
    return {
        p.relative_to(home.path).as_posix(): p.read_bytes()
        for p in home.ledger.rglob("*")
        if p.is_file()
    }


def documents(home: Home) -> list[data.Document]:
    books = read(home.main_root, home=home)
    assert not books.findings
    return [e for e in books.standing if isinstance(e, data.Document)]


def test_a_resolution_is_filed_attached_and_committed(drawn: Home) -> None:
    said = document(drawn, "resolution", "ic-26-aaaaaa", "--yes")
    assert "it counts for nothing until it is signed" in said
    (entry,) = documents(drawn)
    made = (drawn.path / DRAFT).read_bytes()
    assert Path(entry.filename) == drawn.path / DRAFT
    assert entry.links == {"ic-26-aaaaaa"}
    assert entry.meta["sha256"] == hashlib.sha256(made).hexdigest()
    assert (entry.meta["form"], entry.meta["status"]) == ("BH-R3", "draft")
    assert entry.account == "Equity:Acme:Members:Jane:Distributions"
    assert '"../documents/resolutions/2026-09-03' in (drawn.path / ACME).read_text()
    assert not git.dirty(drawn.path, [Path(DRAFT), Path(ACME)])


def test_drafting_again_changes_nothing(drawn: Home) -> None:
    document(drawn, "resolution", "ic-26-aaaaaa", "--yes")
    before = content(drawn)
    assert "Nothing to do" in document(drawn, "resolution", "^ic-26-aaaaaa", "--yes")
    assert content(drawn) == before


def test_a_paper_of_a_chosen_day_is_found_again_without_the_day(drawn: Home) -> None:
    document(drawn, "resolution", "ic-26-aaaaaa", "--date", "2026-09-01", "--yes")
    assert "Nothing to do" in document(drawn, "resolution", "ic-26-aaaaaa", "--yes")


def test_a_dry_run_shows_the_paper_and_writes_nothing(drawn: Home) -> None:
    before = content(drawn)
    said = document(drawn, "resolution", "ic-26-aaaaaa", "--dry-run")
    assert f"+++ b/{DRAFT}" in said
    assert "Dry run" in said
    assert content(drawn) == before


def test_a_draft_that_the_books_have_overtaken_is_replaced_only_when_asked(
    drawn: Home, write: Callable[[str, str], Path]
) -> None:
    document(drawn, "resolution", "ic-26-aaaaaa", "--yes")
    text = (drawn.path / ACME).read_text()
    write(ACME, text.replace("  10.00 USD", "  12.00 USD"))
    with pytest.raises(UserError, match="the books say something else"):
        document(drawn, "resolution", "ic-26-aaaaaa", "--yes")
    document(drawn, "resolution", "ic-26-aaaaaa", "--yes", "--replace")
    (entry,) = documents(drawn)
    made = (drawn.path / DRAFT).read_bytes()
    assert entry.meta["sha256"] == hashlib.sha256(made).hexdigest()


def test_a_note_that_both_sides_keep_is_replaced_on_both_sides(
    drawn: Home, write: Callable[[str, str], Path]
) -> None:
    terms = '2026-09-01 custom "loan" "N-02" "Jane" "Acme" 600.00 USD\n  rate: 5.00\n  term: 12\n'
    registry = (drawn.path / REGISTRY).read_text()
    write(REGISTRY, f"{registry}\n{terms}")
    document(drawn, "note", "N-02", "--yes")
    write(REGISTRY, f"{registry}\n{terms.replace('5.00', '6.00')}")
    document(drawn, "note", "N-02", "--yes", "--replace")
    one, other = documents(drawn)
    made = Path(one.filename).read_bytes()
    assert one.filename == other.filename
    assert one.meta["sha256"] == other.meta["sha256"] == hashlib.sha256(made).hexdigest()


def test_a_consent_from_before_the_account_was_open_is_attached_to_another(
    drawn: Home, write: Callable[[str, str], Path]
) -> None:
    accounts = "ledger/acme/accounts.beancount"
    text = (drawn.path / accounts).read_text()
    opened = "open Equity:Acme:Members:Jane:Distributions"
    write(accounts, re.sub(rf"2020-01-01 {opened}", f"2026-09-03 {opened}", text))
    assert f"2026-09-03 {opened}" in (drawn.path / accounts).read_text()
    document(drawn, "resolution", "ic-26-aaaaaa", "--date", "2026-09-02", "--yes")
    (entry,) = documents(drawn)
    assert entry.account == "Assets:Acme:AR"


def test_what_somebody_has_signed_in_its_place_is_never_replaced(drawn: Home) -> None:
    document(drawn, "resolution", "ic-26-aaaaaa", "--yes")
    (drawn.path / DRAFT).write_bytes(b"the signed scan")
    with pytest.raises(UserError, match="perhaps the signed paper"):
        document(drawn, "resolution", "ic-26-aaaaaa", "--yes", "--replace")
    assert (drawn.path / DRAFT).read_bytes() == b"the signed scan"


def test_a_draft_is_no_evidence_until_it_is_signed(drawn: Home, tmp_path: Path) -> None:
    def has() -> bool:
        books = read(drawn.main_root, home=drawn)
        return has_evidence(books.by_link["ic-26-aaaaaa"][0], books)

    document(drawn, "resolution", "ic-26-aaaaaa", "--yes")
    assert not has()
    scan = tmp_path / "scan.PDF"
    scan.write_bytes(b"with two signatures")
    args = ("signed", Path(DRAFT).name, str(scan), "--date", "2026-09-09", "--yes")
    document(drawn, *args)
    assert has()
    kept = drawn.path / DRAFT.replace("2026-09-03", "2026-09-09").replace(".pdf", "-signed.pdf")
    assert kept.read_bytes() == b"with two signatures"
    entry = next(e for e in documents(drawn) if "status" not in e.meta)
    assert (str(entry.date), entry.links) == ("2026-09-09", {"ic-26-aaaaaa"})
    assert "Nothing to do" in document(drawn, *args)


def test_the_draft_itself_is_not_taken_for_the_signed_paper(drawn: Home) -> None:
    document(drawn, "resolution", "ic-26-aaaaaa", "--yes")
    draft = drawn.path / DRAFT
    with pytest.raises(UserError, match="nobody has signed it"):
        document(drawn, "signed", draft.name, str(draft), "--date", "2026-09-09", "--yes")


def test_an_entry_without_a_link_gets_one_with_its_affidavit(
    drawn: Home, write: Callable[[str, str], Path]
) -> None:
    text = DRAW.replace('  receipt: "documents/inn.pdf"\n', "").replace(
        "  Liabilities:Acme:AP\n", '  Liabilities:Acme:AP\n    id: "card-1"\n'
    )
    write(ACME, text)
    document(drawn, "affidavit", "card-1", "--date", "2026-10-01", "--yes")
    found = re.search(r'"A night" \^(doc-26-\w{6})\n', (drawn.path / ACME).read_text())
    assert found
    (entry,) = documents(drawn)
    assert entry.links == {found[1]}
    assert "2026-10-01 document" in (drawn.path / "ledger/acme/2026/2026-10.beancount").read_text()
    assert "Nothing to do" in document(drawn, "affidavit", "card-1", "--yes")


def test_paths_in_metadata_become_directives_and_nothing_else_changes(drawn: Home) -> None:
    assert "1 paths become" in document(drawn, "convert", "--entity", "acme", "--yes")
    text = (drawn.path / ACME).read_text()
    link = re.search(r'"A night" \^(doc-26-\w{6})\n', text)
    assert link
    sha256 = hashlib.sha256(b"a bill").hexdigest()
    directive = (
        f'2026-09-05 document Expenses:Acme:Travel "../documents/inn.pdf" ^{link[1]}\n'
        f'  evidence: "receipt"\n  sha256: "{sha256}"\n\n'
    )
    assert directive in text
    back = text.replace(directive, "").replace(f" ^{link[1]}", "")
    line = '  receipt: "documents/inn.pdf"\n'
    assert back == DRAW.replace(line, "")
    books = read(drawn.main_root, home=drawn)
    assert has_evidence(books.by_link[link[1]][0], books)
    assert "Nothing to do" in document(drawn, "convert", "--yes")


def test_a_path_that_leads_nowhere_is_left_and_told(
    drawn: Home, write: Callable[[str, str], Path]
) -> None:
    write(ACME, DRAW.replace("inn.pdf", "gone.pdf"))
    said = document(drawn, "convert", "--yes")
    assert f"{ACME}:9: receipt: “documents/gone.pdf” leads to no file; it was left" in said
    assert (drawn.path / ACME).read_text() == DRAW.replace("inn.pdf", "gone.pdf")


def test_a_link_that_many_entries_share_stands_for_none_of_them(
    drawn: Home, write: Callable[[str, str], Path]
) -> None:
    more = '\n2026-09-08 * "Inn" "Another night" ^trip\n  Expenses:Acme:Travel  1.00 USD\n'
    text = DRAW.replace('"A night"', '"A night" ^trip') + more + "  Liabilities:Acme:AP\n"
    write(ACME, text)
    document(drawn, "convert", "--yes")
    (entry,) = documents(drawn)
    (link,) = entry.links
    assert link.startswith("doc-26-")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("resolution", "ic-26-zzzzzz"), "no entry carries ^ic-26-zzzzzz"),
        (("resolution", "ic-26-aaaaaa", "--date", "soon"), "'soon' is not a date"),
        (("minutes", "acne", "FY2026"), "there is no entity 'acne'"),
        (("minutes", "acme", "FY2026"), "the books end on 2026-09-06"),
        (("note", "N-01"), "there is no loan 'N-01'"),
        (("signed", "x.pdf", "y.pdf", "--date", "2026-09-09"), "no draft is called 'x.pdf'"),
        (
            (
                "capital-call",
                "acme",
                "--amount",
                "NaN",
                "--date",
                "2026-09-09",
                "--due",
                "2026-10-01",
            ),
            "'NaN' is not an amount",
        ),
    ],
)
def test_a_mistake_is_told_in_a_sentence(drawn: Home, args: tuple[str, ...], told: str) -> None:
    with pytest.raises(UserError) as error:
        document(drawn, *args)
    assert told in str(error.value)


def test_a_company_without_a_place_is_told_what_to_add(
    drawn: Home, write: Callable[[str, str], Path]
) -> None:
    text = (drawn.path / REGISTRY).read_text()
    write(REGISTRY, text.replace('  jurisdiction: "US-OR"\n', ""))
    with pytest.raises(UserError) as error:
        document(drawn, "resolution", "ic-26-aaaaaa", "--yes")
    assert error.value.file == REGISTRY
    assert 'add below the entity directive: jurisdiction: "US-OR"' in error.value.hint
