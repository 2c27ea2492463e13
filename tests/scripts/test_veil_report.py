"""``books veil report``: files and terminals, and what it says to who asks wrongly."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.home import Home
from scripts.main import cli, main

CHECKOUT = Path(__file__).resolve().parents[2]
ASKED = ("--entity", "ACME", "--period", "2026-Q3")


def report(*args: str, home: Path = CHECKOUT) -> Result:
    return CliRunner().invoke(cli, ["--home", str(home), "veil", "report", *args])


def test_the_example_prints_as_text_and_as_json() -> None:
    text = report(*ASKED).output
    assert text.startswith("Veil statement: Acme Widgets LLC\n")
    assert "! Harbor  Acme      due-to and due-from          2,500.00" in text
    said = json.loads(report(*ASKED, "--format", "json").output)
    assert (said["entity"], said["from"], said["to"]) == ("Acme", "2026-07-01", "2026-09-30")
    (apart,) = (each for each in said["owed"] if not each["agrees"])
    assert (apart["creditors_books"], apart["debtors_books"]) == ("2500.00", "0.00")


@pytest.mark.parametrize("form", ["text", "md", "html", "json", "pdf"])
def test_it_writes_into_a_file(tmp_path: Path, form: str) -> None:
    out = tmp_path / f"veil.{form}"
    result = report(*ASKED, "--format", form, "--output", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    begins = {"text": b"Veil", "md": b"# Veil", "html": b"<!doctype", "json": b"{", "pdf": b"%PDF"}
    assert out.read_bytes().startswith(begins[form])


def test_the_group_has_all_of_them() -> None:
    said = json.loads(report("--group", "--period", "2026", "--format", "json").output)
    assert list(said["scores"]) == ["Jane", "Acme", "Harbor", "AcmeIndia"]
    assert {"Meera", "Raj"} <= {name for p in said["paid"] for name in (p["giver"], p["receiver"])}


def test_a_root_alone_knows_one_side() -> None:
    file = CHECKOUT / "ledger/acme/main.beancount"
    said = json.loads(report(*ASKED, "--format", "json", "--file", str(file)).output)
    assert {each["creditors_books"] or each["debtors_books"] for each in said["owed"]}
    assert all(None in (each["creditors_books"], each["debtors_books"]) for each in said["owed"])


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--entity", "acne", "--period", "2026"), "there is no entity 'acne'\n  known: Jane"),
        (("--entity", "acme", "--period", "Q3"), "'Q3' is not a period\n  write 2026"),
        (("--group", "--period", "FY26"), "'FY26' is not a period"),
        (("--period", "2026"), "one of --entity and --group is needed"),
        (("--entity", "acme", "--group", "--period", "2026"), "one of --entity and --group"),
        ((*ASKED, "--format", "pdf"), "a PDF goes into a file\n  add --output"),
        ((*ASKED, "--output", "no/such/folder/x.txt"), "no/such/folder/x.txt: cannot be written"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    args: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--home", str(CHECKOUT), "veil", "report", *args])
    assert end.value.code == 2
    assert said in capsys.readouterr().err


def test_a_new_home_has_an_empty_statement(home: Home) -> None:
    text = report("--entity", "acme", "--period", "2026", home=home.path).output
    assert "Nothing crossed." in text
    assert "Nothing was waived." in text


def test_a_missing_rate_is_told_on_the_page(tmp_path: Path) -> None:
    copy = tmp_path / "home"
    for name in ("ledger", "rules"):
        shutil.copytree(CHECKOUT / name, copy / name)
    month = copy / "ledger/acme/2026/2026-09.beancount"
    month.write_text(
        month.read_text() + '\n2026-09-30 * "Found money"\n'
        "  Assets:Acme:Found  10.00 XAU\n  Equity:Acme:Members:Jane:Contributions\n"
    )
    accounts = copy / "ledger/acme/accounts.beancount"
    text = accounts.read_text().replace(
        "open Equity:Acme:Members:Jane:Contributions  USD",
        "open Equity:Acme:Members:Jane:Contributions",
    )
    accounts.write_text(f"{text}\n2025-05-05 open Assets:Acme:Found\n")
    said = report(*ASKED, home=copy).output
    assert "! The figures of Acme: there is no rate of XAU in USD on or before 2026-09-30" in said
