"""The parts of a profile: which column holds what, which rows are what, what words mean."""

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from core.config import Strict

# How a column writes its amounts: as positive numbers, as negative ones, or now so, now so.
ColumnSign = Literal["positive", "negative", "any"]


class Columns(Strict):
    """Which column holds what; an amount is one signed column, or debit and credit.

    ``payee`` may be several columns: the first that says something counts. ``payee-in`` is the
    payee of money that comes in, where the file has payer and payee. ``fee`` is charged on top: it
    is taken off the amount. Where the amount is net already, name the column that holds the
    ``gross``: the difference is the fee; or the one that says what was ``kept``, with that of the
    ``tax`` on it where this was kept too. ``reference`` joins the rows of one event; a file may
    lack that column.
    """

    date: str
    transaction_date: str = Field("", alias="transaction-date")
    payee: str | tuple[str, ...]
    payee_in: str = Field("", alias="payee-in")
    narration: str = ""
    amount: str = ""
    debit: str = ""
    credit: str = ""
    fee: str = ""
    gross: str = ""
    kept: str = ""
    tax: str = ""
    reference: str = ""
    currency: str = ""
    id: str = ""
    account: str = ""
    balance: str = ""

    @model_validator(mode="after")
    def _one_amount(self) -> Self:
        if bool(self.amount) == bool(self.debit and self.credit):
            raise ValueError("name either 'amount' or both 'debit' and 'credit'")
        return self

    @model_validator(mode="after")
    def _one_fee(self) -> Self:
        if self.fee and self.gross:
            raise ValueError("name 'fee' or 'gross': with the gross the fee is the difference")
        if self.kept and (self.fee or self.gross):
            raise ValueError("name 'kept', or 'fee' or 'gross': each says what the fee is")
        if self.tax and not self.kept:
            raise ValueError("'tax' is the tax on what was 'kept': name both")
        return self

    @property
    def payees(self) -> tuple[str, ...]:
        """The columns of the payee, the first first."""
        return (self.payee,) if isinstance(self.payee, str) else self.payee

    @property
    def named(self) -> list[str]:
        """Every column that the file must have."""
        others = self.model_dump(exclude={"payee", "reference"}).values()
        return [*self.payees, *(str(value) for value in others if value)]


class Flag(Strict):
    """A column that says whether an unsigned amount is money in or out."""

    column: str
    out: tuple[str, ...]
    into: tuple[str, ...] = Field(alias="in")


class Filter(Strict):
    """Rows that are kept (``booked``), only shown (``pending``), left out (``skip``) or told apart
    (``transfers``: own money to or from another account; ``conversions``: sides of one;
    ``charges``: a fee and nothing else) by what one column says: one of the ``values``, or a text
    that ``begins`` so."""

    column: str
    values: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not all((*self.values, *self.begins)) or not (self.values or self.begins):
            raise ValueError("needs 'values' or 'begins', and none that is empty")
        return self


class Conversions(Filter):
    """Sides of conversions, and the columns that say what the fee of one was (a file may lack
    them): the ``fee`` is in the amount that was given where the rest of it, at the ``rate``, makes
    what was ``bought``, and else is not. A row without a rate, where the file has rates, is no
    side."""

    fee: str = ""
    rate: str = ""
    bought: str = ""


class Balance(Strict):
    """The closing balance in the lines around the table: a pattern with ``amount``, ``date``."""

    pattern: str
    date_format: str = Field("", alias="date-format")

    @field_validator("pattern")
    @classmethod
    def _names_the_amount(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groupindex
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from error
        if "amount" not in groups:
            raise ValueError("needs a group (?P<amount>…)")
        return pattern


class Trades(Strict):
    """What a broker's rows did to a holding, by the words that their ``action`` begins with.

    Of two words that fit the longer one counts; with ``whole`` the action is the word, all of it. A
    row whose action has none of them moves cash alone, and may have no quantity. Fees are on top of
    quantity × price; the quantity of a ``split`` is the units that it added, of a ``transfer`` what
    came in or (negative) went out. ``commission`` may have several names, of which a file has one.
    ``sweeps`` are the actions that, without a quantity, move cash into the fund that is the
    account's cash or out of it: rows that are left out.
    """

    action: str
    whole: bool = False
    symbol: str
    name: str = ""
    quantity: str
    price: str = ""
    commission: str | tuple[str, ...] = ""
    fees: str = ""
    accrued: str = ""
    sweeps: tuple[str, ...] = ()
    actions: dict[
        str,
        Literal[
            "buy", "sell", "split", "transfer", "dividend", "interest", "gain-short", "gain-long"
        ],
    ]

    @property
    def commissions(self) -> tuple[str, ...]:
        """The names of the commission's column."""
        return (self.commission,) if isinstance(self.commission, str) else self.commission

    @property
    def named(self) -> list[str]:
        """Every column that the file must have."""
        commission = self.commissions[0] if len(self.commissions) == 1 else ""
        columns = (self.symbol, self.name, self.quantity, self.price, commission, self.fees)
        return [column for column in (self.action, *columns, self.accrued) if column]


class Identity(Strict):
    """The raw cells that make a line's id where the bank gives none. Change the columns only with
    a new version: ids of the old one stay what they are."""

    version: int
    columns: tuple[str, ...]
