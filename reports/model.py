"""A statement as values: rows, the identities that prove it, and what is not decided yet."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from core.findings import Finding
from core.money import round_half_up
from core.period import Period
from reports.chart import Chart
from reports.flow.sankey import Sankey

HEADING, LINE, DETAIL, TOTAL = "heading", "line", "detail", "total"


@dataclass(frozen=True)
class Row:
    """A row: its label, one amount per column (None: empty), and its weight on the page.

    ``texts`` holds one text per text column, where the report has any.
    """

    label: str
    amounts: tuple[Decimal | None, ...] = ()
    kind: str = LINE
    name: str = ""
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Identity:
    """Two figures that must be equal to the cent."""

    name: str
    left: Decimal
    right: Decimal

    @property
    def ok(self) -> bool:
        """Whether they are."""
        return not round_half_up(self.left - self.right)


@dataclass(frozen=True)
class Unreviewed:
    """Imported lines that nobody has decided: how many, and the sum of their absolute amounts."""

    count: int = 0
    amount: Decimal = Decimal(0)


@dataclass(frozen=True)
class Report:
    """A statement of one entity; amounts are in ``currency`` unless a row says otherwise.

    ``commit`` is the state of the books in git that it was made from, where they are in git.
    ``text_columns`` stand between the label and the amounts; ``lead`` is the answer in
    one sentence, ``notes`` say how to read the figures.
    """

    name: str
    title: str
    entity: str
    legal_name: str
    period: Period
    currency: str
    as_of: dt.date
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    identities: tuple[Identity, ...]
    findings: tuple[Finding, ...] = ()
    unreviewed: Unreviewed = Unreviewed()
    chart: Chart | Sankey | None = None
    text_columns: tuple[str, ...] = ()
    commit: str = ""
    lead: str = ""
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether an identity does not hold, or an account could not be placed."""
        return any(not i.ok for i in self.identities) or bool(self.findings)
