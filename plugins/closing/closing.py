"""The directives that close a period and open it again."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from beancount.core import data
from beancount.parser.grammar import ValueType

from core.findings import UserError
from core.journal.books import Books
from core.period import Period
from core.seal import CLOSE, NOTHING_BEFORE, REOPEN, SOFT, Seal, reopened, seals_of
from core.soft_close import soft_seals
from plugins.closing.figures import hash_of_figures
from plugins.closing.sealed import Sealed


def seal(
    books: Books,
    entity: str,
    period: Period,
    *,
    day: dt.date,
    closed_by: str,
    reviewed_by: str = "",
    note: str = "",
) -> data.Custom:
    """The ``close-period`` directive of a period as the books are now: hashes of its entries and
    figures, and the hash of the period before."""
    before = [s for s in seals_of(books.standing).get(entity, ()) if s.period.last < period.first]
    prev = before[-1].hash if before else NOTHING_BEFORE
    blank = _custom(CLOSE, entity, period.name, day, {})
    draft = Seal(blank, entity, period, "", prev)
    sealed = Sealed(books)
    meta: dict[str, Any] = {
        "last-date": period.last,
        "hash": sealed.hash_of(draft, prev),
        "prev": prev,
        "figures": hash_of_figures(draft, sealed.figures(draft)),
        "count": Decimal(len(sealed.lines(draft))),
        "closed-by": closed_by,
        "reviewed-by": reviewed_by,
        "note": note,
        "tools": f"beancount {version('beancount')}",
    }
    return _custom(CLOSE, entity, period.name, day, {k: v for k, v in meta.items() if v})


def soft_seal(
    books: Books, entity: str, period: Period, *, day: dt.date, closed_by: str, note: str = ""
) -> data.Custom:
    """The ``soft-close`` directive of a period as the books are now: the hash of what makes its
    figures, without the adjusting entries."""
    draft = Seal(_custom(SOFT, entity, period.name, day, {}), entity, period, "")
    sealed = Sealed(books)
    meta: dict[str, Any] = {
        "last-date": period.last,
        "hash": sealed.hash_of(draft, NOTHING_BEFORE),
        "count": Decimal(len(sealed.lines(draft))),
        "closed-by": closed_by,
        "note": note,
        "tools": f"beancount {version('beancount')}",
    }
    return _custom(SOFT, entity, period.name, day, {k: v for k, v in meta.items() if v})


def opened_again(
    books: Books,
    entity: str,
    period: Period,
    *,
    day: dt.date,
    reason: str,
    approved_by: str,
    second_by: str,
) -> Sequence[data.Custom]:
    """The ``reopen-period`` directives of a closed period and of every one closed after it: their
    hashes go through its. A soft-closed one is opened as well, and so is one after it. Raises
    UserError where it is not closed or a person is missing."""
    soft = soft_seals(books.standing).get(entity, ())
    closed = (*seals_of(books.standing).get(entity, ()), *soft)
    wanted = [s for s in closed if s.period.last >= period.last]
    if not wanted or wanted[0].period.last != period.last:
        known = ", ".join(s.period.name for s in closed) or "none"
        raise UserError(f"{entity} {period.name} is not closed", hint=f"closed: {known}")
    meta = {"reason": reason.strip(), "approved-by": approved_by, "second-by": second_by}
    found = [
        _custom(REOPEN, entity, s.period.name, day, {"last-date": s.period.last, **meta})
        for s in wanted
    ]
    try:
        reopened(found[0])
    except ValueError as error:
        raise UserError(str(error)) from error
    return found


def _custom(kind: str, entity: str, period: str, day: dt.date, meta: dict[str, Any]) -> data.Custom:
    return data.Custom(meta, day, kind, [ValueType(entity, str), ValueType(period, str)])
