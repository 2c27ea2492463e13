"""The canonical form and the hash chain of closed periods, by the vectors of the catalogue."""

import datetime as dt
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data
from hypothesis import given
from hypothesis import strategies as st

from core.seal import (
    NOTHING_BEFORE,
    added_line,
    agrees,
    canonical,
    entities_in,
    hash_of_period,
    seal_of,
    seals_of,
)

OPENED = """
2026-01-01 open Assets:Acme:Bank
2026-01-01 open Equity:Acme:Members:Jane:Contributions
2026-01-01 open Expenses:Acme:Supplies
2026-01-01 open Expenses:Acme:BankFees
"""
JANUARY = """
2026-01-05 * "Jane" "Capital"
  Assets:Acme:Bank  1000.00 USD
  Equity:Acme:Members:Jane:Contributions
2026-01-20 * "Staples" "Paper"
  receipt: "r/1.pdf"
  Assets:Acme:Bank  -40.00 USD
  Expenses:Acme:Supplies
"""
FEBRUARY = """
2026-02-03 * "Bank" "Fee"
  Assets:Acme:Bank  -5.00 USD
  Expenses:Acme:BankFees
"""
CAPITAL = (
    '{"date":"2026-01-05","flag":"*","links":[],"meta":{},"narration":"Capital","payee":"Jane",'
    '"postings":[{"account":"Assets:Acme:Bank","amount":"1000.00","currency":"USD"},'
    '{"account":"Equity:Acme:Members:Jane:Contributions","amount":"-1000.00","currency":"USD"}],'
    '"tags":[],"type":"txn"}'
)
OF_JANUARY = "b1ef1ff50303e8dd9978af92f8870c33062f2e16ff73b2aeb0f2a90b35a0b539"
OF_FEBRUARY = "fbb6cd6b452f768ae38ddd7190c1d7ffd471b5be88dbc6e64b6f9fe68137a9f9"
HOME = Path("/home/of/books")


def entries(text: str) -> list[data.Directive]:
    loaded, errors, _ = loader.load_string(text)
    assert not errors, errors
    return loaded


def lines(text: str) -> list[str]:
    """The canonical lines of the transactions."""
    loaded = (e for e in entries(OPENED + text) if isinstance(e, data.Transaction))
    return [canonical(entry, HOME, lambda _: "") for entry in loaded]


def heads(january: str, february: str) -> tuple[str, str]:
    first = hash_of_period("Acme", "2026-01", NOTHING_BEFORE, lines(january))
    return first, hash_of_period("Acme", "2026-02", first, lines(february))


def test_the_chain_of_the_catalogue() -> None:
    assert lines(JANUARY)[0] == CAPITAL
    assert heads(JANUARY, FEBRUARY) == (OF_JANUARY, OF_FEBRUARY)


def test_a_cent_in_january_breaks_january_and_february() -> None:
    first, second = heads(JANUARY.replace("40.00", "40.01"), FEBRUARY)
    assert first != OF_JANUARY
    assert second != OF_FEBRUARY


