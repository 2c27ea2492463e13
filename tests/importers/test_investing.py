"""Lines of an investment account as entries with lots: what Beancount books, and what waits."""

import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core import data
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.journal.read import read
from importers.inbox.items import accepted, inbox
from importers.investing.commodity import legal
from importers.plan import plan_import
from importers.planned import ImportPlan
from importers.statement import (
    Position,
    Security,
    Statement,
    StatementFile,
    StatementLine,
    Trade,
)

BASE = "Assets:Jane:Broker:Oak2216"
CASH = f"{BASE}:Cash"
FERN = Security("Fern Index Fund", "FERN", "000000111", "CUSIP")
OPEN_CASH = """\
2020-01-01 open Assets:Jane:Broker:Oak2216:Cash  USD
  role: "bank"
  account-id: "oak-2216"
  line: "cash-and-equivalents"
"""


@pytest.fixture
def oak(home: Home) -> Home:
    """Jane with a broker's cash account and nothing in it."""
    add(home, OPEN_CASH)
    return home


def add(home: Home, text: str, file: str = "accounts.beancount") -> None:
    path = home.ledger / "jane" / file
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + text)


def line(day: int, amount: str, trade: Trade | None, **more: object) -> StatementLine:
    """A line of September 2026 with an id of the bank's."""
    cells = {"Day": str(day), "Amount": amount}
    found = StatementLine(
        dt.date(2026, 9, day), Decimal(amount), None, "Fern Index Fund", "", day, cells
    )
    return replace(found, bank_id=f"{day}/{amount}/{trade}", trade=trade, **more)


def buy(
    day: int, units: str, total: str, price: str | None = None, **more: object
) -> StatementLine:
    trade = Trade("buy", FERN, Decimal(units), price and Decimal(price), total=Decimal(total))
    return line(day, total, replace(trade, **more))


def sell(
    day: int, units: str, total: str, price: str | None = None, **more: object
) -> StatementLine:
    trade = Trade("sell", FERN, -Decimal(units), price and Decimal(price), total=Decimal(total))
    return line(day, total, replace(trade, **more))


def statement(lines: Sequence[StatementLine], **more: object) -> Statement:
    return Statement("2216", "USD", tuple(lines), kind="investment", **more)


def plan(home: Home, *lines: StatementLine, name: str = "oak.qfx", **more: object) -> ImportPlan:
    path = home.path.parent / name
    path.write_text(name)
    file = StatementFile(path, "ofx", "Oak", (statement(lines, **more),))
    books = read(home.main_root)
    found = plan_import([path], home=home, books=books, reader=lambda _: file, ask=lambda *_: None)
    assert not found.refused
    return found


def after(home: Home, planned: ImportPlan) -> Books:
    """The books with the change, without the door: it must load, and nothing be wrong."""
    for file in planned.change.files:
        path = home.path / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.after)
    books = read(home.main_root)
    assert [f.message for f in books.findings] == []
    return books


def booked(home: Home, *lines: StatementLine, **more: object) -> list[data.Transaction]:
    return list(after(home, plan(home, *lines, **more)).transactions)


def postings(txn: data.Transaction) -> dict[str, Decimal]:
    """What each account gained, its entity and broker left out."""
    found: dict[str, Decimal] = {}
    for posting in txn.postings:
        name = posting.account.replace("Broker:Oak2216:", "").replace(":Jane", "")
        found[name] = found.get(name, Decimal(0)) + posting.units.number
    return found


def number(text: str) -> Decimal:
    return Decimal(text)


def test_a_purchase_is_a_lot_at_its_price_and_the_commission_an_expense(oak: Home) -> None:
    (txn,) = booked(oak, buy(3, "10", "-204.95", "20.00", commission=Decimal("4.95")))
    assert postings(txn) == {
        "Assets:Cash": number("-204.95"),
        "Assets:FERN": number("10"),
        "Expenses:Commissions": number("4.95"),
    }
    lot = next(p for p in txn.postings if p.account == f"{BASE}:FERN")
    assert (lot.cost.number, lot.cost.date) == (number("20"), dt.date(2026, 9, 3))
    assert txn.flag == "*"
    assert txn.narration == "Buy 10 FERN"


