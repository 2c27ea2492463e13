"""What the parties agreed: a loan, and the events that change it.

::

    2026-02-01 custom "loan" "N-02" "Jane" "Acme" 10000.00 USD
      rate: 5.00
      maturity: 2028-02-01
      schedule: "monthly"
      document: "acme/documents/note-n-02.pdf"
"""

import calendar
import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import data

# The first three differ in nothing that is computed; their names are for the reader.
LEVEL_KINDS = ("level", "business", "personal", "mortgage")
INTEREST_ONLY, BALLOON, DEMAND, CREDIT_LINE = "interest-only", "balloon", "demand", "credit-line"
KINDS = (*LEVEL_KINDS, INTEREST_ONLY, BALLOON, DEMAND, CREDIT_LINE)
# Months from one instalment to the next; none where everything is due at maturity.
AT_MATURITY = "maturity"
MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12, AT_MATURITY: 0}
THIRTY_360, ACT_365 = "30/360", "act/365"
DAY_COUNTS = (THIRTY_360, ACT_365)

EXTRA, RATE, HOLIDAY, REFINANCE, ASSIGNMENT = "extra", "rate", "holiday", "refinance", "assignment"
EVENTS = (EXTRA, RATE, HOLIDAY, REFINANCE, ASSIGNMENT)


@dataclass(frozen=True)
class Loan:
    """A loan as agreed on ``date``. ``rate`` is percent a year; None where the note says none.

    ``principal`` is what is lent, of a credit line its limit. ``term`` counts instalments.
    ``payment`` is one instalment of interest and principal, without ``escrow``; zero: computed.
    ``interest_only`` counts the instalments before the first that repays; ``amortisation`` those by
    which a balloon loan's instalments are computed. ``said`` are the keys of the directive itself.
    """

    id: str
    lender: str
    borrower: str
    principal: Decimal
    currency: str
    date: dt.date
    entry: data.Custom = field(compare=False, repr=False)
    rate: Decimal | None = None
    kind: str = "level"
    start: dt.date | None = None
    first_payment: dt.date | None = None
    maturity: dt.date | None = None
    term: int = 0
    schedule: str = "monthly"
    payment: Decimal = Decimal(0)
    escrow: Decimal = Decimal(0)
    escrow_account: str = ""
    interest_only: int = 0
    amortisation: int = 0
    day_count: str = THIRTY_360
    account: str = ""
    signed: dt.date | None = None
    said: frozenset[str] = frozenset()

    @property
    def began(self) -> dt.date:
        """The day from which interest runs."""
        return self.start or self.date

    @property
    def signed_on(self) -> dt.date:
        """The day of the signature; where the note does not say one, that of the directive."""
        return self.signed or self.date

    @property
    def every(self) -> int:
        """Months from one instalment to the next; zero: all at maturity."""
        return MONTHS[self.schedule]

    @property
    def first_due(self) -> dt.date | None:
        """The first due date: as agreed, else one period after the start."""
        if not self.every:
            return self.maturity
        return self.first_payment or months_after(self.began, self.every)

    @property
    def instalments(self) -> int:
        """How many instalments were agreed; zero where the note does not say.

        Of a note with a maturity and no ``term``, the due dates up to the maturity.
        """
        if not self.every:
            return 1 if self.maturity else 0
        if self.term or self.maturity is None or self.first_due is None:
            return self.term
        first, last = self.first_due, self.maturity
        months = (last.year - first.year) * 12 + last.month - first.month
        count = months // self.every + 1
        return max(count - 1 if self.due(count) > last else count, 1)

    @property
    def runs_by_days(self) -> bool:
        """Whether interest runs on each day's balance: nobody knows the balances beforehand."""
        return self.kind in {DEMAND, CREDIT_LINE}

    @property
    def ends(self) -> dt.date | None:
        """The maturity: as agreed, else the last due date; None on demand."""
        if self.kind == DEMAND or self.maturity or not self.instalments:
            return None if self.kind == DEMAND else self.maturity
        return self.due(self.instalments)

    def due(self, number: int) -> dt.date:
        """The due date of an instalment, counted from 1.

        A month that is too short for the day has it on its last day; the next one has it back.
        """
        if self.first_payment and self.every:
            return months_after(self.first_payment, self.every * (number - 1))
        if not self.every:
            return self.maturity or self.began
        return months_after(self.began, self.every * number)


@dataclass(frozen=True)
class LoanEvent:
    """What changes a loan from ``date`` on.

    ``extra``: ``amount`` of principal paid beside the schedule. ``rate``: a new ``rate``.
    ``holiday``: nothing is due up to ``until``; its interest is ``capitalise``d, ``paid``,
    or ``waive``d.
    ``refinance``: new terms (``amount``, ``rate``, ``term``, ``payment`` where given), or, with
    ``into``, paid off by that loan. ``assignment``: the lender is ``assigned_to``.
    ``recompute`` asks for a new instalment over those that remain, ``extend`` for as many more
    instalments at the end as the holiday left out.
    """

    loan: str
    date: dt.date
    what: str
    entry: data.Custom = field(compare=False, repr=False)
    amount: Decimal | None = None
    rate: Decimal | None = None
    until: dt.date | None = None
    interest: str = "capitalise"
    into: str = ""
    term: int = 0
    payment: Decimal = Decimal(0)
    assigned_to: str = ""
    recompute: bool = False
    extend: bool = False


@dataclass(frozen=True)
class Forbearance:
    """A lender's written patience: what is due from ``date`` to ``until`` is due on ``until``."""

    loan: str
    date: dt.date
    until: dt.date
    entry: data.Custom = field(compare=False, repr=False)


@dataclass(frozen=True)
class Covenant:
    """What the borrower promised the lender about its figures, from ``date`` on.

    ``min_dscr`` is a ratio, ``max_ltv`` percent of the value of ``asset``; None: not asked for.
    """

    loan: str
    date: dt.date
    entry: data.Custom = field(compare=False, repr=False)
    min_dscr: Decimal | None
    max_ltv: Decimal | None
    asset: str


@dataclass(frozen=True)
class FederalRate:
    """A row of the applicable federal rates: percent a year for a ``month`` (``2026-01``; of the
    blended rate a year, ``2026``) and a bucket, compounded as said (empty: annually)."""

    month: str
    bucket: str
    percent: Decimal
    compounding: str = ""


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or that month's last day; at most the last day there is."""
    month = day.year * 12 + day.month - 1 + months
    year, index = divmod(month, 12)
    if year > dt.MAXYEAR:
        return dt.date.max
    last = calendar.monthrange(year, index + 1)[1]
    return dt.date(year, index + 1, min(day.day, last))