def test_layout_order_and_what_is_written_later_do_not_count() -> None:
    first, second = JANUARY.strip().split("\n2026-01-20")
    other = f'2026-01-20{second}\n{first}\n  id: "chase-1"\n  id-2: "chase-2"\n  src: "x.csv"\n'
    other = other.replace('"Paper"\n', '"Paper"\n  rule: "paper"\n  review: "x"\n  recon: "yes"\n')
    other = other.replace("Supplies", "Supplies  40.00 USD")
    assert hash_of_period("Acme", "2026-01", NOTHING_BEFORE, lines(other)) == OF_JANUARY


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"Paper"', '"Pens"'),
        ('"Paper"', '"Paper" #adjusting'),
        ('"Paper"', '"Paper" ^bill-1'),
        ("2026-01-20 *", "2026-01-20 !"),
        ("2026-01-20", "2026-01-21"),
        ("r/1.pdf", "r/2.pdf"),
        ("-40.00", "-40.000"),
        ("-40.00 USD", "-40.00 USD @ 1 EUR"),
        ('"r/1.pdf"\n', '"r/1.pdf"\n  statement: "s.pdf"\n'),
        ("Assets:Acme:Bank  -40.00", "! Assets:Acme:Bank  -40.00"),
        ("-40.00 USD\n", '-40.00 USD\n    known: "x"\n'),
    ],
)
def test_whatever_is_said_counts(was: str, becomes: str) -> None:
    changed = JANUARY.replace(was, becomes, 1)
    assert changed != JANUARY
    assert hash_of_period("Acme", "2026-01", NOTHING_BEFORE, lines(changed)) != OF_JANUARY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '2026-02-01 balance Assets:Acme:Bank  960.00 ~ 0.01 USD\n  statement: "s.pdf"\n',
            '{"account":"Assets:Acme:Bank","amount":"960.00","currency":"USD","date":"2026-02-01",'
            '"meta":{"statement":"s.pdf"},"tolerance":"0.01","type":"balance"}',
        ),
        (
            '2026-01-01 open Assets:Acme:Bank USD,EUR "FIFO"\n  role: "bank"\n  line: "cash"\n'
            '  note: "x"\n',
            '{"account":"Assets:Acme:Bank","booking":"FIFO","currencies":["EUR","USD"],'
            '"date":"2026-01-01","meta":{"role":"bank"},"type":"open"}',
        ),
        (
            "2026-01-09 pad Assets:Acme:Bank Equity:Acme:Opening\n",
            '{"account":"Assets:Acme:Bank","date":"2026-01-09","meta":{},'
            '"source":"Equity:Acme:Opening","type":"pad"}',
        ),
        (
            '2026-01-09 note Assets:Acme:Bank "Café “called”"\n',
            '{"account":"Assets:Acme:Bank","comment":"Café “called”","date":"2026-01-09",'
            '"meta":{},"type":"note"}',
        ),
        (
            "2026-01-09 close Assets:Acme:Bank\n",
            '{"account":"Assets:Acme:Bank","date":"2026-01-09","meta":{},"type":"close"}',
        ),
        (
            '2026-01-09 document Assets:Acme:Bank "/home/of/books/ledger/acme/a.pdf"\n',
            '{"account":"Assets:Acme:Bank","date":"2026-01-09","filename":"ledger/acme/a.pdf",'
            '"meta":{},"sha256":"hash of a.pdf","type":"document"}',
        ),
        (
            '2026-01-09 custom "asset" "P-1" "Acme" 9600.00 USD TRUE 2026-01-01 5 Assets:Acme:X\n'
            "  paid: 2026-01-08\n",
            '{"date":"2026-01-09","meta":{"paid":["date","2026-01-08"]},"name":"asset",'
            '"type":"custom","values":[["string","P-1"],["string","Acme"],["amount","9600.00 USD"],'
            '["bool","TRUE"],["date","2026-01-01"],["number","5"],["account","Assets:Acme:X"]]}',
        ),
        ('2026-01-09 custom "close-period" "Acme" "2025-12"\n', ""),
        ("2026-01-09 price EUR 1.10 USD\n", ""),
    ],
    ids=["balance", "open", "pad", "note", "close", "document", "custom", "seal", "price"],
)
def test_the_canonical_line_of_other_entries(text: str, expected: str) -> None:
    from beancount.parser import parser

    (entry,), errors, _ = parser.parse_string(text)
    assert not errors
    assert canonical(entry, HOME, lambda path: f"hash of {path.name}") == expected


