"""CSV files that are damaged or leave something open, and profiles that cannot be meant."""

import contextlib
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config import parse_config
from core.findings import UserError
from importers.csv.profile import Profile
from importers.detect import load_profiles, read_statement_file
from importers.statement import RefusedFileError, StatementFile

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")

CHASE = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
BOFA = (
    'Description,,Summary Amt.\nEnding balance as of 09/30/2026,,"95.00"\n\n'
    "Date,Description,Amount,Running Bal.\n"
    '09/01/2026,Beginning balance as of 09/01/2026,,"100.00"\n'
    '09/02/2026,TEA,"-5.00","95.00"\n'
)
SCHWAB = "Date,Status,Type,CheckNumber,Description,Withdrawal,Deposit,RunningBalance\n"
CARD = "Transaction Date,Post Date,Description,Category,Type,Amount,Memo\n"
NORMA = "account_number,currency,final_date,final_balance,item1,transaction_date,amount\n"

PLAIN: dict[str, Any] = {
    "institution": "Plain",
    "kind": "bank",
    "header": ["When", "Bought", "Who", "Sum", "Left"],
    "columns": {
        "date": "When",
        "transaction-date": "Bought",
        "payee": "Who",
        "amount": "Sum",
        "balance": "Left",
    },
    "date-format": ["%m/%d/%Y", "%d/%m/%Y"],
    "identity": {"version": 1, "columns": ["When", "Who", "Sum"]},
}
HEAD = "When,Bought,Who,Sum,Left\n"


def read(tmp_path: Path, content: str | bytes, **changed: Any) -> StatementFile:
    path = tmp_path / "export.dat"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    profiles = {"plain": Profile.model_validate({**PLAIN, **changed})}
    return read_statement_file(path, {**PROFILES, **profiles})


def refusal(tmp_path: Path, content: str | bytes) -> RefusedFileError:
    with pytest.raises(RefusedFileError) as caught:
        read(tmp_path, content)
    return caught.value


@pytest.mark.parametrize(
    ("content", "said", "line"),
    [
        # a quote that never closes would take all later rows into one cell
        (
            CHASE + 'DEBIT,09/03/2026,TEA,-1.00,A,9.00,"\nCREDIT,09/01/2026,X,5.00,A,10.00,\n',
            "no",
            2,
        ),
        # the shifted cell is an amount too
        (BOFA + '09/03/2026,TEA, 12,"-5.00","90.00"\n', "5 cells beneath 4 columns", 7),
        # rows without an amount are left out on purpose, rows without the column are not
        (BOFA + "09/03/2026,COF", "ends before its last column", 7),
        (CARD + "09/01/2026,09/02/2026,TEA,Food,Sale,-1", "ends before its last column", 2),
        (CARD + "09/3x/2026,09/02/2026,TEA,Food,Sale,-1.00,\n", "“09/3x/2026” is not a date", 2),
        (SCHWAB + "09/02/2026,Posted,X,,TEA,$5.00,$7.00,$1.00\n", "has both", 2),
        (SCHWAB + "09/02/2026,Posted,X,,TEA,,,$1.00\n", "has neither", 2),
        (b"\xff\xfe" + CHASE.encode("utf-16-le") + b"\x00", "begins as UTF-16", 1),
        (CHASE + "DEBIT,09/03/2026,T\0A,-1.00,A,9.00,\n", "NUL", 2),
        ("\ufeff".encode("utf-16-le") + (CHASE + "\0").encode("utf-16-le"), "NUL", 2),
    ],
)
def test_a_damaged_row_refuses_the_file_and_names_it(
    tmp_path: Path, content: str | bytes, said: str, line: int
) -> None:
    refused = refusal(tmp_path, content)
    assert said in refused.message
    assert refused.line == line
    assert refused.hint


def test_a_web_page_is_called_one(tmp_path: Path) -> None:
    page = "\n<!doctype HTML><html><body>Log in, please</body></html>"
    assert "web page" in refusal(tmp_path, page).message


