"""Profiles proposed for files that none knows: what is seen, what is asked, what is refused."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import parse_config
from importers.csv.profile import Profile, load_profiles
from importers.csv.propose import Proposal, propose
from importers.csv.read import read_csv
from importers.csv.written import profile_text
from importers.statement import RefusedFileError, Statement

SOURCES = Path(__file__).resolve().parents[2] / "rules" / "sources"

PLAIN = "Date,Description,Amount\n09/14/2026,TEA HOUSE,-12.00\n09/15/2026,CLIENT,900.00\n"
CARD = "Credit Card Number: 1234XXXXXXXX7890\nDate,Description,Amount,Balance\n"
BANK_HEAD = "Date,Text,Amount,Balance\n"
BANK_UP = (  # the newest row stands first
    BANK_HEAD + "2026-09-03,C,-5.00,115.00\n2026-09-02,B,20.00,120.00\n2026-09-01,A,100.00,100.00\n"
)
BANK_DOWN = (
    BANK_HEAD + "2026-09-01,A,100.00,100.00\n2026-09-02,B,20.00,120.00\n2026-09-03,C,-5.00,115.00\n"
)
GERMAN = (
    "Buchungstag;Wertstellung;Verwendungszweck;Betrag;Währung\n"
    "01.09.2026;02.09.2026;Miete;-1.250,00;EUR\n03.09.2026;03.09.2026;Gehalt;2.900,50;EUR\n"
)
FRENCH = (
    "Date opération;Libellé;Débit;Crédit;Devise\n2026-09-01;Loyer;1 234,56;;EUR\n"
    "2026-09-05;Salaire;;3500,00;EUR\n"
)
SPANISH = "Fecha;Concepto;Importe;Saldo\n31/08/2026;Luz;-50,00;50,00\n01/09/2026;Pago;9,00;59,00\n"


def proposed(text: str, **answers: str) -> Proposal:
    return propose(text.encode(), "export.csv").answered(**answers)


def read(proposal: Proposal, text: str) -> list[Statement]:
    path = Path("export.csv")
    return list(
        read_csv(path, text.encode(), proposal.profile, proposal.name, "export.csv").statements
    )


def asked(proposal: Proposal) -> list[str]:
    return [question.about for question in proposal.questions]


def refusal(text: str, **answers: str) -> str:
    with pytest.raises(RefusedFileError) as caught:
        proposed(text, **answers)
    return str(caught.value)


def test_three_plain_columns_leave_the_kind_and_the_bank_open() -> None:
    proposal = proposed(PLAIN)
    assert asked(proposal) == ["kind", "institution"]
    assert [q.option for q in proposal.questions] == ["--kind bank|card", "--institution NAME"]
    answered = proposal.answered(kind="bank", institution="Citizens")
    assert (answered.questions, answered.name) == ((), "citizens")
    assert [(line.date, line.amount, line.payee) for line in answered.samples] == [
        (dt.date(2026, 9, 14), Decimal("-12.00"), "TEA HOUSE"),
        (dt.date(2026, 9, 15), Decimal("900.00"), "CLIENT"),
    ]


def test_a_cards_sign_is_asked_even_with_a_balance() -> None:
    text = CARD + "2026-09-01,Tea,-5.00,-25.00\n2026-09-02,Payment,20.00,-5.00\n"
    proposal = proposed(text, institution="Acme Bank")
    assert asked(proposal) == ["sign"]
    assert "below zero on every row" in proposal.questions[0].text
    assert "“Payment”, says 20.00" in proposal.questions[0].text
    answered = proposal.answered(sign="charges-negative")
    (statement,) = read(answered, text)
    assert (answered.name, answered.profile.kind) == ("acme-bank-card", "card")
    assert (statement.account_id, statement.balance) == ("1234XXXXXXXX7890", Decimal("-5.00"))
    assert [line.amount for line in statement.lines] == [Decimal("-5.00"), Decimal("20.00")]


def test_a_card_whose_charges_and_debts_are_positive_is_turned_whole() -> None:
    text = CARD + "2026-09-01,Tea,5.00,25.00\n2026-09-02,Payment,-20.00,5.00\n"
    (statement,) = read(proposed(text, sign="charges-positive"), text)
    assert [line.amount for line in statement.lines] == [Decimal("-5.00"), Decimal("20.00")]
    assert statement.balance == Decimal("-5.00")


def test_a_card_may_show_negative_charges_and_a_positive_debt() -> None:
    text = CARD + "2026-09-01,Tea,-5.00,25.00\n2026-09-02,Payment,20.00,5.00\n"
    (statement,) = read(proposed(text, sign="charges-negative"), text)
    assert [line.amount for line in statement.lines] == [Decimal("-5.00"), Decimal("20.00")]
    assert statement.balance == Decimal("-5.00")


@pytest.mark.parametrize("text", [BANK_UP, BANK_DOWN])
def test_a_running_balance_proves_the_sign_in_both_directions(text: str) -> None:
    proposal = proposed(text, kind="bank", institution="X")
    said = "the balance column proves the sign on 2 of 2 rows: money out is negative"
    assert said in proposal.evidence
    assert read(proposal, text)[0].balance == Decimal("115.00")


def test_a_running_balance_proves_that_money_out_is_positive() -> None:
    text = "Date,Text,Amount,Balance\n2026-09-01,A,5.00,95.00\n2026-09-02,B,-9.00,104.00\n"
    proposal = proposed(text, kind="bank", institution="X")
    assert proposal.questions == ()
    assert "proves the sign on 1 of 1 rows: money out is positive" in proposal.evidence[-1]
    (statement,) = read(proposal, text)
    assert [line.amount for line in statement.lines] == [Decimal("-5.00"), Decimal("9.00")]
    assert statement.balance == Decimal("104.00")
    assert "is not what its balance column says" in refusal(
        text, kind="bank", sign="charges-negative"
    )


def test_a_balance_that_does_not_follow_is_not_read() -> None:
    text = "Date,Text,Amount,Balance\n2026-09-01,A,5.00,95.00\n2026-09-02,B,-9.00,7.00\n"
    proposal = proposed(text)
    assert proposal.profile.columns.balance == ""
    assert "“Balance” does not follow from the amounts: it is not read" in proposal.evidence


def test_only_positive_amounts_leave_the_sign_open_at_a_bank_too() -> None:
    text = PLAIN.replace("-12.00", "12.00")
    proposal = proposed(text, kind="bank", institution="X")
    assert asked(proposal) == ["sign"]
    (statement,) = read(proposal.answered(sign="charges-positive"), text)
    assert [line.amount for line in statement.lines] == [Decimal("-12.00"), Decimal("-900.00")]


@pytest.mark.parametrize(
    ("text", "amounts", "currency"),
    [
        (GERMAN, ["-1250.00", "2900.50"], "EUR"),
        (FRENCH, ["-1234.56", "3500.00"], "EUR"),
        (SPANISH, ["-50.00", "9.00"], None),
        (PLAIN.replace("Amount", "Amount (CAD)"), ["-12.00", "900.00"], "CAD"),
        (PLAIN.replace(",", "\t"), ["-12.00", "900.00"], None),
    ],
)
def test_languages_decimals_and_delimiters(
    text: str, amounts: list[str], currency: str | None
) -> None:
    (statement,) = read(proposed(text, kind="bank", institution="X"), text)
    assert [str(line.amount) for line in statement.lines] == amounts
    assert statement.currency == currency


def test_the_day_of_booking_counts_not_that_of_value() -> None:
    assert proposed(GERMAN).profile.columns.date == "Buchungstag"
    text = "Transaction Date,Posted Date,Description,Amount\n2026-09-01,2026-09-02,Tea,-5.00\n"
    columns = proposed(text).profile.columns
    assert (columns.date, columns.transaction_date) == ("Posted Date", "Transaction Date")


def test_an_encoding_that_is_not_utf8_is_found() -> None:
    raw = GERMAN.encode("cp1252")
    proposal = propose(raw, "export.csv").answered(kind="bank", institution="X")
    assert proposal.profile.columns.currency == "Währung"


def test_28_dates_that_read_both_ways_are_asked_and_answered() -> None:
    text = PLAIN.replace("09/14", "09/04").replace("09/15", "09/05")
    proposal = proposed(text, kind="bank", institution="X")
    assert asked(proposal) == ["date_order"]
    assert "09 April 2026 (day-first) or 04 September 2026 (month-first)" in (
        proposal.questions[0].text
    )
    days = {
        order: read(proposal.answered(date_order=order), text)[0].lines[0].date
        for order in ("day-first", "month-first")
    }
    assert days == {"day-first": dt.date(2026, 4, 9), "month-first": dt.date(2026, 9, 4)}
    with pytest.raises(RefusedFileError, match="--date-order"):
        read(proposal, text)
    assert "cannot be read day-first" in refusal(PLAIN, date_order="day-first")


def test_a_flag_says_the_direction_whatever_the_amounts_sign() -> None:
    text = (
        "Date,Label,Amount,D/C,Balance\n2026-09-01,Tea,33.50,D,-23.50\n"
        '2026-09-02,Pay,"-1,533.50",C,"1,510.00"\n'
    )
    proposal = proposed(text, kind="bank", institution="X")
    assert "proves it on 1 of 1 rows" in proposal.evidence[-1]
    (statement,) = read(proposal, text)
    assert [line.amount for line in statement.lines] == [Decimal("-33.50"), Decimal("1533.50")]


def test_a_debit_column_may_be_negative_already() -> None:
    text = "Date,Text,Debit,Credit\n2026-09-01,Tea,-5.00,\n2026-09-02,Pay,,9.00\n"
    (statement,) = read(proposed(text), text)
    assert [line.amount for line in statement.lines] == [Decimal("-5.00"), Decimal("9.00")]
    both = text + "2026-09-03,Back,2.00,\n"
    assert "has amounts of both signs" in refusal(both)


def test_what_stands_around_the_table() -> None:
    text = (
        "Account number: 0012345678\nDate,Description,Amount\n"
        "09/14/2026,TEA,-5.00\nPENDING,COFFEE,-3.00\n09/16/2026,PAY,9.00\n"
        "Statement period: 09/01/2026 - 09/30/2026\nEnding balance: 104.00\n"
    )
    proposal = proposed(text, kind="bank", institution="X")
    (statement,) = read(proposal, text)
    assert (statement.account_id, len(statement.lines)) == ("0012345678", 2)
    assert (statement.balance, statement.balance_date) == (Decimal("104.00"), dt.date(2026, 9, 30))
    assert any("PENDING" in said for said in proposal.evidence)


def test_a_second_row_and_a_carried_balance_are_no_transactions() -> None:
    text = (
        "Date,Description,Amount,Balance\n2026-09-01,Opening balance,,10.00\n"
        "2026-09-02,TEA,-5.00,5.00\n,HOUSE OF TEA,,\n2026-09-03,PAY,9.00,14.00\n"
    )
    proposal = proposed(text, kind="bank", institution="X")
    (statement,) = read(proposal, text)
    assert [line.payee for line in statement.lines] == ["TEA HOUSE OF TEA", "PAY"]


def test_a_file_without_a_header_gets_a_shape() -> None:
    text = "2026-09-01,Tea,-5.00\n2026-09-02,Pay,9.00\n"
    proposal = proposed(text, institution="X")
    assert set(proposal.profile.shape) == {"Column 1", "Column 3"}
    assert proposal.profile.fits(["2026-10-01", "Cake", "-1.00"])
    assert not proposal.profile.fits(["Date", "Text", "Amount"])
    assert len(read(proposal, text)[0].lines) == 2


def test_without_a_header_the_rows_prove_which_column_is_the_balance() -> None:
    text = "2026-09-01,Tea,95.00,-5.00\n2026-09-02,Pay,104.00,9.00\n"
    assert "which column is the amount" in refusal(text)  # one step proves nothing
    (statement,) = read(proposed(text + "2026-09-03,Cake,101.00,-3.00\n"), text)
    assert [line.amount for line in statement.lines] == [Decimal("-5.00"), Decimal("9.00")]
    assert statement.balance == Decimal("104.00")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\nc,d\n", "no row has a date and an amount"),
        ("Date,Description,Amount\n", "no row has a date and an amount"),
        (PLAIN + "09/16/2026,BAD,12..34\n", "export.csv:4"),
        ('Date,Text,Amount\n2026-09-01,A,"1,234"\n', "may be thousands or decimals"),
        ("Date,Text,Text,Amount\n2026-09-01,A,B,-1.00\n", "two of its columns have one name"),
        ("Date,A,B,C\n2026-09-01,x,1.00,2.00\n", "which column is the amount"),
        (PLAIN.replace("09/15", "Total,x,1.00\n09/15"), "is none; what it means cannot be told"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_reason(text: str, said: str) -> None:
    assert said in refusal(text)


def test_a_name_that_is_taken_gets_a_number() -> None:
    proposal = propose(PLAIN.encode(), "x.csv", taken=("citizens", "citizens-2"))
    assert proposal.answered(kind="bank", institution="Citizens").name == "citizens-3"


def test_what_is_written_is_read_the_same_and_written_the_same(tmp_path: Path) -> None:
    texts = [PLAIN, BANK_UP, GERMAN, FRENCH, CARD + "2026-09-01,Tea,-5.00,-25.00\n"]
    for number, text in enumerate(texts):
        proposal = proposed(text, kind="bank", institution="Haus & Söhne: Bank")
        written = profile_text(proposal.profile)
        (tmp_path / f"p{number}.yaml").write_text(written)
        loaded = load_profiles(tmp_path)[f"p{number}"]
        assert loaded == proposal.profile
        assert profile_text(loaded) == written
        assert written.startswith("# yaml-language-server: $schema=../schemas/sources.json\n")


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_profile_can_be_written(path: Path) -> None:
    profile = load_profiles(SOURCES)[path.stem]
    assert parse_config(profile_text(profile), Profile, path.name) == profile


@given(st.text(max_size=12))
def test_any_name_of_a_bank_survives_the_yaml(name: str) -> None:
    profile = proposed(PLAIN).profile.model_copy(update={"institution": name})
    assert parse_config(profile_text(profile), Profile, "x.yaml") == profile
