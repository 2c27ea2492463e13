"""Where money came from and went: by hand on small books, and as a law on any."""

import datetime as dt
import json
import re
from decimal import Decimal

from beancount import loader
from hypothesis import given
from hypothesis import strategies as st

from core.journal.books import Books
from core.period import parse_period
from reports.budget_month import as_text
from reports.flow.gathered import Money, money_flow
from reports.flow.graph import ENTITY, Netted, Node, graph
from reports.flow.sankey import Band, Bar, Sankey, drawn, gathered, placed
from reports.flow.worded import label, money_flow_report
from reports.model import Report
from reports.render import render

D = Decimal
CHART = """
2025-12-01 custom "entity" "Acme" "llc"
2025-12-01 custom "entity" "Harbor" "llc"
2025-12-01 custom "entity" "Jane" "person"
""" + "\n".join(
    f"""
2025-12-01 open Assets:{e}:Bank
  role: "bank"
2025-12-01 open Liabilities:{e}:Card
  role: "card"
2025-12-01 open Assets:{e}:Savings
2025-12-01 open Income:{e}:Sales
2025-12-01 open Expenses:{e}:Rent
2025-12-01 open Expenses:{e}:Tax"""
    for e in ("Acme", "Harbor", "Jane")
)
PAIRS = "".join(
    f"""
2025-12-01 open Assets:{one}:DueFrom:{other}
  role: "due-from"
  counterparty: "{other}"
"""
    for one in ("Acme", "Harbor", "Jane")
    for other in ("Acme", "Harbor", "Jane")
    if one != other
)
SALE = """
2026-01-02 * "Customer" "Gross of tax and fee, in one entry of four legs"
  Assets:Acme:Bank    900.00 USD
  Expenses:Acme:Tax    80.00 USD
  Expenses:Acme:Rent   20.00 USD
  Income:Acme:Sales
"""


def books(text: str) -> Books:
    entries, errors, options = loader.load_string(f"{CHART}\n{PAIRS}\n{text}")
    assert not errors, errors
    return Books.of(entries, options)


def flow(text: str, *entities: str, period: str = "2026") -> Money:
    return money_flow(books(text), entities or ("Acme",), parse_period(period))


def told(money: Money) -> dict[tuple[str, str], Decimal]:
    return {(label(a.source), label(a.target)): a.amount for a in money.graph.links}


def paid(giver: str, taker: str, amount: str, day: str = "2026-02-01") -> str:
    """A pair: the giver is owed by the taker, in both books."""
    return f"""
{day} * "To {taker}"
  Assets:{giver}:Bank  -{amount} USD
  Assets:{giver}:DueFrom:{taker}
{day} * "From {giver}"
  Assets:{taker}:Bank  {amount} USD
  Assets:{taker}:DueFrom:{giver}
"""


def test_an_entry_of_four_legs_is_not_split() -> None:
    money = flow(SALE)
    assert told(money) == {
        ("Sales", "Acme"): 1000,
        ("Acme", "Tax"): 80,
        ("Acme", "Rent"): 20,
    }
    assert money.graph.kept[Node(ENTITY, "Acme", "Acme")] == money.gained["Acme"] == 900


def test_a_purchase_by_card_is_money_out_and_its_payment_is_nothing() -> None:
    bought = """
2026-01-05 * "Rent by card"
  Expenses:Acme:Rent  50.00 USD
  Liabilities:Acme:Card
2026-01-20 * "Card paid"
  Liabilities:Acme:Card  50.00 USD
  Assets:Acme:Bank
"""
    money = flow(bought)
    assert told(money) == {("Acme", "Rent"): 50}
    assert money.gained["Acme"] == -50


def test_what_moves_no_money_is_left_out_and_a_refund_lowers_what_was_spent() -> None:
    rest = """
2026-01-05 * "Rent"
  Expenses:Acme:Rent  50.00 USD
  Assets:Acme:Bank
2026-01-06 * "Some of it back"
  Assets:Acme:Bank  20.00 USD
  Expenses:Acme:Rent
2026-01-07 * "An accrual"
  Expenses:Acme:Tax  70.00 USD
  Assets:Acme:Savings
"""
    assert told(flow(rest)) == {("Acme", "Rent"): 30}


def test_a_crossing_is_one_band_of_both_books() -> None:
    money = flow(SALE + paid("Acme", "Jane", "300.00"), "Acme", "Jane")
    (link,) = (link for link in money.graph.links if link.target.name == "Jane")
    assert (link.amount, link.crosses) == (300, True)
    alone = flow(SALE + paid("Acme", "Jane", "300.00"), "Jane")
    assert told(alone) == {("Acme", "Jane"): 300}


def test_what_the_other_books_do_not_have_is_outside() -> None:
    half = paid("Acme", "Jane", "300.00").split('2026-02-01 * "From')[0]
    money = flow(SALE + half, "Acme", "Jane")
    assert told(money)["Acme", "Jane, not in its books"] == 300
    assert money.graph.kept[Node(ENTITY, "Jane", "Jane")] == 0


