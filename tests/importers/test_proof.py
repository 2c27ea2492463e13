"""A statement proves a balance or shows a gap, and its file is kept (hard case 29)."""

import datetime as dt
import hashlib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from bank import CHECKING, SAVINGS, bring, line, open_accounts, plan, statement
from beancount.core import data

from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from core.journal.write import apply
from importers.account import proposed
from importers.plan import plan_import
from importers.planned import ImportPlan
from importers.statement import StatementFile


@pytest.fixture
def acme(home: Home) -> Home:
    open_accounts(home, [CHECKING, SAVINGS])
    return home


def balances(books: Books) -> list[tuple[dt.date, str, str]]:
    found = [e for e in books.standing if isinstance(e, data.Balance)]
    return [(e.date, e.account, str(e.amount.number)) for e in found]


def documents(books: Books) -> list[data.Document]:
    return [e for e in books.standing if isinstance(e, data.Document)]


def september(*lines, closing: str, **more):
    last = dt.date(2026, 9, 30)
    return statement(CHECKING, *lines, balance=Decimal(closing), balance_date=last, **more)


def proof_of(planned: ImportPlan):
    (proof,) = [s.proof for f in planned.files for s in f.statements]
    return proof


def test_29_a_balance_is_asserted_on_the_day_after_with_the_statement(acme: Home) -> None:
    books = bring(acme, "s.csv", september(line(3, "-5.00"), line(9, "25.00"), closing="20.00"))
    assert balances(books) == [(dt.date(2026, 10, 1), CHECKING, "20.00")]
    (held,) = [e for e in books.standing if isinstance(e, data.Balance)]
    evidence = acme.ledger / "acme" / held.meta["statement"]
    assert evidence.read_text() == (acme.path.parent / "s.csv").read_text()
    assert not books.findings


def test_29_a_gap_is_reported_with_the_rows_around_it_and_not_asserted(acme: Home) -> None:
    journal = acme.ledger / "acme/2026/2026-09.beancount"
    journal.parent.mkdir(exist_ok=True)
    journal.write_text(
        f'2026-09-20 * "Nobody" "knows"\n  {CHECKING}  -7.00 USD\n  Assets:Acme:Suspense\n'
    )
    planned = plan(acme, {"s.csv": [september(line(3, "20.00"), closing="20.00")]})
    proof = proof_of(planned)
    assert (proof.opening, proof.rows, proof.closing) == (0, 20, 20)
    assert proof.gap == -7
    assert proof.rows_near == (
        "ledger/acme/2026/2026-09.beancount:1: 2026-09-20 -7.00 is not in the statement",
    )
    assert "the books hold 13.00: 7.00 USD too little" in proof.sentence
    assert b" balance " not in b"".join(f.after for f in planned.change.files)


def test_29_a_gap_from_before_the_statement_says_so(acme: Home) -> None:
    planned = plan(acme, {"s.csv": [september(line(3, "20.00"), closing="120.00")]})
    proof = proof_of(planned)
    assert proof.opening == 100
    assert proof.rows_near == (
        "before 2026-09-03 the books hold 0.00, the statement begins with 100.00: "
        "import the statements before this one",
    )


def test_rows_that_do_not_add_up_prove_nothing(acme: Home) -> None:
    wrong = september(line(3, "20.00"), closing="21.00", opening=Decimal(0))
    proof = proof_of(plan(acme, {"s.csv": [wrong]}))
    assert proof.unread == 1
    assert "does not add up: the rows are 1.00 USD too little" in proof.sentence
    assert not balances(bring(acme, "s.csv", wrong))


def test_29_a_feeds_balance_is_compared_and_never_asserted(acme: Home) -> None:
    path = acme.path.parent / "feed.json"
    path.write_text("{}")
    said = september(line(3, "20.00"), closing="20.00")
    feed = StatementFile(path, "plaid", "Bank", (said,), is_feed=True)
    planned = plan_import(
        [path],
        home=acme,
        books=read(acme.main_root),
        reader=lambda _: feed,
        ask=lambda s, h: None,
    )
    assert proof_of(planned).holds
    assert all(b" balance " not in f.after for f in planned.change.files)
    assert not any("documents" in f.path.parts for f in planned.change.files)


