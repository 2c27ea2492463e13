"""The warm reader says what Beancount says of the same files, however they came to be so."""

import pytest
from edits import OPTIONS
from little import ACCOUNTS, ROOT, Little, buy, cost_of_sale, sell
from warmth import compare, forget

from core.journal import lots


def test_a_lot_that_is_sold_later_has_the_cost_that_its_purchase_has_now(little: Little) -> None:
    little.write("2026/01", buy("2026-01-05"))
    little.write("2026/03", sell("2026-03-05"))
    assert cost_of_sale(little.read()) == ["-1 GEM 10.00"]
    little.write("2026/01", buy("2026-01-05", cost="12.00"))
    assert cost_of_sale(little.read()) == ["-1 GEM 12.00"]
    little.write("2026/01", "")
    assert cost_of_sale(little.read()) == []
    assert little.messages()


def test_what_an_edit_does_not_reach_is_not_booked_again(
    little: Little, monkeypatch: pytest.MonkeyPatch
) -> None:
    """January is edited, and what it leaves behind is the same: March's lots are known."""
    little.write("2026/01", buy("2026-01-05") + "\n" + buy("2026-01-06"))
    little.write("2026/03", sell("2026-03-05"))
    little.read()
    booked: list[str] = []
    real = lots._booked
    monkeypatch.setattr(lots, "_booked", lambda key, *a: (booked.append(key), real(key, *a))[1])
    little.write("2026/01", ";; moved\n" + buy("2026-01-05") + "\n" + buy("2026-01-06"))
    little.read()
    assert len(booked) == 1
    little.write("2026/01", buy("2026-01-05") + "\n" + buy("2026-01-06", 2))
    little.read()
    assert len(booked) == 3


def test_a_lot_account_that_only_another_lot_touches_is_not_forgotten(little: Little) -> None:
    """January's sale puts dollars into Other; February asks Other which currency it holds."""
    into = sell("2026-01-06").replace("Assets:Bank", "Assets:Other")
    little.write("2026/01", buy("2026-01-05").replace("Assets:Bank", "Income:Gains") + "\n" + into)
    little.write("2026/02", '2026-02-05 * "x"\n  Assets:Other  -5\n  Assets:Bank\n')
    assert not little.messages()


def test_lots_of_one_day_in_two_files_are_booked_in_beancounts_order(little: Little) -> None:
    little.write("2026/a", buy("2026-01-05", cost="1.00") + "\n" + sell("2026-01-06"))
    little.write("2026/b", "\n\n" + buy("2026-01-05", cost="2.00") + "\n" + sell("2026-01-06"))
    little.read()
    little.write("2026/b", buy("2026-01-05", cost="2.00") + "\n" + sell("2026-01-06"))
    little.read()
    little.write("2026/a", "\n\n" + buy("2026-01-05", cost="1.00") + "\n" + sell("2026-01-06"))
    little.read()


def test_the_booking_method_that_stands_last_counts(little: Little) -> None:
    january = buy("2026-01-05", cost="1.00") + "\n" + buy("2026-01-06", cost="2.00")
    little.write("2026/01", january)
    little.write("2026/03", sell("2026-03-05"))
    assert cost_of_sale(little.read()) == ["-1 GEM 1.00"]
    little.write("2026/02", '2026-02-01 open Assets:Stock  GEM  "LIFO"\n')
    assert cost_of_sale(little.read()) == ["-1 GEM 2.00"]
    little.write("accounts", ACCOUNTS.replace('"FIFO"', '"NONE"'))
    little.write("2026/02", "")
    little.read()
    little.write("accounts", ACCOUNTS.replace('"FIFO"', ""))
    for method, cost in (("LIFO", "2.00"), ("FIFO", "1.00")):
        little.write("group", f'option "booking_method" "{method}"\n{ROOT}')
        assert cost_of_sale(little.read()) == [f"-1 GEM {cost}"]


