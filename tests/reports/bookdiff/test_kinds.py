"""What each kind of edit is called, and what it does to the figures."""

from decimal import Decimal

import pytest
from ledger_pairs import (
    ALL,
    DINNER,
    LEDGER,
    LUNCH,
    OPENING,
    OPENINGS,
    PAY,
    PRICE,
    RENT,
    SHARES,
    diffed,
    edited,
    kinds,
    total,
    written,
)

from core.journal.sides import sides
from reports.bookdiff.model import compare
from scripts.books import check

NOTHING = {
    "a reformat": LEDGER.replace("  10.00 USD", "      10.00   USD").replace("500.00", "500.0"),
    "a re-sort": "\n".join((OPENINGS, PRICE, DINNER, SHARES, PAY, RENT, LUNCH, OPENING)),
    "postings in another order": edited(
        (
            "  Expenses:Rent  500.00 USD\n  Assets:Bank  -500.00 USD",
            "  Assets:Bank  -500.00 USD\n  Expenses:Rent  500.00 USD",
        )
    ),
    "an amount left out": edited(("  Assets:Bank  -10.00 USD", "  Assets:Bank")),
    "comments": "; the household\n" + edited(("2026-02-01", "; rent\n2026-02-01")),
    "a total for a price of one": edited(("{20.00 USD}", "{{200.00 USD}}")),
    "tags and links in another order": edited(("#out ^trip", "^trip #out")),
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING.keys())
def test_layout_is_no_change(tmp_path, text) -> None:
    diff = diffed(tmp_path, LEDGER, text)
    assert not diff.financial_change
    assert not diff.differs
    assert not diff.changes


def test_a_move_to_another_file_is_no_change(tmp_path) -> None:
    written(tmp_path, "new/2026/rent.beancount", RENT)
    diff = diffed(tmp_path, LEDGER, edited((RENT, 'include "2026/*.beancount"\n')))
    assert not diff.differs


def test_a_consistent_rename_is_named_and_no_financial_change(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, LEDGER.replace("Expenses:Food", "Expenses:Eating:Out"))
    assert diff.renames == {"Expenses:Food": "Expenses:Eating:Out"}
    assert not diff.financial_change
    assert not diff.changes
    assert not diff.directives
    assert diff.differs


GERMAN = {
    "Assets": "Aktiva",
    "Liabilities": "Schulden",
    "Equity": "Kapital",
    "Income": "Ertrag",
    "Expenses": "Aufwand",
}


def in_german(text: str) -> str:
    options = ""
    for english, german in GERMAN.items():
        options += f'option "name_{english.lower()}" "{german}"\n'
        text = text.replace(f"{english}:", f"{german}:")
    return options + text


def test_other_names_of_the_five_kinds_are_a_rename(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, in_german(LEDGER))
    assert diff.renames["Expenses:Food"] == "Aufwand:Food"
    assert len(diff.renames) == 7
    assert not diff.financial_change
    assert not diff.changes


def test_an_amount_beside_other_names_of_the_five_kinds(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, in_german(LEDGER.replace("10.00 USD", "12.00 USD")))
    assert kinds(diff) == [("changed", ["amount"])]
    assert total(diff, "2026-01", "expenses") == 2
    assert total(diff, "2026-01", "assets") == -2
    assert total(diff, "2026-01", "equity") == 0


def test_an_account_of_another_kind_is_no_rename(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, LEDGER.replace("Liabilities:Card", "Equity:Card"))
    assert not diff.renames
    assert total(diff, "2026-03", "liabilities") == -20
    assert total(diff, "2026-03", "equity") == 20


def test_two_renames_at_once(tmp_path) -> None:
    text = LEDGER.replace("Expenses:Food", "Expenses:Eat").replace("Assets:Bank", "Assets:Checking")
    diff = diffed(tmp_path, LEDGER, text)
    assert diff.renames == {"Assets:Bank": "Assets:Checking", "Expenses:Food": "Expenses:Eat"}
    assert not diff.financial_change


