"""A transaction changed where it stands: every other byte stays."""

import pytest
from beancount.core import data
from beancount.parser import parser

from core.findings import UserError
from core.journal.edit import Edit, edited

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
