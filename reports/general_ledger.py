"""The general ledger: every posting of every account, in date order, with its running balance.

Book values as in the trial balance: each posting at its weight, currency by currency, so that every
account closes with what the trial balance says. Debits are positive; a credit balance is negative.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.journal.books import Books
from core.period import Period
from reports.balances import ZERO, Ledger, Movement
from reports.model import HEADING, LINE, TOTAL, Identity, Report, Row
from reports.trial_balance import trial_balance

_TEXTS = ("Payee", "Narration", "Links")
_COLUMNS = ("Debit", "Credit", "Balance")


@dataclass(frozen=True)
class _Folio:
    """One account in one currency: what it opened with, and its postings of the period."""

    account: str
    currency: str
    opening: Decimal
    moves: tuple[Movement, ...]

    @property
    def debits(self) -> Decimal:
        return sum((m.number for m in self.moves if m.number > 0), ZERO)

    @property
    def credit(self) -> Decimal:
        return -sum((m.number for m in self.moves if m.number < 0), ZERO)

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debits - self.credit


def general_ledger(books: Books, entity: str, period: Period) -> Report:
    """The entity's general ledger for the period; accounts without a balance or postings in it are
    left out."""
    ledger = Ledger.of(books, entity)
    folios = list(_folios(ledger.movements, period))
    several = len({folio.currency for folio in folios}) > 1
    rows = [row for folio in folios for row in _rows(folio, several=several)]
    return Report(
        name="general-ledger",
        title="General ledger",
        entity=entity,
        legal_name=books.registry.entities[entity].legal_name or entity,
        period=period,
        currency=ledger.currency,
        as_of=books.as_of,
        columns=_COLUMNS,
        text_columns=_TEXTS,
        rows=tuple(rows),
        identities=tuple(_identities(folios, trial_balance(books, entity, period))),
        unreviewed=Ledger.of(books, entity).unreviewed(period.last),
    )


def _folios(movements: Iterable[Movement], period: Period) -> Iterable[_Folio]:
    opening: dict[tuple[str, str], Decimal] = {}
    moves: dict[tuple[str, str], list[Movement]] = {}
    for move in movements:
        key = (move.currency, move.account)
        if move.date < period.first:
            opening[key] = opening.get(key, ZERO) + move.number
        elif move.date <= period.last:
            moves.setdefault(key, []).append(move)
    for key in sorted(opening.keys() | moves.keys()):
        folio = _Folio(key[1], key[0], opening.get(key, ZERO), tuple(moves.get(key, ())))
        if folio.opening or folio.moves:
            yield folio


def _rows(folio: _Folio, *, several: bool) -> Iterable[Row]:
    title = f"{folio.account}, {folio.currency}" if several else folio.account
    yield Row(title, (None,) * 3, HEADING, texts=("",) * 3)
    balance = folio.opening
    yield Row("Opening", (None, None, balance), texts=("",) * 3)
    for move in folio.moves:
        balance += move.number
        yield _posting(move, move.date, balance)
    yield Row("Closing", (folio.debits, folio.credit, folio.closing), TOTAL, texts=("",) * 3)


def _posting(move: Movement, day: dt.date, balance: Decimal) -> Row:
    txn = move.txn
    links = " ".join(f"^{link}" for link in sorted(txn.links or ()))
    debit, credit = (move.number, None) if move.number >= 0 else (None, -move.number)
    # a narration may run over lines; a row of a table does not
    texts = tuple(" ".join(text.split()) for text in (txn.payee or "", txn.narration or "", links))
    return Row(f"{day}", (debit, credit, balance), LINE, texts=texts)


def _identities(folios: Sequence[_Folio], proof: Report) -> Iterable[Identity]:
    """Columns and closing balances as the trial balance has them, in each currency; an account that
    closes otherwise than there is named."""
    closings = _closings(proof)
    for currency in sorted({folio.currency for folio in folios}):
        own = [folio for folio in folios if folio.currency == currency]
        told = closings.get(currency, {})
        total = told.get(f"Total {currency}", (ZERO,) * 4)
        figures = (
            ("debits", sum((f.debits for f in own), ZERO)),
            ("credits", sum((f.credit for f in own), ZERO)),
            ("closing debit balances", sum((max(f.closing, ZERO) for f in own), ZERO)),
            ("closing credit balances", -sum((min(f.closing, ZERO) for f in own), ZERO)),
        )
        for (name, figure), proved in zip(figures, total, strict=True):
            yield Identity(f"Σ {name} = trial balance, {currency}", figure, proved)
        for folio in own:
            _, _, debit, credit = told.get(folio.account, (ZERO,) * 4)
            identity = Identity(
                f"{folio.account} closes as in the trial balance", folio.closing, debit - credit
            )
            if not identity.ok:
                yield identity


def _closings(proof: Report) -> Mapping[str, Mapping[str, tuple[Decimal, ...]]]:
    """Period and closing figures of the trial balance, by currency and label."""
    out: dict[str, dict[str, tuple[Decimal, ...]]] = {}
    block: dict[str, tuple[Decimal, ...]] = {}
    for row in proof.rows:
        block[row.label] = tuple(n or ZERO for n in row.amounts[2:])
        if row.kind == TOTAL:
            out[row.label.removeprefix("Total ")] = block
            block = {}
    return out
