"""The same days from two sources: every line is one entry, with both names (hard case 22)."""

from collections.abc import Sequence

import pytest
from bank import CHECKING, bring, line, open_accounts, plan, statement, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.home import Home
from core.journal.read import read
from importers.statement import Statement, StatementLine

BOOKED = (CHECKING, "Assets:Acme:Suspense")


@pytest.fixture
def acme(home: Home) -> Home:
    open_accounts(home, [CHECKING])
    return home


def csv(*lines: StatementLine) -> Statement:
    return statement(CHECKING, *lines)


def ofx(*lines: StatementLine) -> Statement:
    return statement(CHECKING, *lines, version="ofx-1")


def ids(home: Home) -> list[tuple[int, str, list[str]]]:
    return [(day, review, postings[0][2]) for day, review, postings in told(read(home.main_root))]


def test_22_two_sources_of_one_period_are_one_entry_with_both_ids(acme: Home) -> None:
    bring(acme, "bank.csv", csv(line(1, "-5.00"), line(3, "-20.00", "CLOUD 9"), line(9, "7.00")))
    # The other source dates the purchase a day later and spells it otherwise.
    other = ofx(line(1, "-5.00", "SHOP"), line(4, "-20.00", "Cloud Nine"), line(9, "7.00", "In"))
    bring(acme, "bank.qfx", other)
    both = ["id", "id-2"]
    assert ids(acme) == [(1, "categorise", both), (3, "categorise", both), (9, "categorise", both)]
    posting = read(acme.main_root).transactions[1].postings[0]
    assert posting.meta["src"].startswith("bank.csv ")
    assert posting.meta["src-2"].startswith("bank.qfx ")


def test_22_either_file_again_changes_nothing(acme: Home) -> None:
    bring(acme, "bank.csv", csv(line(1, "-5.00"), line(9, "7.00")))
    bring(acme, "bank.qfx", ofx(line(1, "-5.00", "SHOP"), line(9, "7.00", "In")))
    for name, again in (
        ("bank.csv", csv(line(1, "-5.00"), line(9, "7.00"))),
        ("bank.qfx", ofx(line(1, "-5.00", "SHOP"), line(9, "7.00", "In"))),
    ):
        assert not plan(acme, {name: [again]}).change.effective().files


def test_22_both_sources_in_one_run(acme: Home) -> None:
    planned = plan(
        acme,
        {
            "a.csv": [csv(line(1, "-5.00"), line(9, "7.00"))],
            "b.qfx": [ofx(line(1, "-5.00", "SHOP"), line(8, "7.00", "In"), line(9, "-1.00"))],
        },
    )
    assert [len(d.own.lines) for d in planned.drafts] == [2, 2, 1]
    assert [s.joined for f in planned.files for s in f.statements] == [0, 2]


def test_a_third_twin_is_new(acme: Home) -> None:
    bring(acme, "bank.csv", csv(line(1, "-5.00"), line(1, "-5.00"), line(9, "7.00")))
    three = [line(1, "-5.00", f"SHOP {n}") for n in range(3)]
    bring(acme, "bank.qfx", ofx(*three, line(9, "7.00", "In")))
    assert [entry[2] for entry in ids(acme)] == [["id", "id-2"]] * 2 + [["id"], ["id", "id-2"]]


def test_a_day_that_only_one_source_covers_is_a_question(acme: Home) -> None:
    bring(acme, "bank.csv", csv(line(1, "7.00"), line(5, "-5.00")))
    bring(acme, "bank.qfx", ofx(line(6, "-5.00", "SHOP"), line(12, "8.00")))
    assert [(day, review) for day, review, _ in ids(acme)] == [
        (1, "categorise"),
        (5, "categorise"),
        (6, "duplicate"),
        (12, "categorise"),
    ]
    asked = read(acme.main_root).transactions[2]
    assert asked.meta["perhaps"] == read(acme.main_root).transactions[1].postings[0].meta["id"]


def test_a_month_that_follows_in_the_same_format_is_no_question(acme: Home) -> None:
    bring(acme, "september.csv", csv(line(1, "-5.00"), line(30, "-5.00")))
    bring(acme, "october.csv", csv(line(1, "-5.00", month=10), line(9, "1.00", month=10)))
    assert {review for _, review, _ in ids(acme)} == {"categorise"}
    assert len(ids(acme)) == 4


def test_a_text_that_the_bank_changed_is_a_question_and_a_late_line_is_none(acme: Home) -> None:
    bring(acme, "early.csv", csv(line(1, "1.00"), line(5, "-5.00", "SHOP 12"), line(9, "2.00")))
    again = csv(line(1, "1.00"), line(5, "-5.00", "Corner Shop"), line(6, "-3.00"), line(9, "2.00"))
    bring(acme, "later.csv", again)
    assert [(day, review) for day, review, _ in ids(acme)] == [
        (1, "categorise"),
        (5, "categorise"),
        (5, "duplicate"),
        (6, "categorise"),
        (9, "categorise"),
    ]


def test_an_entry_written_by_hand_is_recognised(acme: Home) -> None:
    journal = acme.ledger / "acme/2026/2026-09.beancount"
    journal.parent.mkdir(exist_ok=True)
    journal.write_text(
        '2026-09-02 * "Cheque 12" "Rent"\n'
        f"  {CHECKING}  -800.00 USD\n"
        "  Assets:Acme:Suspense\n"
        '\n2026-09-20 * "Cheque 13" "Later"\n'
        f"  {CHECKING}  -70.00 USD\n"
        "  Assets:Acme:Suspense\n"
    )
    bring(acme, "bank.csv", csv(line(5, "-800.00", "CHECK 12"), line(9, "-70.00", "CHECK 99")))
    assert ids(acme) == [(2, "", ["id"]), (9, "categorise", ["id"]), (20, "", [])]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    days=st.lists(st.integers(2, 27), min_size=1, max_size=12),
    amounts=st.lists(st.sampled_from(["-5.00", "-5.00", "12.00"]), min_size=12, max_size=12),
    shift=st.integers(0, 1),
)
def test_two_complete_sources_never_add_up_to_more_than_one(
    home: Home, days: Sequence[int], amounts: Sequence[str], shift: int
) -> None:
    """As many entries as one source has lines, whatever days and amounts repeat."""
    if CHECKING not in read(home.main_root).accounts:
        open_accounts(home, [CHECKING])
    lines = [line(day, amounts[n], f"A {n}") for n, day in enumerate(days)]
    others = [line(day + shift, amounts[n], f"B {n}") for n, day in enumerate(days)]
    edges = [line(1, "0.01", "first"), line(30, "0.01", "last")]
    planned = plan(home, {"a.csv": [csv(*lines, *edges)], "b.qfx": [ofx(*others, *edges)]})
    assert len(planned.drafts) == len(days) + 2
    assert not {d.review for d in planned.drafts} - {"categorise"}