def test_the_file_is_kept_once_and_dated_by_its_last_day(acme: Home) -> None:
    said = september(line(3, "20.00"), closing="20.00")
    books = bring(acme, "Chase 4411.csv", said)
    (kept,) = documents(books)
    assert Path(kept.filename).relative_to(acme.path.resolve()).as_posix() == (
        "ledger/acme/documents/statements/Assets/Acme/Bank/Checking/2026-09-30.Chase-4411.csv"
    )
    raw = Path(kept.filename).read_bytes()
    assert kept.meta["sha256"] == hashlib.sha256(raw).hexdigest()
    assert (kept.meta["from"], kept.meta["to"]) == (dt.date(2026, 9, 3), dt.date(2026, 9, 3))
    # Under another name it is the same file.
    assert not plan(acme, {"renamed.csv": [said]}).change.effective().files


def test_another_file_of_that_name_and_day_gets_a_name_of_its_own(acme: Home) -> None:
    bring(acme, "s.csv", statement(CHECKING, line(3, "20.00")))
    books = bring(acme, "s.csv", statement(CHECKING, line(3, "20.00"), line(2, "1.00")))
    names = {Path(d.filename).name for d in documents(books)}
    assert names == {"2026-09-03.s.csv", "2026-09-03.s-2.csv"}


def test_a_file_of_two_accounts_is_kept_once_and_named_by_both(acme: Home) -> None:
    books = bring(
        acme,
        "both.csv",
        september(line(3, "20.00"), closing="20.00"),
        replace(
            statement(SAVINGS, line(4, "1.00"), balance=Decimal("1.00")),
            balance_date=dt.date(2026, 9, 4),
        ),
    )
    one, other = documents(books)
    assert one.filename == other.filename
    assert {one.account, other.account} == {CHECKING, SAVINGS}
    assert len(balances(books)) == 2


def test_a_file_that_changes_while_it_is_read_is_refused(acme: Home) -> None:
    from core.findings import UserError

    path = acme.path.parent / "s.csv"
    path.write_text("now")
    then = hashlib.sha256(b"then").hexdigest()
    file = StatementFile(path, "csv", "Bank", (statement(CHECKING, line(3, "1.00")),), sha256=then)
    with pytest.raises(UserError, match="has changed while it was read"):
        plan_import(
            [path],
            home=acme,
            books=read(acme.main_root),
            reader=lambda _: file,
            ask=lambda s, h: None,
        )


def test_two_statements_of_a_new_account_open_it_once_with_the_first(home: Home) -> None:
    week = [
        statement(CHECKING, line(1, "-35.00"), balance=Decimal(965), opening=Decimal(1000)),
        statement(CHECKING, line(8, "-35.00"), balance=Decimal(930), opening=Decimal(965)),
    ]
    path = home.path.parent / "s.sta"
    path.write_text("x")
    file = StatementFile(path, "mt940", "Bank", tuple(reversed(week)))
    entity = read(home.main_root).registry.entities["Acme"]
    planned = plan_import(
        [path],
        home=home,
        books=read(home.main_root),
        reader=lambda _: file,
        ask=lambda s, h: proposed(s, h, entity),
    )
    second, first = (s.opening for s in planned.files[0].statements)
    assert second is None
    assert first.number == 1000
    assert [s.proof.holds for s in planned.files[0].statements] == [True, True]


def test_what_was_held_in_another_currency_has_an_equity_account_of_its_own(home: Home) -> None:
    euros = replace(
        statement(CHECKING, line(1, "-35.00"), balance=Decimal(965), opening=Decimal(1000)),
        currency="EUR",
    )
    path = home.path.parent / "s.sta"
    path.write_text("x")
    file = StatementFile(path, "mt940", "Bank", (euros,))
    books = read(home.main_root)
    entity = books.registry.entities["Acme"]
    planned = plan_import(
        [path],
        home=home,
        books=books,
        reader=lambda _: file,
        ask=lambda s, h: proposed(s, h, entity),
    )
    apply(home, planned.change, key="k")
    assert not read(home.main_root).findings
    assert "Equity:Acme:OpeningBalances:EUR" in read(home.main_root).accounts
