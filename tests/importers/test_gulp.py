"""Bulkhead's readers driven by beangulp's own command line, as its users drive it."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data
from beangulp.exceptions import Error

from bulkhead.importers import Importer
from core.home import Home
from core.journal.read import read

CHECKING, CARD = "Assets:Acme:Bank:Checking", "Liabilities:Acme:Card:Amex"
SCRIPT = """\
import beangulp
from bulkhead.importers import Importer

ACCOUNTS = {
    "Assets:Acme:Bank:Checking": "chase-4411",
    "Assets:Acme:Bank:Savings": "chase-5120",
    "Liabilities:Acme:Card:Amex": "amex-1005",
}
if __name__ == "__main__":
    beangulp.Ingest([Importer(ACCOUNTS)])()
"""
CSV = """\
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,09/03/2026,"COFFEE",-4.00,ACH_DEBIT,92.00,,
DEBIT,09/03/2026,"COFFEE",-4.00,ACH_DEBIT,96.00,,
CREDIT,09/01/2026,"OPENING",100.00,ACH_CREDIT,100.00,,
"""
OFX = """\
OFXHEADER:100
DATA:OFXSGML
VERSION:102

<OFX><SIGNONMSGSRSV1><SONRS><FI><ORG>Amex</FI></SONRS></SIGNONMSGSRSV1>
<CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>USD
<CCACCTFROM><ACCTID>999900001005</CCACCTFROM>
<BANKTRANLIST><DTSTART>20260901<DTEND>20260930
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260905<TRNAMT>-20.00<FITID>A1<NAME>Paper Co</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>-20.00<DTASOF>20260930</LEDGERBAL>
</CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>
"""
OPENED = f"""\
2026-01-01 open {CHECKING}
2026-01-01 open {CARD}
2026-01-01 open Equity:Acme:Unsorted
"""


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """A script as beangulp's users have one, and what a bank handed out."""
    (tmp_path / "import.py").write_text(SCRIPT)
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "Chase4411_Activity.CSV").write_text(CSV)
    (folder / "amex.ofx").write_text(OFX)
    (folder / "holiday.txt").write_text("no statement\n")
    return folder


def gulp(downloads: Path, *args: object, code: int = 0) -> tuple[str, str]:
    """What beangulp says, on stdout and on stderr."""
    home = downloads.parent
    done = subprocess.run(
        [sys.executable, home / "import.py", *map(str, args)],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout, done.stderr


def completed(text: str) -> str:
    """The extracted entries as their owner completes them: the other side of each."""
    lines = []
    for entry in text.split("\n\n"):
        is_open = '"' in entry and "balance" not in entry and not entry.startswith(";")
        lines.append(f"{entry.rstrip()}\n  Equity:Acme:Unsorted\n" if is_open else entry)
    return OPENED + "\n\n".join(lines)


def transactions(entries: list[data.Directive]) -> list[data.Transaction]:
    return [e for e in entries if isinstance(e, data.Transaction)]


def test_identify_says_whose_file_it_is(downloads: Path) -> None:
    said, _ = gulp(downloads, "identify", "-v", downloads)
    told = said.split("* ")[1:]
    assert [Path(t.split()[0]).name for t in told] == [
        "Chase4411_Activity.CSV",
        "amex.ofx",
        "holiday.txt",
    ]
    assert CHECKING in told[0]
    assert CARD in told[1]
    assert "OK" not in told[2]


def test_extract_gives_the_banks_postings_and_the_balances(downloads: Path) -> None:
    text, _ = gulp(downloads, "extract", downloads)
    entries, errors, _ = loader.load_string(completed(text))
    assert not errors
    booked = transactions(entries)
    assert [(t.date.day, t.payee, str(t.postings[0].units)) for t in booked] == [
        (1, "OPENING", "100.00 USD"),
        (3, "COFFEE", "-4.00 USD"),
        (3, "COFFEE", "-4.00 USD"),
        (5, "Paper Co", "-20.00 USD"),
    ]
    assert len({t.postings[0].meta["id"] for t in booked}) == 4
    assert booked[0].postings[0].meta["src"].startswith("Chase4411_Activity.CSV ")
    balances = [e for e in entries if isinstance(e, data.Balance)]
    assert [(b.date, b.account, str(b.amount)) for b in balances] == [
        (dt.date(2026, 9, 4), CHECKING, "92.00 USD"),
        (dt.date(2026, 10, 1), CARD, "-20.00 USD"),
    ]


def test_extracting_again_marks_all_of_it(downloads: Path) -> None:
    text, _ = gulp(downloads, "extract", downloads)
    ledger = downloads.parent / "main.beancount"
    ledger.write_text(completed(text))
    again, _ = gulp(downloads, "extract", "-e", ledger, downloads)
    entries, errors, _ = loader.load_string(again)
    assert (entries, errors) == ([], [])
    assert again.count("; duplicate of") == 6


def test_near_miss_a_third_twin_is_new(downloads: Path) -> None:
    text, _ = gulp(downloads, "extract", downloads)
    ledger = downloads.parent / "main.beancount"
    ledger.write_text(completed(text))
    twin = 'DEBIT,09/03/2026,"COFFEE",-4.00,ACH_DEBIT,96.00,,\n'
    (downloads / "Chase4411_Activity.CSV").write_text(CSV.replace(twin, twin * 2))
    again, _ = gulp(downloads, "extract", "-e", ledger, downloads)
    (fresh,) = [entry for entry in again.split("\n\n") if entry.startswith("2026")]
    assert "COFFEE" in fresh
    assert again.count("; duplicate of") == 6


def test_archive_files_by_account_and_last_day(downloads: Path) -> None:
    target = downloads.parent / "documents"
    target.mkdir()
    gulp(downloads, "archive", "-o", target, downloads)
    kept = sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file())
    assert kept == [
        "Assets/Acme/Bank/Checking/2026-09-03.Chase4411_Activity.CSV",
        "Liabilities/Acme/Card/Amex/2026-09-30.amex.ofx",
    ]
    assert [p.name for p in downloads.iterdir()] == ["holiday.txt"]


