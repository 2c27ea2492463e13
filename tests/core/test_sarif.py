"""Findings where reviewers look: SARIF for code scanning, workflow commands for GitHub."""

import datetime as dt
import json
import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.codes import Code, by_code
from core.findings import Finding, Severity, fingerprinted
from core.sarif import as_github, as_sarif

CODES = by_code(
    (
        Code("VEIL-005", "No partner", "a crossing has one half", "book it", reference="Sea-Land"),
        Code("LINT-FILE", "File not read", "it was not read", "mend it"),
    )
)
HALF = Finding(
    "VEIL-005",
    Severity.ERROR,
    "no other half, 100 %: see below",
    file="ledger/acme corp/2026-09.beancount",
    line=106,
    date=dt.date(2026, 9, 29),
    fix="2026-09-29 * one\n  two",
)
WHOLE_FILE = Finding("LINT-FILE", Severity.WARNING, "was not read", file="ledger/x.beancount")
NO_PLACE = Finding("BC-NEW", Severity.INFO, "said by nobody")
WAIVED = Finding("VEIL-005", Severity.INFO, "no half", file="a", line=1, waived="agreed (Jane)")
ALL = fingerprinted([HALF, WHOLE_FILE, NO_PLACE, WAIVED])
COMMAND = re.compile(r"::(error|warning|notice) ((?:\w+=[^,:\r\n]*)(?:,\w+=[^,:\r\n]*)*)::(.*)")


def sarif(prefix: str = "") -> dict:
    return json.loads(as_sarif(ALL, CODES, version="1.2.3", prefix=prefix))


def test_the_log_is_one_run_of_sarif_2_1_0() -> None:
    log = sarif()
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("Bulkhead", "1.2.3")
    for rule in driver["rules"]:
        assert rule["name"].isidentifier()
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
        for part in ("shortDescription", "fullDescription", "help"):
            assert rule[part]["text"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == sorted(set(CODES))


def test_every_result_has_what_the_schema_wants() -> None:
    (run,) = sarif()["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == len(ALL)
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] in {"note", "warning", "error"}
        assert "ruleIndex" not in result or rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for location in result.get("locations", []):
            place = location["physicalLocation"]
            uri = place["artifactLocation"]["uri"]
            assert re.fullmatch(r"[\w\-./%~]+", uri)
            assert not uri.startswith("/")
            assert place.get("region", {"startLine": 1})["startLine"] >= 1
        (print_,) = result["partialFingerprints"].values()
        assert print_ in {finding.fingerprint for finding in ALL}


def test_levels_places_and_waivers() -> None:
    results = {r["message"]["text"][:7]: r for r in sarif("books/")["runs"][0]["results"]}
    half, whole, nowhere = results["no othe"], results["was not"], results["said by"]
    assert [r["level"] for r in (half, whole, nowhere)] == ["error", "warning", "note"]
    place = half["locations"][0]["physicalLocation"]
    assert unquote(place["artifactLocation"]["uri"]) == "books/ledger/acme corp/2026-09.beancount"
    assert place["region"] == {"startLine": 106}
    assert half["message"]["text"].endswith("To mend it:\n2026-09-29 * one\n  two")
    assert "region" not in whole["locations"][0]["physicalLocation"]
    assert "locations" not in nowhere
    assert "ruleIndex" not in nowhere
    assert results["no half"]["suppressions"] == [
        {"kind": "inSource", "justification": "agreed (Jane)"}
    ]


def test_a_workflow_command_for_each_finding() -> None:
    first, second, *_ = as_github(ALL, CODES, prefix="books/").splitlines()
    assert first == (
        "::error file=books/ledger/acme corp/2026-09.beancount,line=106,title=VEIL-005 No partner"
        "::no other half, 100 %25: see below%0A%0ATo mend it:%0A2026-09-29 * one%0A  two"
    )
    assert (
        second
        == "::warning file=books/ledger/x.beancount,title=LINT-FILE File not read::was not read"
    )
    assert "::notice title=BC-NEW::said by nobody" in as_github(ALL, CODES)


@pytest.mark.parametrize("severity", Severity)
@given(message=st.text(), file=st.text(min_size=1).filter(lambda f: f[0] != "/"))
def test_no_text_breaks_out_of_its_command(severity: Severity, message: str, file: str) -> None:
    finding = Finding("VEIL-005", severity, message, file=file, line=3)
    text = as_github([finding], CODES).removesuffix("\n")
    found = COMMAND.fullmatch(text)
    assert found
    said = dict(part.split("=", 1) for part in found[2].split(","))
    assert set(said) == {"file", "line", "title"}
    undone = said["file"].replace("%3A", ":").replace("%2C", ",")
    assert _undone(undone) == file
    assert _undone(found[3]) == message


def _undone(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def test_a_code_that_is_told_twice_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="VEIL-005 is described twice"):
        by_code((CODES["VEIL-005"], CODES["VEIL-005"]))
