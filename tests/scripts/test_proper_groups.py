"""Groups that are kept properly hear nothing, and a first-time owner not much."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from proper_groups import holding, s_corporation, with_rupees
from proper_year import larkin
from year_books import Year

from core.findings import Finding
from core.home import Home
from core.journal.read import read
from scripts import books as loading
from scripts.main import main

GROUPS = (larkin, holding, s_corporation, with_rupees)
CSV = """\
Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #
DEBIT,{last}/03/2026,"CLOUD NINE",-12.34,ACH_DEBIT,987.66,,
CREDIT,{first}/20/2026,"CLIENT PAYMENT",1000.00,ACH_CREDIT,1000.00,,
"""


def found(home: Home) -> list[Finding]:
    return loading.check(read(home.main_root, home=home))


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_a_proper_year_is_silent_and_not_because_nobody_looks(
    group: Callable[[Path], Year], tmp_path: Path
) -> None:
    year = group(tmp_path)
    year.write()
    assert found(year.home) == []
    for folder in (tmp_path / "ledger").glob("*/documents"):
        shutil.rmtree(folder)
    codes = {finding.code for finding in found(year.home)}
    assert {"VEIL-014", "VEIL-019", "VEIL-020"} <= codes


@pytest.mark.parametrize(
    ("first", "last", "codes"),
    [("10", "11", []), ("08", "11", ["VEIL-020 warning", "VEIL-020 warning"])],
)
def test_the_first_import_is_told_of_months_that_nothing_proves_and_of_nothing_else(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
    last: str,
    codes: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Chase4411_Activity.CSV").write_text(CSV.format(first=first, last=last))
    for args in (
        ("init", "mine", "--person", "Jane", "--llc", "Acme"),
        ("--home", "mine", "import", "Chase4411_Activity.CSV", "--entity", "acme", "--yes"),
    ):
        with pytest.raises(SystemExit) as ended:
            main([*args])
        assert ended.value.code == 0
    said = [f"{f.code} {f.severity.value}" for f in found(Home(tmp_path / "mine"))]
    assert said == codes
