"""One booked entry (Ntry) of a camt message as a line of the statement.

An entry is one movement of the account and stays one line, so that the lines prove the balances.
A collective entry has a detail (TxDtls) for each payment in it: they become its splits where they
are in its currency and add up to it.

CdtDbtInd is the sign of the entry, reversal or not. The standard (message definition report of
camt.053, ReversalIndicator) says of a reversal: with CRDT the original was a debit, with DBIT it
was a credit. RvslInd therefore flips nothing here; see ``importers.camt.read`` for banks that
write it otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from importers.camt.values import day_of, number, refused, signed_amount
from importers.camt.xml import Node
from importers.statement import Split, StatementLine

# What makes an entry without the bank's reference recognisable in another file: not NtryRef, which
# at many banks only counts the entries of one file.
IDENTITY = (
    "camt-1",
    (
        "BookgDt.Dt",
        "BookgDt.DtTm",
        "Amt",
        "Amt.Ccy",
        "CdtDbtInd",
        "NtryDtls.TxDtls.Refs.EndToEndId",
        "NtryDtls.TxDtls.RmtInf.Ustrd",
        "AddtlNtryInf",
    ),
)
_NO_REFERENCE = frozenset(("", "NOTPROVIDED", "NONREF", "NOREF", "NOT PROVIDED"))


@dataclass(frozen=True)
class Entry:
    """A line, its currency, whether it reverses another, and what to warn of."""

    line: StatementLine
    currency: str
    is_reversal: bool
    warning: str = ""


def status(entry: Node, shown: str) -> str:
    """BOOK, PDNG, INFO, FUTR: text up to version 7, a code (or the bank's own) from version 8."""
    found = entry.text_of("Sts") or entry.text_of("Sts", "Cd") or entry.text_of("Sts", "Prtry")
    if not found:
        raise refused("does not say whether it is booked", entry, shown)
    return found


def booked_entry(entry: Node, account: str | None, shown: str) -> Entry:
    """The line of a booked entry; ``account`` is the statement's own number.

    Raises RefusedFileError where its amount or day cannot be read.
    """
    amount, currency = signed_amount(entry, shown)
    is_reversal = entry.text_of("RvslInd") in {"true", "1"}
    value_day = day_of(entry.get("ValDt"), shown)
    day = day_of(entry.get("BookgDt"), shown) or value_day
    if day is None:
        raise refused("has no booking date", entry, shown)
    details = list(entry.all("NtryDtls", "TxDtls"))
    parties = [_party(detail, (amount > 0) != is_reversal, account) for detail in details]
    payee, other = _common(name for name, _ in parties), _common(number for _, number in parties)
    texts = _texts(entry, details)
    if not payee and texts:
        payee, texts = texts[0], texts[1:]
    splits, warning = _splits(details, parties, amount, currency, entry, shown)
    references = {detail.text_of("Refs", "EndToEndId") for detail in details}
    line = StatementLine(
        date=day,
        amount=amount,
        currency=currency,
        payee=payee,
        narration="; ".join(texts),
        row=entry.line,
        cells=cells(entry),
        bank_id=_bank_id(entry, details),
        transaction_date=value_day,
        reference=_given(references.pop()) if len(references) == 1 else "",
        counter_account=other,
        splits=splits,
    )
    return Entry(line, currency, is_reversal, warning)


def cells(entry: Node) -> dict[str, str]:
    """The raw texts of an entry by dotted path; a path that comes again ends in #2, #3, …"""
    out: dict[str, str] = {}
    times: dict[str, int] = {}

    def put(path: str, text: str) -> None:
        times[path] = times.get(path, 0) + 1
        out[path if times[path] == 1 else f"{path}#{times[path]}"] = text

    for path, leaf in entry.leaves():
        put(path, leaf.text)
        for name, value in leaf.attributes.items():
            put(f"{path}.{name}", value)
    return out


def _bank_id(entry: Node, details: list[Node]) -> str:
    """AcctSvcrRef, the bank's own id, of the entry or of its only detail.

    NtryRef counts within one file at many banks and EndToEndId is the payer's, who repeats it:
    neither names a line for ever.
    """
    own = _given(entry.text_of("AcctSvcrRef"))
    if own or len(details) != 1:
        return own
    return _given(details[0].text_of("Refs", "AcctSvcrRef"))


def _given(reference: str) -> str:
    bare = reference.strip()
    return "" if bare.upper() in _NO_REFERENCE or not bare.strip("0") else bare


def _common(values: Iterable[str]) -> str:
    """The one value that all have, else empty."""
    found = set(values)
    return found.pop() if len(found) == 1 else ""


def _party(detail: Node, pays_in: bool, account: str | None) -> tuple[str, str]:
    """Name and account of the other side: who pays in, or is paid.

    A reversal keeps the roles of the payment that it reverses. A side with the account's own
    number is not the other side.
    """
    parties = detail.get("RltdPties")
    sides = ("Dbtr", "Cdtr") if pays_in else ("Cdtr", "Dbtr")
    if parties is None:
        return "", ""
    for side in sides:
        number = parties.text_of(f"{side}Acct", "Id", "IBAN") or parties.text_of(
            f"{side}Acct", "Id", "Othr", "Id"
        )
        if number and number == account:
            continue
        name = next(
            (
                found
                for role in (side, f"Ultmt{side}")
                for path in (("Nm",), ("Pty", "Nm"), ("Agt", "FinInstnId", "Nm"))
                if (found := parties.text_of(role, *path))
            ),
            "",
        )
        if name or number:
            return " ".join(name.split()), number
    return "", ""


def _texts(entry: Node, details: list[Node]) -> list[str]:
    """What was said of the entry: of its only detail, and by the bank."""
    texts = [" ".join(entry.text_of("AddtlNtryInf").split())]
    if len(details) == 1:
        texts = [_remittance(details[0]), _exchange(details[0]), *texts]
    elif details:
        texts = [*texts, f"{len(details)} payments"]
    return [text for text in texts if text]


def _remittance(detail: Node) -> str:
    """The text of a payment: the payer's, else its structured reference, else the bank's."""
    written = [node.text for node in detail.all("RmtInf", "Ustrd")]
    structured = [node.text for node in detail.all("RmtInf", "Strd", "CdtrRefInf", "Ref")]
    own = [node.text for node in detail.all("AddtlTxInf")]
    return next(
        (
            text
            for parts in (written, structured, own)
            if (text := " ".join(" ".join(parts).split()))
        ),
        "",
    )


def _exchange(detail: Node) -> str:
    """The amount in the other currency and the rate, as the bank writes them."""
    instructed = detail.get("AmtDtls", "InstdAmt", "Amt")
    parts: list[str] = []
    for kind in ("InstdAmt", "TxAmt", "CntrValAmt"):
        exchange = detail.get("AmtDtls", kind, "CcyXchg")
        if exchange is not None and instructed is not None and not parts:
            pair = f"{exchange.text_of('SrcCcy')}/{exchange.text_of('TrgtCcy')}"
            parts = [instructed.text, instructed.attributes.get("Ccy", "")]
            parts += ["at", exchange.text_of("XchgRate"), pair]
    return " ".join(" ".join(parts).split())


def _splits(
    details: list[Node],
    parties: list[tuple[str, str]],
    amount: Decimal,
    currency: str,
    entry: Node,
    shown: str,
) -> tuple[tuple[Split, ...], str]:
    """The payments in a collective entry, or why they cannot be told apart."""
    if len(details) < 2:
        return (), ""
    splits = []
    for detail, (name, _) in zip(details, parties, strict=True):
        part = _detail_amount(detail, currency, shown)
        if part is None:
            break
        sign = {"CRDT": 1, "DBIT": -1}.get(detail.text_of("CdtDbtInd"), 1 if amount > 0 else -1)
        text = "; ".join(text for text in (name, _remittance(detail)) if text)
        splits.append(Split(sign * part, narration=text))
    if len(splits) == len(details) and sum(split.amount for split in splits) == amount:
        return tuple(splits), ""
    return (), (
        f"line {entry.line}: the {len(details)} payments of a collective entry do not add up to "
        f"{abs(amount)} {currency}: it is kept as one"
    )


def _detail_amount(detail: Node, currency: str, shown: str) -> Decimal | None:
    """A detail's amount in ``currency``: its own from version 4, its transaction amount before."""
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        node = detail.get(*path)
        if node is not None and node.attributes.get("Ccy") == currency:
            return number(node, shown)
    return None
