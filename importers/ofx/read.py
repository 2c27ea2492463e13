"""The statements of an OFX or QFX file: its tags, sorted into records, one list for each account.

What a record means is said in ``banking.py`` and ``investments.py``.
"""

from dataclasses import dataclass, field
from pathlib import Path

from importers.ofx import banking, investments
from importers.ofx.tokenizer import Tag, tags
from importers.ofx.values import Record, amount_of, day_of
from importers.statement import RefusedFileError, Statement, StatementFile

# Aggregates that matter; every other tag is a leaf of the one it stands in.
_AGGREGATES = (
    frozenset(
        (
            "STATUS FI STMTRS CCSTMTRS BANKACCTFROM CCACCTFROM BANKACCTTO CCACCTTO STMTTRN PAYEE"
            " CURRENCY ORIGCURRENCY LEDGERBAL AVAILBAL BAL BALLIST BANKTRANLIST SONRS"
            " INVSTMTRS INVACCTFROM INVTRANLIST INVBUY INVSELL INVTRAN SECID INVPOSLIST INVPOS"
            " INVBAL INVOOLIST INV401K INV401KBAL SECLIST SECINFO"
        ).split()
    )
    | investments.TRANSACTIONS
)
# These are aggregates by the standard and leaves at some banks: a text behind the tag decides.
_SOMETIMES_LEAVES = frozenset(("PAYEE", "CURRENCY", "ORIGCURRENCY", *investments.TRANSACTIONS))
_STATEMENTS = {"STMTRS": "bank", "CCSTMTRS": "card", "INVSTMTRS": "investment"}
_ACCOUNTS = frozenset(("BANKACCTFROM", "CCACCTFROM", "INVACCTFROM"))
# Whose tags say nothing of the record they stand in, or another account's.
_ASIDE = frozenset(("BANKACCTTO", "CCACCTTO", "ORIGCURRENCY"))
# Aggregates that only group the tags of their record.
_PLAIN = frozenset(("PAYEE", "INVBUY", "INVSELL", "INVTRAN"))
_MAX_DEPTH = 50


@dataclass
class _Draft:
    """A statement while its tags come in."""

    kind: str
    account: str | None = None
    currency: str | None = None
    balances: dict[str, Record] = field(default_factory=dict)
    period: dict[str, str] = field(default_factory=dict)
    as_of: str = ""
    lines: list[Record] = field(default_factory=list)
    positions: list[Record] = field(default_factory=list)


@dataclass
class _Parse:
    """What the stream has said so far."""

    shown: str
    stack: list[str] = field(default_factory=list)
    statements: list[_Draft] = field(default_factory=list)
    securities: list[Record] = field(default_factory=list)
    record: Record | None = None
    institution: str = ""
    status_failed: bool = False
    failures: list[str] = field(default_factory=list)


def read_ofx(path: Path, raw: bytes, shown: str) -> StatementFile:
    """The statements of an OFX file. Raises RefusedFileError with the reason to tell its owner."""
    parse = _Parse(shown)
    for tag in tags(raw, shown):
        if tag.closes:
            _close(parse, tag.name)
        elif tag.name in _AGGREGATES and not (tag.value and tag.name in _SOMETIMES_LEAVES):
            _open(parse, tag)
        else:
            _leaf(parse, tag)
    if not parse.statements:
        said = f": the bank says “{'; '.join(parse.failures)}”" if parse.failures else ""
        raise RefusedFileError(
            f"holds no statement{said}", file=shown, hint="download it from the bank again"
        )
    statements = tuple(_statement(draft, parse) for draft in parse.statements)
    warnings = [
        f"the bank says “{failure}”: an account may be missing" for failure in parse.failures
    ]
    for draft in parse.statements:
        if said := investments.borrowed(draft.balances.get("INVBAL")):
            warnings.append(said)
    return StatementFile(path, "ofx", parse.institution or "bank", statements, tuple(warnings))


def _open(parse: _Parse, tag: Tag) -> None:
    if len(parse.stack) >= _MAX_DEPTH:
        raise RefusedFileError("is nested too deeply", file=parse.shown, line=tag.line)
    parse.stack.append(tag.name)
    if tag.name in _STATEMENTS:
        parse.statements.append(_Draft(_STATEMENTS[tag.name]))
    records = _list_of(parse, tag.name)
    if records is not None:
        parse.record = Record(tag.name, tag.line, parse.shown)
        records.append(parse.record)


