"""``books verify``: what changed in a closed period is named, to the entry."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from core import git
from core.home import Home
from core.journal.closings import Closings
from core.journal.read import read
from core.seal import seals_of
from plugins.closing.sealed import Sealed
from plugins.closing.verifying import verify

Write = Callable[[str, str], Path]
RULES = "ledger/acme/2026/2026-01.beancount"
AUGUST, SEPTEMBER = (f"ledger/acme/2026/2026-{month}.beancount" for month in ("08", "09"))
PRICES = "ledger/prices.beancount"
OFF = """
2020-01-01 custom "veil-rule" "VEIL-019" "off"
2020-01-01 open Assets:Acme:Euro  EUR
2020-01-01 open Assets:Acme:Till  USD
"""
ENTRIES = """
2026-08-03 * "Depot" "Paper" ^bill-1
  receipt: "documents/paper.txt"
  Expenses:Acme:Office  40.00 USD
  Liabilities:Acme:AP

2026-08-10 * "Exchange" "For the trip" #trip ^bill-2
  Assets:Acme:Euro  50.00 EUR @ 1.10 USD
  Liabilities:Acme:AP

2026-08-12 note Liabilities:Acme:AP "The shop called"

2026-08-20 pad Assets:Acme:Till Equity:Acme:OpeningBalances
2026-08-21 balance Assets:Acme:Till  100.00 USD
"""
LATER = """
2026-09-03 * "Depot" "Pens" ^bill-3
  Expenses:Acme:Office  5.00 USD
  Liabilities:Acme:AP
