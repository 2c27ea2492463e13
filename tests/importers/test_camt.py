"""camt statements written here: every version, batches, reversals, and files that mean harm."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from core.identity import LineIds
from importers.detect import read_statement_file
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
ENTRY = """\
<Ntry><NtryRef>1</NtryRef><Amt Ccy="EUR">12.34</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-09-03</Dt></BookgDt><ValDt><Dt>2026-09-04</Dt></ValDt>
<AcctSvcrRef>BANK-1</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>INV-7</EndToEndId></Refs>
<RltdPties><Dbtr><Nm>Acme</Nm></Dbtr><DbtrAcct><Id><IBAN>DE02120300000000202051</IBAN></Id></DbtrAcct>
<Cdtr><Nm>Tea &amp; Co</Nm></Cdtr><CdtrAcct><Id><IBAN>NL91ABNA0417164300</IBAN></Id></CdtrAcct>
</RltdPties><RmtInf><Ustrd>Oolong</Ustrd><Ustrd>and cups</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
"""
RENT = """\
<Ntry><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><DtTm>2026-09-05T23:30:00-05:00</DtTm></BookgDt><AddtlNtryInf>RENT</AddtlNtryInf></Ntry>
"""


def balance(code: str, amount: str, day: str, *, sign: str = "CRDT", currency: str = "EUR") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n"
    )


def message(
    *parts: str, account: str = "DE02120300000000202051", namespace: str = NAMESPACE
) -> str:
    body = "".join(parts)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{namespace}"><BkToCstmrStmt>\n'
        f"<Stmt><Id>S1</Id><FrToDt><FrDtTm>2026-09-01T00:00:00Z</FrDtTm>"
        f"<ToDtTm>2026-09-30T23:59:59Z</ToDtTm></FrToDt><Acct><Id><IBAN>{account}</IBAN></Id>"
        f"<Svcr><FinInstnId><Nm>Test Bank</Nm></FinInstnId></Svcr></Acct>\n{body}</Stmt>"
        "</BkToCstmrStmt></Document>\n"
    )


OPENING, CLOSING = balance("OPBD", "100.00", "2026-09-01"), balance("CLBD", "137.66", "2026-09-30")
WHOLE = message(OPENING, CLOSING, ENTRY, RENT)
BODY = WHOLE.partition("\n")[2]


def read(tmp_path: Path, content: str | bytes) -> StatementFile:
    path = tmp_path / "export.dat"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_statement_file(path, {})


def only(tmp_path: Path, content: str) -> Statement:
    (statement,) = read(tmp_path, content).statements
    return statement


def only_line(tmp_path: Path, entry: str) -> StatementLine:
    (line,) = only(tmp_path, message(entry)).lines
    return line


def refusal(tmp_path: Path, content: str | bytes) -> RefusedFileError:
    with pytest.raises(RefusedFileError) as caught:
        read(tmp_path, content)
    assert caught.value.file
    return caught.value


def test_a_statement_has_its_lines_and_both_balances(tmp_path: Path) -> None:
    file = read(tmp_path, WHOLE)
    (statement,) = file.statements
    tea, rent = statement.lines
    assert (file.format, file.institution, file.warnings) == ("camt", "Test Bank", ())
    assert (statement.account_id, statement.currency) == ("DE02120300000000202051", "EUR")
    assert (statement.opening, statement.opening_date) == (Decimal(100), dt.date(2026, 9, 1))
    assert (statement.balance, statement.balance_date) == (Decimal("137.66"), dt.date(2026, 9, 30))
    assert statement.period == (dt.date(2026, 9, 1), dt.date(2026, 9, 30))
    assert (tea.date, tea.transaction_date) == (dt.date(2026, 9, 3), dt.date(2026, 9, 4))
    assert (tea.amount, tea.payee) == (Decimal("-12.34"), "Tea & Co")
    assert tea.narration == "Oolong and cups"
    assert (tea.bank_id, tea.reference) == ("BANK-1", "INV-7")
    assert tea.counter_account == "NL91ABNA0417164300"
    assert tea.cells["NtryDtls.TxDtls.RmtInf.Ustrd#2"] == "and cups"
    # 23:30 in New York is the next day in Greenwich; the bank's day counts.
    assert (rent.date, rent.payee, rent.bank_id) == (dt.date(2026, 9, 5), "RENT", "")


def as_version_8(text: str) -> str:
    return (
        text.replace("053.001.02", "053.001.08")
        .replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>")
        .replace("<Nm>Tea &amp; Co</Nm>", "<Pty><Nm>Tea &amp; Co</Nm></Pty>")
        .replace("<Nm>Acme</Nm>", "<Pty><Nm>Acme</Nm></Pty>")
    )


@pytest.mark.parametrize("version", ["03", "04", "05", "06", "07", "09", "10", "13"])
def test_every_version_says_the_same(tmp_path: Path, version: str) -> None:
    plain = only(tmp_path, WHOLE)
    assert only(tmp_path, WHOLE.replace("053.001.02", f"053.001.{version}")) == plain
    (tea, _), (tea_8, _) = plain.lines, only(tmp_path, as_version_8(WHOLE)).lines
    assert (tea_8.payee, tea_8.amount, tea_8.bank_id) == (tea.payee, tea.amount, tea.bank_id)


def test_an_envelope_around_the_message_says_nothing(tmp_path: Path) -> None:
    inner = WHOLE.partition("\n")[2]
    assert only(tmp_path, f"<Envelope xmlns='urn:x'><AppHdr/>{inner}</Envelope>").lines


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    declared = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "latin-1": "ISO-8859-1"}[encoding]
    text = WHOLE.replace("UTF-8", declared).replace("Oolong", "Thé")
    (statement,) = read(tmp_path, text.encode(encoding)).statements
    assert statement.lines[0].narration == "Thé and cups"


def test_pending_and_noted_entries_are_left_out_and_told(tmp_path: Path) -> None:
    file = read(
        tmp_path, message(RENT, ENTRY.replace("BOOK", "PDNG"), ENTRY.replace("BOOK", "INFO"))
    )
    assert [line.payee for line in file.statements[0].lines] == ["RENT"]
    assert [w.partition(": ")[2] for w in file.warnings] == [
        "1 entries are INFO, not booked: left out",
        "1 entries are PDNG, not booked: left out",
    ]


def test_an_intraday_report_has_what_is_booked(tmp_path: Path) -> None:
    report = (
        WHOLE.replace("053.001", "052.001")
        .replace("BkToCstmrStmt", "BkToCstmrAcctRpt")
        .replace("Stmt>", "Rpt>")
    )
    file = read(tmp_path, report)
    assert len(file.statements[0].lines) == 2
    assert "intraday" in file.warnings[0]
    pending = report.replace("BOOK", "PDNG").replace("CLBD", "ITBD")
    assert "nothing is booked: 2 entries are pending" in str(refusal(tmp_path, pending))


def test_several_statements_and_currencies(tmp_path: Path) -> None:
    second = (
        message(balance("CLBD", "5", "2026-09-30", currency="USD"), account="US1")
        .partition("<BkToCstmrStmt>")[2]
        .partition("</BkToCstmrStmt>")[0]
    )
    file = read(tmp_path, WHOLE.replace("</BkToCstmrStmt>", second + "</BkToCstmrStmt>"))
    assert [(s.account_id, s.currency, s.balance) for s in file.statements] == [
        ("DE02120300000000202051", "EUR", Decimal("137.66")),
        ("US1", "USD", Decimal(5)),
    ]


def test_an_entry_in_another_currency_keeps_it(tmp_path: Path) -> None:
    file = read(tmp_path, message(OPENING, ENTRY, RENT.replace("EUR", "USD")))
    assert [line.currency for line in file.statements[0].lines] == [None, "USD"]
    assert "has entries in USD beside EUR" in file.warnings[0]


def test_a_closing_balance_in_another_currency_is_none(tmp_path: Path) -> None:
    file = read(tmp_path, message(OPENING, CLOSING.replace("EUR", "SEK"), ENTRY))
    assert file.statements[0].balance is None
    assert "the closing balance is in SEK" in file.warnings[0]


def test_a_previous_closing_balance_opens_where_there_is_no_other(tmp_path: Path) -> None:
    previous = balance("PRCD", "20.00", "2026-08-31", sign="DBIT")
    assert only(tmp_path, message(previous, ENTRY)).opening == Decimal(-20)
    assert only(tmp_path, message(previous, OPENING, ENTRY)).opening == Decimal(100)


def test_lines_that_do_not_add_up_are_told(tmp_path: Path) -> None:
    file = read(tmp_path, WHOLE.replace("137.66", "137.67"))
    assert file.warnings == (
        "DE02120300000000202051: the lines do not add up: opening 100.00 + lines 37.66 = 137.66, "
        "the file says 137.67",
    )
    assert file.statements[0].balance == Decimal("137.67")


REVERSAL = RENT.replace("<Sts>", "<RvslInd>true</RvslInd><Sts>")


@pytest.mark.parametrize("closing", [balance("CLBD", "150.00", "2026-09-30"), ""])
def test_a_reversal_has_the_sign_of_its_entry(tmp_path: Path, closing: str) -> None:
    # A credit that reverses a debit: the money comes back.
    file = read(tmp_path, message(OPENING, closing, REVERSAL))
    assert file.statements[0].lines[0].amount == Decimal(50)
    assert file.warnings == ()


def test_a_reversal_is_turned_where_only_that_makes_the_lines_add_up(tmp_path: Path) -> None:
    # The bank writes CRDT since a credit is reversed: the money goes out.
    file = read(tmp_path, message(OPENING, balance("CLBD", "50.00", "2026-09-30"), REVERSAL))
    assert file.statements[0].lines[0].amount == Decimal(-50)
    assert "1 were turned" in file.warnings[0]


def test_balances_that_prove_neither_sign_leave_the_standards(tmp_path: Path) -> None:
    file = read(tmp_path, message(OPENING, balance("CLBD", "77.00", "2026-09-30"), REVERSAL))
    assert file.statements[0].lines[0].amount == Decimal(50)
    assert "do not add up" in file.warnings[0]


def detail(name: str, amount: str, *, extra: str = "") -> str:
    return (
        f"<TxDtls><AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>{extra}"
        f"<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties></TxDtls>"
    )


def batch(*details: str) -> str:
    return RENT.replace("<AddtlNtryInf>", f"<NtryDtls>{''.join(details)}</NtryDtls><AddtlNtryInf>")


def test_a_collective_entry_is_one_line_with_its_payments(tmp_path: Path) -> None:
    parts = (detail("Ann", '<Amt Ccy="EUR">30.00</Amt>'), detail("Bob", '<Amt Ccy="EUR">20</Amt>'))
    line = only_line(tmp_path, batch(*parts))
    assert (line.amount, line.payee, line.narration) == (Decimal(50), "RENT", "2 payments")
    assert [(s.amount, s.narration) for s in line.splits] == [(30, "Ann"), (20, "Bob")]


def test_a_payment_of_a_collective_entry_may_go_the_other_way(tmp_path: Path) -> None:
    fee = detail("Bank", '<Amt Ccy="EUR">5</Amt>', extra="<CdtDbtInd>DBIT</CdtDbtInd>")
    line = only_line(tmp_path, batch(detail("Ann", '<Amt Ccy="EUR">55</Amt>'), fee))
    assert [s.amount for s in line.splits] == [55, -5]


@pytest.mark.parametrize("second", ['<Amt Ccy="EUR">19.99</Amt>', '<Amt Ccy="USD">20</Amt>', ""])
def test_payments_that_do_not_make_the_entry_are_no_splits(tmp_path: Path, second: str) -> None:
    parts = (detail("Ann", '<Amt Ccy="EUR">30.00</Amt>'), detail("Bob", second))
    file = read(tmp_path, message(batch(*parts)))
    (line,) = file.statements[0].lines
    assert (line.amount, line.splits) == (Decimal(50), ())
    assert "2 payments of a collective entry do not add up to 50.00 EUR" in file.warnings[0]


def test_what_was_exchanged_is_told(tmp_path: Path) -> None:
    exchange = (
        '<TxDtls><AmtDtls><InstdAmt><Amt Ccy="USD">58.00</Amt><CcyXchg><SrcCcy>USD</SrcCcy>'
        "<TrgtCcy>EUR</TrgtCcy><XchgRate>0.862</XchgRate></CcyXchg></InstdAmt></AmtDtls></TxDtls>"
    )
    line = only_line(tmp_path, batch(exchange))
    assert (line.payee, line.narration) == ("58.00 USD at 0.862 USD/EUR", "RENT")


def test_a_structured_reference_stands_in_for_a_text(tmp_path: Path) -> None:
    structured = "<Strd><CdtrRefInf><Ref>RF18 5390</Ref></CdtrRefInf></Strd>"
    texts = "<Ustrd>Oolong</Ustrd><Ustrd>and cups</Ustrd>"
    assert only_line(tmp_path, ENTRY.replace(texts, structured)).narration == "RF18 5390"


@pytest.mark.parametrize("nothing", ["NOTPROVIDED", "", "0000"])
def test_a_reference_that_is_none_is_no_reference(tmp_path: Path, nothing: str) -> None:
    line = only_line(tmp_path, ENTRY.replace("INV-7", nothing).replace("BANK-1", nothing))
    assert (line.reference, line.bank_id) == ("", "")


def test_twins_without_a_reference_have_two_ids(tmp_path: Path) -> None:
    statement = only(tmp_path, message(RENT, RENT))
    ids = LineIds("bank-2051")
    version, columns = statement.identity
    made = [ids.by_cells(version, columns, line.cells) for line in statement.lines]
    assert made[1] == f"{made[0]}-2"
    moved = only(tmp_path, message(ENTRY, RENT.replace("<Amt", "<NtryRef>9</NtryRef><Amt"))).lines[
        1
    ]
    assert LineIds("bank-2051").by_cells(version, columns, moved.cells) == made[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (WHOLE[: len(WHOLE) // 2], "damaged or cut off"),
        (WHOLE.replace("</Document>", ""), "damaged or cut off"),
        (WHOLE + "<more/>", "damaged or cut off"),
        (WHOLE.replace("Oolong", "Oo\0long"), "damaged or cut off"),
        (WHOLE.replace("Oolong", "&nothing;"), "damaged or cut off"),
        (WHOLE.encode().replace(b"Oolong", b"Th\xe9"), "damaged or cut off"),
        (WHOLE.replace("053.001.02", "053.001.01"), "no camt message of a version known"),
        (WHOLE.replace("053.001.02", "053.001.99"), "no camt message of a version known"),
        (WHOLE.replace(f' xmlns="{NAMESPACE}"', ' kind="camt.053"'), "no camt message"),
        (WHOLE.replace("053.001.02", "054.001.02"), "is a notice (camt.054)"),
        (message(), "no statement"),
        (message(ENTRY.replace("12.34", "12,34")), "“12,34” is not an amount"),
        (message(ENTRY.replace("12.34", "-12.34")), "“-12.34” is not an amount"),
        (message(ENTRY.replace("12.34", "1e9")), "“1e9” is not an amount"),
        (message(ENTRY.replace("12.34", "１２")), "is not an amount"),
        (message(ENTRY.replace("12.34", "1" * 30)), "is not an amount"),
        (message(ENTRY.replace(' Ccy="EUR"', "")), "is not a currency"),
        (message(ENTRY.replace("DBIT", "DEBIT")), "“DEBIT” where CRDT or DBIT"),
        (message(ENTRY.replace("2026-09-03", "2026-02-30")), "“2026-02-30” is not a date"),
        (message(ENTRY.replace("<Sts>BOOK</Sts>", "")), "whether it is booked"),
        (message(RENT.replace("BookgDt", "Other")), "has no booking date"),
        (message("<A>" * 100, "</A>" * 100, ENTRY), "nested too deeply"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]>' + BODY, "document type or entities"),
        (('<?xml version="1.0"?><!DOCTYPE Document SYSTEM "file:///etc/passwd">'
          + BODY).encode("utf-16"), "document type or entities"),
        (WHOLE + " " * 10_000_000, "larger than 10 MB"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_right_is_refused(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    error = refusal(tmp_path, content)
    assert said in error.message
    assert error.code == 1


def test_a_refusal_says_the_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, message(ENTRY.replace("12.34", "x"))).line == 4


def test_too_many_elements_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    assert "too many elements" in refusal(tmp_path, message("<A/>" * 500_001)).message


def test_wherever_a_file_is_cut_it_is_refused(tmp_path: Path) -> None:
    for end in range(400, len(WHOLE.rstrip()), 7):
        assert refusal(tmp_path, WHOLE[:end]).message
