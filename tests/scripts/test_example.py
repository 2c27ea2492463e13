"""The example group: exactly what is left open on purpose, the same in every view of it."""

import subprocess
import sys
from pathlib import Path

import pytest
from beancount import loader

from core.home import Home
from core.journal.read import read
from scripts.books import check

CHECKOUT = Path(__file__).resolve().parents[2]
HOME = Home(CHECKOUT)


def test_the_example_has_exactly_two_findings() -> None:
    books = read(HOME.main_root, home=HOME)
    found = [(f.code, f.severity, f.file, f.entities) for f in check(books)]
    month = "ledger/acme/2026/2026-09.beancount"
    assert found == [
        ("VEIL-002", "error", month, ("Acme",)),
        ("VEIL-005", "error", month, ("Acme",)),
    ]


def test_bank_exports_wait_in_the_inbox() -> None:
    names = {path.suffix for path in HOME.inbox.iterdir()}
    assert {".csv", ".qfx"} <= names


@pytest.mark.parametrize(
    "root", ["group", "acme/main", "harbor/main", "jane/main"], ids=lambda root: root
)
def test_bean_check_and_our_check_agree_on_every_root(root: str) -> None:
    path = HOME.ledger / f"{root}.beancount"
    _, errors, _ = loader.load_file(str(path))
    ours = check(read(path, home=HOME))
    assert sorted(e.message for e in errors) == sorted(
        f"{f.code} {f.message}" for f in ours if f.severity == "error"
    )


def test_every_root_repeats_the_mandatory_block() -> None:
    for root in (HOME.main_root, *HOME.entity_roots):
        text = root.read_text()
        kind = "group" if root == HOME.main_root else "entity"
        assert f'plugin "bulkhead.veil" "{kind}"' in text
        for included in ("registry", "commodities", "prices", "rules/policy"):
            assert f"{included}.beancount" in text


def test_the_group_holds_every_entry_of_every_root() -> None:
    group = read(HOME.main_root, home=HOME)
    for root in HOME.entity_roots:
        alone = read(root, home=HOME)
        (entity,) = {e for t in alone.transactions for e in alone.registry.ents(t)}
        of_group = [t for t in group.transactions if group.registry.ents(t) == {entity}]
        assert [(t.date, t.narration, t.postings) for t in of_group] == [
            (t.date, t.narration, t.postings) for t in alone.transactions
        ]


def test_the_bean_check_program_says_the_same() -> None:
    program = Path(sys.executable).parent / "bean-check"
    done = subprocess.run(
        [program, "--no-cache", HOME.main_root], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "VEIL-002" in done.stderr
    assert "VEIL-005" in done.stderr