def test_a_currency_that_is_left_out_is_what_the_account_holds(little: Little) -> None:
    little.write("2026/01", '2026-01-05 * "x"\n  Assets:Bank:Euro  10 EUR\n  Equity:Opening\n')
    little.write("2026/02", '2026-02-05 * "y"\n  Assets:Bank:Euro  -4\n  Equity:Opening  4\n')
    little.read()
    little.write("2026/01", '2026-01-05 * "x"\n  Assets:Bank:Euro  10 USD\n  Equity:Opening\n')
    assert {str(p.units) for t in little.read().transactions for p in t.postings} == {
        "10 USD", "-10 USD", "-4 USD", "4 USD"
    }  # fmt: skip


def test_a_price_that_is_left_out_is_in_what_the_lots_cost(little: Little) -> None:
    little.write("2026/01", buy("2026-01-05"))
    little.write(
        "2026/02",
        '2026-02-05 * "x"\n  Assets:Stock  1 GEM @\n  Assets:Bank  -10 USD\n'
        "  Assets:Bank  -5 EUR\n  Income:Gains  5 EUR\n",
    )
    assert not little.messages()
    little.write("2026/01", "")
    assert little.messages()


def test_a_transaction_that_can_not_be_booked_is_dropped_and_told_of_once(little: Little) -> None:
    little.write("2026/01", '2026-01-05 * "x"\n  Assets:Bank  1\n  Assets:Other  -1\n')
    little.write("2026/02", '2026-02-05 * "y"\n  Assets:Bank\n  Assets:Other\n')
    little.write("2026/03", sell("2026-03-05"))
    assert len(little.messages()) >= 2


def test_padding_follows_every_entry_before_its_balance(little: Little) -> None:
    pad = "2026-01-02 pad Assets:Bank Equity:Opening\n2026-03-01 balance Assets:Bank  100.00 USD\n"
    little.write("2026/01", pad)
    for number in ("1.00", "2.50", "0.500"):
        text = f'2026-02-05 * "x"\n  Assets:Bank:Euro  {number} USD\n  Income:Gains\n'
        little.write("2026/02", text)
        little.read()
    little.write("2026/04", "2026-04-01 balance Assets:Bank  100.00 USD\n")
    little.write("2026/05", pad.replace("-01-", "-05-").replace("-03-", "-06-"))
    little.read()


def test_padding_counts_a_file_that_begins_the_day_before_its_balance(little: Little) -> None:
    little.write(
        "2026/01",
        "2026-01-02 pad Assets:Bank Equity:Opening\n2026-03-01 balance Assets:Bank  100.00 USD\n",
    )
    for day in ("2026-02-28", "2026-03-01"):
        little.write("2026/02", f'{day} * "x"\n  Assets:Bank  30.00 USD\n  Income:Gains\n')
        assert not little.messages()


def test_a_balance_on_the_day_of_a_pad_is_not_the_one_it_serves(little: Little) -> None:
    """Balances come before all else of their day."""
    little.write(
        "2026/01",
        "2026-01-02 balance Assets:Bank  0.00 USD\n2026-01-02 pad Assets:Bank Equity:Opening\n"
        "2026-03-01 balance Assets:Bank  100.00 USD\n",
    )
    little.write("2026/02", '2026-02-05 * "x"\n  Assets:Bank  30.00 USD\n  Income:Gains\n')
    assert not little.messages()


def test_what_padding_adds_stands_where_its_pad_stands(little: Little) -> None:
    """A company's pad in the folder of a person is as misplaced as a transaction there."""
    little.write(
        "registry",
        '2020-01-01 custom "entity" "Acme" "llc"\n2020-01-01 custom "entity" "Jane" "person"\n',
    )
    little.write("group", ROOT + 'include "registry.beancount"\n')
    little.write(
        "jane/01",
        "2026-01-01 open Assets:Acme:Bank\n2026-01-01 open Equity:Acme:Opening\n"
        "2026-01-02 pad Assets:Acme:Bank Equity:Acme:Opening\n"
        "2026-03-01 balance Assets:Acme:Bank  100.00 USD\n",
    )
    assert [f.code for f in little.read().findings if f.code == "LINT-PATH"] == ["LINT-PATH"]


