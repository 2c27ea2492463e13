"""Fava shows the same with our reader and our monthly figures as it does by itself.

Every page is asked of a stock Fava that has loaded the books anew, and of ours, which has seen all
edits in turn; numbers are compared as they are written, with all their digits.
"""

import inspect
import json
import os
import time
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fava.application import create_app as create_fava
from fava.core import FavaLedger, FilteredLedger
from fava.core.charts import ChartModule
from werkzeug.test import Client

from core.home import Home
from core.journal.read import read
from web import figures
from web.app import create_app
from web.home import HomePage
from web.ledgers import BooksLedger, EscapingTemplates
from web.loading import Loaded, loaded

PORT = 5123
_SECONDS = count(1)  # each touch is later than the one before
YEARS = range(2018, 2027)
MAIN = """\
option "title" "Acme"
option "operating_currency" "USD"
option "operating_currency" "EUR"
include "*.bean"
2018-01-01 open Assets:Bank
2018-01-01 open Assets:Till
2018-01-01 open Assets:Goods
2018-01-01 open Assets:Euro EUR
2018-01-01 open Liabilities:Card
2018-01-01 open Equity:Opening
2018-01-01 open Income:Sales
2018-01-01 open Income:Fees
2018-01-01 open Income:Extra
2018-01-01 open Expenses:Rent
2018-01-01 open Expenses:Sold
2018-01-01 open Expenses:Old
2018-01-01 open Expenses:Divided
2019-06-30 close Expenses:Old
2018-01-01 commodity PIECE
2018-01-02 pad Assets:Till Equity:Opening
2018-01-05 balance Assets:Till  77.0 USD
2018-01-03 * "Extra" "Once"
  Income:Extra  -4 USD
  Assets:Bank
2026-02-01 balance Income:Extra  -4 USD
2021-03-04 * "Divided" "Beancount makes 1E+3 of it"
  Expenses:Divided  100 / 0.1 PIECE {1.5 USD}
  Assets:Bank
2024-06-30 U "Paper" "A gain that no net worth counts"
  Assets:Goods  5 USD
  Income:Sales
2018-01-01 custom "budget" Expenses:Rent "monthly" 90.00 USD
2026-05-01 event "place" "Here"
2026-05-02 note Assets:Bank "Called"
"""
PRICES = """\
2018-01-01 price EUR 1.10 USD
2022-01-01 price EUR 1.2 USD
2026-01-15 price PIECE 12.5 USD
2026-02-15 price PIECE 13 USD
"""
ROUNDED = """\
2020-12-30 * "Thirds" "More digits than a sum holds"
  Expenses:Rent  0.3333333333333333333333333333 USD
  Assets:Bank  -0.3333333333333333333333333333 USD
"""


def month(year: int, number: int) -> str:
    """What happens every month: sales, rent, a till that is emptied, lots, euros with no lot."""
    day = f"{year}-{number:02}"
    return f"""\
{day}-02 * "Customer {number}" "Sale" #trade ^s-{year}-{number}
  Assets:Bank  {100 + number}.50 USD
  Income:Sales
{day}-02 * "Wholesale" "Goods"
  Assets:Goods  10 PIECE {{{number}.5 USD}}
  Liabilities:Card
{day}-09 * "Landlord" "Rent"
  Expenses:Rent  80 USD
  Assets:Bank
{day}-11 * "Till" "In"
  Assets:Till  5.00 USD
  Income:Fees
{day}-12 * "Till" "Out again"
  Income:Fees  5.00 USD
  Assets:Till
{day}-12 * "Till" "Less digits"
  Assets:Till  1 USD
  Income:Fees
{day}-20 * "Exchange" "Euros" #trip
  Assets:Euro  10 EUR @ 1.15 USD
  Assets:Bank
{day}-28 * "Fair" "Sold" #trade
  Assets:Goods  -{10 if number % 3 else 4} PIECE {{{number}.5 USD, {day}-02}}
  Expenses:Sold  {number * (5 if number % 3 else 2)}.0 USD
  Assets:Bank  20 USD
  Income:Sales  -20 USD
  Equity:Opening
"""


FILTERS = (
    {},
    {"time": "2026"},
    {"time": "2025-05-17 to 2026-02-03"},
    {"time": "2018-03"},
    {"time": "2030"},
    {"time": "2016"},
    {"account": "Assets"},
    {"filter": "#trip"},
    {"filter": " ", "time": "2026-q1"},
    {"filter": "#trade", "time": "2025"},
)
CONVERSIONS = ("at_value", "units", "USD", "EUR,USD")
TREES = ("income_statement", "balance_sheet", "trial_balance")
INTERVALS = ("year", "quarter", "month", "week", "day")
ACCOUNTS = (
    ("Assets:Goods", "journal"),
    ("Income", "changes"),
    ("Expenses", "balances"),
)


def pages(*, all_ways: bool) -> Iterator[str]:
    """The pages that are compared, with what they are filtered and converted by."""
    shown = list(product(FILTERS if all_ways else FILTERS[:3], ("at_cost",)))
    shown += product(FILTERS[:3] if all_ways else FILTERS[1:2], CONVERSIONS)
    for page, (asked, conversion) in product(TREES, shown):
        yield f"{page}?{urlencode({**asked, 'conversion': conversion})}"
    if not all_ways:
        return
    for asked, interval in product(FILTERS[:3], INTERVALS):
        yield f"income_statement?{urlencode({**asked, 'interval': interval})}"
        yield f"balance_sheet?{urlencode({**asked, 'interval': interval, 'conversion': 'USD'})}"
    for (account, sub), asked in product(ACCOUNTS, (FILTERS[2], *FILTERS[6:8])):
        wanted = {**asked, "a": account, "r": sub, "interval": "quarter"}
        yield f"account_report?{urlencode(wanted)}"
    # the same months twice, the second time with what clamping adds
    yield "account_report?a=Equity"
    yield "account_report?a=Equity&time=2026"
    for page, asked in product(("journal_page", "statistics"), (FILTERS[1], FILTERS[3])):
        yield f"{page}?{urlencode({**asked, 'page': 1, 'order': 'desc'})}"
    query = "SELECT account, sum(position) GROUP BY account ORDER BY account"
    yield f"query?{urlencode({'query_string': query, 'time': '2026'})}"
    yield "commodities"
    yield "ledger_data"