def _list_of(parse: _Parse, name: str) -> list[Record] | None:
    """The list that a new record begins in with this tag; None where it begins none."""
    if name == "SECINFO":
        return parse.securities
    if not parse.statements:
        return None
    draft = parse.statements[-1]
    if name == "INVBANKTRAN":  # it is its STMTTRN, and nothing beside
        return None
    if name == "STMTTRN" or ("INVTRANLIST" in parse.stack and name in investments.TRANSACTIONS):
        return draft.lines
    return draft.positions if name == "INVPOS" else None


def _close(parse: _Parse, name: str) -> None:
    """Ends an aggregate and whatever was left open in it; a leaf's end says nothing."""
    if name in _AGGREGATES and name in parse.stack:
        while (ended := parse.stack.pop()) != name:
            _end(parse, ended)
        _end(parse, ended)


def _end(parse: _Parse, name: str) -> None:
    if parse.record and parse.record.name == name:
        parse.record = None


def _leaf(parse: _Parse, tag: Tag) -> None:
    inside = parse.stack[-1] if parse.stack else ""
    if inside == "STATUS":
        _status_leaf(parse, tag)
    elif inside == "FI" and tag.name == "ORG":
        parse.institution = tag.value
    if parse.record:
        _record_leaf(parse.record, inside, tag)
    elif parse.statements:
        _statement_leaf(parse, inside, tag)


def _statement_leaf(parse: _Parse, inside: str, tag: Tag) -> None:
    statement = parse.statements[-1]
    if inside in _ACCOUNTS and tag.name == "ACCTID":
        statement.account = tag.value or None
    elif inside in {"LEDGERBAL", "INVBAL"}:
        record = statement.balances.setdefault(inside, Record(inside, tag.line, parse.shown))
        record.line = tag.line
        record.values.setdefault(tag.name, tag.value)
    elif inside in {"BANKTRANLIST", "INVTRANLIST"} and tag.name in {"DTSTART", "DTEND"}:
        statement.period.setdefault(tag.name, tag.value)
    elif inside == "INVSTMTRS" and tag.name == "DTASOF":
        statement.as_of = tag.value
    elif tag.name == "CURDEF":
        statement.currency = tag.value.upper() or None


def _status_leaf(parse: _Parse, tag: Tag) -> None:
    """Keeps what the bank says of an error; a warning or a note of it is none."""
    if tag.name == "CODE":
        parse.status_failed = tag.value not in {"0", ""}
        if parse.status_failed:
            parse.failures.append(f"status {tag.value}")
    elif tag.name == "SEVERITY" and parse.status_failed and tag.value.upper() != "ERROR":
        parse.status_failed = False
        parse.failures.pop()
    elif tag.name == "MESSAGE" and parse.status_failed and tag.value:
        parse.failures[-1] = tag.value


def _record_leaf(record: Record, inside: str, tag: Tag) -> None:
    if inside in _ASIDE:
        return
    name = tag.name if inside == record.name or inside in _PLAIN else f"{inside}.{tag.name}"
    record.values.setdefault(name, tag.value)
    record.cells.setdefault(name, tag.raw)


def _statement(draft: _Draft, parse: _Parse) -> Statement:
    days = [day_of(draft.period.get(name, "")) for name in ("DTSTART", "DTEND")]
    period = (days[0], days[1]) if days[0] and days[1] and days[0] <= days[1] else None
    if draft.kind == "investment":
        return investments.investment_statement(
            account=draft.account,
            currency=draft.currency,
            as_of=day_of(draft.as_of),
            records=draft.lines,
            positions=draft.positions,
            cash=draft.balances.get("INVBAL"),
            securities=parse.securities,
            period=period,
        )
    ledger = draft.balances.get("LEDGERBAL", Record("LEDGERBAL", 0, parse.shown))
    balance = ledger.get("BALAMT")
    return Statement(
        account_id=draft.account,
        currency=draft.currency,
        lines=tuple(banking.bank_line(record) for record in draft.lines),
        balance=amount_of(balance, parse.shown, ledger.line) if balance else None,
        balance_date=day_of(ledger.get("DTASOF")) if balance else None,
        kind=draft.kind,
        identity=banking.IDENTITY,
        period=period,
    )
