"""A transaction changed where it stands: every other byte stays."""

from decimal import Decimal

import pytest
from beancount.core import data
from beancount.parser import parser

from core.findings import UserError
from core.journal.edit import Edit, edited, has_comments

BOOK = """\
;; what a person wrote above
2026-09-03 ! "Staples; Store 12"   "Paper"  #office ; bought by Jane
  review: "categorise"
  note: "review: keep"
  Liabilities:Acme:Card   -20.00 USD ; the card
    id: "amex-1"
  Assets:Acme:Suspense     20.00 USD

2026-09-04 * "Other" ""
  Assets:Acme:Bank  -1.00 USD
  Expenses:Acme:Fees
"""


def read(text: str) -> list[data.Transaction]:
    entries, errors, _ = parser.parse_string(text)
    assert not errors
    return [e for e in entries if isinstance(e, data.Transaction)]


def test_accepting_a_line_changes_its_flag_its_review_and_one_account() -> None:
    txn = read(BOOK)[0]
    edit = Edit(txn, flag="*", without=("review",), accounts={1: "Expenses:Acme:Office"})
    assert edited(BOOK, [edit], "f") == BOOK.replace("! ", "* ").replace(
        '  review: "categorise"\n', ""
    ).replace("Assets:Acme:Suspense ", "Expenses:Acme:Office ")


def test_a_link_stands_before_the_comment_and_only_once() -> None:
    txn = read(BOOK)[0]
    after = edited(BOOK, [Edit(txn, link="ic-26-abcdef")], "f")
    assert '"Paper"  #office ^ic-26-abcdef  ; bought by Jane' in after
    again = read(after)[0]
    assert again.links == frozenset({"ic-26-abcdef"})
    assert edited(after, [Edit(again, link="ic-26-abcdef")], "f") == after


def test_metadata_goes_below_its_posting_and_comes_back_as_it_was() -> None:
    txn = read(BOOK)[0]
    after = edited(BOOK, [Edit(txn, meta={1: {"id": 'a"b\\c', "src": "f row 1"}})], "f")
    posting = read(after)[0].postings[1]
    assert posting.meta["id"] == 'a"b\\c'
    assert posting.meta["src"] == "f row 1"
    assert after.replace('    id: "a\\"b\\\\c"\n    src: "f row 1"\n', "") == BOOK


def test_two_edits_of_one_file_do_not_get_into_each_others_way() -> None:
    first, second = read(BOOK)
    edits = [Edit(first, meta={0: {"id-2": "x"}}), Edit(second, accounts={0: "Assets:Acme:Cash"})]
    after = edited(BOOK, edits, "f")
    assert after == edited(BOOK, edits[::-1], "f")
    assert "Assets:Acme:Cash  -1.00 USD" in after
    assert '    id-2: "x"\n    id: "amex-1"' in after


def test_a_transaction_is_taken_out_with_the_blank_line_behind_it() -> None:
    after = edited(BOOK, [Edit(read(BOOK)[0], instead="")], "f")
    assert after.startswith(';; what a person wrote above\n2026-09-04 * "Other"')


def test_a_transaction_is_replaced_whole() -> None:
    text = '2026-09-04 * "New" ""\n  Assets:Acme:Bank  -1.00 USD\n  Expenses:Acme:Office'
    after = edited(BOOK, [Edit(read(BOOK)[1], instead=text)], "f")
    assert after == BOOK[: BOOK.index('2026-09-04 * "Other"')] + text + "\n"


def test_line_ends_of_another_system_are_kept() -> None:
    book = BOOK.replace("\n", "\r\n")
    after = edited(book, [Edit(read(book)[1], flag="!")], "f")
    assert after == book.replace('* "Other"', '! "Other"')


def test_what_does_not_stand_there_is_not_changed() -> None:
    txn = read(BOOK)[0]
    with pytest.raises(UserError, match="does not stand here as it was read"):
        edited("\n\n\n" + BOOK, [Edit(txn, accounts={1: "Expenses:Acme:Office"})], "f")
    with pytest.raises(UserError, match="does not stand here as it was read"):
        edited("", [Edit(txn, flag="*")], "f")


def test_what_the_bank_corrects_is_corrected_and_the_rest_stays() -> None:
    txn = read(BOOK)[0]
    edit = Edit(
        txn,
        payee='Staples "13"',
        numbers={0: Decimal("-23.00"), 1: Decimal("20.50")},
        more=(("Assets:Acme:Other", Decimal("2.50"), "USD"),),
        drop={0: ("id",)},
        meta={0: {"id": "amex-2"}},
    )
    after = edited(BOOK, [edit], "f")
    assert after == (
        BOOK.replace('"Staples; Store 12"', '"Staples \\"13\\""')
        .replace("-20.00 USD ; the card", "-23.00 USD ; the card")
        .replace("amex-1", "amex-2")
        .replace("20.00 USD\n\n", "20.50 USD\n  Assets:Acme:Other  2.50 USD\n\n")
    )


@pytest.mark.parametrize("written", ["(40 / -2) USD", "-20.00   USD", "-20 USD @ 1.00 EUR"])
def test_an_amount_is_replaced_however_it_is_written(written: str) -> None:
    book = BOOK.replace("-20.00 USD ; the card", f"{written} ; -20.00 USD")
    edit = Edit(read(BOOK)[0], numbers={0: Decimal("-7.00")})
    assert "  -7.00" in (after := edited(book, [edit], "f"))
    assert after.count("; -20.00 USD") == 1


def test_an_amount_that_beancount_works_out_stays_unwritten() -> None:
    edit = Edit(read(BOOK)[1], numbers={0: Decimal("-2.00"), 1: Decimal("2.00")})
    assert edited(BOOK, [edit], "f") == BOOK.replace("-1.00 USD", "-2.00 USD")


def test_an_amount_in_a_currency_that_is_not_written_is_refused() -> None:
    book = BOOK.replace("-1.00 USD", "-1.00")
    with pytest.raises(UserError, match="does not stand here as it was read"):
        edited(book, [Edit(read(BOOK)[1], numbers={0: Decimal("-2.00")})], "f")


def test_metadata_of_several_lines_goes_whole() -> None:
    book = BOOK.replace('"amex-1"', '"amex\n  1"')
    assert edited(book, [Edit(read(book)[0], drop={0: ("id",)})], "f") == BOOK.replace(
        '    id: "amex-1"\n', ""
    )


def test_two_corrections_of_one_transaction_are_both_made() -> None:
    txn = read(BOOK)[0]
    edits = [Edit(txn, numbers={0: Decimal(-1)}, drop={0: ("id",)}), Edit(txn, payee="P")]
    after = edited(BOOK, edits, "f")
    assert '"P"   "Paper"' in after
    assert "Card   -1 USD" in after
    assert "amex-1" not in after


def test_a_comment_in_an_entry_or_right_above_it_is_somebodys() -> None:
    first, second = read(BOOK)
    assert has_comments(BOOK, first)
    assert not has_comments(BOOK, second)
    above = BOOK.replace("\n\n2026-09-04", "\n\n; why\n2026-09-04")
    assert has_comments(above, read(above)[1])
    inside = BOOK.replace("  Expenses:Acme:Fees", "  ; why\n  Expenses:Acme:Fees")
    assert has_comments(inside, read(inside)[1])
    in_a_string = BOOK.replace('"Other" ""', '"Other; more" ""')
    assert not has_comments(in_a_string, read(in_a_string)[1])
