"""Beancount's booking, which some amounts bring to a stop: then entry by entry, without them.

A total cost of no units, a price of zero, or more digits than it computes with raise an exception
in the middle of booking. Such an entry is an error of its own; it must not take the books along.
"""

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from beancount.core import data
from beancount.core.inventory import Inventory
from beancount.ops import validation
from beancount.parser import booking

Balances = dict[str, Inventory]


def book(
    entries: Sequence[data.Directive], options: Mapping[str, Any], balances: Balances | None = None
) -> tuple[list[data.Directive], list[Any]]:
    """The entries (in Beancount's order) with their lots found and their amounts completed, and
    what is wrong. ``balances`` are what accounts hold before, and are left as they hold after."""
    held: Balances = defaultdict(Inventory) if balances is None else balances
    before = {account: copy.copy(inventory) for account, inventory in held.items()}
    try:
        return _complete(*booking.book(list(entries), dict(options), held))
    except Exception:  # whatever it is, an entry brought it about
        held.clear()
        held.update(before)
        return _one_by_one(entries, dict(options), held)


def _complete(
    entries: Sequence[data.Directive], errors: Sequence[Any]
) -> tuple[list[data.Directive], list[Any]]:
    """Without the entries that booking left incomplete, and said so: they cannot be added up."""
    left = {id(error.entry) for error in errors if isinstance(error, booking.BookingError)}
    return [entry for entry in entries if id(entry) not in left], list(errors)


def _one_by_one(
    entries: Sequence[data.Directive], options: dict[str, Any], balances: Balances
) -> tuple[list[data.Directive], list[Any]]:
    methods = [e for e in entries if isinstance(e, data.Open) and e.booking]
    booked: list[data.Directive] = []
    errors: list[Any] = []
    for entry in entries:
        if not isinstance(entry, data.Transaction):
            booked.append(entry)
            continue
        try:
            found, wrong = _complete(*booking.book([*methods, entry], options, balances))
            validation.validate_check_transaction_balances(found, options)
        except Exception as error:
            errors.append(_stopped(entry, error))
            continue
        booked += found[len(methods) :]
        errors += wrong
    return booked, errors


def _stopped(entry: data.Transaction, error: Exception) -> Any:
    message = f"Booking stopped: {type(error).__name__}"
    return booking.BookingError(entry.meta, message, entry)