def test_an_unknown_file_that_is_no_csv_is_still_told_what_is_known(tmp_path: Path) -> None:
    refused = refusal(tmp_path, 'a,b\n"open\n')
    assert "(a, b)" in refused.message
    assert "chase-card" in refused.hint


def test_a_file_of_great_size_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(RefusedFileError, match="larger than 50 MB"):
        read_statement_file(path, PROFILES)


def test_rows_that_are_not_booked_are_counted_aloud(tmp_path: Path) -> None:
    rows = "".join(
        f"09/0{n}/2026,{status},X,,TEA,$5.00,,$1.00\n"
        for n, status in enumerate(("Posted", "Pending", "Pending", "Returned"), 1)
    )
    file = read(tmp_path, SCHWAB + rows)
    assert len(file.statements[0].lines) == 1
    assert file.warnings == (
        "2 rows left out: Status is “Pending”",
        "1 row left out: Status is “Returned”",
    )


@pytest.mark.parametrize("is_newest_first", [True, False])
def test_the_balance_of_one_day_is_found_by_adding_up(
    tmp_path: Path, is_newest_first: bool
) -> None:
    rows = [
        "CREDIT,09/03/2026,A,50.00,X,50.00,\n",
        "CREDIT,09/03/2026,B,50.00,X,100.00,\n",
        "DEBIT,09/03/2026,C,-12.34,X,87.66,\n",
    ]
    file = read(tmp_path, CHASE + "".join(rows[:: -1 if is_newest_first else 1]))
    assert file.statements[0].balance == Decimal("87.66")
    assert not file.warnings


@pytest.mark.parametrize(
    "rows",
    [
        # one day, and no row follows from another
        ("09/03/2026,A,50.00,X,7.00", "09/03/2026,B,50.00,X,9.00"),
        # the newest day stands in the middle
        ("09/01/2026,A,1.00,X,1.00", "09/09/2026,B,1.00,X,2.00", "09/05/2026,C,1.00,X,3.00"),
    ],
)
def test_a_balance_that_is_not_sure_is_left_out_aloud(
    tmp_path: Path, rows: tuple[str, ...]
) -> None:
    file = read(tmp_path, CHASE + "".join(f"CREDIT,{row},\n" for row in rows))
    assert (file.statements[0].balance, file.statements[0].balance_date) == (None, None)
    assert "no row is surely the newest" in file.warnings[0]


def test_a_stated_balance_is_of_one_account(tmp_path: Path) -> None:
    rows = "".join(f"{n},EUR,2026-09-30,5.00,X,2026-09-01,1.00\n" for n in ("11", "22"))
    pattern = r"(?m)^\d+,EUR,(?P<date>[\d-]+),(?P<amount>[\d.]+)"
    path = tmp_path / "export.dat"
    path.write_text(NORMA + rows)
    profile = PROFILES["norma-43"].model_copy(
        update={"balance": PROFILES["norma-43"].balance.model_copy(update={"pattern": pattern})}  # type: ignore[union-attr]
    )
    file = read_statement_file(path, {"norma-43": profile})
    assert [(s.account_id, s.balance) for s in file.statements] == [("11", None), ("22", None)]
    assert "which account" in file.warnings[0]
    path.write_text(NORMA + rows.splitlines()[0] + "\n")
    (statement,) = read_statement_file(path, {"norma-43": profile}).statements
    assert (statement.balance, statement.balance_date) == (Decimal("5.00"), dt.date(2026, 9, 30))


def test_an_inverted_file_has_an_inverted_balance(tmp_path: Path) -> None:
    text = HEAD + "09/30/2026,,Tea,5.00,105.00\n"
    (statement,) = read(tmp_path, text, sign="inverted").statements
    assert (statement.lines[0].amount, statement.balance) == (Decimal("-5.00"), Decimal("-105.00"))