def edits(folder: Path) -> Iterator[str]:
    """Changes the books, and says how."""
    yield "nothing yet"
    change(folder / "2026.bean", "80 USD", "81.125 USD")
    yield "a rent of this year"
    change(folder / "2018.bean", "5.00 USD", "5.0 USD")
    yield "other digits years ago"
    change(folder / "prices.bean", "13 USD", "13.00 USD")
    yield "a price"
    change(folder / "main.beancount", "90.00 USD", "91 USD")
    yield "a budget"
    change(folder / "2026.bean", month(2026, 5), "")
    yield "a month is gone"
    (folder / "2019.bean").unlink()
    yield "a year is gone"
    with (folder / "2020.bean").open("a") as out:
        out.write(ROUNDED)
    yield "a sum that is rounded"


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine years of books of one owner."""
    folder = tmp_path / "ledger/acme"
    folder.mkdir(parents=True)
    (folder / "main.beancount").write_text(MAIN)
    (folder / "prices.bean").write_text(PRICES)
    for year in YEARS:
        text = "".join(month(year, number) for number in range(1, 13))
        (folder / f"{year}.bean").write_text(text)
    return folder


def ours(folder: Path) -> Client:
    """Fava as ``books serve`` shows it."""
    home = Home(folder.parents[1])

    def load(root: Path) -> Loaded:
        return loaded(read(root, home=home), ())

    root = folder / "main.beancount"
    return Client(create_app([root], lambda: HomePage("Books", "now"), PORT, load=load))


def said(client: Client, page: str) -> object:
    """What a page says: figures as they are written, no matter when the files were seen."""
    answer = client.get(f"/acme/api/{page}", base_url=f"http://localhost:{PORT}")
    text = answer.get_data(as_text=True)
    found = json.loads(text, parse_float=str, parse_int=str)
    found.pop("mtime", None)
    if page == "ledger_data":
        del found["data"]["sidebar_links"]  # ours has one more
    return answer.status_code, found


def touch(folder: Path) -> None:
    """Makes the root newer than Fava last saw any file."""
    later = time.time_ns() + next(_SECONDS) * 10**9
    os.utime(folder / "main.beancount", ns=(later, later))


def differing(folder: Path, client: Client, *, all_ways: bool) -> list[str]:
    """The pages that our Fava shows otherwise than one that has just begun."""
    touch(folder)
    stock = create_fava([str(folder / "main.beancount")], read_only=True, poll_watcher=True)
    stock.jinja_loader = EscapingTemplates(stock.jinja_loader)  # ours escapes, whoever adds up
    theirs = Client(stock)
    said(client, "changed")
    wanted = pages(all_ways=all_ways)
    return [page for page in wanted if said(client, page) != said(theirs, page)]


def test_every_page_is_the_same_after_every_edit(folder: Path) -> None:
    client = ours(folder)
    for edit in edits(folder):
        all_ways = edit in {"nothing yet", "a month is gone"}
        assert (edit, differing(folder, client, all_ways=all_ways)) == (edit, [])


def test_the_comparison_sees_conversions_transfers_and_digits(folder: Path) -> None:
    client = ours(folder)
    status, before = said(client, "trial_balance?time=2026")
    assert status == 200
    assert "Equity:Conversions:Current" in str(before)
    assert "Equity:Earnings:Previous" in str(before)
    before = said(client, "trial_balance")
    change(folder / "2020.bean", "80 USD", "80.00 USD")
    touch(folder)
    assert said(client, "trial_balance") != before


def test_what_we_take_the_place_of_is_called_as_we_are() -> None:
    """Another Fava may ask otherwise: then our figures have to be looked at again."""
    for mine, theirs, name in (
        (figures.Charts, ChartModule, "interval_totals"),
        (figures.Filtered, FilteredLedger, "interval_ranges"),
        (BooksLedger, FavaLedger, "_get_filtered"),
    ):
        names = [list(inspect.signature(getattr(of, name)).parameters) for of in (mine, theirs)]
        assert names[0] == names[1]
    for name in ("root_tree", "root_tree_closed"):
        assert isinstance(inspect.getattr_static(FilteredLedger, name), figures.cached_property)
    assert list(inspect.signature(FilteredLedger).parameters)[1:] == ["account", "filter", "time"]


@pytest.mark.parametrize("asked", ["", "?time=2026", "?time=2026&conversion=at_value"])
def test_after_an_edit_only_the_bars_of_its_file_are_made(
    folder: Path, asked: str, monkeypatch
) -> None:
    client = ours(folder)
    said(client, f"income_statement{asked}")
    drawn = []
    stock = ChartModule.interval_totals

    def draws(charts, filtered, *rest, **more):
        drawn.append(filtered.interval_ranges(rest[0]))
        return stock(charts, filtered, *rest, **more)

    monkeypatch.setattr(ChartModule, "interval_totals", draws)
    change(folder / "2026.bean", "Rent", "The rent")
    touch(folder)
    said(client, f"income_statement{asked}")
    assert len(drawn) == 3 * 12  # the edited file's twelve months, in three charts
    assert {period.begin.year for (period,) in drawn} == {2026}
