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
    "Account Number,Investment Name,Symbol,Shares,Share Price,Total Value,\n"
    "10005678,FERN FUND,FERN,12.5,20.00,250.00,\n\n"
    "Account Number,Trade Date,Settlement Date,Transaction Type,Transaction Description,"
    "Investment Name,Symbol,Shares,Share Price,Principal Amount,Commissions and Fees,Net Amount,"
    "Accrued Interest,Account Type,\n"
    "10005678,2026-09-03,2026-09-04,Buy,Buy,FERN FUND,FERN,10.0,20.00,-200,4.95,-204.95,0.0,CASH,\n"
    "10005678,2026-09-03,2026-09-03,Sweep in,In,MONEY,VMFXX,0.0,1.0,-5,0.0,-5,0.0,CASH,\n"
    "10005678,2026-09-05,2026-09-05,Stock split,Split,FERN FUND,FERN,-5.0,0.0,0,0.0,0,0.0,CASH,\n",
    '"TransferWise ID",Date,Amount,Currency,Description,"Payment Reference","Running Balance",'
    '"Exchange Rate","Payer Name","Payee Name",Merchant,"Total fees","Exchange To Amount"\n'
    "BALANCE-7,03-09-2026,-100.00,EUR,Converted,,400.00,1.08,,,,0.43,107.54\n"
    "TRANSFER-9,04-09-2026,-1.35,EUR,Wise Charges for: TRANSFER-9,,398.65,,,Wise,,0,\n",
    "transaction_entity,entity_id,amount,currency,fee (exclusive tax),tax,debit,credit,"
    "settlement_id,settled_at,settlement_utr\n"
    "payment,pay_1,100.00,INR,2.00,0.36,0.00,97.64,setl_1,2026-09-03T13:33:57,UTR1\n"
    "refund,rfnd_1,10.00,INR,0.00,0.00,10.00,0.00,setl_1,2026-09-03T13:33:57,UTR1\n",
    '"DATE","DESCRIPTION","AMOUNT","CHECK #","STATUS"\n'
    '"09/03/2026","TEA","-12.00","","Posted"\n"09/04/2026","COFFEE","-3.00","","Pending"\n',
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
        file = read_statement_file(path, PROFILES)
        assert isinstance(file, StatementFile)
        for line in (line for s in file.statements for line in (*s.lines, *s.pendings)):
            assert line.gross == line.amount + line.fee + line.fee_tax
            assert all(n.is_finite() for n in (line.amount, line.fee, line.fee_tax))
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