def test_charges_are_part_of_the_cost_where_the_account_says_so(home: Home) -> None:
    add(home, OPEN_CASH + '  charges: "basis"\n')
    bought, sold = booked(
        home,
        buy(3, "10", "-204.95", "20.00", commission=Decimal("4.95")),
        sell(9, "10", "295.05", "30.00", commission=Decimal("4.95")),
    )
    lot = next(p for p in bought.postings if p.account == f"{BASE}:FERN")
    assert lot.cost.number == number("20.495")
    assert postings(sold)["Income:CapitalGains"] == number("-90.10")


def test_charges_go_to_the_account_that_the_cash_account_names(home: Home) -> None:
    add(home, OPEN_CASH + '  charges: "Expenses:Jane:Fees"\n')
    (txn,) = booked(home, buy(3, "10", "-204.95", "20.00", fees=Decimal("4.95")))
    assert postings(txn)["Expenses:Fees"] == number("4.95")


def test_an_account_for_charges_that_is_not_opened_is_an_error_with_its_place(home: Home) -> None:
    add(home, OPEN_CASH + '  charges: "Expenses:Jane:Chargs"\n')
    with pytest.raises(UserError, match="Chargs") as caught:
        plan(home, buy(3, "10", "-204.95", "20.00", fees=Decimal("4.95")))
    assert caught.value.file.endswith("accounts.beancount")
    assert caught.value.line


def test_charges_that_are_not_in_the_total_are_not_taken_off_it(oak: Home) -> None:
    (txn,) = booked(oak, buy(3, "10", "-200.00", "20.00", commission=Decimal("4.95")))
    assert postings(txn) == {"Assets:Cash": number("-200.00"), "Assets:FERN": number("10")}


def test_a_price_that_was_rounded_does_not_change_what_was_paid(oak: Home) -> None:
    (txn,) = booked(oak, buy(3, "100.123", "-2566.75", "25.6"))
    lot = next(p for p in txn.postings if p.account == f"{BASE}:FERN")
    assert abs(lot.cost.number * lot.units.number - number("2566.75")) < number("0.000001")


def test_a_sale_takes_the_oldest_lots_and_its_gain_is_worked_out(oak: Home) -> None:
    *_, txn = booked(
        oak,
        buy(3, "10", "-200.00", "20.00"),
        buy(4, "10", "-250.00", "25.00"),
        sell(9, "15", "449.00", "30.00", commission=Decimal("1.00")),
    )
    assert txn.flag == "*"
    assert postings(txn) == {
        "Assets:Cash": number("449.00"),
        "Assets:FERN": number("-15"),
        "Expenses:Commissions": number("1.00"),
        "Income:CapitalGains": number("-125.00"),  # 450 less 10 × 20 and 5 × 25
    }


def test_the_gain_is_no_figure_in_the_journal(oak: Home) -> None:
    after(oak, plan(oak, buy(3, "10", "-200.00", "20.00"), sell(9, "4", "120.00", "30.00")))
    text = (oak.ledger / "jane/2026/2026-09.beancount").read_text()
    gains = [row for row in text.splitlines() if "CapitalGains" in row]
    assert [row.strip() for row in gains] == ["Income:Jane:CapitalGains"]
    assert "-4 FERN {} @ 30.00 USD" in text


def test_a_file_that_begins_with_its_newest_line_is_booked_the_same(oak: Home) -> None:
    *_, txn = booked(oak, sell(3, "10", "300.00", "30.00"), buy(3, "10", "-200.00", "20.00"))
    assert postings(txn)["Income:CapitalGains"] == number("-100.00")


@pytest.mark.parametrize(
    ("method", "waits"), [("FIFO", False), ("LIFO", False), ("STRICT", True), ("NONE", True)]
)
def test_which_lots_a_sale_takes_is_the_holdings_own_method(
    oak: Home, method: str, waits: bool
) -> None:
    add(oak, f'2020-01-01 open {BASE}:FERN  FERN "{method}"\n  line: "investments"\n')
    *_, txn = booked(
        oak,
        buy(3, "10", "-200.00", "20.00"),
        buy(4, "10", "-250.00", "25.00"),
        sell(9, "5", "150.00", "30.00"),
    )
    assert (txn.meta.get("review") == "lots") == waits
    if not waits:
        gain = {"FIFO": "-50.00", "LIFO": "-25.00"}[method]
        assert postings(txn)["Income:CapitalGains"] == number(gain)


