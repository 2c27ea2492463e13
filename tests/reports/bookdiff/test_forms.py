"""The four forms: their shape as golden files, and books that try to break out of them."""

import json
import os
import re
from pathlib import Path

import pytest
from ledger_pairs import LEDGER, RENT, diffed, edited

from reports.bookdiff.markdown import MOST, code
from reports.bookdiff.model import BookDiff
from reports.bookdiff.render import render

GOLDEN = Path(__file__).parent / "golden"
ADDED = """\
2026-03-08 * "Grocer" "Week 10"
  Expenses:Food  41.50 USD
  Liabilities:Card
"""
NEW = (
    edited(
        (RENT, ""),
        ("-20.00 USD", "-22.00 USD"),
        ("Food  20.00", "Food  22.00"),
        ("2026-02-25", "2026-02-26"),
        ("price HOOL 25", "price HOOL 27"),
        ("Expenses:Rent", "Expenses:Home"),
    )
    + ADDED
    + "2026-03-31 balance Liabilities:Card  -1.00 USD\n"
)


@pytest.fixture
def diff(tmp_path, monkeypatch) -> BookDiff:
    monkeypatch.chdir(tmp_path)
    return diffed(Path(), LEDGER, NEW)


@pytest.mark.parametrize("form", ["text", "md", "json", "html"])
def test_each_form_is_the_golden_one(diff, form) -> None:
    said = render(diff, form)
    path = GOLDEN / f"household.{form}"
    if os.environ.get("BOOKS_UPDATE_GOLDEN"):
        path.write_text(said)
    assert said == path.read_text()


def test_markdown_begins_with_four_lines(diff) -> None:
    lines = render(diff, "md").split("\n\n")[0].split("\n")
    assert len(lines) == 4
    assert lines[0].startswith("**The books change")


def test_json_has_what_is_documented(diff) -> None:
    said = json.loads(render(diff, "json"))
    assert said["financial_change"] is True
    assert said["totals"][""]["2026-03"]["liabilities"] == "43.50"
    assert {t["kind"] for t in said["transactions"]} == {"added", "removed", "changed", "moved"}
    wanted = {"kind", "entity", "payee", "date_base", "date_head", "fields"}
    assert all(wanted <= set(t) for t in said["transactions"])
    assert said["findings"]["cured"] == []
    assert [f["code"] for f in said["findings"]["new"]] == ["BC-BALANCE"]
    docs = (Path(__file__).parents[3] / "docs/review.md").read_text()
    keys = {*said, *said["transactions"][0], *said["directives"][0]}
    assert [key for key in sorted(keys) if f"`{key}`" not in docs] == []


def test_several_currencies_are_an_object(tmp_path) -> None:
    swap = '2026-03-01 * "Change"\n  Assets:Broker  10 EUR @ 1.10 USD\n  Assets:Bank  -11 USD\n'
    said = json.loads(render(diffed(tmp_path, LEDGER, LEDGER + swap), "json"))
    assert said["totals"][""]["2026-03"]["assets"] == {"EUR": "10.00", "USD": "-11.00"}


HOSTILE = [
    "`code` ``` fence",
    "| pipe | table |",
    "@octocat and #12",
    "[link](https://example.org) ![image](https://example.org/x.png)",
    "</details><script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{7*7}} {% raw %}",
    "https://example.org www.example.org",
    "=HYPERLINK(1)",
    "`",
]


@pytest.mark.parametrize("payee", HOSTILE)
def test_a_payee_does_not_leave_its_code_span(tmp_path, payee) -> None:
    said = render(diffed(tmp_path, LEDGER, edited(("Landlord", payee))), "md")
    assert code(payee.strip()) in said or payee in said
    outside = re.sub(r"(?s)(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", said)
    outside = re.sub(r"</?(details|summary)>", "", outside)
    assert not re.search(r"[@\[\]<>`|{}]|https?:|www\.", outside), outside


@pytest.mark.parametrize("payee", HOSTILE)
def test_a_payee_is_text_on_the_page(tmp_path, payee) -> None:
    said = render(diffed(tmp_path, LEDGER, edited(("Landlord", payee))), "html")
    assert "<script" not in said
    assert "<img" not in said
    assert "49" not in said


CONTROL = [
    "\x1b[31mred\x1b[0m",
    "bell\x07",
    "\u202eright to left",
    "\u2066isolated\u2069",
    "zero\u200bwidth",
]


@pytest.mark.parametrize("payee", CONTROL, ids=ascii)
@pytest.mark.parametrize("form", ["text", "md", "html"])
def test_what_acts_on_a_terminal_or_a_reader_is_shown_as_a_mark(diff, payee, form) -> None:
    """The lint refuses such books; a label or a finding may still bring it."""
    from dataclasses import replace

    said = render(replace(diff, base=payee, notes=(payee,), renames={payee: payee}), form)
    assert all(c.isprintable() or c == "\n" for c in said)
    assert "�" in said


def test_markdown_is_never_longer_than_a_comment(tmp_path) -> None:
    rows = [
        f'2026-03-01 * "{"p" * 150}{i}" "{"n" * 150}"\n  Expenses:Food  {i}.00 USD\n  Assets:Bank\n'
        for i in range(1, 25)
    ]
    opens = [f"2026-01-01 open Expenses:{'A' * 150}{i}\n" for i in range(400)]
    posted = [
        f'2026-02-0{1 + i % 9} * "x" "{"y" * 200}"\n'
        f"  Expenses:{'A' * 150}{i}  1 USD\n  Assets:Bank\n"
        for i in range(400)
    ]
    said = render(diffed(tmp_path, LEDGER, LEDGER + "\n".join((*opens, *rows, *posted))), "md")
    assert len(said) <= MOST
    assert said.count("<details>") == said.count("</details>")
