"""Where entries go in a file that a person wrote."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.findings import UserError
from core.journal.change import Block, insert_blocks


def block(day: int, name: str = "new") -> Block:
    date = dt.date(2026, 9, day)
    return Block(date, f'{date} note Assets:Acme:Bank "{name}"')


SORTED = """\
;; September

; about the third
2026-09-03 note Assets:Acme:Bank "three"

2026-09-10 note Assets:Acme:Bank "ten"
"""


def test_an_entry_goes_between_its_neighbours_and_a_comment_stays_with_its_entry() -> None:
    after, in_order = insert_blocks(SORTED, [block(2), block(5)])
    assert in_order
    assert (
        after
        == """\
;; September

2026-09-02 note Assets:Acme:Bank "new"

; about the third
2026-09-03 note Assets:Acme:Bank "three"

2026-09-05 note Assets:Acme:Bank "new"

2026-09-10 note Assets:Acme:Bank "ten"
"""
    )


def test_an_entry_of_the_same_day_goes_after_what_is_there() -> None:
    after, _ = insert_blocks(SORTED, [block(3, "later")])
    assert after.index('"three"') < after.index('"later"') < after.index('"ten"')


def test_a_file_out_of_order_is_appended_to() -> None:
    text = '2026-09-10 note Assets:A:B "ten"\n\n2026-09-03 note Assets:A:B "three"\n'
    after, in_order = insert_blocks(text, [block(5)])
    assert not in_order
    assert after == text + '\n2026-09-05 note Assets:Acme:Bank "new"\n'


def test_an_open_pushtag_is_never_entered() -> None:
    text = 'pushtag #trip\n2026-09-10 note Assets:A:B "ten"\npoptag #trip\n'
    after, in_order = insert_blocks(text, [block(5)])
    assert not in_order
    assert after.endswith('poptag #trip\n\n2026-09-05 note Assets:Acme:Bank "new"\n')


def test_a_closed_pushtag_elsewhere_does_not_matter() -> None:
    text = 'pushtag #trip\n2026-09-03 note Assets:A:B "three"\npoptag #trip\n'
    after, in_order = insert_blocks(text + SORTED, [block(12)])
    assert in_order
    assert after == text + SORTED + '\n2026-09-12 note Assets:Acme:Bank "new"\n'


def test_a_pushtag_that_is_never_closed_would_mark_the_new_entry_and_is_refused() -> None:
    with pytest.raises(UserError, match="never closed") as refused:
        insert_blocks("\npushtag #trip\n", [block(5)], "2026-09.beancount")
    assert (refused.value.file, refused.value.line) == ("2026-09.beancount", 2)


def test_an_entry_stays_under_the_heading_of_its_month() -> None:
    text = (
        '* August\n\n2026-08-03 note Assets:A:B "a"\n  page: "1"\n\n\n'
        '* September\n\n2026-09-03 note Assets:A:B "b"\n'
    )
    new = Block(dt.date(2026, 8, 20), '2026-08-20 note Assets:A:B "new"')
    after, in_order = insert_blocks(text, [new])
    assert in_order
    assert after == text.replace('"1"\n', '"1"\n\n2026-08-20 note Assets:A:B "new"\n')


def test_a_date_inside_a_string_is_not_an_entry() -> None:
    text = '2026-09-03 note Assets:A:B "a letter:\n2026-01-01 dear Jane\n"\n'
    after, in_order = insert_blocks(text, [block(5)])
    assert in_order
    assert after.startswith(text)


def test_windows_line_ends_stay() -> None:
    after, _ = insert_blocks(SORTED.replace("\n", "\r\n"), [block(5)])
    assert after.count("\r\n") == after.count("\n")


def test_nothing_to_insert_leaves_every_byte() -> None:
    assert insert_blocks("  odd \n\n\n", []) == ("  odd \n\n\n", True)


@given(
    st.lists(st.integers(1, 28), min_size=0, max_size=12),
    st.lists(st.integers(1, 28), min_size=1, max_size=12),
)
def test_a_sorted_file_stays_sorted_and_keeps_what_it_had(old: list[int], new: list[int]) -> None:
    text, _ = insert_blocks("", [block(day, f"old{i}") for i, day in enumerate(sorted(old))])
    after, in_order = insert_blocks(text, [block(day, f"new{i}") for i, day in enumerate(new)])
    dates = [line[:10] for line in after.splitlines() if line.startswith("2026")]
    assert in_order
    assert dates == sorted(dates)
    assert [line for line in after.splitlines() if '"old' in line] == [
        line for line in text.splitlines() if '"old' in line
    ]
    assert len(dates) == len(old) + len(new)


LINES = st.sampled_from(
    [
        "",
        "   ",
        "; a comment",
        "* A heading",
        '2026-09-03 note Assets:A:B "three"',
        '2026-09-10 * "Shop" "a string of\n2026-01-01 two lines"',
        "  Expenses:A:Office   1.00 USD",
        '  receipt: "x"',
        "pushtag #trip",
        "poptag #trip",
        "nonsense",
    ]
)


@given(st.lists(LINES, max_size=14), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_only_lines_are_added_whatever_a_person_wrote(
    lines: list[str], newline: str, ends: bool
) -> None:
    text = newline.join(lines).replace("\r\n", "\n").replace("\n", newline)
    text += newline if ends else ""
    try:
        after, _ = insert_blocks(text, [block(5), block(1)])
    except UserError:
        return
    kept = iter(after.split("\n"))
    old = text.removesuffix("\n").split("\n")
    assert all(any(line.rstrip("\r") == other.rstrip("\r") for other in kept) for line in old)
    assert after.count('"new"') == 2
