"""The amounts and days of a camt message, and the refusal of those that are none."""

import datetime as dt
import re
from decimal import Decimal

from importers.camt.xml import Node
from importers.statement import RefusedFileError

# The standard's amounts have at most 18 digits and stand without a sign: CdtDbtInd is the sign.
_AMOUNT = re.compile(r"(?=[0-9.]{1,19}$)[0-9]+(\.[0-9]*)?|\.[0-9]+")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T[0-9:.,]+)?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_SIGNS = {"CRDT": 1, "DBIT": -1}


def signed_amount(node: Node, shown: str) -> tuple[Decimal, str]:
    """The amount of an entry or balance as its owner sees it, and its currency."""
    written = node.get("Amt")
    sign = node.text_of("CdtDbtInd")
    if written is None or sign not in _SIGNS:
        what = "no amount" if written is None else f"“{sign}” where CRDT or DBIT must stand"
        raise refused(f"has {what}", node, shown)
    return _SIGNS[sign] * number(written, shown), currency_of(written, shown)


def number(node: Node, shown: str) -> Decimal:
    """The number in an element, exactly as written."""
    text = node.text.strip()
    if not _AMOUNT.fullmatch(text):
        raise refused(f"“{text[:40]}” is not an amount", node, shown)
    return Decimal(text)


def currency_of(node: Node, shown: str) -> str:
    """The currency of an amount."""
    currency = node.attributes.get("Ccy", "").strip()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise refused(f"“{currency[:40]}” is not a currency", node, shown)
    return currency


def day_of(node: Node | None, shown: str) -> dt.date | None:
    """The day in a Dt or DtTm: as the bank writes it, never moved to another zone.

    None where there is no such element; raises RefusedFileError where it holds no day.
    """
    if node is None:
        return None
    text = node.text_of("Dt") or node.text_of("DtTm") or node.text.strip()
    match = _DAY.fullmatch(text)
    try:
        return dt.date.fromisoformat(match[1] if match else "")
    except ValueError as error:
        raise refused(f"“{text[:40]}” is not a date", node, shown) from error


def refused(what: str, node: Node, shown: str) -> RefusedFileError:
    """The refusal of a whole file for what stands at ``node``."""
    return RefusedFileError(
        f"{node.name} {what}; nothing of the file was used",
        file=shown,
        line=node.line,
        hint="download the statement again",
    )
