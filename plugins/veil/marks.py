"""The few transactions that carry a certain mark: ``recon: "no"`` (no statement has it yet), or
``known:`` (the date since when it is known)."""

import datetime as dt
from collections.abc import Mapping

from beancount.core import data

from core.journal.books import Books
from core.journal.shape import Shape


def is_outstanding(txn: data.Transaction) -> bool:
    """Whether the entry or one of its postings says ``recon: "no"``."""
    return says_no(txn.meta) or any(says_no(posting.meta) for posting in txn.postings)


def may_be_outstanding(shape: Shape, _: Books) -> bool:
    """Shapes that say ``recon:``."""
    return "recon" in shape.keys


def says_when_known(txn: data.Transaction) -> bool:
    """Whether the entry says with a date when it was known."""
    return isinstance(txn.meta.get("known"), dt.date)


def may_say_when_known(shape: Shape, _: Books) -> bool:
    """Shapes that say ``known:``."""
    return "known" in shape.keys


def says_no(meta: Mapping[str, object] | None) -> bool:
    """Whether metadata says ``recon: "no"``."""
    value = meta.get("recon") if meta else None
    return value is False or (isinstance(value, str) and value.strip().casefold() == "no")
