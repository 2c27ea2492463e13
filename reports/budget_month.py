"""One month of an envelope or zero-based budget: as JSON, as text for a terminal, as a report."""

import textwrap
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from beancount.core import data

from core.budget.engine import BudgetMonth, EnvelopeMonth
from core.budget.month import first_day, last_day, name_of
from core.journal.books import Books
from core.money import at_cents, round_half_up
from core.period import Period
from reports.model import DETAIL, HEADING, TOTAL, Identity, Report, Row, Unreviewed
from reports.render import shown

ZERO = Decimal(0)
_COLUMNS = ("Carried", "Assigned", "Activity", "Available", "Under-funded")


def month_json(done: BudgetMonth) -> dict[str, Any]:
    """The documented JSON object of a month; amounts are strings, at cents."""
    budget = done.budget
    return {
        "entity": budget.entity,
        "month": name_of(done.month),
        "mode": budget.mode,
        "card_model": budget.card_model,
        "currency": budget.currency,
        "income": _plain(done.income),
        "ready_to_assign": _plain(done.ready),
        "hold": _plain(done.hold),
        "assigned_ahead": _plain(done.ahead),
        "cash_total": _plain(done.cash_total),
        "envelopes": [
            {
                "name": each.name,
                "carry": _plain(each.carry),
                "assigned": _plain(each.assigned),
                "activity": _plain(each.activity),
                "available": _plain(each.available),
                "cash_overspend": _plain(each.cash_overspend),
                "credit_overspend": _plain(each.credit_overspend),
            }
            for each in _there(done)
        ],
        "cards": [
            {
                "name": card.card.name,
                "account": card.card.account,
                "assigned": _plain(card.assigned),
                "payments": _plain(card.payments),
                "payment_envelope": _plain(card.set_aside),
                "uncovered": _plain(card.uncovered),
                "debt": _plain(card.debt),
            }
            for card in done.cards
        ],
        "plan_income": _plain(done.plan_income),
        "plan_sum": _plain(done.plan_sum),
    }


def month_report(books: Books, done: BudgetMonth, commit: str = "") -> Report:
    """The month as a page: what is ready, each envelope, each card, and BUD-01 as its proof."""
    entity = books.registry.entities.get(done.budget.entity)
    return Report(
        name="budget",
        title="Budget",
        entity=done.budget.entity,
        legal_name=(entity.legal_name if entity else "") or done.budget.entity or books.root.stem,
        period=Period(name_of(done.month), first_day(done.month), last_day(done.month)),
        currency=done.budget.currency,
        as_of=books.as_of,
        columns=_COLUMNS,
        rows=tuple(_rows(done)),
        identities=(
            Identity(
                "Money on the budget = ready to assign + envelopes + cards + credit overspend of "
                "the month + held + later months",
                done.cash_total,
                done.accounted,
            ),
        ),
        unreviewed=unreviewed(books, done.budget.entity, done.month),
        commit=commit,
    )


def unreviewed(books: Books, entity: str, month: int) -> Unreviewed:
    """The entity's entries that nobody has decided, up to the month's end."""
    found = [
        txn
        for txn in books.select("for review", _asks)
        if txn.date <= last_day(month) and (not entity or entity in books.registry.ents(txn))
    ]
    amounts = [txn.postings[0].units for txn in found if txn.postings]
    numbers = [abs(units.number) for units in amounts if units and units.number]
    return Unreviewed(len(found), sum(numbers, ZERO))


def _asks(txn: data.Transaction) -> bool:
    return bool(txn.meta.get("review"))


def _plain(number: Decimal) -> str:
    rounded = round_half_up(number)
    return at_cents(rounded if rounded else abs(rounded))


def _there(done: BudgetMonth) -> Iterable[EnvelopeMonth]:
    """The envelopes that are there in the month: opened, and not closed and empty."""
    for each in done.envelopes:
        moved = each.carry or each.assigned or each.activity
        envelope = each.envelope
        gone = envelope.closed is not None and done.month > envelope.closed
        if moved or (envelope.opened <= done.month and not gone):
            yield each


def _rows(done: BudgetMonth) -> Iterator[Row]:
    yield Row("Ready to assign", (None, None, None, done.ready, None), TOTAL)
    for label, number in _summary(done):
        yield Row(label, (None, None, None, number, None), DETAIL)
    yield Row("Envelopes", kind=HEADING, amounts=(None,) * 5)
    envelopes = list(_there(done))
    for each in envelopes:
        under = each.underfunded or None
        yield Row(each.name, (each.carry, each.assigned, each.activity, each.available, under))
        if each.cash_overspend:
            yield _detail("overspent in cash", each.cash_overspend)
        if each.credit_overspend:
            yield _detail("overspent by card", each.credit_overspend)
    yield Row(
        "Total",
        (
            sum((e.carry for e in envelopes), ZERO),
            sum((e.assigned for e in envelopes), ZERO),
            sum((e.activity for e in envelopes), ZERO),
            sum((e.available for e in envelopes), ZERO),
            sum((e.underfunded for e in envelopes), ZERO),
        ),
        TOTAL,
    )
    if done.cards:
        yield Row("Cards", kind=HEADING, amounts=(None,) * 5)
    for card in done.cards:
        if done.budget.pools:
            yield Row(card.card.name, (None, None, None, -card.debt, None))
            continue
        acted = card.set_aside - card.carry - card.assigned
        open_debt = card.uncovered or None
        yield Row(card.card.name, (card.carry, card.assigned, acted, card.set_aside, open_debt))
        yield _detail("owed", card.debt)


def _detail(label: str, number: Decimal) -> Row:
    return Row(label, (None, None, None, number, None), DETAIL)


def _summary(done: BudgetMonth) -> Iterator[tuple[str, Decimal]]:
    yield "income of the month", done.income
    if done.hold:
        yield "held for the next month", done.hold
    if done.ahead:
        yield "assigned to later months", done.ahead
    if done.plan_income or done.budget.mode == "zero-based":
        yield "planned income", done.plan_income
        yield "planned income less all that is assigned", done.plan_sum
    if done.unmapped:
        yield "spent without an envelope", -done.unmapped


def as_text(report: Report) -> str:
    """A report with amounts as a table for a terminal: one screen."""
    width = max((len(row.label) for row in report.rows), default=0) + 4
    wide = max(12, *(len(column) for column in report.columns)) + 1
    out = [
        f"{report.title}: {report.legal_name}, {report.period.name}, {report.currency}",
        *(("", *textwrap.wrap(report.lead, 100)) if report.lead else ()),
        "",
        " " * width + "".join(f"{column:>{wide}}" for column in report.columns),
    ]
    for row in report.rows:
        if row.kind == HEADING:
            out += ["", row.label]
            continue
        label = f"  {row.label}" if row.kind == DETAIL else row.label
        amounts = "".join(f"{shown(number):>{wide}}" for number in row.amounts)
        said = "".join(f"  {text}" for text in row.texts)
        out.append(f"{label:<{width}}{amounts}{said}".rstrip())
    out.append("")
    for identity in report.identities:
        if not identity.ok:
            left, right = shown(identity.left), shown(identity.right)
            out.append(f"IDENTITY FAILED: {identity.name}: {left} is not {right}")
    if report.unreviewed.count:
        out.append(
            f"{report.unreviewed.count} imported lines are not reviewed yet "
            f"({shown(report.unreviewed.amount)})."
        )
    out += [line for note in report.notes for line in ("", *textwrap.wrap(note, 100))]
    return "\n".join(out).rstrip() + "\n"