def test_an_expense_on_behalf_is_spent_by_whom_it_was_for() -> None:
    behalf = """
2026-03-01 * "Jane pays Acme's rent"
  transfer: "expense-on-behalf"
  counterparty: "Acme"
  Assets:Jane:DueFrom:Acme  40.00 USD
  Assets:Jane:Bank
2026-03-01 * "Owed to Jane"
  transfer: "expense-on-behalf"
  counterparty: "Jane"
  Expenses:Acme:Rent  40.00 USD
  Assets:Acme:DueFrom:Jane
"""
    assert told(flow(behalf, "Acme", "Jane")) == {("Jane", "Acme"): 40, ("Acme", "Rent"): 40}


def test_what_goes_back_and_forth_or_round_is_netted_and_said() -> None:
    both = paid("Acme", "Jane", "300.00") + paid("Jane", "Acme", "100.00")
    money = flow(both, "Acme", "Jane")
    assert told(money) == {("Acme", "Jane"): 200}
    assert money.graph.netted == (Netted(("Acme", "Jane"), D("100.00")),)
    ring = (
        paid("Acme", "Harbor", "50.00")
        + paid("Harbor", "Jane", "70.00")
        + paid("Jane", "Acme", "60.00")
    )
    round_ = flow(ring, "Acme", "Harbor", "Jane")
    assert round_.graph.netted == (Netted(("Acme", "Harbor", "Jane"), D("50.00")),)
    assert told(round_) == {("Harbor", "Jane"): 20, ("Jane", "Acme"): 10}
    said = money_flow_report(books(ring), ["Acme", "Harbor", "Jane"], parse_period("2026"), "Group")
    assert any("Acme → Harbor → Jane → Acme, 50.00 USD went round" in n for n in said.notes)


def test_one_entry_in_two_books_crosses_too() -> None:
    mixed = """
2026-01-05 * "Acme pays Jane's rent, and nobody owes anything"
  Expenses:Jane:Rent  90.00 USD
  Assets:Acme:Bank
"""
    assert told(flow(mixed, "Acme", "Jane")) == {("Acme", "Jane"): 90, ("Jane", "Rent"): 90}


BUDGET = """
2026-01-01 custom "bud-config" "Acme" "envelope" "USD"
2026-01-01 custom "bud-account" Assets:Acme:Bank "cash"
2026-01-01 custom "bud-account" Liabilities:Acme:Card "credit"
2026-01-01 custom "bud-envelope" "Acme" "Home" Expenses:Acme:Rent Expenses:Acme:Tax "rollover"
2026-01-01 custom "bud-assign" "Acme" "Home" "2026-01" 250.00 USD
"""


def test_envelopes_stand_between_and_keep_what_they_did_not_spend() -> None:
    money = flow(SALE + BUDGET, period="2026-01")
    assert told(money) == {
        ("Sales", "Acme"): 1000,
        ("Acme", "Home (envelope)"): 250,
        ("Home (envelope)", "Tax"): 80,
        ("Home (envelope)", "Rent"): 20,
    }
    assert {node.name: kept for node, kept in money.graph.kept.items()} == {
        "Acme": 750,
        "Home": 150,
    }
    assert sum(money.graph.kept.values()) == money.gained["Acme"]


def test_a_budget_that_begins_within_the_period_counts_what_was_spent_before() -> None:
    before = '2025-12-05 * "Rent"\n  Expenses:Acme:Rent  400.00 USD\n  Assets:Acme:Bank\n'
    report = money_flow_report(
        books(SALE + BUDGET + before), ["Acme"], parse_period("FY2026", "11-30")
    )
    assert not report.failed
    whole = books(SALE + BUDGET + before)
    period = parse_period("2026")
    longer = type(period)("both", dt.date(2025, 12, 1), period.last)
    money = money_flow(whole, ["Acme"], longer)
    assert told(money)["Acme", "Home (envelope)"] == 500
    assert any("begins within the period" in each for each in money.remarks)


ACCOUNTS = [
    f"{kind.replace('*', entity)}"
    for entity in ("Acme", "Harbor", "Jane")
    for kind in (
        "Assets:*:Bank",
        "Liabilities:*:Card",
        "Assets:*:Savings",
        "Income:*:Sales",
        "Expenses:*:Rent",
        "Expenses:*:Tax",
    )
] + ["Assets:Acme:DueFrom:Jane", "Assets:Jane:DueFrom:Acme", "Assets:Harbor:DueFrom:Jane"]
ENTRIES = st.lists(
    st.tuples(
        st.dates(dt.date(2026, 1, 1), dt.date(2026, 4, 30)),
        st.lists(
            st.tuples(st.sampled_from(ACCOUNTS), st.integers(-99999, 99999)),
            min_size=1,
            max_size=4,
        ),
        st.sampled_from(ACCOUNTS),
    ),
    max_size=12,
)