def test_a_rename_and_one_change(tmp_path) -> None:
    text = LEDGER.replace("Assets:Bank", "Assets:Checking").replace("500.00", "510.00")
    diff = diffed(tmp_path, LEDGER, text)
    assert diff.renames == {"Assets:Bank": "Assets:Checking"}
    assert kinds(diff) == [("changed", ["amount"])]
    assert total(diff, "2026-02", "expenses") == Decimal(10)


def test_accounts_without_postings_are_renamed_by_their_open_directives(tmp_path) -> None:
    old = LEDGER + '2026-01-01 open Expenses:Car:Fuel\n  tax: "car"\n'
    diff = diffed(tmp_path, old, old.replace("Expenses:Car:Fuel", "Expenses:Auto:Fuel"))
    assert diff.renames == {"Expenses:Car:Fuel": "Expenses:Auto:Fuel"}


def test_merged_accounts_are_no_rename(tmp_path) -> None:
    text = LEDGER.replace("2026-01-01 open Expenses:Rent\n", "")
    text = text.replace("Expenses:Rent", "Expenses:Living").replace(
        "Expenses:Food", "Expenses:Living"
    )
    diff = diffed(tmp_path, LEDGER, text)
    assert diff.renames == {}
    assert kinds(diff) == [("moved", ["account"])] * 3
    assert diff.financial_change
    assert not diff.figures.totals  # nothing but the accounts behind the totals


def test_swapped_accounts_are_no_rename(tmp_path) -> None:
    text = LEDGER.replace("Expenses:Rent", "X").replace("Expenses:Food", "Expenses:Rent")
    diff = diffed(tmp_path, LEDGER, text.replace("X", "Expenses:Food"))
    assert diff.renames == {}
    assert kinds(diff) == [("moved", ["account"])] * 3


def test_a_split_account_is_no_rename(tmp_path) -> None:
    text = LEDGER.replace(
        "open Expenses:Food", "open Expenses:Lunch\n2026-01-01 open Expenses:Dinner"
    )
    text = text.replace("Expenses:Food  10", "Expenses:Lunch  10")
    diff = diffed(tmp_path, LEDGER, text.replace("Expenses:Food", "Expenses:Dinner"))
    assert diff.renames == {}


def test_a_new_name_in_another_root_is_no_rename(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, LEDGER.replace("Expenses:Rent", "Assets:Deposit"))
    assert diff.renames == {}
    assert total(diff, "2026-02", "assets") == Decimal(500)
    assert total(diff, "2026-02", "expenses") == Decimal(-500)


FIELDS = {
    "date": (("2026-02-01", "2026-02-03"), "moved", ["date"]),
    "payee": (('"Landlord"', '"The landlord"'), "changed", ["payee"]),
    "narration": (("Rent, February", "Rent of February"), "changed", ["narration"]),
    "tags": (("#out", "#away"), "changed", ["tags"]),
    "links": (("^trip", "^journey"), "changed", ["links"]),
    "flag": (('* "Landlord"', '! "Landlord"'), "changed", ["flag"]),
    "metadata": (("Salem", "Bend"), "changed", ["metadata"]),
    "posting metadata": (
        ("  Expenses:Rent  500.00 USD", '  Expenses:Rent  500.00 USD\n    why: "home"'),
        "changed",
        ["metadata"],
    ),
    "account": (("Expenses:Rent  500", "Expenses:Food  500"), "moved", ["account"]),
    "cost": (("{20.00 USD}", '{20.00 USD, "lot"}'), "changed", ["cost"]),
    "a day and words": (
        ('2026-02-01 * "Landlord"', '2026-02-02 * "Lessor"'),
        "changed",
        ["date", "payee"],
    ),
    "split": (
        ("  Expenses:Rent  500.00 USD", "  Expenses:Rent  400.00 USD\n  Expenses:Food  100.00 USD"),
        "changed",
        ["amount", "postings"],
    ),
}


