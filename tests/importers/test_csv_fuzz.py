"""Damaged CSV files: read or refused with a reason, and nothing else, by profiles and proposals.

The mutations are the same on every run; the soak has many more of them.
"""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.findings import UserError
from importers.csv.propose import Proposal, propose
from importers.detect import load_profiles, read_statement_file
from importers.statement import StatementFile

PROFILES = load_profiles(Path(__file__).resolve().parents[2] / "rules" / "sources")
SEEDS = [
    "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
    "DEBIT,09/03/2026,TEA,-1.00,A,9.00,\nCREDIT,09/01/2026,X,5.00,A,10.00,\n",
    '"09/03/2026","-12.00","*","","TEA"\n"09/01/2026","900.00","*","7","PAY"\n',
    "Account details for:,FRANK 700-1\nLedger Balance,88.00\n"
    "Transaction date,Value date,Description,Withdrawals (SGD),Deposits (SGD)\n"
    "03/09/2026,03/09/2026,DEBIT,12.00,\n,,TEA HOUSE\n",
    "Buchungstag;Wertstellung;Verwendungszweck;Betrag;Währung\n"
    "01.09.2026;02.09.2026;Miete;-1.250,00;EUR\n03.09.2026;03.09.2026;Gehalt;2.900,50;EUR\n",
    "Date,Label,Amount,D/C,Balance\n2026-09-01,Tea,33.50,D,-23.50\n"
    '2026-09-02,Pay,"-1,533.50",C,"1,510.00"\n',
    "Credit Card Number: 1234XXXXXXXX7890\nDate,Description,Amount,Balance\n"
    "2026-09-01,Tea,-5.00,-25.00\n2026-09-02,Pay,20.00,-5.00\n",
    "Date,Description,Amount\n09/14/2026,TEA,-5.00\nPENDING,COFFEE,-3.00\n"
    "Statement period: 09/01/2026 - 09/30/2026\nEnding balance: 104.00\n",
    "2026-09-01,Tea,95.00,-5.00\n2026-09-02,Pay,104.00,9.00\n2026-09-03,Cake,101.00,-3.00\n",
]
PIECES = [
    "", ",", ";", '"', "\n", "\r", "\0", "\t", "é", "９", "-", "(", "$", "1e9", "NaN", "9" * 40,
    "00/00/0000", "2026-02-30", "Balance", "Total", "\ufeff", "\u2028", "'", "D", "C", " ",
]  # fmt: skip


def mutated(count: int) -> Iterator[bytes]:
    """``count`` damaged files, always the same."""
    dice = random.Random(20261031)  # noqa: S311 - nothing here is secret
    for _ in range(count):
        text = dice.choice(SEEDS)
        for _ in range(dice.randint(1, 6)):
            start = dice.randrange(len(text) + 1)
            cut = dice.choice([0, 0, 1, 2, 5, 20])
            text = text[:start] + dice.choice(PIECES) + text[start + cut :]
            if dice.random() < 0.2:
                lines = text.splitlines(keepends=True)
                dice.shuffle(lines)
                text = "".join(lines)
        encoding = dice.choice(["utf-8", "utf-8", "cp1252", "utf-16"])
        yield text.encode(encoding, "replace")


def judged(path: Path, raw: bytes) -> None:
    """Reads the file and proposes for it: a result or a UserError, nothing else."""
    path.write_bytes(raw)
    with contextlib.suppress(UserError):
        assert isinstance(read_statement_file(path, PROFILES), StatementFile)
    with contextlib.suppress(UserError):
        proposal = propose(raw, "fuzz.csv")
        for question in proposal.questions:
            answer = question.choices[-1] if question.choices else "Any Bank"
            proposal = proposal.answered(**{question.about: answer})
        assert isinstance(proposal, Proposal)


def test_a_few_hundred_damaged_files(tmp_path: Path) -> None:
    for raw in mutated(400):
        judged(tmp_path / "fuzz.csv", raw)


@pytest.mark.slow
def test_ten_thousand_damaged_files(tmp_path: Path) -> None:
    for raw in mutated(10_000):
        judged(tmp_path / "fuzz.csv", raw)