def test_lots_and_prices_are_part_of_a_posting() -> None:
    text = """
2026-01-06 * "Lot"
  Assets:Acme:Bank  2 XYZ {100.50 USD, 2026-01-05, "a"}
  Expenses:Acme:Supplies  -201.00 USD @ 0.90 EUR
  Expenses:Acme:BankFees  180.90 EUR
  Assets:Acme:Bank  -201.00 USD
"""
    from beancount.parser import booking, parser

    parsed, _, options = parser.parse_string(text)
    (entry,), _ = booking.book(parsed, options)
    said = canonical(entry, HOME, lambda _: "")
    cost = '"cost":{"amount":"100.50","currency":"USD","date":"2026-01-05","label":"a"}'
    assert cost in said
    assert '"price":{"amount":"0.90","currency":"EUR"}' in said


def test_an_entry_that_was_added_is_named_and_one_that_was_changed_is_not() -> None:
    late = '2026-01-28 * "Late"\n  Assets:Acme:Bank  -60.00 USD\n  Expenses:Acme:Supplies\n'
    sealed = "Acme", "2026-01", NOTHING_BEFORE
    assert added_line(OF_JANUARY, *sealed, lines(JANUARY + late)) == lines(late)[0]
    assert added_line(OF_JANUARY, *sealed, lines(JANUARY.replace("40.00", "40.01"))) == ""


@given(st.lists(st.text(st.characters(blacklist_characters="\n", codec="utf-8")), max_size=6))
def test_the_order_of_lines_never_counts_and_each_of_them_does(said: list[str]) -> None:
    whole = hash_of_period("Acme", "2026-01", NOTHING_BEFORE, said)
    assert whole == hash_of_period("Acme", "2026-01", NOTHING_BEFORE, reversed(said))
    for place in range(len(said)):
        rest = said[:place] + said[place + 1 :]
        assert whole != hash_of_period("Acme", "2026-01", NOTHING_BEFORE, rest)


def custom(text: str) -> data.Custom:
    (entry,) = entries(text)
    assert isinstance(entry, data.Custom)
    return entry


def test_a_seal_is_read_with_its_chain() -> None:
    text = f"""
2026-02-05 custom "close-period" "Acme" "2026-01"
  last-date: 2026-01-31
  hash: "{OF_JANUARY}"
  note: "checked with Raj"
2026-03-05 custom "close-period" "Acme" "2026-02"
  hash: "{OF_FEBRUARY[:16]}"
"""
    (january, february) = seals_of(entries(text))["Acme"]
    assert (january.period.last, january.note) == (dt.date(2026, 1, 31), "checked with Raj")
    assert (january.hash, january.prev) == (OF_JANUARY, "")
    assert agrees(february.hash, OF_FEBRUARY)
    assert not agrees(february.hash, OF_JANUARY)


def test_of_a_period_closed_again_the_newest_seal_counts() -> None:
    one = '2026-02-05 custom "close-period" "Acme" "2026-01"\n  hash: "' + "1" * 64 + '"\n'
    two = one.replace("02-05", "04-05").replace("1" * 64, "2" * 64)
    ((seal,),) = seals_of(entries(one + two)).values()
    assert seal.hash == "2" * 64


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"Acme"', "it names an entity and a period:"),
        ('"Acme" "January"', "is not a period"),
        ('"Acme" "2026-01"\n  last-date: 2026-01-30', "ends on 2026-01-31"),
        ('"Acme" "2026-01"', "says no hash"),
        ('"Acme" "2026-01"\n  hash: "b1ef1f"', "is no SHA-256"),
        ('"Acme" "2026-01"\n  hash: 5', "is no SHA-256"),
    ],
)
def test_a_seal_that_means_nothing_says_what_it_lacks(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        seal_of(custom(f'2026-02-05 custom "close-period" {text}\n'))


def test_whose_an_entry_is() -> None:
    assert entities_in(entries(OPENED + FEBRUARY)[-1]) == {"Acme"}
    (lease,) = entries('2026-01-01 custom "lease" "P-1" "Harbor" "Acme" 300.00 USD\n')
    assert entities_in(lease) == {"P-1", "Harbor", "Acme"}
    (eliminated,) = entries('2026-01-01 custom "eliminate" Assets:Hold:DueFrom:Ops 5\n')
    assert entities_in(eliminated) == {"Hold"}
