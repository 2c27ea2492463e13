"""From an entry back to the line of the bank's file."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from core.home import Home
from core.journal.read import read
from importers.detect import load_profiles, read_statement_file
from importers.plan import plan_import
from importers.rules.origin import Origins, booked_lines, origins
from scripts.shipped import SHIPPED

ACCOUNTS = """\
2020-01-01 open Assets:Acme:Bank:Checking  USD
  role: "bank"
  account-id: "chase-4411"
  title-holder: "Acme LLC"
  line: "cash-and-equivalents"
"""
EXPORT = """\
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,09/03/2026,"SUPPLY CO",-15.00,ACH_DEBIT,70.00,,
DEBIT,09/03/2026,"SUPPLY CO",-15.00,ACH_DEBIT,85.00,,
CREDIT,09/01/2026,"OPENING",100.00,ACH_CREDIT,100.00,,
"""
NAME = "chase-4411.csv"

Write = Callable[[str, str], Path]
profiles = load_profiles(SHIPPED / "rules" / "sources", Path("nowhere"))


@pytest.fixture
def acme(home: Home, write: Write) -> Home:
    """Acme with three imported lines, two of them twins; the file waits in the inbox."""
    write("ledger/acme/accounts.beancount", _accounts(home) + ACCOUNTS)
    (home.inbox / NAME).write_text(EXPORT)
    books = read(home.main_root)
    plan = plan_import(
        [home.inbox / NAME],
        home=home,
        books=books,
        reader=lambda path: read_statement_file(path, profiles),
        ask=lambda statement, hints: None,
        keep=False,
    )
    for change in plan.change.files:
        write(change.path.as_posix(), change.after.decode())
    return home


def _accounts(home: Home) -> str:
    return (home.ledger / "acme/accounts.beancount").read_text()


def found(home: Home) -> tuple[Origins, list[Path]]:
    """The origins of all lines, and the files that were read for them."""
    opened: list[Path] = []

    def reader(path: Path):
        opened.append(path)
        return read_statement_file(path, profiles)

    books = read(home.main_root)
    return origins(booked_lines(books), home=home, books=books, reader=reader), opened


def test_every_line_is_found_with_its_raw_cells_and_twins_are_told_apart(acme: Home) -> None:
    got, opened = found(acme)
    assert (len(got.lines), got.missing, len(opened)) == (3, (), 1)
    rows = {line.row for line in got.lines.values()}
    assert len(rows) == 3
    assert {line.cells["Type"] for line in got.lines.values()} == {"ACH_DEBIT", "ACH_CREDIT"}


def test_a_file_that_a_document_directive_names_is_found_by_its_hash(
    acme: Home, write: Write
) -> None:
    archived = "documents/statements/2026-09-renamed.csv"
    write(f"ledger/acme/{archived}", EXPORT)
    (acme.inbox / NAME).unlink()
    directive = f'2026-09-30 document Assets:Acme:Bank:Checking "{archived}"\n'
    sha = hashlib.sha256(EXPORT.encode()).hexdigest()
    text = f'{_accounts(acme)}{directive}  sha256: "{sha}"\n'
    write("ledger/acme/accounts.beancount", text)
    got, opened = found(acme)
    assert (len(got.lines), got.missing) == (3, ())
    assert [path.name for path in opened] == ["2026-09-renamed.csv"]


def test_a_file_that_lies_in_a_documents_folder_is_found_by_its_content(
    acme: Home, write: Write
) -> None:
    write("ledger/acme/documents/statements/checking/september.csv", EXPORT)
    (acme.inbox / NAME).unlink()
    assert found(acme)[0].missing == ()


def test_a_file_of_the_same_name_and_other_content_is_not_the_file(
    acme: Home, write: Write
) -> None:
    write(f"ledger/inbox/{NAME}", EXPORT.replace("SUPPLY CO", "OTHER CO"))
    got, opened = found(acme)
    assert (dict(got.lines), opened) == ({}, [])
    assert got.missing[0].startswith(NAME)


def test_without_its_file_a_line_is_what_stands_in_the_entry(acme: Home) -> None:
    (acme.inbox / NAME).unlink()
    got, _ = found(acme)
    first = booked_lines(read(acme.main_root))[0]
    line = got.line(first)
    assert (line.payee, line.amount, dict(line.cells)) == ("OPENING", Decimal(100), {})


def test_a_transfer_with_a_line_on_both_sides_is_nobodys_alone(acme: Home) -> None:
    month = acme.ledger / "acme/2026/2026-09.beancount"
    text = month.read_text()
    month.write_text(text.replace("Acme:Suspense  ", "Acme:Suspense  ", 1))
    both = (
        '\n2026-09-20 * "Transfer" ""\n  Assets:Acme:Bank:Checking  -1.00 USD\n    id: "a-1"\n'
        '  Assets:Acme:Suspense  1.00 USD\n    id: "b-1"\n'
    )
    month.write_text(month.read_text() + both)
    assert "a-1" not in {booked.id for booked in booked_lines(read(acme.main_root))}
