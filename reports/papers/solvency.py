"""The solvency determination: both tests with the figures of a day, before and after a payment.

Balance sheet: what the company owns, less what it owes, less what other owners are to have first,
must not be below zero after the payment. Cash flow: cash, and what is expected to come in within
the horizon, less what falls due in it, must not be either (DOMAIN VEIL-013; worked case I-10).
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from reports.papers.paper import Facts, Heading, Part, Table, Text, said_day
from reports.papers.words import figures

ZERO = Decimal(0)


@dataclass(frozen=True)
class Solvency:
    """Figures at the end of ``day`` as if ``payment`` had not been made; all positive, in
    ``currency``. ``preferential`` is what owners with senior rights are to have first;
    ``receipts`` and ``obligations`` lie within ``horizon`` days after the day, and ``counted`` is a
    sentence that says what was counted as such."""

    day: dt.date
    currency: str
    assets: Decimal
    liabilities: Decimal
    preferential: Decimal
    cash: Decimal
    receipts: Decimal
    obligations: Decimal
    payment: Decimal
    horizon: int
    counted: str

    @property
    def balance_margin(self) -> Decimal:
        """What is left after the payment by the balance-sheet test; below zero it fails."""
        return self.assets - self.payment - self.liabilities - self.preferential

    @property
    def cash_margin(self) -> Decimal:
        """What is left after the payment by the cash-flow test; below zero it fails."""
        return self.cash - self.payment + self.receipts - self.obligations

    @property
    def met(self) -> bool:
        """Whether both tests are met."""
        return self.balance_margin >= 0 and self.cash_margin >= 0

    @property
    def largest(self) -> Decimal:
        """The largest payment that meets both tests; never below zero."""
        return max(ZERO, self.payment + min(self.balance_margin, self.cash_margin))

    def parts(self) -> tuple[Part, ...]:
        """The determination as a section of a paper."""
        until = self.day + dt.timedelta(days=self.horizon)
        return (
            Heading("Solvency determination"),
            Text(
                f"The figures are taken from the company's books as they stand at the end of "
                f"{said_day(self.day)}, at book value, in {self.currency}. Receipts and "
                f"obligations are those expected and due in the {self.horizon} days after it, to "
                f"{said_day(until)}; they are estimates. {self.counted}"
            ),
            self._balance(),
            Text(_result("balance-sheet test", self.balance_margin, self.currency)),
            self._cash(),
            Text(_result("cash-flow test", self.cash_margin, self.currency)),
            self._conclusion(),
            Facts(
                (
                    ("Other facts and amounts weighed", ""),
                    ("Determined by (name, date)", ""),
                )
            ),
        )

    def _balance(self) -> Table:
        after = self.assets - self.payment
        return Table(
            ("Balance-sheet test", "Amount"),
            (
                ("Total assets before the distribution", figures(self.assets)),
                ("Less: the distribution", figures(-self.payment)),
                ("Total assets after the distribution", figures(after)),
                ("Less: total liabilities", figures(-self.liabilities)),
                (
                    "Less: preferential rights of senior owners",
                    figures(-self.preferential) if self.preferential else "none registered",
                ),
                ("Margin", figures(self.balance_margin)),
            ),
            first_amount=1,
            totals=1,
        )

    def _cash(self) -> Table:
        return Table(
            ("Cash-flow test", "Amount"),
            (
                ("Cash before the distribution", figures(self.cash)),
                ("Less: the distribution", figures(-self.payment)),
                (f"Add: receipts expected in {self.horizon} days", figures(self.receipts)),
                (f"Less: obligations due in {self.horizon} days", figures(-self.obligations)),
                ("Margin", figures(self.cash_margin)),
            ),
            first_amount=1,
            totals=1,
        )

    def _conclusion(self) -> Text:
        if self.met:
            return Text(
                "On these figures both tests are met: after the distribution the company can pay "
                "its debts as they fall due in the ordinary course of business, and its assets are "
                "not less than its liabilities and the preferential rights of senior owners. The "
                f"largest distribution that meets both tests is {self._largest()}."
            )
        return Text(
            "On these figures the tests are not both met. The largest distribution that meets both "
            f"is {self._largest()}."
        )

    def _largest(self) -> str:
        return figures(self.largest, self.currency)


def _result(test: str, margin: Decimal, currency: str) -> str:
    if margin >= 0:
        return f"Result: the {test} is met, with a margin of {figures(margin, currency)}."
    return f"Result: the {test} is NOT met; it is short by {figures(-margin, currency)}."
