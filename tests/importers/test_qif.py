"""QIF files written here: accounts, parts, days in either order, trades, and files that are cut."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from core.identity import LineIds
from importers.detect import read_statement_file
from importers.qif.read import read_qif
from importers.statement import RefusedFileError, Statement, StatementFile, StatementLine

BANK = """\
!Type:Bank
D9/3/2026
T-12.34
CX
N101
PTea & Co
MOolong
LExpenses:Office
^
D9/14/2026
T1,000.00
POpening Balance
L[Checking]
^
"""


def read(tmp_path: Path, content: str | bytes) -> StatementFile:
    path = tmp_path / "export.dat"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_statement_file(path, {})


def only(tmp_path: Path, content: str) -> Statement:
    (statement,) = read(tmp_path, content).statements
    return statement


def refusal(tmp_path: Path, content: str | bytes) -> RefusedFileError:
    with pytest.raises(RefusedFileError) as caught:
        read(tmp_path, content)
    assert caught.value.file
    return caught.value


def record(*fields: str, kind: str = "Bank", day: str = "9/14/2026") -> str:
    return f"!Type:{kind}\n" + "\n".join((f"D{day}", *fields)) + "\n^\n"


def test_a_record_is_a_line(tmp_path: Path) -> None:
    file = read(tmp_path, BANK)
    (statement,) = file.statements
    tea, opening = statement.lines
    assert (file.format, statement.account_id, statement.kind) == ("qif", None, "bank")
    assert (statement.currency, statement.balance, statement.opening) == (None, None, None)
    assert (tea.date, tea.amount, tea.row) == (dt.date(2026, 9, 3), Decimal("-12.34"), 2)
    assert (tea.payee, tea.narration, tea.splits) == ("Tea & Co", "Oolong", ())
    assert (tea.cells["C"], tea.cells["N"], tea.cells["L"]) == ("X", "101", "Expenses:Office")
    # An opening balance is a line of the account, as Quicken exports it.
    assert (opening.amount, opening.counter_account) == (Decimal(1000), "Checking")


def test_the_parts_of_a_record(tmp_path: Path) -> None:
    parts = ("SFood:Tea/Class", "EOolong", "$-10.00", "S[Savings]", "$-2.34")
    line = only(tmp_path, record("T-12.34", *parts)).lines[0]
    assert [(s.amount, s.category, s.narration) for s in line.splits] == [
        (Decimal("-10.00"), "Food:Tea/Class", "Oolong"),
        (Decimal("-2.34"), "[Savings]", ""),
    ]
    assert line.cells["S#2"] == "[Savings]"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (("T-12.34", "SFood", "$-10.00"), "the parts make -10.00, the record says -12.34"),
        (("T-12.34", "SFood", "E50%"), "a part (Food) has no amount"),
        (("T-12.34", "SFood", "$x"), "'x' is not an amount"),
        (("T-12.34", "U-12.35"), "two amounts"),
        (("T12..34",), "is not an amount"),
        (("T" + "1" * 30,), "is not an amount"),
        (("T１２",), "is not an amount"),
        (("PTea",), "lacks its amount (T)"),
    ],
)
def test_a_record_that_cannot_be_right_is_refused(
    tmp_path: Path, fields: tuple[str, ...], said: str
) -> None:
    error = refusal(tmp_path, record(*fields))
    assert said in error.message
    assert error.line == 2


def test_accounts_by_name_in_one_file(tmp_path: Path) -> None:
    accounts = "!Option:AutoSwitch\n!Account\nNOne\nTBank\n^\nNTwo\nTCCard\n^\n!Clear:AutoSwitch\n"
    file = read(
        tmp_path,
        accounts
        + "!Account\nNOne\nTBank\n^\n" + record("T1.00")
        + "!Account\nNTwo\nTCCard\n^\n" + record("T-2.00", kind="CCard")
        + "!Account\nNOne\nTBank\n^\n" + record("T3.00")
        + "!Type:Cat\nNFood\nE\n^\n",
    )  # fmt: skip
    assert [(s.account_id, s.kind, [x.amount for x in s.lines]) for s in file.statements] == [
        ("One", "bank", [1, 3]),
        ("Two", "card", [-2]),
    ]


@pytest.mark.parametrize(("kind", "told"), [("Cash", None), ("Oth A", None), ("Oth L", None)])
def test_other_kinds_of_accounts(tmp_path: Path, kind: str, told: str | None) -> None:
    assert only(tmp_path, record("T1.00", kind=kind)).kind == told


def test_two_lists_that_do_not_say_whose_they_are_are_refused(tmp_path: Path) -> None:
    assert "second list" in refusal(tmp_path, record("T1.00") + record("T2.00")).message
    two = "!Account\nNOne\n^\nNTwo\n^\n"
    assert "second list" in refusal(tmp_path, two + record("T1.00") + record("T2.00")).message
    assert len(read(tmp_path, record("T1.00") + record("T2.00", kind="Cash")).statements) == 2


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (("3/4/2026", "14/4/2026"), "2026-04-03"),
        (("3/4/2026", "4/14/2026"), "2026-03-04"),
        (("3/4'26", "4/14'26"), "2026-03-04"),
        (("1/ 5'26", "1/14'26"), "2026-01-05"),
        (("3/4/98", "4/14/98"), "1998-03-04"),
        (("3/4/26", "4/14/26"), "2026-03-04"),
        (("03.04.2026", "14.04.2026"), "2026-04-03"),
        (("03-04-2026", "14-04-2026"), "2026-04-03"),
        (("2026-04-03", "2026-04-05"), "2026-04-03"),
        (("5/5/2026", "6/6/2026"), "2026-05-05"),
    ],
)
def test_28_the_order_of_the_dates_is_one_for_the_whole_file(
    tmp_path: Path, days: tuple[str, str], first: str
) -> None:
    text = f"!Type:Bank\nD{days[0]}\nT1.00\n^\nD{days[1]}\nT1.00\n^\n"
    assert only(tmp_path, text).lines[0].date.isoformat() == first


UNDECIDED = "!Type:Bank\nD3/4/2026\nT1.00\n^\nD5/5/2026\nT2.00\n^\n"


def test_dates_that_nothing_decides_are_a_question(tmp_path: Path) -> None:
    error = refusal(tmp_path, UNDECIDED)
    assert "(3/4/2026) can all be read with the day or with the month first" in error.message
    assert "!Option:DMY" in error.hint


def test_the_owner_can_say_the_order(tmp_path: Path) -> None:
    day, month = dt.date(2026, 4, 3), dt.date(2026, 3, 4)
    assert only(tmp_path, "!Option:DMY\n" + UNDECIDED).lines[0].date == day
    assert only(tmp_path, "!Option:MDY\n" + UNDECIDED).lines[0].date == month
    raw, path = UNDECIDED.encode(), Path("x")
    assert read_qif(path, raw, "x", "day").statements[0].lines[0].date == day
    assert read_qif(path, raw, "x", order="month").statements[0].lines[0].date == month
    with pytest.raises(RefusedFileError, match="the day first"):
        read_qif(path, BANK.encode(), "x", "day")


@pytest.mark.parametrize("other", ["14/4/2026", "2/30/2026", "2026", "soon", "1/2/3/4", "1/2/123"])
def test_28_dates_that_contradict_each_other_are_refused(tmp_path: Path, other: str) -> None:
    text = record("T1.00") + f"D{other}\nT1.00\n^\n"
    assert "cannot all be read" in refusal(tmp_path, text).message


@pytest.mark.parametrize(
    ("amounts", "first"),
    [
        (("1,000.00", "5"), "1000.00"),
        (("1.000,00", "5"), "1000.00"),
        (("12,34", "1.000"), "12.34"),
        (("1,234", "12.34"), "1234"),
        (("1.234", "12,34"), "1234"),
        (("1,234,567", "5"), "1234567"),
        (("0,125", "5"), "0.125"),
        (("-5", "5"), "-5"),
    ],
)
def test_the_decimal_character_is_one_for_the_whole_file(
    tmp_path: Path, amounts: tuple[str, str], first: str
) -> None:
    text = record(f"T{amounts[0]}") + f"D9/14/2026\nT{amounts[1]}\n^\n"
    assert only(tmp_path, text).lines[0].amount == Decimal(first)


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        (("1,234", "5"), "“1,234” can be read as thousands or as decimals"),
        (("1.234", "5"), "“1.234” can be read as thousands or as decimals"),
        (("12.34", "12,34"), "with a point and with a comma (12.34, 12,34)"),
    ],
)
def test_amounts_that_nothing_decides_are_refused(
    tmp_path: Path, amounts: tuple[str, str], said: str
) -> None:
    text = record(f"T{amounts[0]}") + f"D9/14/2026\nT{amounts[1]}\n^\n"
    assert said in refusal(tmp_path, text).message


def trade(tmp_path: Path, action: str, *fields: str) -> StatementLine:
    security = "!Type:Security\nNFund One\nSfone\n^\n"
    text = record(f"N{action}", "YFund One", "T100.00", *fields, kind="Invst")
    (line,) = only(tmp_path, text + security).lines
    assert line.trade
    assert (line.trade.security.name, line.trade.security.ticker) == ("Fund One", "FONE")
    return line


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("Buy", (-100, "buy", 4, -100, "")),
        ("CvrShrt", (-100, "buy", 4, -100, "")),
        ("Sell", (100, "sell", -4, 100, "")),
        ("ShtSell", (100, "sell", -4, 100, "")),
        ("Div", (100, "income", 0, 100, "DIV")),
        ("IntInc", (100, "income", 0, 100, "INTEREST")),
        ("CGLong", (100, "income", 0, 100, "CGLONG")),
        ("CGShort", (100, "income", 0, 100, "CGSHORT")),
        ("MiscInc", (100, "income", 0, 100, "MISC")),
        ("RtrnCap", (100, "return-of-capital", 0, 100, "")),
        ("MiscExp", (-100, "expense", 0, -100, "MISC")),
        ("MargInt", (-100, "expense", 0, -100, "INTEREST")),
        ("ReinvDiv", (0, "reinvest", 4, -100, "DIV")),
        ("ReinvInt", (0, "reinvest", 4, -100, "INTEREST")),
        ("ReinvLg", (0, "reinvest", 4, -100, "CGLONG")),
        ("ShrsIn", (0, "transfer", 4, 0, "")),
        ("ShrsOut", (0, "transfer", -4, 0, "")),
    ],
)
def test_what_an_action_does(
    tmp_path: Path, action: str, told: tuple[int, str, int, int, str]
) -> None:
    has_units = told[2] != 0
    line = trade(tmp_path, action, *(("Q4",) if has_units else ()))
    assert line.trade
    made = line.trade
    assert (line.amount, made.action, made.units, made.total, made.income) == told


def test_a_purchase_has_its_price_and_commission(tmp_path: Path) -> None:
    file = read(tmp_path, record("NBuy", "YX", "Q4", "I24.00", "O4.00", "T100.00", kind="Invst"))
    made = file.statements[0].lines[0].trade
    assert made
    assert (made.price, made.commission, file.warnings) == (Decimal("24.00"), Decimal("4.00"), ())
    file = read(tmp_path, record("NBuy", "YX", "Q4", "I23.00", "O4.00", "T100.00", kind="Invst"))
    assert file.warnings == (
        "line 2: 4 × 23.00 and the commission make 96.00, the file says 100.00",
    )


def test_what_comes_in_kind_has_the_cost_that_is_said_and_no_other(tmp_path: Path) -> None:
    made = trade(tmp_path, "ShrsIn", "Q4", "I25.00").trade
    assert made
    assert (made.cost, made.acquired) == (Decimal("25.00"), None)
    made = trade(tmp_path, "ShrsIn", "Q4").trade
    assert made
    assert made.cost is None


def test_a_split_is_told_for_ten_old_units(tmp_path: Path) -> None:
    made = only(tmp_path, record("NStkSplit", "YX", "Q20", kind="Invst")).lines[0].trade
    assert made
    assert (made.action, made.numerator, made.denominator) == ("split", 20, 10)


@pytest.mark.parametrize(
    ("action", "amounts"),
    [
        ("BuyX", [-100, 100]),
        ("SellX", [100, -100]),
        ("DivX", [100, -100]),
        ("MiscExpX", [-100, 100]),
    ],
)
def test_an_action_with_another_account_is_two_lines(
    tmp_path: Path, action: str, amounts: list[int]
) -> None:
    fields = (f"N{action}", "YX", "Q4", "T100.00", "L[Checking]", "$100.00")
    own, transfer = only(tmp_path, record(*fields, kind="Invst")).lines
    assert [own.amount, transfer.amount] == amounts
    assert own.trade
    assert transfer.trade is None
    assert (own.counter_account, transfer.counter_account) == ("", "Checking")


@pytest.mark.parametrize(
    ("action", "amount"),
    [("XIn", 5), ("XOut", -5), ("ContribX", 5), ("WithdrwX", -5), ("Cash", 5), ("", 5)],
)
def test_cash_alone_is_no_trade(tmp_path: Path, action: str, amount: int) -> None:
    line = only(tmp_path, record(f"N{action}", "T5.00", "L[Checking]", kind="Invst")).lines[0]
    assert (line.amount, line.trade, line.counter_account) == (amount, None, "Checking")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (("NVest", "YX", "Q1"), "the action “Vest” is not known"),
        (("NBuy", "YX", "T1.00"), "lacks the quantity (Q)"),
        (("NBuy", "Q1", "T1.00"), "lacks the security (Y)"),
        (("NDiv", "YX"), "lacks the total (T)"),
    ],
)
def test_a_trade_that_is_not_told_whole_is_refused(
    tmp_path: Path, fields: tuple[str, ...], said: str
) -> None:
    assert said in refusal(tmp_path, record(*fields, kind="Invst")).message


def test_a_reminder_is_no_line(tmp_path: Path) -> None:
    file = read(tmp_path, record("NReminder", "MSell?", kind="Invst"))
    assert file.statements[0].lines == ()
    assert file.warnings == ("line 2: a reminder is left out",)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str) -> None:
    text = BANK.replace("Oolong", "Thé").replace("\n", "\r\n")
    (statement,) = read(tmp_path, text.encode(encoding)).statements
    assert statement.lines[0].narration == "Thé"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BANK.removesuffix("^\n"), "lacks its ^"),
        (BANK + "!Account\nNOne\n", "lacks its ^"),
        (BANK.replace("^\nD9/14", "!Type:Cash\nD9/14"), "lacks its ^"),
        ("!Type:Bank\n", "holds no lines"),
        ("!Type:Cat\nNFood\n^\n", "holds no lines"),
        ("!Type:Ban", "a list that is not known: “!Type:Ban”"),
        ("!Type:Invoice\n" + BANK, "a list that is not known"),
        ("!Option:X\nD9/3/2026\n^\n" + BANK, "before any !Type:"),
        (BANK.replace("D9/3/2026\n", ""), "lacks its date (D)"),
        (BANK.replace("Tea", "T\0ea"), "NUL"),
        (BANK + " " * 10_000_000, "larger than 10 MB"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    error = refusal(tmp_path, content)
    assert said in error.message
    assert error.code == 1


def test_wherever_a_file_is_cut_only_whole_records_are_read(tmp_path: Path) -> None:
    whole = only(tmp_path, BANK).lines
    for end in range(1, len(BANK)):
        try:
            lines = only(tmp_path, BANK[:end]).lines
        except RefusedFileError:
            continue
        # What is left is nothing but whole records, whose end a cut cannot be told from.
        assert BANK[:end].rstrip().endswith("^")
        assert [(x.amount, x.payee) for x in lines] in (
            [(x.amount, x.payee) for x in whole[:1]],
            [(x.amount, x.payee) for x in whole],
        )


def test_twins_have_two_ids_and_the_category_is_none_of_it(tmp_path: Path) -> None:
    text = record("T1.00", "PTea", "LOffice") + "D9/14/2026\nT1.00\nPTea\nLFood\nCX\n^\n"
    statement = only(tmp_path, text)
    ids, (version, columns) = LineIds("bank-4411"), statement.identity
    made = [ids.by_cells(version, columns, line.cells) for line in statement.lines]
    assert made[1] == f"{made[0]}-2"
