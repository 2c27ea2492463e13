"""Investments and statements from Plaid: trades with their lots, holdings compared, PDFs filed."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from beancount.core import data
from plaids import Nights, committed, nights

from core.home import Home
from core.sealing_keys import new_key
from importers.feed import exact, record, trades
from importers.feed.contract import Item
from importers.plaid.errors import PlaidError
from importers.plaid.fake.banks import FakeAccount, FakeBank, line
from importers.plaid.fake.forms import security, trade
from importers.plaid.fake.plaid import Fault
from importers.plaid.investments import lines
from importers.statement import Security, Trade
from scripts.commands.sync import told

CASH = "Assets:Acme:Broker:Oak2216:Cash"
FERN = security("fern", "Fern Index Fund", "FERN")
SWEEP = security("sweep", "Sweep", "CUR:USD", type="cash", is_cash_equivalent=True)


def oak(**more) -> FakeBank:
    accounts = [FakeAccount("x", "2216", "Brokerage", "investment", "brokerage")]
    bank = FakeBank("oak", "Oak", accounts, products=("transactions", "investments"), **more)
    bank.securities += [FERN, SWEEP]
    return bank


def bought(key: str = "t1", day: str = "2026-09-03") -> dict:
    more = {"security_id": "fern", "quantity": 10, "price": 20, "fees": 1}
    return trade(key, "x", day, "BUY FERN", type="buy", subtype="buy", amount=201, **more)


def sold() -> dict:
    more = {"security_id": "fern", "quantity": -4, "price": 25, "fees": 0}
    return trade("t2", "x", "2026-09-10", "SELL", type="sell", subtype="sell", amount=-100, **more)


def held(units: int) -> dict:
    return {
        "account_id": "x",
        "security_id": "fern",
        "institution_price": 25,
        "institution_price_as_of": "2026-09-30",
        "institution_value": units * 25,
        "cost_basis": None,
        "quantity": units,
        "iso_currency_code": "USD",
        "unofficial_currency_code": None,
    }


@pytest.fixture
def bank() -> FakeBank:
    return oak()


@pytest.fixture
def plaid(home: Home, bank: FakeBank, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    monkeypatch.setenv("BOOKS_KEY", new_key())
    monkeypatch.setattr("importers.plaid.feed.today", lambda: dt.date(2026, 9, 30))
    path = home.ledger / "acme/accounts.beancount"
    path.write_text(
        f'{path.read_text()}2020-01-01 open {CASH} USD\n  role: "bank"\n'
        '  account-id: "oak-2216"\n  title-holder: "Acme"\n  line: "cash-and-equivalents"\n'
    )
    committed(home)
    with nights(home, bank) as ready:
        ready.connect(bank)
        yield ready


def night(plaid: Nights):
    from importers.feed import connections

    return plaid.synced(connections.connections(plaid.home)[0])


def entries(plaid: Nights) -> list[data.Transaction]:
    return sorted(plaid.books().transactions, key=lambda txn: txn.date)


def test_a_purchase_is_a_lot_and_a_sale_takes_from_it(plaid: Nights, bank: FakeBank) -> None:
    bank.trades += [bought(), sold()]
    bank.holdings.append(held(6))
    done = night(plaid)
    buy, sell = entries(plaid)
    lot = next(p for p in buy.postings if p.units.currency == "FERN")
    assert (lot.units.number, lot.cost.number, lot.cost.date) == (10, 20, dt.date(2026, 9, 3))
    assert [p.units.number for p in sell.postings if p.account == CASH] == [Decimal("100.00")]
    assert not [w for f in done.synced.plan.imported.files for w in f.warnings]
    prices = [e for e in plaid.books().entries if isinstance(e, data.Price)]
    assert [(p.currency, p.amount.number) for p in prices] == [("FERN", 25)]
    again = night(plaid)
    assert not again.synced.plan.change.effective().files


def test_what_is_held_and_was_bought_before_plaid_knows_is_told_and_not_invented(
    plaid: Nights, bank: FakeBank
) -> None:
    bank.trades.append(sold())
    bank.holdings.append(held(6))
    done = night(plaid)
    (sell,) = entries(plaid)
    assert sell.meta["review"] == "lots"
    assert all(p.cost is None for p in sell.postings)
    (warning,) = [w for f in done.synced.plan.imported.files for w in f.warnings]
    assert "the statement holds 6" in warning


def lot(day: str | None, units: int, cost: int | None) -> dict:
    return {
        "institution_lot_id": None,
        "original_purchase_datetime": f"{day}T23:30:00-05:00" if day else None,
        "quantity": units,
        "purchase_price": None,
        "cost_basis": cost,
        "current_value": None,
        "position_type": "LONG",
    }


def lots_of(plaid: Nights) -> list[tuple[str, str, str]]:
    """What is held of FERN: units, cost of one, day of the lot; summed up by Beancount."""
    held: dict[tuple[str, str], Decimal] = {}
    for txn in entries(plaid):
        for posting in txn.postings:
            if posting.units.currency == "FERN" and posting.cost:
                key = str(posting.cost.date), f"{posting.cost.number.normalize():f}"
                held[key] = held.get(key, Decimal(0)) + posting.units.number
    return [(str(n), cost, day) for (day, cost), n in sorted(held.items()) if n]


def test_what_was_held_before_the_first_line_is_opened_with_its_lots(
    plaid: Nights, bank: FakeBank
) -> None:
    bank.trades.append(bought())
    tax_lots = [lot("2019-05-06", 3, 30), lot("2020-01-31", 7, 105), lot("2026-09-03", 10, 200)]
    bank.holdings.append({**held(20), "tax_lots": tax_lots})
    done = night(plaid)
    assert lots_of(plaid) == [
        ("3", "10", "2019-05-06"),
        ("7", "15", "2020-01-31"),
        ("10", "20", "2026-09-03"),
    ]
    first = entries(plaid)[0]
    assert (first.date, first.narration, first.flag) == (
        dt.date(2026, 9, 2),
        "Opening lot: 3 FERN",
        "*",
    )
    equity = [p for p in first.postings if p.account == "Equity:Acme:OpeningBalances"]
    assert [str(p.units) for p in equity] == ["-30.00 USD"]
    assert not [w for f in done.synced.plan.imported.files for w in f.warnings]
    bank.trades.append(sold())
    bank.holdings[0] = {**held(16), "tax_lots": [lot("2020-01-31", 6, 90), tax_lots[2]]}
    done = night(plaid)
    assert lots_of(plaid)[0] == ("6", "15", "2020-01-31")  # first in, first out
    assert not [w for f in done.synced.plan.imported.files for w in f.warnings]
    assert not night(plaid).synced.plan.change.effective().files


@pytest.mark.parametrize(
    ("trades", "holding", "said"),
    [
        ([sold()], {"tax_lots": [lot("2020-01-31", 6, 90)]}, "some were sold since"),
        ([], {"tax_lots": []}, "gives no lots"),
        ([], {"cost_basis": 90}, "in all it cost 90.00"),
        ([], {"tax_lots": [lot("2020-01-31", 5, 90)]}, "no lots that add up to it"),
        ([], {"tax_lots": [lot(None, 6, 90)]}, "no lots that add up"),
        ([], {"tax_lots": [lot("2020-01-31", 6, None)]}, "no lots that add up"),
    ],
)
def test_lots_that_are_not_given_are_not_invented(
    plaid: Nights, bank: FakeBank, trades: list[dict], holding: dict, said: str
) -> None:
    bank.trades += trades
    bank.holdings.append({**held(6), **holding})
    done = night(plaid)
    assert said in " ".join(done.remarks)
    assert lots_of(plaid) == []
    (warning,) = [w for f in done.synced.plan.imported.files for w in f.warnings]
    assert "the statement holds 6" in warning


def test_books_that_hold_something_are_not_opened_again(plaid: Nights, bank: FakeBank) -> None:
    path = plaid.home.ledger / "acme/accounts.beancount"
    base = CASH.removesuffix(":Cash")
    path.write_text(
        f'{path.read_text()}2020-01-01 open {base}:FERN FERN "FIFO"\n  line: "investments"\n'
        f'2020-02-01 * "By hand"\n  {base}:FERN  6 FERN {{15.00 USD}}\n'
        "  Equity:Acme:OpeningBalances\n"
    )
    committed(plaid.home)
    bank.holdings.append({**held(6), "tax_lots": [lot("2020-01-31", 6, 90)]})
    night(plaid)
    assert lots_of(plaid) == [("6", "15", "2020-02-01")]


def test_holdings_that_differ_later_are_told_by_sync(plaid: Nights, bank: FakeBank) -> None:
    bank.holdings.append({**held(6), "tax_lots": [lot("2020-01-31", 6, 90)]})
    night(plaid)
    bank.holdings[0] = held(8)
    said = told(night(plaid))
    assert [text for text in said if "the statement holds 8, the books will hold 6" in text]


def test_dividends_and_cash_come_without_units(plaid: Nights, bank: FakeBank) -> None:
    more = {"security_id": "fern", "quantity": 0, "price": 0}
    bank.trades += [
        trade("d", "x", "2026-09-15", "DIV", type="cash", subtype="dividend", amount=-5, **more),
        trade("w", "x", "2026-09-16", "OUT", type="cash", subtype="withdrawal", amount=50),
    ]
    night(plaid)
    dividend, out = entries(plaid)
    assert [p.account for p in dividend.postings if p.account.startswith("Income")]
    assert out.meta["review"] == "categorise"
    assert [p.units.number for p in out.postings if p.account == CASH] == [Decimal("-50.00")]


def test_many_pages_are_all_read(plaid: Nights, bank: FakeBank, monkeypatch) -> None:
    monkeypatch.setattr("importers.plaid.feed._AT_ONCE", 2)
    monkeypatch.setattr("importers.plaid.api._COUNT", 2)
    bank.trades += [bought(f"t{n}", f"2026-09-{n + 1:02}") for n in range(5)]
    night(plaid)
    assert len(entries(plaid)) == 5


def test_a_bank_without_lines_of_accounts_still_has_trades(plaid: Nights, bank: FakeBank) -> None:
    bank.trades.append(bought())
    code = "PRODUCTS_NOT_SUPPORTED"
    plaid.fake.faults.append(Fault("/transactions/sync", kind="ITEM_ERROR", code=code, times=9))
    night(plaid)
    assert len(entries(plaid)) == 1


@pytest.mark.parametrize("path", ["/investments/holdings/get", "/investments/transactions/get"])
def test_a_product_that_is_not_ready_costs_no_line(
    plaid: Nights, bank: FakeBank, path: str
) -> None:
    bank.adds(line("a", "x", "2026-09-02", "3.00", "FEE"))
    bank.trades.append(bought())
    fault = Fault(path, kind="ITEM_ERROR", code="PRODUCT_NOT_READY", times=9)
    plaid.api.sleep = lambda _: None
    plaid.fake.faults.append(fault)
    done = night(plaid)
    assert any("PRODUCT_NOT_READY" in remark for remark in done.remarks)
    fault.times = 0
    night(plaid)
    assert len(entries(plaid)) == 2


@pytest.mark.parametrize(
    ("kind", "subtype", "units", "amount", "action"),
    [
        ("buy", "buy", 1, 10, "buy"),
        ("buy", "dividend reinvestment", 1, 10, "buy"),
        ("sell", "sell", -1, -10, "sell"),
        ("transfer", "transfer", 1, 10, "transfer"),
        ("transfer", "split", 5, 0, "split"),
        ("transfer", "spin off", 5, 99, "transfer"),
        ("sell", "expire", -1, 0, "closure"),
        ("cash", "qualified dividend", 0, -3, "income"),
        ("cash", "return of principal", 0, -3, "return-of-capital"),
        ("moon", "landing", 2, 0, "transfer"),
        ("cash", "deposit", 0, -3, None),
        ("fee", "account fee", 0, 3, None),
    ],
)
def test_each_word_of_plaids_has_its_meaning(
    kind: str, subtype: str, units: int, amount: int, action: str | None
) -> None:
    more = {"security_id": "fern", "quantity": units, "price": 10}
    said = trade("t", "x", "2026-09-03", "N", type=kind, subtype=subtype, amount=amount, **more)
    page = {"securities": [FERN], "investment_transactions": [said]}
    (found,) = lines([exact.dumps(page).encode()])
    assert (found.trade.action if found.trade else None) == action
    in_kind = action in {"transfer", "split", "closure"}
    assert found.amount == (0 if in_kind else -amount)


def test_a_sweep_is_cash(plaid: Nights, bank: FakeBank) -> None:
    more = {"security_id": "sweep", "quantity": 10, "price": 1}
    said = trade("t", "x", "2026-09-03", "S", type="buy", subtype="buy", amount=10, **more)
    page = {"securities": [SWEEP], "investment_transactions": [said]}
    (found,) = lines([exact.dumps(page).encode()])
    assert (found.trade, found.amount) == (None, -10)


def test_an_odd_answer_is_refused() -> None:
    for content in (b"{}", b"[]", b'{"securities": [], "investment_transactions": [{}]}'):
        with pytest.raises(PlaidError, match="not understood"):
            lines([content])


def test_a_trade_comes_back_from_the_file_of_its_run_as_it_was() -> None:
    whole = Trade(
        "transfer",
        Security("Fern", "FERN", "000000111", "CUSIP"),
        Decimal("-1.50"),
        Decimal("20.10"),
        fees=Decimal("0.01"),
        cost=Decimal("3"),
        acquired=dt.date(2026, 1, 2),
    )
    assert trades.from_json(trades.as_json(whole)) == whole
    item = Item("plaid", "i", "Oak", ())
    page = {"securities": [FERN], "investment_transactions": [{**bought(), "fees": None}]}
    found = lines([exact.dumps(page).encode()])
    (row,) = record.decoded(record.encoded(item, found, []), "x").lines
    assert row[1] == found[0]
    for wrong in ({"action": "gamble", "security": {"name": "x"}}, {"action": "buy"}):
        with pytest.raises((ValueError, KeyError)):
            trades.from_json(wrong)


# Statements


PDF = b"%PDF-1.7 a statement"


def test_statements_are_filed_once_with_their_hash(plaid: Nights, bank: FakeBank) -> None:
    bank.products = ("transactions", "statements")
    bank.statements["s1"] = ("x", "2026-08-31", PDF)
    done = night(plaid)
    assert "1 statements filed" in done.remarks
    (document,) = [e for e in plaid.books().standing if isinstance(e, data.Document)]
    assert document.meta["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert Path(document.filename).read_bytes() == PDF
    assert not night(plaid).remarks
    assert [f for f in plaid.books().findings if f.severity.value == "error"] == []


def test_a_statement_that_is_not_what_its_hash_says_is_not_kept(
    plaid: Nights, bank: FakeBank
) -> None:
    bank.products = ("transactions", "statements")
    bank.statements["s1"] = ("x", "2026-08-31", b"<html>not yet</html>")
    bank.adds(line("a", "x", "2026-09-02", "3.00", "FEE"))
    done = night(plaid)
    assert any("is not the file" in remark for remark in done.remarks)
    assert len(entries(plaid)) == 1
    assert [e for e in plaid.books().standing if isinstance(e, data.Document)] == []
