"""Rules of the house that an import contract cannot say."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ROOMS = ("core", "plugins", "bulkhead", "importers", "reports", "web", "scripts")

# Who writes files: the door, the commands that write into new folders or where they are told, and
# what makes the files of this checkout; the store and the projection write outside of any home.
WRITERS = {
    "core/cache/store.py",
    "core/journal/intent.py",
    "core/journal/keys.py",
    "core/journal/lock.py",
    "core/journal/proposal.py",
    "core/journal/undo.py",
    "core/projection/rows.py",
    "core/projection/sync.py",
    "core/signing.py",
    "scripts/commands/demo.py",
    "scripts/commands/export.py",
    "scripts/commands/review.py",
    "scripts/commands/schedule.py",
    "scripts/founding.py",
    "scripts/generated.py",
    "scripts/output.py",
}
WRITES = re.compile(r"\.write_(text|bytes)\(|open\([^)]*[\"'][wax]b?\+?[\"']|os\.replace|shutil\.")


def modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted((CHECKOUT / room).rglob("*.py"))]


def test_nothing_but_the_door_writes_in_a_home() -> None:
    found = {
        path.relative_to(CHECKOUT).as_posix()
        for path in modules()
        if WRITES.search(path.read_text())
    }
    assert found == WRITERS


def test_no_module_is_too_long_to_read_in_one_sitting() -> None:
    long = {p.name: n for p in modules() if (n := len(p.read_text().splitlines())) > 400}
    assert long == {}


def test_money_is_never_a_float() -> None:
    assert [path.name for path in modules() if re.search(r"\bfloat\(", path.read_text())] == []