def test_28_the_order_of_day_and_month_is_decided_by_both_dates(tmp_path: Path) -> None:
    (statement,) = read(tmp_path, HEAD + "04/03/2026,25/02/2026,Tea,5.00,9.00\n").statements
    (line,) = statement.lines
    assert (line.date, line.transaction_date) == (dt.date(2026, 3, 4), dt.date(2026, 2, 25))
    undecided = refusal(tmp_path, HEAD + "04/03/2026,05/02/2026,Tea,5.00,9.00\n")
    assert "day or with the month first" in undecided.message


def test_the_row_with_the_wrong_date_is_the_one_named(tmp_path: Path) -> None:
    rows = "25/01/2026,,A,1.00,1.00\n26/01/2026,,B,1.00,2.00\n2x/01/2026,,C,1.00,3.00\n"
    assert refusal(tmp_path, HEAD + rows).line == 4


def test_the_cells_stand_in_the_files_order(tmp_path: Path) -> None:
    text = CHASE + "DEBIT,09/03/2026,TEA,-1.00,X,9.00,\n"
    line = read(tmp_path, text).statements[0].lines[0]
    assert list(line.cells)[:4] == ["Details", "Posting Date", "Description", "Amount"]


YAML = """\
institution: X
kind: bank
header: [When, Who, Sum]
columns: {date: When, payee: Who, amount: Sum}
date-format: ["%Y-%m-%d"]
identity: {version: 1, columns: [When]}
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('delimiter: "||"', "'delimiter' is one character"),
        ('decimal: ""', "'decimal' is one character"),
        ('decimal: ","', "'grouping' another one"),
        ('end: "("', "not a regular expression"),
        ('account: "IBAN"', "needs a group"),
        ('account: "("', "not a regular expression"),
        ("encoding: nope", "not an encoding"),
        ("encoding: hex", "not an encoding"),
    ],
)
def test_a_profile_that_cannot_be_meant_is_told_with_its_line(more: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_config(YAML + more + "\n", Profile, "x.yaml")
    assert said in str(caught.value)


@pytest.mark.parametrize("formats", ["[]", '["%m/%d"]', '["%Q"]', '[""]'])
def test_a_date_format_says_a_whole_day(formats: str) -> None:
    with pytest.raises(UserError, match="date-format") as caught:
        parse_config(YAML.replace('["%Y-%m-%d"]', formats), Profile, "x.yaml")
    assert caught.value.line == 5


SEEDS = [
    CHASE + "DEBIT,09/03/2026,TEA,-1.00,A,9.00,\nCREDIT,09/01/2026,X,5.00,A,10.00,\n",
    BOFA,
    SCHWAB + "09/02/2026,Posted,X,,TEA,$5.00,,$1.00\n",
    CARD + '09/01/2026,09/02/2026,"TEA\nTWO",Food,Sale,-1.00,\n',
    HEAD + "25/01/2026,24/01/2026,A,1.00,1.00\n",
    NORMA + "11,EUR,2026-09-30,5.00,X,2026-09-01,1.00\n",
    "Account Number,Transaction Description,Transaction Date,Transaction Type,"
    "Transaction Amount,Balance\n12,TEA,09/01/26,Debit,5.00,10.00\n",
]


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.sampled_from(SEEDS),
    cuts=st.lists(
        st.tuples(
            st.integers(0, 300),
            st.integers(0, 12),
            st.sampled_from(
                ["", ",", '"', "\n", "\r", "\0", "é", "９", "-", "(", "$", "1e9", "NaN"]
            ),
        ),
        max_size=6,
    ),
    encoding=st.sampled_from(["utf-8", "utf-16", "cp1250"]),
)
def test_a_mutated_file_is_read_or_refused(
    tmp_path: Path, seed: str, cuts: list[tuple[int, int, str]], encoding: str
) -> None:
    for start, length, new in cuts:
        seed = seed[:start] + new + seed[start + length :]
    with contextlib.suppress(UserError):
        assert read(tmp_path, seed.encode(encoding, "replace")).statements