def test_strict_needs_no_help_where_all_lots_are_sold(oak: Home) -> None:
    add(oak, f'2020-01-01 open {BASE}:FERN  FERN "STRICT"\n  line: "investments"\n')
    *_, txn = booked(
        oak,
        buy(3, "10", "-200.00", "20.00"),
        buy(4, "10", "-250.00", "25.00"),
        sell(9, "20", "600.00", "30.00"),
    )
    assert postings(txn)["Income:CapitalGains"] == number("-150.00")


def test_a_sale_of_units_that_the_books_never_saw_waits_with_units_and_cash_right(
    oak: Home,
) -> None:
    (txn,) = booked(oak, sell(9, "4", "118.00", "30.00", commission=Decimal(2)))
    assert (txn.flag, txn.meta["review"]) == ("!", "lots")
    assert postings(txn) == {
        "Assets:Cash": number("118.00"),
        "Assets:FERN:Unmatched": number("-4"),
        "Expenses:Commissions": number("2.00"),
    }


def test_after_a_sale_that_waits_the_lots_are_not_known_and_further_ones_wait_too(
    oak: Home,
) -> None:
    *_, bought, sold = booked(
        oak,
        buy(3, "1", "-20.00", "20.00"),
        sell(4, "4", "120.00", "30.00"),
        buy(8, "10", "-200.00", "20.00"),
        sell(9, "2", "60.00", "30.00"),
    )
    assert "review" not in bought.meta
    assert sold.meta["review"] == "lots"


def test_lots_of_the_books_are_sold_by_a_later_import(oak: Home) -> None:
    after(oak, plan(oak, buy(3, "10", "-200.00", "20.00")))
    *_, txn = booked(oak, sell(9, "4", "120.00", "30.00"))
    assert postings(txn)["Income:CapitalGains"] == number("-40.00")


def test_one_account_for_all_securities_is_used_where_the_books_have_it(oak: Home) -> None:
    add(oak, f'2020-01-01 open {BASE}:Securities  FERN,MOSS "FIFO"\n  line: "investments"\n')
    (txn,) = booked(oak, buy(3, "10", "-200.00", "20.00"))
    assert postings(txn)["Assets:Securities"] == number("10")


def test_a_dividend_is_income_before_the_tax_that_was_withheld(oak: Home) -> None:
    paid = Trade("income", FERN, total=Decimal("85"), withholding=Decimal(15), income="DIV")
    (txn,) = booked(oak, line(3, "85.00", paid))
    assert postings(txn) == {
        "Assets:Cash": number("85.00"),
        "Income:Dividends:FERN": number("-100.00"),
        "Expenses:Taxes:Withheld": number("15.00"),
    }


def test_income_goes_to_the_account_that_the_books_have_for_all_securities(oak: Home) -> None:
    add(oak, '2020-01-01 open Income:Jane:Dividends  USD\n  line: "other-income"\n')
    (txn,) = booked(oak, line(3, "85.00", Trade("income", FERN, total=Decimal(85), income="DIV")))
    assert postings(txn)["Income:Dividends"] == number("-85.00")


def test_a_rule_of_the_owners_says_the_income_account_first(oak: Home) -> None:
    (oak.rules / "categorise/jane.yaml").write_text(
        "version: 1\nrules:\n  - name: fern\n    when: {payee: fern}\n"
        "    then: {account: Income:Jane:Other}\n"
    )
    (txn,) = booked(oak, line(3, "85.00", Trade("income", FERN, total=Decimal(85), income="DIV")))
    assert postings(txn)["Income:Other"] == number("-85.00")
    assert txn.meta["rule"] == "fern"


