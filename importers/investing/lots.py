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

_NEVER = frozenset((data.Booking.NONE, data.Booking.AVERAGE))


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

    def known(self, account: str, commodity: str) -> list[position.Position]:
        """The lots of a holding, in Beancount's order; none where some units have no lot."""
        if self._inventory(f"{account}:{UNMATCHED}").get_currency_units(commodity).number:
            return []
        lots = self._of(account, commodity)
        unknown = any(lot.cost is None or lot.units.number < 0 for lot in lots)
        return [] if unknown else lots

    def may_add(self, account: str, commodity: str) -> bool:
        """Whether units with a cost can come in; beside units short, they would close those."""
        return all(lot.units.number > 0 for lot in self._of(account, commodity))

    def add(
        self, account: str, units: amount.Amount, cost: position.Cost | None = None
    ) -> None:
        """Takes in what a line of the import adds, or takes from units without lots."""
        self._inventory(account).add_amount(units, cost)

    def reduce(self, account: str, units: amount.Amount, method: str) -> bool:
        """Takes the units out of the lots that ``method`` chooses.

        False, and nothing is taken, where it cannot choose: not enough is held, several lots fit, or
        the lots are not known.
        """
        lots = self.known(account, units.currency)
        booking = data.Booking[method]
        if not lots or booking in _NEVER:
            return False
        posting = data.Posting(account, units, None, None, None, None)
        entry = data.Transaction({}, lots[0].cost.date, "*", None, "", frozenset(), frozenset(), [])
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