@pytest.mark.parametrize(("edit", "kind", "fields"), FIELDS.values(), ids=FIELDS.keys())
def test_the_field_is_named(tmp_path, edit, kind, fields) -> None:
    assert kinds(diffed(tmp_path, LEDGER, edited(edit))) == [(kind, fields)]


@pytest.mark.parametrize("name", ["payee", "narration", "tags", "links", "flag", "metadata"])
def test_words_are_no_financial_change(tmp_path, name) -> None:
    diff = diffed(tmp_path, LEDGER, edited(FIELDS[name][0]))
    assert not diff.financial_change
    assert diff.differs
    assert not diff.figures.totals


def test_a_changed_amount_persists_on_the_balance_sheet(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, LEDGER.replace("500.00", "520.00"))
    assert kinds(diff) == [("changed", ["amount"])]
    assert diff.figures.totals[""] == {
        "2026-02": {
            "assets": {"USD": Decimal(-20)},
            "assets_market_value": {"USD": Decimal(-20)},
            "expenses": {"USD": Decimal(20)},
            "net_income": {"USD": Decimal(-20)},
        },
        "2026-03": {
            "assets": {"USD": Decimal(-20)},
            "assets_market_value": {"USD": Decimal(-20)},
        },
    }


def test_liabilities_and_revenue_grow_positive(tmp_path) -> None:
    diff = diffed(
        tmp_path,
        LEDGER,
        LEDGER.replace("20.00 USD\n  Liabilities:Card  -20", "30.00 USD\n  Liabilities:Card  -30"),
    )
    assert total(diff, "2026-03", "liabilities") == Decimal(10)
    diff = diffed(tmp_path, LEDGER, LEDGER.replace("900.00", "950.00"))
    assert total(diff, "2026-02", "revenue") == Decimal(50)


def test_a_day_in_the_same_month_changes_the_books_and_no_total(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, edited(FIELDS["date"][0]))
    assert diff.financial_change
    assert not diff.figures.totals


def test_a_move_into_another_month_moves_the_flow(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, edited(("2026-02-01", "2026-01-31")))
    assert kinds(diff) == [("moved", ["date"])]
    assert total(diff, "2026-01", "expenses") == Decimal(500)
    assert total(diff, "2026-02", "expenses") == Decimal(-500)
    assert total(diff, "2026-02", "assets") == Decimal(0)


def test_added_and_removed(tmp_path) -> None:
    without = LEDGER.replace(RENT, "")
    assert kinds(diffed(tmp_path / "a", without, LEDGER)) == [("added", [])]
    assert kinds(diffed(tmp_path / "b", LEDGER, without)) == [("removed", [])]


def test_of_twins_one_is_removed(tmp_path) -> None:
    assert kinds(diffed(tmp_path, LEDGER + LUNCH + LUNCH, LEDGER + LUNCH)) == [("removed", [])]


def test_what_is_unlike_is_removed_and_added(tmp_path) -> None:
    other = '2026-02-02 * "Zoo" "Giraffes"\n  Expenses:Food  7.00 USD\n  Liabilities:Card\n'
    assert kinds(diffed(tmp_path, LEDGER, edited((RENT, other)))) == [
        ("removed", []),
        ("added", []),
    ]


def test_another_week_in_the_same_shop_is_another_purchase(tmp_path) -> None:
    row = '2026-03-{:02} * "Grocer" "Food"\n  Expenses:Food  {}.00 USD\n  Assets:Bank\n'
    diff = diffed(tmp_path, LEDGER + row.format(10, 30), LEDGER + row.format(17, 44))
    assert kinds(diff) == [("removed", []), ("added", [])]
    near = diffed(tmp_path, LEDGER + row.format(10, 30), LEDGER + row.format(11, 44))
    assert kinds(near) == [("changed", ["date", "amount"])]


