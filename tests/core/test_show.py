"""What a terminal is shown of the line that a finding is about."""

import datetime as dt
from pathlib import Path

import pytest

from core.findings import Finding, Severity
from core.show import as_text


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('2026-09-01 * "Shop" "Paper"', '2026-09-01 * "Shop" "Paper"'),
        ('2026-09-01 * "\x1b[2JShop"', '2026-09-01 * "�[2JShop"'),
        ("x" * 240, "x" * 240),
        ("x" * 241, "x" * 240 + "…"),
    ],
)
def test_an_excerpt_is_what_a_terminal_bears(tmp_path: Path, line: str, shown: str) -> None:
    (tmp_path / "a.beancount").write_text(f"{line}\n")
    finding = Finding("LINT-X", Severity.ERROR, "wrong", file="a.beancount", line=1)
    said = as_text([finding], tmp_path, as_of=dt.date(2026, 9, 1))
    assert said.splitlines()[1] == f"  | {shown}"