@pytest.mark.parametrize("command", ["identify", "extract"])
def test_a_statement_that_is_cut_off_is_an_error_with_its_reason(
    downloads: Path, command: str
) -> None:
    (downloads / "amex.ofx").write_text(OFX.replace("-20.00<FITID>", "-2O.00<FITID>"))
    out, err = gulp(downloads, command, downloads, code=1)
    assert "nothing of the file was used" in out + err
    assert "ERROR" in out + err


def test_two_accounts_that_may_be_meant_are_a_question(downloads: Path) -> None:
    (downloads / "Chase4411_Activity.CSV").rename(downloads / "activity.csv")
    out, err = gulp(downloads, "identify", downloads, code=1)
    assert "could be 2 of yours" in out + err
    assert CHECKING in out + err


def test_the_ids_are_those_of_books_import(downloads: Path, home: Home) -> None:
    program = Path(sys.executable).parent / "books"
    file = downloads / "Chase4411_Activity.CSV"
    subprocess.run(
        [program, "import", file, "--entity", "acme", "--yes"], cwd=home.path, check=True
    )
    booked = read(home.main_root, home=home).transactions
    number = next(a.account_id for a in read(home.main_root).accounts.values() if a.account_id)
    ours = Importer({CHECKING: number}).extract(str(file), [])
    lines = [t.postings[0].meta for t in transactions(ours)]
    kept = {p.meta["id"]: p.meta["src"] for t in booked for p in t.postings if "id" in p.meta}
    assert {meta["id"]: meta["src"] for meta in lines} == kept


def test_one_account_alone_is_the_account_of_every_file(downloads: Path) -> None:
    only = Importer(CHECKING)
    assert only.identify(str(downloads / "amex.ofx"))
    assert not only.identify(str(downloads / "holiday.txt"))
    with pytest.raises(Error, match=r"speaks of none|no profile knows"):
        only.account(str(downloads / "holiday.txt"))


def test_somebody_elses_account_is_not_identified(downloads: Path) -> None:
    assert not Importer({CHECKING: "chase-9999"}).identify(str(downloads / "amex.ofx"))


def test_categorise_says_the_other_side(downloads: Path) -> None:
    coffee = Importer(
        {CHECKING: "chase-4411"},
        categorise=lambda line: "Expenses:Acme:Coffee" if "COFFEE" in line.payee else None,
    )
    entries = transactions(coffee.extract(str(downloads / "Chase4411_Activity.CSV"), []))
    sides = [[(p.account, str(p.units)) for p in e.postings] for e in entries]
    assert sides[0] == [(CHECKING, "-4.00 USD"), ("Expenses:Acme:Coffee", "4.00 USD")]
    assert sides[2] == [(CHECKING, "100.00 USD")]


def test_an_entry_written_by_hand_counts_once(downloads: Path) -> None:
    file = str(downloads / "Chase4411_Activity.CSV")
    importer = Importer({CHECKING: "chase-4411"})
    existing, _, _ = loader.load_string(
        OPENED + f'2026-09-05 * "Coffee"\n  {CHECKING}  -4.00 USD\n  Equity:Acme:Unsorted\n'
    )
    entries = importer.extract(file, existing)
    importer.deduplicate(entries, existing)
    assert ["__duplicate__" in e.meta for e in transactions(entries)] == [True, False, False]


def test_near_miss_an_entry_by_hand_a_week_later_is_another(downloads: Path) -> None:
    file = str(downloads / "Chase4411_Activity.CSV")
    importer = Importer({CHECKING: "chase-4411"})
    existing, _, _ = loader.load_string(
        OPENED + f'2026-09-10 * "Coffee"\n  {CHECKING}  -4.00 USD\n  Equity:Acme:Unsorted\n'
    )
    entries = importer.extract(file, existing)
    importer.deduplicate(entries, existing)
    assert not any("__duplicate__" in e.meta for e in entries)


def test_ones_own_profile_is_read(downloads: Path, tmp_path: Path) -> None:
    profiles = tmp_path / "sources"
    profiles.mkdir()
    (profiles / "village.yaml").write_text(
        "institution: Village Bank\nkind: bank\nheader: [Day, Text, Sum]\n"
        "columns: {date: Day, payee: Text, amount: Sum}\n"
        'date-format: ["%Y-%m-%d"]\nidentity: {version: 1, columns: [Day, Text, Sum]}\n'
    )
    file = downloads / "export.csv"
    file.write_text("Day,Text,Sum\n2026-09-01,Eggs,-3.00\n")
    assert not Importer(CHECKING).identify(str(file))
    village = Importer(CHECKING, profiles=profiles, currency="EUR")
    (entry,) = transactions(village.extract(str(file), []))
    assert str(entry.postings[0].units) == "-3.00 EUR"


def test_a_mistake_in_ones_own_profile_is_said(downloads: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("institution: Village Bank\n")
    with pytest.raises(Error, match=r"wrong\.yaml"):
        Importer(CHECKING, profiles=tmp_path).identify(str(downloads / "amex.ofx"))


@pytest.mark.parametrize(
    ("accounts", "wrong"),
    [
        ("Checking", "'Checking' is no account"),
        ({CHECKING: "", CARD: "amex-1005"}, "give every account its account-id"),
        ({}, "give every account its account-id"),
    ],
    ids=str,
)
def test_what_is_no_account_is_refused_at_once(accounts: object, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Importer(accounts)
