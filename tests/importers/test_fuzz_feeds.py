"""Damaged camt, MT940 and QIF files: each ends in a statement or in a refusal, never otherwise.

A mutation that is read and does not add up from its opening to its closing balance must say so.
"""

import random
import time
from decimal import Decimal
from pathlib import Path

import pytest

from core.findings import UserError
from importers.camt.read import read_camt
from importers.detect import read_statement_file
from importers.mt940.read import read_mt940
from importers.qif.read import read_qif
from importers.statement import StatementFile
from tests.importers import test_camt, test_mt940, test_qif

SEEDS = {
    "camt": [
        test_camt.WHOLE,
        test_camt.as_version_8(test_camt.WHOLE),
        test_camt.message(test_camt.OPENING, test_camt.CLOSING, test_camt.REVERSAL),
    ],
    "mt940": [test_mt940.FIRST + test_mt940.SECOND, test_mt940.paged(), test_mt940.INTERIM],
    "qif": [
        test_qif.BANK,
        test_qif.record("T-3.00", "SA", "$-1.00", "SB", "$-2.00"),
        test_qif.record("NBuyX", "YX", "Q4", "I24", "O4", "T100.00", "L[A]", kind="Invst"),
    ],
}
READERS = {"camt": read_camt, "mt940": read_mt940, "qif": read_qif}
TOKENS = [
    *"0 9 , . - ' / : ; < > & ! ^ ? + * \0 \n \r\n \t é ９ ² \x85 \u2028 \ud800".split(" "),
    *"1e9 NaN Infinity 99999999999999999999 260230 EUR <Ntry> </Ntry> <Amt Ccy='EUR'>".split(),
    *":61: :86: :62F: :60M: :20: :25: -} ^\n !Type:Bank\n !Account\n <!DOCTYPE <![CDATA[".split(
        " "
    ),
]
SECONDS = 20


def mutated(text: str, random_: random.Random) -> bytes:
    """``text`` with one to six changes: cut, doubled, exchanged, or with a token thrown in."""
    for _ in range(random_.randint(1, 6)):
        start = random_.randrange(len(text) + 1)
        end = min(len(text), start + random_.choice([0, 1, 1, 2, 8, 40]))
        new = random_.choice(
            ["", text[start:end] * 2, text[start:end][::-1], *random_.choices(TOKENS, k=4)]
        )
        text = text[:start] + new + text[end:]
        if random_.random() < 0.05:
            text = text[: random_.randrange(len(text) + 1)]
    raw = text.encode(random_.choice(["utf-8", "utf-8", "utf-8", "utf-16", "utf-8-sig"]), "replace")
    return raw.replace(b"\xc3", b"\xe9") if random_.random() < 0.1 else raw


def check(file: StatementFile) -> None:
    for statement in file.statements:
        if statement.opening is None or statement.balance is None:
            continue
        lines = sum((line.amount for line in statement.lines), Decimal(0))
        if statement.opening + lines != statement.balance:
            assert any("do not add up" in warning for warning in file.warnings)
    for line in (line for statement in file.statements for line in statement.lines):
        assert isinstance(line.amount, Decimal)
        assert line.amount.is_finite()
        assert line.row > 0
        assert not line.splits or sum(split.amount for split in line.splits) == line.amount


def soak(kind: str, path: Path, rounds: int) -> int:
    """Reads that many mutations, each by its reader and by its content; how many were read."""
    random_ = random.Random(f"{kind} {rounds}")  # noqa: S311
    read = 0
    for _ in range(rounds):
        raw = mutated(random_.choice(SEEDS[kind]), random_)
        path.write_bytes(raw)
        for one in (
            lambda raw=raw: READERS[kind](path, raw, "x"),
            lambda: read_statement_file(path, {}),
        ):
            started = time.process_time()
            try:
                check(one())
                read += 1
            except UserError as error:
                assert error.message
            assert time.process_time() - started < SECONDS
    return read


@pytest.mark.parametrize("kind", SEEDS)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, kind: str) -> None:
    read = soak(kind, tmp_path / "fuzz", 400)
    assert 20 < read < 780  # else the mutations are too wild, or too tame, to say anything


@pytest.mark.slow
@pytest.mark.parametrize("kind", SEEDS)
def test_many_damaged_files_are_read_or_refused(tmp_path: Path, kind: str) -> None:
    assert soak(kind, tmp_path / "fuzz", 10_000)


@pytest.mark.parametrize(
    ("kind", "bomb"),
    [
        ("camt", "<Document>" + "<A>" * 3_000_000),
        ("camt", "<Document " + "a='b' " * 1_000_000),
        ("camt", "<" + "A" * 9_000_000),
        ("camt", "<!--" * 2_000_000),
        ("mt940", ":20:A\n:86:" + "x\n" * 2_000),
        ("mt940", ":20:\n" * 1_000_000),
        ("mt940", test_mt940.with_line("2609030903D5,00NTRFNONREF", "177?20" + "?21" * 500_000)),
        ("mt940", test_mt940.with_line("2609030903D5,00NTRFNONREF", "/EREF/" * 500_000)),
        ("mt940", test_mt940.with_line("2" * 5_000_000)),
        ("qif", "!Type:Bank\n" * 800_000),
        ("qif", "!Type:Bank\nD" + "1" * 9_000_000 + "\n^\n"),
        ("qif", "!" + "Type:" * 1_000_000),
        ("qif", "!Type" + " " * 1_000_000 + "x"),
    ],
    ids=lambda value: value[:12],
)
def test_a_bomb_ends_soon(kind: str, bomb: str) -> None:
    started = time.process_time()
    try:
        READERS[kind](Path("x"), bomb.encode(), "x")
    except UserError as error:
        assert error.message
    assert time.process_time() - started < SECONDS