def test_a_rule_does_not_turn_a_purchase_into_an_expense(oak: Home) -> None:
    (oak.rules / "categorise/jane.yaml").write_text(
        "version: 1\nrules:\n  - name: fern\n    when: {payee: fern}\n"
        "    then: {account: Expenses:Jane:Other}\n"
    )
    (txn,) = booked(oak, buy(3, "10", "-200.00", "20.00"))
    assert set(postings(txn)) == {"Assets:Cash", "Assets:FERN"}
    assert "rule" not in txn.meta


@pytest.mark.parametrize("kind", ["", "MISC"])
def test_income_of_a_kind_that_is_not_named_waits(oak: Home, kind: str) -> None:
    (txn,) = booked(oak, line(3, "85.00", Trade("income", FERN, total=Decimal(85), income=kind)))
    assert txn.meta["review"] == "categorise"
    assert postings(txn)["Assets:Suspense"] == number("-85.00")


def test_a_reinvestment_is_income_and_a_lot_in_one_entry(oak: Home) -> None:
    trade = Trade("reinvest", FERN, Decimal("0.5"), Decimal("24.80"), total=Decimal("-12.40"))
    (txn,) = booked(oak, line(3, "0", replace(trade, income="DIV", withholding=Decimal("1.00"))))
    assert postings(txn) == {
        "Assets:FERN": number("0.5"),
        "Income:Dividends:FERN": number("-13.40"),
        "Expenses:Taxes:Withheld": number("1.00"),
    }
    assert "id" in txn.postings[0].meta


def test_what_an_employer_pays_into_a_plan_is_a_lot_against_suspense(oak: Home) -> None:
    trade = Trade("buy", FERN, Decimal(10), Decimal(20), total=Decimal(-200), source="MATCH")
    (txn,) = booked(oak, line(3, "0", trade))
    assert txn.meta["review"] == "categorise"
    assert postings(txn) == {"Assets:FERN": number("10"), "Assets:Suspense": number("-200.00")}
    assert txn.postings[0].meta["source"] == "MATCH"


def test_interest_that_a_buyer_of_a_bond_pays_for_comes_off_the_interest(oak: Home) -> None:
    (txn,) = booked(oak, buy(3, "10", "-1003.00", "100.00", accrued=Decimal(3)))
    assert postings(txn)["Income:Interest"] == number("3.00")
    lot = next(p for p in txn.postings if p.account == f"{BASE}:FERN")
    assert lot.cost.number == number("100")


def test_margin_interest_is_an_expense_and_other_expenses_wait(oak: Home) -> None:
    lent, other = booked(
        oak,
        line(3, "-3.20", Trade("expense", FERN, total=Decimal("-3.20"), income="INTEREST")),
        line(4, "-2.10", Trade("expense", FERN, total=Decimal("-2.10"))),
    )
    assert postings(lent)["Expenses:MarginInterest"] == number("3.20")
    assert other.meta["review"] == "categorise"


def test_a_split_gives_every_lot_more_units_at_its_old_cost_and_day(oak: Home) -> None:
    trade = Trade("split", FERN, Decimal(40), numerator=Decimal(3), denominator=Decimal(1))
    books = after(
        oak,
        plan(
            oak,
            buy(3, "10", "-200.00", "20.00"),
            buy(4, "10", "-250.00", "25.00"),
            line(8, "0", trade),
            sell(9, "30", "300.00", "10.00"),
        ),
    )
    *_, split, sold = books.transactions
    lots = [p for p in split.postings if p.units.number > 0]
    assert [(p.units.number, p.cost.date.day) for p in lots] == [(30, 3), (30, 4)]
    assert sum(p.units.number * p.cost.number for p in lots) == pytest.approx(number("450"))
    assert postings(sold)["Income:CapitalGains"] == number("-100.00")


@pytest.mark.parametrize("units", ["41", "39"])
def test_a_split_whose_units_do_not_follow_from_its_ratio_waits(oak: Home, units: str) -> None:
    trade = Trade("split", FERN, Decimal(units), numerator=Decimal(3), denominator=Decimal(1))
    *_, txn = booked(oak, buy(3, "20", "-400.00", "20.00"), line(8, "0", trade))
    assert txn.meta["review"] == "lots"
    assert postings(txn)["Assets:FERN:Unmatched"] == number(units)


