"""Promise 8 for journals: ten thousand damaged ledgers, no traceback and no dead process.

Each process damages real journals in ways drawn from a fixed seed and reads them as the check does,
in its own process: a parser that ended it would be seen. ``make test`` takes a few hundred.
"""

import multiprocessing
import random
import tempfile
from pathlib import Path

import pytest
from crash_deeds import new_home

from core.findings import UserError
from core.home import Home
from core.journal.read import read
from plugins.run import run_rules

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLE = sorted((CHECKOUT / "ledger/acme/2026").glob("*.beancount"))
MONTH = "ledger/acme/2026/2026-09.beancount"
WORDS = r"""
(1/0) | 1/(1-1) | (((((((((( | " | \"\"\" | { | }} | {{1 USD}} | @@ | @ 0 USD | \ | ; | * | ! | #
^ | - | 99999999999999999999999 | 1e9 | 2026-13-45 | 0000-00-00 | 9999-12-31 | plugin "os" | NULL
include "*" | include "**" | option "title" "x" | pushtag #x | poptag #y | custom | TRUE | balance
Assets:Acme | Assets::Bank | pad Assets:Acme:AR Equity:Acme:OpeningBalances | <<<<<<< HEAD
"""
BYTES = [b"\x00", b"\xff\xfe", b"\xe2\x80\xae", b"\r", b"\t", b"  ", b"\n\n\n", b"USD" * 30]
FRAGMENTS = [*BYTES, *(w.strip().encode() for row in WORDS.splitlines() for w in row.split("|"))]


def damaged(text: bytes, chance: random.Random) -> bytes:
    """The journal after one to four accidents."""
    for _ in range(chance.randint(1, 4)):
        text = accident(text, chance)[:60_000] or b"\n"
    return text


def accident(text: bytes, chance: random.Random) -> bytes:
    at, to = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    lines = text.split(b"\n")
    return chance.choice(
        [
            text[:at] + chance.choice(FRAGMENTS) + text[at:],
            text[:at] + text[min(to, at + 40) :],
            text[:at],
            text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :],
            text[:to] + text[at:],
            b"\n".join(chance.sample(lines, len(lines))),
            text.replace(b"\n", chance.choice([b"\r\n", b"\r", b"", b"\n\n"])),
            text + chance.choice(FRAGMENTS) * 50,
        ]
    )


def read_many(seed: int, count: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - damage, not secrets
    with tempfile.TemporaryDirectory() as folder:
        home: Home = new_home(Path(folder).resolve() / "books")
        for number in range(count):
            chosen = chance.choice(EXAMPLE).read_bytes()
            (home.path / MONTH).write_bytes(damaged(chosen, chance))
            try:
                books = read(home.main_root, home=home)
                for finding in [*books.findings, *run_rules(books)]:
                    assert finding.message, finding
            except UserError:
                pass
            except Exception as error:
                kept = Path(tempfile.gettempdir()) / f"mutation-{seed}-{number}.beancount"
                kept.write_bytes((home.path / MONTH).read_bytes())
                raise AssertionError(f"{kept}: {error!r}") from error


def survives(seed: int, count: int) -> None:
    worker = multiprocessing.get_context("spawn").Process(target=read_many, args=(seed, count))
    worker.start()
    worker.join(timeout=600)
    assert worker.exitcode == 0, f"seed {seed}: the process ended with {worker.exitcode}"


@pytest.mark.parametrize("seed", range(2))
def test_damaged_ledgers_are_read_without_a_traceback(seed: int) -> None:
    survives(seed, 150)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 108))
def test_ten_thousand_damaged_ledgers(seed: int) -> None:
    survives(seed, 1250)