"""


@pytest.fixture
def books(home: Home, write: Write, run: Callable[..., str]) -> Callable[..., str]:
    """Runs a command in a home of which August and September are closed."""
    files = {RULES: OFF, AUGUST: ENTRIES, SEPTEMBER: LATER}
    files[PRICES] = "2026-08-31 price EUR 1.12 USD\n2026-09-30 price EUR 1.15 USD\n"
    files["ledger/acme/documents/paper.txt"] = "Paper, 40.00\n"
    for name, text in files.items():
        write(name, text)
    git.commit(home.path, map(Path, files), "Two months", {})

    for month in ("08", "09"):
        run("close", "acme", f"2026-{month}", "--date", "2026-10-05", "--by", "jane")
    return run


def edit(home: Home, name: str, was: str, becomes: str) -> None:
    path = home.path / name
    assert was in path.read_text()
    path.write_text(path.read_text().replace(was, becomes, 1))


def test_what_was_sealed_holds(books: Callable[..., str]) -> None:
    said = books("verify")
    assert "✓ Acme 2026-08: 5 entries and figures as they were sealed" in said
    assert "2 closed periods, none not as sealed." in said


@pytest.mark.parametrize(
    ("file", "was", "becomes", "said"),
    [
        (AUGUST, "40.00", "41.00", ("changed ledger/acme/2026/2026-08.beancount:2", "41.00 USD")),
        (AUGUST, '"Paper"', '"Pens"', ("changed", 'was 2026-08-03 * "Depot" "Paper"')),
        (AUGUST, "#trip ", "", ("changed", 'was tags: ["trip"]', "is  tags: []")),
        (AUGUST, "paper.txt", "other.txt", ("changed", "documents/other.txt")),
        (AUGUST, "2026-08-03", "2026-07-31", ("removed", '"Depot" "Paper"')),
        (AUGUST, "called", "rang", ("changed", "note Liabilities:Acme:AP The shop rang")),
        (AUGUST, "\n2026-08-12", "\n2026-08-11", ("changed", "is  2026-08-11 note")),
        (SEPTEMBER, "2026-09-03", "2026-08-31", ("added ledger/acme/2026/2026-09.beancount:2",)),
        (PRICES, "1.12", "1.13", ("figure price 2026-08-31 EUR USD", "was 1.12", "is  1.13")),
    ],
)
def test_what_changed_is_named(
    home: Home, books: Callable[..., str], file: str, was: str, becomes: str, said: tuple[str, ...]
) -> None:
    edit(home, file, was, becomes)
    told = books("verify", code=1)
    assert "✗ Acme 2026-08" in told
    for part in said:
        assert part in told


@pytest.mark.parametrize(
    ("file", "was", "becomes"),
    [
        (AUGUST, "  Expenses", "      Expenses"),
        (AUGUST, "\n2026-08-10", "\n; the trip\n2026-08-10"),
        (AUGUST, '  receipt: "d', '  rule: "paper"\n  receipt: "d'),
        (SEPTEMBER, "\n2026-09-03", '\n2026-10-01 note Liabilities:Acme:AP "x"\n2026-09-03'),
        (PRICES, "1.12 USD", "1.120 USD"),
    ],
)
def test_what_changes_nothing_is_not(
    home: Home, books: Callable[..., str], file: str, was: str, becomes: str
) -> None:
    edit(home, file, was, becomes)
    books("verify")


def test_a_seal_that_was_taken_away_is_missed(home: Home, books: Callable[..., str]) -> None:
    october = "ledger/acme/2026/2026-10.beancount"
    text = (home.path / october).read_text()
    start = text.index('2026-10-05 custom "close-period" "Acme" "2026-09"')
    (home.path / october).write_text(text[:start])
    assert "✗ Acme 2026-09: was closed (tag close/Acme/2026-09), and its seal is gone" in books(
        "verify", code=1
    )


def test_without_the_tag_the_period_is_named(home: Home, books: Callable[..., str]) -> None:
    for month in ("08", "09"):
        git._git(home.path, "tag", "--delete", f"close/Acme/2026-{month}")
    edit(home, AUGUST, "40.00", "41.00")
    told = json.loads(books("verify", "--format", "json", code=1))
    assert [(v["period"], v["holds"]) for v in told] == [("2026-08", False), ("2026-09", False)]
    assert "no tag of its closing" in told[0]["said"]


def test_a_bare_clone_is_enough(
    home: Home, books: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git._git(home.path, "clone", "--quiet", "--bare", ".", str(tmp_path / "backup.git"))
    edit(home, AUGUST, "40.00", "41.00")
    git.commit(home.path, [Path(AUGUST)], "What nobody should do", {})
    monkeypatch.chdir(tmp_path)
    assert "none not as sealed" in books("verify", "--from-bare", "backup.git")
    git._git(home.path, "push", "--quiet", str(tmp_path / "backup.git"), "main")
    assert "41.00 USD" in books("verify", "--from-bare", "backup.git", code=1)


def flips(home: Home, count: int) -> None:
    """Single bits of the closed entries, flipped one at a time: whenever the books are no longer
    what was sealed, the entry that holds the bit is named; or the line is, where it cannot be read.
    """
    path, closings = home.path / AUGUST, Closings(home.main_root)
    text = path.read_bytes()
    (seal, _) = seals_of(read(home.main_root, home=home).standing)["Acme"]
    sealed_lines = Sealed(read(home.main_root, home=home)).lines(seal)
    starts = [number for number, line in enumerate(text.split(b"\n"), 1) if line[:4] == b"2026"]
    chosen, named = random.Random(count), 0  # noqa: S311 - the same flips every time
    for _ in range(count):
        place, bit = chosen.randrange(1, len(text)), chosen.randrange(8)
        flipped = bytearray(text)
        flipped[place] ^= 1 << bit
        path.write_bytes(flipped)
        line = text.count(b"\n", 0, place) + 1
        # the entry that holds the bit, and the one after it: a line feed belongs to both
        near = [max((s for s in starts if s <= line), default=0), *(s for s in starts if s > line)]
        found = read(home.main_root, home=home)
        where = {f"{AUGUST}:{start}" for start in near[:2]}
        unread = [f for f in found.findings if f.file == AUGUST and abs(f.line - line) <= 4]
        told = [d for v in verify(found, closings) for d in v.differences]
        if any(d.place in where for d in told) or unread:
            named += 1
            continue
        now = {each for each, _ in Sealed(found).lines(seal)}
        same = now == {each for each, _ in sealed_lines}
        assert same, (place, bit, bytes(flipped)[place - 20 : place + 20])
    path.write_bytes(text)
    assert named > count / 2


def test_a_flipped_bit_is_named(home: Home, books: Callable[..., str]) -> None:
    assert books
    flips(home, 60)


@pytest.mark.slow
def test_a_thousand_flipped_bits_are_named(home: Home, books: Callable[..., str]) -> None:
    assert books
    flips(home, 1000)


def test_another_seal_in_the_place_of_the_one_that_was_tagged(
    home: Home, books: Callable[..., str]
) -> None:
    """Who changes a period and computes its seal anew makes a chain that holds in itself."""
    edit(home, SEPTEMBER, "5.00", "6.00")
    (first, seal) = seals_of(read(home.main_root, home=home).standing)["Acme"]
    audited = " ".join(books("audit", "-p", "2026-08").split())
    assert f"Acme 2026-08 holds {first.hash[:16]} " in audited
    sealed = Sealed(read(home.main_root, home=home))
    file = str(seal.entry.meta["filename"])
    edit(home, file, seal.hash, sealed.hash_of(seal, seal.prev))
    edit(home, file, seal.figures, sealed.figures_of(seal))
    said = books("verify", code=1)
    assert "✓ Acme 2026-09" in said
    assert "✗ Acme 2026-09: its seal is another than the tag close/Acme/2026-09 holds" in said
    assert "2 closed periods, 1 not as sealed." in said


def test_a_folder_that_is_no_repository(tmp_path: Path, books: Callable[..., str]) -> None:
    (tmp_path / "empty").mkdir()
    said = books("verify", "--from-bare", str(tmp_path / "empty"), code=2)
    assert said.endswith("empty is no git repository\n")