def test_cash_for_fractions_of_a_split_waits_with_the_units_that_were_added(oak: Home) -> None:
    trade = Trade("split", FERN, Decimal(9), total=Decimal("11.50"))
    *_, txn = booked(oak, buy(3, "20", "-400.00", "20.00"), line(8, "11.50", trade))
    assert txn.meta["review"] == "lots"
    assert postings(txn) == {
        "Assets:Cash": number("11.50"),
        "Assets:FERN:Unmatched": number("9"),
        "Assets:Suspense:InKind": number("-9"),
        "Assets:Suspense": number("-11.50"),
    }


def test_a_return_of_capital_lowers_the_cost_of_every_lot_evenly(oak: Home) -> None:
    trade = Trade("return-of-capital", FERN, total=Decimal(30))
    *_, txn = booked(
        oak,
        buy(3, "10", "-200.00", "20.00"),
        buy(4, "20", "-500.00", "25.00"),
        line(8, "30.00", trade),
    )
    lots = [p for p in txn.postings if p.cost and p.units.number > 0]
    assert [p.cost.number for p in lots] == [number("19"), number("24")]
    assert postings(txn) == {"Assets:Cash": number("30.00"), "Assets:FERN": number("0")}


@pytest.mark.parametrize("held", ["0", "1"])
def test_a_return_of_capital_of_unknown_lots_or_beyond_their_cost_waits(
    oak: Home, held: str
) -> None:
    lines = [buy(3, held, "-20.00", "20.00")] if held != "0" else []
    returned = line(8, "30.00", Trade("return-of-capital", FERN, total=Decimal(30)))
    *_, txn = booked(oak, *lines, returned)
    assert txn.meta["review"] == "categorise"


def test_a_transfer_in_kind_brings_the_lot_that_the_file_states(oak: Home) -> None:
    trade = Trade("transfer", FERN, Decimal(5), cost=Decimal("18.20"), acquired=dt.date(2024, 1, 5))
    (txn,) = booked(oak, line(3, "0", trade))
    lot = txn.postings[0]
    assert (lot.cost.number, lot.cost.date) == (number("18.20"), dt.date(2024, 1, 5))
    assert txn.meta["review"] == "transfer"
    assert postings(txn)["Assets:Suspense"] == number("-91.00")


def test_a_transfer_in_kind_without_a_lot_gets_none(oak: Home) -> None:
    (txn,) = booked(oak, line(3, "0", Trade("transfer", FERN, Decimal(5), Decimal(20))))
    assert txn.meta["review"] == "lots"
    assert all(posting.cost is None for posting in txn.postings)
    assert postings(txn) == {
        "Assets:FERN:Unmatched": number("5"),
        "Assets:Suspense:InKind": number("-5"),
    }


def test_an_option_that_expired_is_a_loss_of_what_it_cost(oak: Home) -> None:
    ended = Trade("closure", FERN, Decimal(-2), income="EXPIRE")
    _, txn = booked(oak, buy(3, "2", "-300.00"), line(20, "0", ended))
    assert postings(txn) == {"Assets:FERN": number("-2"), "Income:CapitalGains": number("300.00")}


def test_a_line_by_which_nothing_moved_makes_no_entry(oak: Home) -> None:
    planned = plan(oak, line(3, "0", Trade("transfer", FERN)), line(3, "0", Trade("journal", FERN)))
    assert planned.drafts == []


def test_importing_twice_books_once(oak: Home) -> None:
    lines = [
        buy(3, "10", "-200.00", "20.00"),
        line(4, "0", Trade("reinvest", FERN, Decimal(1), total=Decimal(-20), income="DIV")),
        sell(9, "4", "120.00", "30.00"),
    ]
    after(oak, plan(oak, *lines))
    again = plan(oak, *lines)
    assert again.drafts == []
    assert not again.change.effective().files


def test_a_line_that_moves_units_alone_is_known_from_another_source_by_its_units(
    oak: Home,
) -> None:
    period = (dt.date(2026, 9, 1), dt.date(2026, 9, 30))
    trade = Trade("reinvest", FERN, Decimal("0.50000"), total=Decimal("-12.40"), income="DIV")
    first, other = line(3, "0", trade), line(3, "0", replace(trade, units=Decimal("0.5")))
    after(oak, plan(oak, first, period=period))
    assert plan(oak, other, name="oak.csv", period=period).drafts == []
    others = line(3, "0", replace(trade, units=Decimal("0.6")))
    assert len(plan(oak, others, name="oak.csv", period=period).drafts) == 1


