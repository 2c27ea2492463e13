"""What is held of each security, lot by lot, on the day of each line.

The books' own postings and the import's come together in date order, so that a sale is known to
match before it is written. Which lots it takes is Beancount's decision, by the account's booking
method; its own functions are asked.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import amount, data, position
from beancount.core.inventory import Inventory
from beancount.parser import booking_method

from core.journal.books import Books
from importers.investing.accounts import UNMATCHED

# Only errors show it, and those are not shown.
_NO_DAY = dt.date(1970, 1, 1)
_NEVER = frozenset((data.Booking.NONE, data.Booking.AVERAGE))


@dataclass(frozen=True)
class Lot:
    """Units that came in together: ``cost`` is what one of them cost, on ``day``."""

    units: Decimal
    commodity: str
    cost: Decimal
    currency: str
    day: dt.date
    label: str | None = None

    @property
    def amount(self) -> amount.Amount:
        """The units as an amount."""
        return amount.Amount(self.units, self.commodity)

    @property
    def total(self) -> Decimal:
        """What the lot cost."""
        return self.units * self.cost


def is_below(account: str, base: str) -> bool:
    """Whether an account is ``base`` or stands below it."""
    return account == base or account.startswith(f"{base}:")


def below(base: str, books: Books) -> Sequence[data.Transaction]:
    """The transactions of the books that post to ``base`` or below it, in order."""
    return books.select(
        f"below {base}", lambda txn: any(is_below(p.account, base) for p in txn.postings)
    )


@dataclass
class Lots:
    """The holdings below a broker's account, as of the day of ``up_to``."""

    books: Books
    base: str
    _waiting: list[tuple[dt.date, data.Posting]] = field(default_factory=list)
    _held: dict[str, Inventory] = field(default_factory=dict)

    def __post_init__(self) -> None:
        entries = below(self.base, self.books)
        postings = ((txn.date, posting) for txn in entries for posting in txn.postings)
        self._waiting = [(day, p) for day, p in postings if is_below(p.account, self.base)]
        self._waiting.reverse()

    def up_to(self, day: dt.date) -> None:
        """Takes in what the books say until the end of ``day``."""
        while self._waiting and self._waiting[-1][0] <= day:
            _, posting = self._waiting.pop()
            self._inventory(posting.account).add_position(posting)

    def units(self, account: str, commodity: str) -> Decimal:
        """What is held, with the units whose lots are not known."""
        names = (account, f"{account}:{UNMATCHED}")
        inventories = [self._inventory(name) for name in names]
        return sum((i.get_currency_units(commodity).number for i in inventories), Decimal(0))

    def known(self, account: str, commodity: str) -> list[Lot]:
        """The lots of a holding, in Beancount's order; none where some units have no lot."""
        if self._inventory(f"{account}:{UNMATCHED}").get_currency_units(commodity).number:
            return []
        lots = [_lot(held) for held in self._of(account, commodity)]
        found = [lot for lot in lots if lot and lot.units > 0]
        return found if len(found) == len(lots) else []

    def may_add(self, account: str, commodity: str) -> bool:
        """Whether units with a cost can come in; beside units short, they would close those."""
        return all((held.units.number or 0) > 0 for held in self._of(account, commodity))

    def add(self, account: str, lot: Lot) -> None:
        """Takes in a lot that a line of the import adds, or with negative units takes out."""
        cost = position.Cost(lot.cost, lot.currency, lot.day, lot.label)
        self._inventory(account).add_amount(lot.amount, cost)

    def add_unmatched(self, account: str, units: amount.Amount) -> None:
        """Takes in units without a lot, of either sign."""
        self._inventory(account).add_amount(units)

    def reduce(self, account: str, units: amount.Amount, method: str) -> bool:
        """Takes the units out of the lots that ``method`` chooses.

        False, and nothing is taken, where it cannot choose: not enough is held, several lots fit,
        or the lots are not known.
        """
        booking = data.Booking[method]
        if not self.known(account, units.currency) or booking in _NEVER:
            return False
        lots = self._of(account, units.currency)
        posting = data.Posting(account, units, None, None, None, None)
        entry = data.Transaction({}, _NO_DAY, "*", None, "", frozenset(), frozenset(), [])
        taken, _, errors = booking_method.handle_ambiguous_matches(entry, posting, lots, booking)
        if errors:
            return False
        for part in taken:
            self._inventory(account).add_position(part)
        return True

    def _of(self, account: str, commodity: str) -> list[position.Position]:
        return [lot for lot in self._inventory(account) if lot.units.currency == commodity]

    def _inventory(self, account: str) -> Inventory:
        return self._held.setdefault(account, Inventory())


def _lot(held: position.Position) -> Lot | None:
    """What an inventory holds as a lot; None where it has no cost."""
    units, cost = held.units, held.cost
    if cost is None or cost.number is None or units.number is None:
        return None
    return Lot(units.number, units.currency, cost.number, cost.currency, cost.date, cost.label)