def test_the_id_of_a_bank_line_decides_before_likeness(tmp_path) -> None:
    line = '2026-03-0{d} * "{p}"\n  Assets:Bank  -{n}.00 USD\n    id: "{i}"\n  Expenses:Food\n'
    old = LEDGER + line.format(d=1, p="One", n=5, i="a") + line.format(d=2, p="Two", n=6, i="b")
    new = LEDGER + line.format(d=2, p="Two", n=6, i="a") + line.format(d=1, p="One", n=5, i="b")
    diff = diffed(tmp_path, old, new)
    ids = [[c.base.legs[0].meta, c.head.legs[0].meta] for c in diff.changes]
    assert all(before == after for before, after in ids)
    assert {c.kind for c in diff.changes} == {"changed"}


def test_three_thousand_rows_are_a_table_of_sums(tmp_path) -> None:
    from reports.bookdiff.render import render

    row = '2026-{m:02}-{d:02} * "Shop {i}"\n  Expenses:Food  1.00 USD\n  Assets:Bank\n'
    rows = [row.format(i=i, m=1 + i % 3, d=1 + i % 28) for i in range(3000)]
    diff = diffed(tmp_path, LEDGER, LEDGER + "\n".join(rows))
    assert len(diff.changes) == 3000
    text = render(diff, "text")
    assert "3,000 × Expenses:Food, 2026-01-01 to 2026-03-28: +3,000.00 USD" in text
    assert len(text.splitlines()) < 40
    assert len(render(diff, "md")) < 4_000
    assert len(render(diff, "html")) < 60_000


def test_a_price_changes_market_value_only(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, edited(("price HOOL 25.00", "price HOOL 26.00")))
    assert diff.figures.totals == {"": {"2026-03": {"assets_market_value": {"USD": Decimal(10)}}}}
    assert diff.financial_change
    assert not diff.changes
    assert [(c.kind, c.directive.kind) for c in diff.directives] == [("changed", "price")]


def test_a_price_of_what_nobody_holds_changes_nothing(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, LEDGER + "2026-03-31 price EUR 1.10 USD\n")
    assert not diff.financial_change
    assert [c.kind for c in diff.directives] == ["added"]


def test_shares_bought_count_at_cost_and_at_market(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER.replace(SHARES, ""), LEDGER)
    assert total(diff, "2026-02", "assets") == Decimal(0)
    assert total(diff, "2026-03", "assets_market_value") == Decimal(50)


def test_money_without_a_price_stays_in_its_currency(tmp_path) -> None:
    swap = (
        '2026-03-01 * "Change"\n  Assets:Broker  10.00 EUR @ 1.10 USD\n  Assets:Bank  -11.00 USD\n'
    )
    diff = diffed(tmp_path, LEDGER, LEDGER + swap)
    assert diff.figures.totals[""]["2026-03"]["assets"] == {"EUR": Decimal(10), "USD": Decimal(-11)}


DIRECTIVES = {
    "document": '2026-01-05 document Assets:Bank "slip.txt"\n',
    "note": '2026-01-05 note Assets:Bank "called them"\n',
    "custom": '2026-01-05 custom "bud-assign" "Jane" "Food" 100.00 USD\n',
    "event": '2026-01-05 event "location" "Salem"\n',
    "query": '2026-01-05 query "cash" "SELECT account"\n',
    "commodity": "2026-01-05 commodity EUR\n",
    "open": "2026-01-05 open Expenses:Other\n",
    "balance": "2026-01-05 balance Assets:Bank  1000.00 USD\n",
}


@pytest.mark.parametrize(("kind", "text"), DIRECTIVES.items(), ids=DIRECTIVES.keys())
def test_another_directive_is_listed_and_no_financial_change(tmp_path, kind, text) -> None:
    written(tmp_path, "new/slip.txt", "paid")
    diff = diffed(tmp_path, LEDGER, LEDGER + text)
    assert [(c.kind, c.directive.kind) for c in diff.directives] == [("added", kind)]
    assert not diff.financial_change