def test_a_purchase_that_may_be_booked_already_is_a_question_first(oak: Home) -> None:
    after(oak, plan(oak, buy(3, "10", "-200.00", "20.00")))
    again = replace(buy(3, "10", "-200.00", "20.00"), bank_id="another id")
    *_, txn = after(oak, plan(oak, again, name="oak-again.qfx")).transactions
    assert txn.meta["review"] == "duplicate"


def test_an_accepted_purchase_of_a_plan_goes_to_the_account_that_paid(oak: Home) -> None:
    trade = Trade("buy", FERN, Decimal(10), Decimal(20), total=Decimal(-200))
    books = after(oak, plan(oak, line(3, "0", trade)))
    (item,) = inbox(books)
    change = accepted(item, "Income:Jane:Salary", home=oak, books=books)
    assert b"Income:Jane:Salary" in change.files[0].after


def test_no_account_is_an_answer_to_which_lots_were_sold(oak: Home) -> None:
    books = after(oak, plan(oak, sell(9, "4", "118.00", "30.00", commission=Decimal(2))))
    (item,) = inbox(books)
    with pytest.raises(UserError, match="waits for an account") as caught:
        accepted(item, "Income:Jane:Other", home=oak, books=books)
    assert "lots" in caught.value.hint


def test_the_commodity_gets_its_name_and_number(oak: Home) -> None:
    books = after(oak, plan(oak, buy(3, "10", "-200.00", "20.00")))
    (found,) = [e for e in books.entries if isinstance(e, data.Commodity) and e.currency == "FERN"]
    assert (found.meta["name"], found.meta["cusip"]) == ("Fern Index Fund", "000000111")


def test_a_security_is_what_the_books_call_its_number(oak: Home) -> None:
    path = oak.ledger / "commodities.beancount"
    path.write_text(path.read_text() + '\n2020-01-01 commodity FIDX\n  cusip: "000000111"\n')
    (txn,) = booked(oak, buy(3, "10", "-200.00", "20.00"))
    assert postings(txn)["Assets:FIDX"] == number("10")


@pytest.mark.parametrize("ticker", ["USD", "MOSS"])
def test_a_ticker_that_is_a_currency_or_another_security_is_not_taken(
    oak: Home, ticker: str
) -> None:
    path = oak.ledger / "commodities.beancount"
    path.write_text(path.read_text() + '\n2020-01-01 commodity MOSS\n  cusip: "999"\n')
    bought = buy(3, "10", "-200.00", "20.00")
    assert bought.trade
    other = replace(bought, trade=replace(bought.trade, security=replace(FERN, ticker=ticker)))
    (txn,) = booked(oak, other)
    assert postings(txn)["Assets:CUSIP-000000111"] == number("10")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("brk.b", "BRK.B"),
        ("BRK/B", "BRK-B"),
        ("G7945E105", "G7945E105"),
        ("7203", ""),
        ("", ""),
        ("V", "V"),
        ("-", ""),
    ],
)
def test_a_ticker_becomes_a_name_that_beancount_takes(text: str, name: str) -> None:
    assert legal(text) == name


def test_two_long_names_do_not_become_one() -> None:
    first, second = legal("The long name of a fund, class A"), legal("The long name of a fund, B")
    assert first != second
    assert max(len(first), len(second)) <= 24


HELD = Position(
    FERN, Decimal(10), Decimal(21), Decimal(210), dt.date(2026, 9, 30), dt.date(2026, 9, 29)
)


def test_positions_that_agree_are_silent_and_leave_their_price(oak: Home) -> None:
    planned = plan(oak, buy(3, "10", "-200.00", "20.00"), positions=(HELD,))
    assert planned.files[0].warnings == ()
    prices = [e for e in after(oak, planned).entries if isinstance(e, data.Price)]
    assert [(p.date.day, p.amount.number) for p in prices] == [(29, number("21"))]


