"""A file's own balances check its sign: against it the file is refused, a gap is only told."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.csv.chain import Step, chain
from importers.csv.profile import Profile
from importers.detect import read_statement_file
from importers.statement import RefusedFileError, StatementFile

HEAD = "When,Who,Sum,Left\n"
TWO_COLUMNS = {
    "header": ["When", "Who", "Out", "In", "Left"],
    "columns": {"date": "When", "payee": "Who", "debit": "Out", "credit": "In", "balance": "Left"},
    "identity": {"version": 1, "columns": ["When"]},
}
# A card: charges are negative, the balance is what is owed.
OWED = HEAD + "2026-09-01,Tea,-5.00,105.00\n2026-09-02,Cake,-7.00,112.00\n"
IN_ORDER = [("01", "10.00", "10.00"), ("02", "20.00", "30.00"), ("02", "-5.00", "25.00")]


def read(tmp_path: Path, text: str, **changed: Any) -> StatementFile:
    path = tmp_path / "export.csv"
    path.write_text(text)
    profile = {
        "institution": "Plain",
        "kind": "bank",
        "header": ["When", "Who", "Sum", "Left"],
        "columns": {"date": "When", "payee": "Who", "amount": "Sum", "balance": "Left"},
        "date-format": ["%Y-%m-%d"],
        "identity": {"version": 1, "columns": ["When", "Who", "Sum"]},
    }
    return read_statement_file(path, {"plain": Profile.model_validate(profile | changed)})


def rows(*told: tuple[str, str, str]) -> str:
    return HEAD + "".join(f"2026-09-{day},X,{amount},{left}\n" for day, amount, left in told)


def test_27_a_balance_that_moves_the_other_way_refuses_the_file(
    tmp_path: Path,
) -> None:
    with pytest.raises(RefusedFileError) as caught:
        read(tmp_path, OWED)
    assert caught.value.message == (
        "the profile plain says that charges are negative; the balance moves the other way from "
        "line 2 to 3: by 7.00, where the amounts make -7.00"
    )
    assert caught.value.line == 3
    assert "'sign: inverted' and 'balance-sign: as-is'" in (caught.value.hint or "")
    assert "'balance-sign: inverted'" in (caught.value.hint or "")


def test_the_cures_that_the_refusal_names_are_cures(tmp_path: Path) -> None:
    owed = read(tmp_path, OWED, **{"balance-sign": "inverted"}).statements[0]
    assert [line.amount for line in owed.lines] == [Decimal("-5.00"), Decimal("-7.00")]
    assert owed.balance == Decimal("-112.00")
    owned = read(tmp_path, OWED, **{"sign": "inverted", "balance-sign": "as-is"}).statements[0]
    assert [line.amount for line in owned.lines] == [Decimal("5.00"), Decimal("7.00")]
    assert owned.balance == Decimal("112.00")


@pytest.mark.parametrize("turn", [1, -1])
def test_a_balance_that_follows_is_silent_in_both_directions(tmp_path: Path, turn: int) -> None:
    assert read(tmp_path, rows(*IN_ORDER[::turn])).warnings == ()


def test_twins_of_one_day_written_backwards_prove_nothing(tmp_path: Path) -> None:
    # read downwards, each of the two looks as if the balance went against it
    text = rows(("01", "-5.00", "90.00"), ("01", "-5.00", "95.00"))
    assert read(tmp_path, text).warnings == ()


def test_rows_of_one_day_may_stand_in_any_order(tmp_path: Path) -> None:
    text = rows(
        ("01", "10.00", "10.00"), ("02", "3.00", "18.00"), ("02", "5.00", "15.00"),
        ("03", "2.00", "20.00"),
    )  # fmt: skip
    assert read(tmp_path, text).warnings == ()


def test_a_missing_row_is_told_with_its_neighbours(tmp_path: Path) -> None:
    text = rows(("01", "10.00", "10.00"), ("02", "20.00", "30.00"), ("04", "1.00", "29.00"))
    file = read(tmp_path, text)
    assert file.warnings == (
        "the balances do not add up from line 3 to 4: they differ by -1.00, the amounts make 1.00; "
        "is a row missing?",
    )
    assert len(file.statements[0].lines) == 3


def test_a_balance_at_the_end_of_a_day_proves_all_its_rows(tmp_path: Path) -> None:
    good = rows(("01", "10.00", "10.00"), ("02", "20.00", ""), ("02", "-5.00", "25.00"))
    assert read(tmp_path, good).warnings == ()
    assert "do not add up" in read(tmp_path, good.replace("20.00", "21.00")).warnings[0]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        # one row against the columns' names is no proof, two are
        ("2026-09-01,A,,9.00,9.00\n2026-09-02,B,5.00,,14.00\n", False),
        ("2026-09-01,A,,9.00,9.00\n2026-09-02,B,5.00,,14.00\n2026-09-03,C,,4.00,10.00\n", True),
    ],
)
def test_what_columns_are_called_needs_two_rows_against_it(
    tmp_path: Path, text: str, refused: bool
) -> None:
    whole = "When,Who,Out,In,Left\n" + text
    if refused:
        with pytest.raises(RefusedFileError, match="Out is money out; the balance moves the other"):
            read(tmp_path, whole, **TWO_COLUMNS)
    else:
        assert "is a row missing" in read(tmp_path, whole, **TWO_COLUMNS).warnings[0]


STATED = {
    "opening": {"pattern": r"Opening,(?P<amount>[-\d.]+)"},
    "balance": {"pattern": r"Closing,(?P<amount>[-\d.]+)"},
    "columns": {"date": "When", "payee": "Who", "amount": "Sum"},
}


@pytest.mark.parametrize(
    ("closing", "said"),
    [
        ("95.00", ""),
        ("94.00", "opening 100.00 + lines -5.00 = 95.00, the file says 94.00; -1.00 is missing"),
    ],
)
def test_stated_balances_must_be_made_by_the_lines(tmp_path: Path, closing: str, said: str) -> None:
    text = f"Opening,100.00\nClosing,{closing}\n{HEAD}2026-09-01,Tea,-5.00,\n"
    file = read(tmp_path, text, **STATED)
    assert said in "".join(file.warnings)
    assert bool(file.warnings) == bool(said)
    assert file.statements[0].opening == Decimal("100.00")


def test_27_stated_balances_that_the_lines_make_with_the_other_sign_refuse(tmp_path: Path) -> None:
    text = f"Opening,100.00\nClosing,105.00\n{HEAD}2026-09-01,Tea,-5.00,\n"
    with pytest.raises(RefusedFileError, match=r"the other way: from 100\.00 to 105\.00"):
        read(tmp_path, text, **STATED)


@given(
    st.lists(
        st.tuples(st.integers(1, 20), st.integers(-900, 900).filter(bool)), min_size=2, max_size=12
    ),
    st.booleans(),
)
def test_a_true_chain_is_complete_and_contradicts_nothing(
    told: list[tuple[int, int]], is_newest_first: bool
) -> None:
    steps, left = [], Decimal(0)
    for row, (day, cents) in enumerate(sorted(told, key=lambda one: one[0])):
        left += cents
        steps.append(Step(row, dt.date(2026, 9, day), Decimal(cents), left))
    links = chain(steps[:: -1 if is_newest_first else 1])
    assert links.gaps == ()
    assert links.contradiction(least=1) is None
