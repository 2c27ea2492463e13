"""Damaged camt, MT940, QIF and OFX files: each ends in a statement or in a refusal.

A mutation that is read and does not add up from its opening to its closing balance must say so.
"""

import random
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from core.findings import UserError
from importers.camt.read import read_camt
from importers.detect import read_statement_file
from importers.mt940.read import read_mt940
from importers.ofx.read import read_ofx
from importers.qif.read import read_qif
from importers.statement import StatementFile

CAMT = """\
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S</Id>
<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-09-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">137.66</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-09-30</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">12.34</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-09-03</Dt></BookgDt><NtryDtls>
<TxDtls><Amt Ccy="EUR">10.00</Amt><RmtInf><Ustrd>Thé</Ustrd></RmtInf></TxDtls>
<TxDtls><Amt Ccy="EUR">2.34</Amt><RltdPties><Cdtr><Pty><Nm>Bo</Nm></Pty></Cdtr></RltdPties></TxDtls>
</NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd>
<Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2026-09-05T23:30:00Z</DtTm></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""
MT940 = """\
:20:STARTUMS
:25:12345678/0000004411
:28C:00001/001
:60F:C260901EUR100,00
:61:2609030903D12,34NTRFNONREF//B1
SUPPLEMENT
:86:177?00ONLINE?20EREF+INV-7?21SVWZ+Oolong?31DE02120300000000202051?32Tea
:62M:C260930EUR87,66
-
:20:STARTUMS
:25:12345678/0000004411
:28C:00001/002
:60M:C260930EUR87,66
:61:2612301002RD5,NMSCNONREF
:86:/EREF/E1/NAME/Ann/REMI/Rent
:62F:C261031EUR92,66
-
"""
INTERIM = """\
:20:REF
:25:4411
:34F:EURD0,00
:61:2609030903D0,42NMSCNONREF//B9
:86:FEE
:90D:1EUR0,42
"""
BANK = """\
!Type:Bank
D9/14'26
T-3.00
PTea
SA
$-1.00
SB
$-2.00
^
!Account
NCard
TCCard
^
!Type:CCard
D9/3/2026
T1,000.00
L[Checking]
^
"""
TRADES = """\
!Type:Invst
D9/14/2026
NBuyX
YFund
I24.00
Q4
O4.00
T100.00
L[A]
^
D9/15/2026
NReinvDiv
YFund
Q1
T24.00
^
"""
OFX = """\
OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:USASCII
CHARSET:1252

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20260930
<FI><ORG>Bank<FID>1</FI></SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>1<ACCTID>123454411
<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20260901<DTEND>20260930
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260903233000[-5:EST]<TRNAMT>-12.34<FITID>F1
<NAME>Tea &amp; Co<MEMO>Oolong</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260905<TRNAMT>1,50<FITID><NAME>Ann</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>89.16<DTASOF>20260930</LEDGERBAL></STMTRS></STMTTRNRS>
</BANKMSGSRSV1></OFX>
"""
BROKER = """\
<?xml version="1.0"?><?OFX OFXHEADER="200" VERSION="211"?>
<OFX><INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><DTASOF>20260930</DTASOF><CURDEF>USD</CURDEF>
<INVACCTFROM><BROKERID>b</BROKERID><ACCTID>4411</ACCTID></INVACCTFROM><INVTRANLIST>
<BUYSTOCK><INVBUY><INVTRAN><FITID>1</FITID><DTTRADE>20260903</DTTRADE></INVTRAN>
<SECID><UNIQUEID>1</UNIQUEID><UNIQUEIDTYPE>CUSIP</UNIQUEIDTYPE></SECID><UNITS>2</UNITS>
<UNITPRICE>5.5</UNITPRICE><COMMISSION>1</COMMISSION><TOTAL>-12.00</TOTAL></INVBUY></BUYSTOCK>
<REINVEST><INVTRAN><FITID>2</FITID><DTTRADE>20260904</DTTRADE></INVTRAN>
<SECID><UNIQUEID>1</UNIQUEID><UNIQUEIDTYPE>CUSIP</UNIQUEIDTYPE></SECID>
<INCOMETYPE>DIV</INCOMETYPE><TOTAL>-5.50</TOTAL><UNITS>1</UNITS></REINVEST></INVTRANLIST>
<INVPOSLIST><POSSTOCK><INVPOS><SECID><UNIQUEID>1</UNIQUEID><UNIQUEIDTYPE>CUSIP</UNIQUEIDTYPE>
</SECID><UNITS>3</UNITS><UNITPRICE>6</UNITPRICE><MKTVAL>18</MKTVAL></INVPOS></POSSTOCK>
</INVPOSLIST><INVBAL><AVAILCASH>88.00</AVAILCASH></INVBAL></INVSTMTRS></INVSTMTTRNRS>
</INVSTMTMSGSRSV1><SECLISTMSGSRSV1><SECLIST><STOCKINFO><SECINFO><SECID><UNIQUEID>1</UNIQUEID>
<UNIQUEIDTYPE>CUSIP</UNIQUEIDTYPE></SECID><SECNAME>Oak</SECNAME><TICKER>OAK</TICKER></SECINFO>
</STOCKINFO></SECLIST></SECLISTMSGSRSV1></OFX>
"""
SEEDS = {
    "camt": [CAMT],
    "mt940": [MT940, INTERIM],
    "qif": [BANK, TRADES],
    "ofx": [OFX, BROKER],
}
READERS = {"camt": read_camt, "mt940": read_mt940, "qif": read_qif, "ofx": read_ofx}
TOKENS = [
    *"0 9 , . - ' / : ; < > & ! ^ ? + * \0 \n \r\n \t é ９ ² \x85 \u2028 \ud800".split(" "),
    *"1e9 NaN Infinity 99999999999999999999 260230 EUR <Ntry> </Ntry> <Amt Ccy='EUR'>".split(),
    *"<STMTTRN> </STMTTRN> <TRNAMT> <CURRENCY> <SECID> </OFX> <BUYMF> <!ENTITY &#0;".split(),
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


def reads(read: Callable[[], StatementFile]) -> bool:
    """Whether ``read`` gives a statement, which is then checked; any other end is a refusal."""
    started = time.process_time()
    try:
        file = read()
    except UserError as error:
        file = None
        assert error.message  # noqa: PT017
    assert time.process_time() - started < SECONDS
    if file:
        check(file)
    return file is not None


def soak(kind: str, path: Path, rounds: int) -> int:
    """Reads that many mutations, each by its reader and by its content; how many were read."""
    random_ = random.Random(f"{kind} {rounds}")  # noqa: S311
    read = 0
    for _ in range(rounds):
        raw = mutated(random_.choice(SEEDS[kind]), random_)
        path.write_bytes(raw)
        read += reads(partial(READERS[kind], path, raw, "x"))
        read += reads(partial(read_statement_file, path, {}))
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
        ("ofx", "OFXHEADER:100\n<OFX>" + "<A>" * 3_000_000),
        ("ofx", "<OFX>" + "<STMTRS>" * 1_000_000),
        ("ofx", "OFXHEADER:100\n" + "X:" * 4_000_000),
        ("ofx", OFX.replace("Oolong", "&" * 9_000_000)),
        ("ofx", OFX.replace("-12.34", "1" * 9_000_000)),
        ("camt", "<Document>" + "<A>" * 3_000_000),
        ("camt", "<Document " + "a='b' " * 1_000_000),
        ("camt", "<" + "A" * 9_000_000),
        ("camt", "<!--" * 2_000_000),
        ("mt940", ":20:A\n:86:" + "x\n" * 2_000_000),
        ("mt940", ":20:\n" * 1_000_000),
        ("mt940", MT940.replace("ONLINE", "?21" * 500_000)),
        ("mt940", MT940.replace("/EREF/", "/EREF/" * 500_000)),
        ("mt940", MT940.replace("2609030903", "2" * 5_000_000)),
        ("qif", "!Type:Bank\n" * 800_000),
        ("qif", "!Type:Bank\nD" + "1" * 9_000_000 + "\n^\n"),
        ("qif", "!Type:Bank\nD9/14/2026\nT1" + " " * 1_000_000 + "x\n^\n"),
        ("qif", "!Type:Bank\nD9" + " " * 1_000_000 + "/14/2026\nT1\n^\n"),
        (
            "qif",
            "".join(f"!Account\nN{i}\n^\n!Type:Bank\nD9/14/2026\nT1\n^\n" for i in range(10**5)),
        ),
        ("qif", "!" + "Type:" * 1_000_000),
        ("qif", "!Type" + " " * 1_000_000 + "x"),
    ],
    ids=lambda value: value[:12],
)
def test_a_bomb_ends_soon(kind: str, bomb: str) -> None:
    reads(partial(READERS[kind], Path("x"), bomb.encode(), "x"))
