"""What the lint takes for text or for a comment, Beancount takes for it as well: else a line that
is refused could hide behind a quotation mark."""

import pytest
from beancount.core import data
from beancount.parser import parser
from hypothesis import given, settings
from hypothesis import strategies as st

from core.journal.lint import lint_text
from core.journal.settings import with_settings_of

DIVIDED = "2026-10-01 balance Assets:Acme:Cash  (1/3) USD\n"
OPTION = 'option "insert_pythonpath" "TRUE"\n'
HIDING = {
    "a heading with a quotation mark": '* Notes on 5" pipes\n{}* and 6"\n',
    "another heading": '# 5"\n{}# 6"\n',
    "a drawer": ': 5"\n{}: 6"\n',
    "a separator": '%% "\n{}%% "\n',
    "a mark behind a word that is none": 'x"\n{}y"\n',
    "a mark behind a brace behind a word that is none": '${{"\n{}x,"\n',
    "a text that never ends": '2026-10-01 event "a" "b\n{}',
    "a backslash at the end of a line of a text": '2026-10-01 event "a" "\n{}\\\n"\n',
    "a semicolon behind a word that is none": 'x;" {}',
}
HARMLESS = {
    "a text over two lines": '2026-10-01 * "Hoster" "Server\n  and 1/0 more"\n',
    "texts without a blank between": '2026-10-01 * "Hoster""Server"#tag\n',
    "a lot's name in braces": '2026-10-01 * "a"\n  Assets:A  1 X {{2 USD,"lot"}}\n  Assets:B\n',
    "metadata without a blank": '2026-10-01 open Assets:A\n  note:"x/y; z"\n',
    "a comment behind an amount": "2026-10-01 balance Assets:A  1 USD;1/0\n",
    "a heading with a slash": "* 2026/0\n#!/bin/sh\n",
    "escaped marks": '2026-10-01 event "a" "5\\" / 0 \\\\"\n',
    "a text that never ends, and nothing behind it": '2026-10-01 event "a" "b\n',
}


@pytest.mark.parametrize("text", HIDING.values(), ids=HIDING)
def test_nothing_hides_a_division(text: str) -> None:
    text = text.format(DIVIDED * 3)  # an error takes the line behind it along
    entries, _, _ = parser.parse_string(text)
    assert any(isinstance(entry, data.Balance) for entry in entries), "Beancount reads it"
    assert not lint_text(text.replace("1/3", "1/0"), "x", ()).parseable


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_hides_nothing_is_fine(text: str) -> None:
    assert not lint_text(text.replace("{{", "{").replace("}}", "}"), "x", ()).findings


def test_a_heading_hides_no_option_from_who_puts_the_bases_in_its_place() -> None:
    text = HIDING["a heading with a quotation mark"].format(OPTION)
    assert "LINT-OPTION" in {f.code for f in lint_text(text, "x", ()).findings}
    _, _, options = parser.parse_string(with_settings_of("", text))
    assert not options["insert_pythonpath"]


PIECES = (
    *(OPTION, DIVIDED, '2026-10-01 event "a" "', '2026-10-01 event "a" "b"\n', '"" ', ' "', '"'),
    *("\\", '\\"', "\\\n", "\n", ";", " ", "\t", "\r", "\n* ", "\n# ", "\n#a", "\n: ", "\n% "),
    *("x", "$", "{", "}", ",", "ab:", "A", "#", "|", "@", "^a", "1", "USD", "'", "txn", "("),
)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=9).map("".join))
def test_what_the_lint_lets_through_holds_what_it_saw(text: str) -> None:
    seen = lint_text(text, "x", ())
    if not seen.parseable:
        return
    entries, errors, options = parser.parse_string(text)
    if options["insert_pythonpath"] and not errors:
        assert "LINT-OPTION" in {finding.code for finding in seen.findings}
    if any(isinstance(entry, data.Balance) for entry in entries):
        assert not lint_text(text.replace("1/3", "1/0"), "x", ()).parseable