def test_a_balance_of_a_parent_counts_its_children(little: Little) -> None:
    little.write("2026/01", '2026-01-05 * "x"\n  Assets:Bank:Euro  10.00 USD\n  Income:Gains\n')
    little.write("2026/02", "2026-02-01 balance Assets:Bank  10.00 USD\n")
    assert not little.messages()
    little.write("2026/01", '2026-01-05 * "x"\n  Assets:Bank:Euro  11.00 USD\n  Income:Gains\n')
    (message,) = little.messages()
    assert "11.00" in message
    little.write("2026/02", "2026-02-01 balance Assets  0.00 USD\n")
    little.read()


def test_a_balance_in_mid_month_counts_the_days_before_it(little: Little) -> None:
    lines = [f'2026-01-{d:02} * "x"\n  Assets:Bank  1.00 USD\n  Income:Gains\n' for d in (4, 5, 6)]
    little.write("2026/01", "\n".join(lines))
    for day in (4, 5, 6):
        little.write("2026/02", f"2026-01-0{day} balance Assets:Bank  {day - 4}.00 USD\n")
        assert not little.messages()
        little.write("2026/02", f"2026-01-0{day} balance Assets:Bank  9.00 USD\n")
        (failed,) = [e for e in little.read().entries if getattr(e, "diff_amount", None)]
        assert failed.diff_amount.number == day - 4 - 9


def test_a_gap_has_the_decimals_that_beancount_gives_it(little: Little) -> None:
    """A sum that was nothing on its way has forgotten the decimals it had."""
    half = '2026-01-0{} * "x"\n  Assets:Bank  {}0.500 USD\n  Income:Gains\n'
    one = '2026-01-03 * "x"\n  Assets:Bank  1.00 USD\n  Income:Gains\n'
    little.write("2026/01", half.format(1, "") + "\n" + half.format(2, "-") + "\n" + one)
    little.write("2026/02", "2026-02-01 balance Assets:Bank  3.00 USD\n")
    little.read()


@pytest.mark.parametrize("number", ["0.00000000", "(10/3)", "1" * 30 + ".00", "1,000.5"])
def test_a_failed_balance_is_told_of_alike_whatever_the_numbers(
    little: Little, number: str
) -> None:
    text = '2026-01-0{} * "x"\n  Assets:Bank  ({}00/7) USD\n  Income:Gains\n'
    little.write("2026/01", "\n".join(text.format(day, day) for day in range(1, 8)))
    little.write("2026/02", "\n".join(text.format(day, day * 131) for day in range(1, 8)))
    little.write("2026/03", f"2026-03-01 balance Assets:Bank  {number} USD\n")
    little.read()


def test_an_account_that_closes_too_early_is_told_of_in_every_file(little: Little) -> None:
    text = '2026-0{}-{} * "x"\n  Assets:Bank  1.00 USD\n  Income:Gains\n'
    for month in (1, 2, 3):
        days = ("20", "05", "21") if month == 2 else ("05", "20", "06")
        little.write(f"2026/0{month}", "\n".join(text.format(month, day) for day in days))
    assert not little.messages()
    for day, count in (("2026-02-05", 5), ("2026-02-04", 6), ("2026-03-20", 0)):
        little.write("accounts", f"{ACCOUNTS}{day} close Income:Gains\n")
        assert len(little.messages()) == count
    twice = "2026-02-04 close Income:Gains\n2026-02-01 open Income:Gains\n"
    little.write("accounts", ACCOUNTS + twice)
    little.read()
    for day, count in (("2026-01-06", 1), ("2026-01-05", 0), ("2026-02-06", 4)):
        little.write("accounts", ACCOUNTS.replace("2020-01-01 open Inc", f"{day} open Inc"))
        assert len(little.messages()) == count