def test_the_metadata_of_an_open_directive_is_a_change_of_it(tmp_path) -> None:
    new = edited(("open Expenses:Rent\n", 'open Expenses:Rent\n  tax: "rent"\n'))
    diff = diffed(tmp_path, LEDGER, new)
    assert [(c.kind, c.directive.account) for c in diff.directives] == [
        ("changed", "Expenses:Rent")
    ]


def test_an_option_is_listed(tmp_path) -> None:
    diff = diffed(tmp_path, LEDGER, edited(("A household", "Our household")))
    assert [(o.name, o.base, o.head) for o in diff.options] == [
        ("title", "A household", "Our household")
    ]
    assert not diff.financial_change
    assert diff.differs


def test_what_a_pad_inserts_counts(tmp_path) -> None:
    pad = "2026-01-03 pad Assets:Bank Equity:Opening\n2026-01-04 balance Assets:Bank  {}.00 USD\n"
    diff = diffed(tmp_path, LEDGER + pad.format(1100), LEDGER + pad.format(1200))
    assert total(diff, "2026-01", "assets") == Decimal(100)
    assert [c.txn.txn.flag for c in diff.changes] == ["P"]


def test_a_finding_is_new_or_cured(tmp_path) -> None:
    wrong = LEDGER + "2026-01-05 balance Assets:Bank  7.00 USD\n"
    diff = diffed(tmp_path / "a", LEDGER, wrong)
    assert [f.code for f in diff.new] == ["BC-BALANCE"]
    assert not diff.cured
    diff = diffed(tmp_path / "b", wrong, LEDGER)
    assert [f.code for f in diff.cured] == ["BC-BALANCE"]
    assert not diff.new


def test_a_finding_of_a_renamed_account_is_neither_new_nor_cured(tmp_path) -> None:
    wrong = LEDGER + "2026-01-05 balance Assets:Bank  7.00 USD\n"
    diff = diffed(tmp_path, wrong, wrong.replace("Assets:Bank", "Assets:Checking"))
    assert diff.renames
    assert (diff.new, diff.cured) == ((), ())


def test_a_plugin_that_is_not_ours_is_not_run_and_said(tmp_path) -> None:
    ran = tmp_path / "ran"
    written(tmp_path, "old/evil.py", f"open({str(ran)!r}, 'w')\n__plugins__ = ()\n")
    written(tmp_path, "new/evil.py", f"open({str(ran)!r}, 'w')\n__plugins__ = ()\n")
    text = 'plugin "evil"\n' + LEDGER
    diff = diffed(tmp_path, text, text.replace("500.00", "501.00"))
    assert not ran.exists()
    assert any("the plugin evil was not run" in note for note in diff.notes)
    assert total(diff, "2026-02", "expenses") == Decimal(1)


def test_renamed_roots_are_what_the_options_call_them(tmp_path) -> None:
    old = 'option "name_income" "Revenue"\n' + LEDGER.replace("Income:", "Revenue:")
    diff = diffed(tmp_path, old, old.replace("900.00", "950.00"))
    assert total(diff, "2026-02", "revenue") == Decimal(50)


def test_a_ledger_without_an_operating_currency_is_in_what_it_posts(tmp_path) -> None:
    old = edited(('option "operating_currency" "USD"\n', ""))
    diff = diffed(tmp_path, old, old.replace("500.00", "510.00"))
    assert diff.figures.currency == {"": "USD"}


def test_two_root_files_of_one_folder(tmp_path) -> None:
    written(tmp_path, "a.beancount", LEDGER)
    written(tmp_path, "b.beancount", LEDGER.replace("500.00", "501.00"))
    pair = sides(str(tmp_path / "a.beancount"), str(tmp_path / "b.beancount"), tmp_path)
    assert kinds(compare(*pair, check)) == [("changed", ["amount"])]


def test_the_ledger_is_sound(tmp_path) -> None:
    """The near miss of all of the above: the pair's own ledger has no finding of Beancount's."""
    diff = diffed(tmp_path, LEDGER, "\n".join(ALL))
    assert not diff.differs