def test_the_sources_of_a_plan_are_one_position(oak: Home) -> None:
    parts = (replace(HELD, units=Decimal(4), value=Decimal(84)), replace(HELD, units=Decimal(6)))
    planned = plan(oak, buy(3, "10", "-200.00", "20.00"), positions=parts)
    assert planned.files[0].warnings == ()


def test_positions_that_differ_are_told_with_the_gap(oak: Home) -> None:
    (said,) = plan(oak, buy(3, "7", "-140.00", "20.00"), positions=(HELD,)).files[0].warnings
    assert "FERN on 2026-09-30: the statement holds 10, the books will hold 7" in said
    assert said.endswith("the gap is 3")


def test_a_holding_that_the_statement_does_not_know_is_told(oak: Home) -> None:
    other = replace(HELD, security=Security("Moss", "MOSS"), units=Decimal(0))
    (said,) = plan(oak, buy(3, "7", "-140.00", "20.00"), positions=(other,)).files[0].warnings
    assert "the statement holds 0, the books will hold 7" in said


def test_a_price_that_the_books_have_is_not_written_again(oak: Home) -> None:
    path = oak.ledger / "prices.beancount"
    path.write_text(path.read_text() + "2026-09-29 price FERN 20.95 USD\n")
    books = after(oak, plan(oak, buy(3, "10", "-200.00", "20.00"), positions=(HELD,)))
    assert len([e for e in books.entries if isinstance(e, data.Price)]) == 1


def test_a_price_for_a_hundred_is_none_for_one(oak: Home) -> None:
    bond = replace(HELD, price=Decimal("99.5"), value=Decimal("9.95"))
    books = after(oak, plan(oak, buy(3, "10", "-10.00"), positions=(bond,)))
    assert not [e for e in books.entries if isinstance(e, data.Price)]


MOSS = Security("Moss Fund", "MOSS")
CENTS = st.integers(1, 99_999).map(lambda cents: Decimal(cents) / 100)
UNITS = st.integers(1, 50_000).map(lambda thousandths: Decimal(thousandths) / 1000)


@st.composite
def trades(draw: st.DrawFn) -> StatementLine:
    """A purchase, a sale, a reinvestment or a transfer, with charges, at a price or without."""
    action = draw(st.sampled_from(["buy", "buy", "sell", "reinvest", "transfer"]))
    units, money = draw(UNITS), draw(CENTS)
    out = action == "sell" or (action == "transfer" and draw(st.booleans()))
    total = {"buy": -money, "reinvest": -money, "sell": money}.get(action, Decimal(0))
    trade = Trade(
        action,
        draw(st.sampled_from([FERN, MOSS])),
        -units if out else units,
        draw(st.sampled_from([None, abs(total) / units, Decimal("3.33")])),
        commission=draw(st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("4.95")])),
        total=total,
        income="DIV" if action == "reinvest" else "",
    )
    amount = total if action in {"buy", "sell"} else Decimal(0)
    return line(draw(st.integers(1, 28)), str(amount), trade)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(trades(), max_size=12),
    method=st.sampled_from(["FIFO", "LIFO", "HIFO", "STRICT"]),
)
def test_units_and_cash_of_the_books_are_the_statements_whatever_was_traded(
    oak: Home, tmp_path: Path, lines: list[StatementLine], method: str
) -> None:
    lines = [replace(found, bank_id=str(place)) for place, found in enumerate(lines)]
    copy = tmp_path / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(oak.path, copy / "books")
    home = replace(oak, path=copy / "books")
    add(home, f'2020-01-01 open {BASE}:Securities  FERN,MOSS "{method}"\n  line: "investments"\n')
    held: dict[str, Decimal] = {"USD": Decimal(0), "FERN": Decimal(0), "MOSS": Decimal(0)}
    for txn in after(home, plan(home, *lines)).transactions:
        for posting in txn.postings:
            if posting.account.startswith(BASE):
                held[posting.units.currency] += posting.units.number
    said = {ticker: Decimal(0) for ticker in held}
    for found in lines:
        assert found.trade
        said["USD"] += found.amount
        said[found.trade.security.ticker] += found.trade.units
    assert held == said
