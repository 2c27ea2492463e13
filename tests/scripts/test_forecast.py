"""``books forecast``: the answer in one sentence, every form, the exit status of a short day."""

import json
from pathlib import Path

import pytest

from scripts.main import main

BOOKS = """
2026-01-01 custom "entity" "Ops" "llc"
  legal-name: "Ops LLC"
2026-01-01 custom "entity" "Jane" "person"
2026-01-01 open Assets:Ops:Bank USD
  role: "bank"
2026-01-01 open Assets:Jane:Bank USD
  role: "bank"
2026-01-01 open Expenses:Ops:Rent
2026-01-01 open Equity:Ops:OpeningBalances
2026-01-01 open Equity:Jane:OpeningBalances
2026-01-01 * "Opening"
  Assets:Ops:Bank  1000.00 USD
  Equity:Ops:OpeningBalances
2026-01-01 * "Opening"
  Assets:Jane:Bank  1.00 USD
  Equity:Jane:OpeningBalances
2026-01-10 custom "recurring" "Ops" "Landlord" 400.00 USD
  account: Expenses:Ops:Rent
"""


def run(capsys: pytest.CaptureFixture[str], *args: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["forecast", *args])
    said = capsys.readouterr()
    assert ended.value.code == code, said.out + said.err
    return said.out + said.err


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "ops.beancount"
    path.write_text(BOOKS)
    return str(path)


def test_the_first_short_day_is_said_and_is_the_exit_status(
    capsys: pytest.CaptureFixture[str], file: str
) -> None:
    said = run(capsys, "--file", file, "-e", "ops", code=1)
    assert "Ops goes below zero on 2026-03-10: (200.00) USD is left that evening." in said
    fine = run(capsys, "--file", file, "-e", "ops", "--days", "67")
    assert "Ops stays above zero until 2026-03-09; the least is 200.00 USD on 2026-02-10." in fine
    short = run(capsys, "--file", file, "-e", "ops", "--days", "67", "--buffer", "200.01", code=1)
    assert "Ops goes below the buffer of 200.01 on 2026-02-10: 200.00 USD" in short
    run(capsys, "--file", file, "-e", "ops", "--days", "67", "--buffer", "200")


def test_json_has_every_day_and_every_event(capsys: pytest.CaptureFixture[str], file: str) -> None:
    said = json.loads(run(capsys, "--file", file, "-e", "ops", "--days", "40", "--format", "json"))
    assert said["opening"] == "1000.00"
    assert said["first_below"] is None
    assert said["lowest"] == {"date": "2026-02-10", "balance": "200.00"}
    assert len(said["days"]) == 40
    assert said["events"] == [
        {
            "date": day,
            "kind": "recurring",
            "what": "Landlord",
            "amount": "-400.00",
            "balance": balance,
        }
        for day, balance in (("2026-01-10", "600.00"), ("2026-02-10", "200.00"))
    ]
    several = json.loads(run(capsys, "--file", file, "--format", "json", code=1))
    assert [each["entity"] for each in several] == ["Ops", "Jane"]


def test_a_page_shows_one_entity_with_the_answer_on_top(
    capsys: pytest.CaptureFixture[str], file: str, tmp_path: Path
) -> None:
    page = tmp_path / "forecast.html"
    run(capsys, "--file", file, "-e", "ops", "--format", "html", "-o", str(page), code=1)
    text = page.read_text()
    assert "<strong>Ops goes below zero on 2026-03-10" in text
    assert text.index("<strong>") < text.index("<svg")
    assert "recurring: Landlord" in run(capsys, "--file", file, "--format", "md", code=1)
    run(capsys, "--file", file, "--format", "html", code=2)
    assert "5000.00" in run(capsys, "--file", file, "--buffer", "much", code=2)