def journal(entries: list) -> str:
    text = ""
    for day, legs, last in entries:
        body = "".join(f"  {account}  {D(cents) / 100} USD\n" for account, cents in legs)
        text += f'{day} * "x"\n{body}  {last}  {-D(sum(c for _, c in legs)) / 100} USD\n'
    return text


@given(ENTRIES, st.booleans(), st.sampled_from(["2026", "2026-Q1", "2026-02"]))
def test_at_every_node_what_comes_in_goes_out_or_is_kept(
    entries: list, has_budget: bool, period: str
) -> None:
    loaded = books((BUDGET if has_budget else "") + journal(entries))
    for names in (["Acme"], ["Jane", "Harbor"], ["Acme", "Harbor", "Jane"]):
        report = money_flow_report(loaded, names, parse_period(period), "x")
        assert not report.failed, report.identities
        money = money_flow(loaded, names, parse_period(period))
        for node in money.graph.hubs:
            assert money.graph.gap(node) == 0
        assert all(link.amount > 0 for link in money.graph.links)
        for name in names:
            kept = sum(n for node, n in money.graph.kept.items() if node.entity == name)
            assert kept == money.gained[name]
        assert isinstance(report.chart, Sankey)
        inside(report.chart.bands)


def inside(bands: tuple[Band, ...]) -> None:
    """Every band of a drawing leads to the right, and no bar stands on another."""
    shown = gathered(bands)
    places, height = placed(shown)
    for band in shown:
        assert places[band.source].column < places[band.target].column
    for one, place in places.items():
        assert 0 <= place.top < place.top + place.height <= height
        for other, there in places.items():
            if one != other and place.column == there.column:
                apart = place.top >= there.top + there.height
                assert apart or there.top >= place.top + place.height


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 9)).filter(
            lambda t: t[0] != t[1]
        ),
        max_size=14,
    )
)
def test_netting_takes_out_rounds_and_changes_nobodys_difference(flows: list) -> None:
    nodes = [Node(ENTITY, str(n), str(n)) for n in range(6)]
    sums: dict = {}
    for a, b, amount in flows:
        sums[nodes[a], nodes[b]] = sums.get((nodes[a], nodes[b]), D(0)) + amount
    found = graph(sums, {})
    for node in nodes:
        before = sum(n for (a, _), n in sums.items() if a == node)
        before -= sum(n for (_, b), n in sums.items() if b == node)
        after = sum(link.amount for link in found.out_of(node))
        assert after - sum(link.amount for link in found.into(node)) == before
    assert not graph({(k.source, k.target): k.amount for k in found.links}, {}).netted


def test_small_bars_are_gathered_and_those_of_two_directions_never_together() -> None:
    hub = Bar("Acme")
    bands = [Band(Bar("Sales", "Other"), hub, D(1000)), Band(hub, Bar("Rent", "Other"), D(990))]
    bands += [Band(hub, Bar(f"out {n}", "Other"), D(1)) for n in range(3)]
    bands += [Band(Bar(f"in {n}", "Other"), hub, D(1)) for n in range(2)]
    labels = {(band.source.label, band.target.label): band.amount for band in gathered(bands)}
    assert labels["Acme", "Other (3)"] == 3
    assert labels["Other (2)", "Acme"] == 2
    inside(tuple(bands))


def report() -> Report:
    return money_flow_report(books(SALE + BUDGET), ["Acme"], parse_period("2026-01"))


def test_the_page_says_in_words_what_it_draws() -> None:
    page = render(report(), "html")
    desc = re.search(r'<desc id="flow-desc">([^<]*)', page)
    assert desc is not None
    assert "Sales to Acme 1,000.00" in desc[1]
    assert "Its legs are not paired" in page
    assert page.count("<path") == 6  # four flows, and two that are kept


def test_every_form_has_the_rule_and_the_figures() -> None:
    said = json.loads(render(report(), "json"))
    assert said["notes"][0].startswith("An entry counts where it moves money")
    home = next(row for row in said["rows"] if row["label"] == "to Home (envelope)")
    assert home["amounts"] == [None, "250.00", None]
    for text in (render(report(), "md"), as_text(report()), render(report(), "csv")):
        assert "Its legs are not paired" in text.replace("\n", " ")
        assert "Home (envelope)" in text


def test_names_are_text_and_never_markup() -> None:
    bad = Bar('<script>"x"')
    assert "<script>" not in drawn(Sankey("<b>", (Band(bad, Bar("y"), D(1)),)))


def test_an_empty_period_is_no_fault() -> None:
    empty = money_flow_report(books(SALE), ["Acme"], parse_period("2025"))
    assert not empty.failed
    assert "Nothing flowed" in render(empty, "html")