def test_a_note_on_a_closed_account_is_right_and_on_one_not_yet_open_is_not(little: Little) -> None:
    little.write("accounts", f"{ACCOUNTS}2026-02-04 close Income:Gains\n")
    for day in ("2026-03-01", "2019-12-31", "2020-01-01"):
        little.write("2026/01", f'{day} note Income:Gains "said"\n{day} balance Assets  0 USD\n')
        little.read()


def test_a_currency_that_an_account_does_not_take_is_told_of(little: Little) -> None:
    little.write("2026/01", '2026-01-05 * "x"\n  Assets:Other  1.00 EUR\n  Income:Gains\n')
    assert len(little.messages()) == 1
    little.write("accounts", ACCOUNTS.replace("GEM,USD", "GEM,EUR"))
    assert not little.messages()


def test_the_documents_of_a_folder_come_and_go(little: Little) -> None:
    little.write("2026/01", "")
    little.write("group", 'option "documents" "../papers"\n' + ROOT)
    assert len(little.messages()) == 1
    folder = little.home.path / "papers/Assets/Bank"
    folder.mkdir(parents=True)
    assert not little.messages()
    for name in ("2026-01-05.a.pdf", "2026-01-05.b.pdf", "2026-13-05.c.pdf", "d.pdf"):
        (folder / name).write_text("")
        little.read()
    (folder / "2026-01-05.a.pdf").unlink()
    little.read()
    little.write(
        "2026/01", '2026-01-05 document Assets:Bank "../../papers/Assets/Bank/d.pdf" #a #b\n'
    )
    little.read()
    (folder / "d.pdf").unlink()
    assert len(little.messages()) == 2


@pytest.mark.parametrize(
    "line", ["lineno: 3", 'lineno: "x"', 'filename: "elsewhere"', "filename: 3", '__x: "y"']
)
def test_metadata_called_as_beancounts_own_does_no_harm(little: Little, line: str) -> None:
    one = '2026-01-05 * "x"\n{}  Assets:Bank  1 USD\n{}  Income:Gains\n'
    of_txn, of_posting = one.format(f"  {line}\n", ""), one.format("", f"    {line}\n")
    for text in (
        of_txn,
        of_posting,
        f"2026-01-05 balance Assets:Bank  1 USD\n  {line}\n",
        of_txn + "\n" + of_txn.replace("1 USD", "2 USD"),
    ):
        little.write("2026/01", text)
        compare(little.home, little.did)


def test_the_root_is_read_as_it_says_itself(little: Little) -> None:
    almost = "  Assets:Bank  1.0 USD\n  Income:Gains  -1.02 USD\n"
    little.write("2026/01", f'2026-01-05 * "x"\n{almost}')
    for option in OPTIONS:
        little.write("group", f'option "{option}"\n{ROOT}')
        little.read()
        forget()
        little.read()
        little.write("2026/02", f'option "{option}"\n')
        little.read()


def test_a_plugin_line_in_any_file_is_judged_by_what_is_allowed_now(little: Little) -> None:
    little.write("2026/01", 'plugin "beancount.plugins.auto_accounts"\n')
    assert not little.messages()
    little.plugins()
    assert len(little.messages()) == 1


def test_a_plugin_that_may_change_entries_means_a_full_reading(little: Little) -> None:
    little.write("2026/01", '2026-01-05 * "x"\n  Assets:New  1 USD\n  Income:Gains\n')
    assert len(little.messages()) == 1
    little.write("group", 'plugin "beancount.plugins.auto_accounts"\n' + ROOT)
    books = little.read()
    assert books.parts is None
    assert "Assets:New" in books.accounts
    little.plugins()
    books = little.read()
    assert books.parts is not None
    assert "Assets:New" not in books.accounts
