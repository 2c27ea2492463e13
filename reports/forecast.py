"""The cash forecast of one entity: as JSON, and as a page with the least cash of each week."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from core.bills.forecast import Event, Forecast
from core.journal.books import Books
from core.money import at_cents, round_half_up
from core.period import Period
from reports.balances import Ledger
from reports.chart import Chart, Series
from reports.model import HEADING, TOTAL, Identity, Report, Row
from reports.render import shown

_WEEK = 7


def forecast_json(found: Forecast, buffer: Decimal) -> dict[str, Any]:
    """The forecast as JSON: amounts are strings at cents, ``first_below`` is null where no day ends
    below the buffer."""
    below = found.first_below(buffer)
    day, least = found.lowest
    return {
        "entity": found.entity,
        "currency": found.currency,
        "as_of": found.as_of.isoformat(),
        "to": found.last.isoformat(),
        "cash": _plain(found.cash),
        "owed_on_cards": _plain(found.cards),
        "opening": _plain(found.opening),
        "buffer": _plain(buffer),
        "first_below": {"date": below[0].isoformat(), "balance": _plain(below[1])}
        if below
        else None,
        "lowest": {"date": day.isoformat(), "balance": _plain(least)},
        "events": [
            {
                "date": event.day.isoformat(),
                "kind": event.kind,
                "what": event.what,
                "amount": _plain(event.amount),
                "balance": _plain(balance),
            }
            for event, balance in _running(found)
        ],
        "days": [
            {"date": day.isoformat(), "balance": _plain(balance)}
            for day, balance in found.balances()
        ],
        "left_out": list(found.left_out),
    }


def verdict(found: Forecast, buffer: Decimal) -> str:
    """The answer in one sentence."""
    below = found.first_below(buffer)
    limit = f"the buffer of {shown(buffer)}" if buffer else "zero"
    if below is None:
        day, least = found.lowest
        return (
            f"{found.entity} stays above {limit} until {found.last}; the least is {shown(least)} "
            f"{found.currency} on {day}."
        )
    day, left = below
    return (
        f"{found.entity} goes below {limit} on {day}: {shown(left)} {found.currency} is left that "
        "evening."
    )


def forecast_report(books: Books, found: Forecast, buffer: Decimal, commit: str = "") -> Report:
    """The forecast as a page: every event with the balance after it."""
    entity = books.registry.entities[found.entity]
    total = sum((event.amount for event in found.events), found.opening)
    *_, (_, last) = found.balances()
    return Report(
        name="forecast",
        title="Cash forecast",
        entity=found.entity,
        legal_name=entity.legal_name or found.entity,
        period=Period(f"{found.days} days", found.as_of + dt.timedelta(1), found.last),
        currency=found.currency,
        as_of=found.as_of,
        columns=("In or out", "Balance"),
        text_columns=("What",),
        rows=tuple(_rows(found)),
        identities=(Identity("Opening + all that is expected = the last balance", total, last),),
        unreviewed=Ledger.of(books, found.entity).unreviewed(found.as_of),
        chart=_chart(found, buffer),
        commit=commit,
        lead=verdict(found, buffer),
        notes=(
            "Expected are recurring payments, open bills and invoices, instalments of loans and "
            "targets of the budget; nothing else is guessed.",
            *(f"Not counted: {each}." for each in found.left_out),
        ),
    )


def _running(found: Forecast) -> Iterator[tuple[Event, Decimal]]:
    balance = found.opening
    for event in found.events:
        balance += event.amount
        yield event, balance


def _rows(found: Forecast) -> Iterator[Row]:
    yield Row(f"Cash on {found.as_of}", (None, found.cash), texts=("",))
    if found.cards:
        yield Row("owed on cards", (-found.cards, found.opening), texts=("",))
    month = ""
    for event, balance in _running(found):
        if f"{event.day:%B %Y}" != month:
            month = f"{event.day:%B %Y}"
            yield Row(month, (None, None), HEADING, texts=("",))
        yield Row(event.day.isoformat(), (event.amount, balance), texts=(_said(event),))
    *_, (day, last) = found.balances()
    yield Row(f"Cash on {day}", (None, last), TOTAL, texts=("",))


def _said(event: Event) -> str:
    return event.what if event.kind == "loan" else f"{event.kind}: {event.what}"


def _chart(found: Forecast, buffer: Decimal) -> Chart:
    """The lowest balance of each week, and the buffer."""
    balances = list(found.balances())
    weeks = [balances[start : start + _WEEK] for start in range(0, len(balances), _WEEK)]
    names = tuple(f"{week[0][0]:%m-%d}" for week in weeks)
    least = tuple(min(balance for _, balance in week) for week in weeks)
    return Chart(
        "Lowest cash of each week",
        names,
        (
            Series("lowest balance of the week", least),
            Series("buffer", (buffer,) * len(weeks), "line"),
        ),
    )


def _plain(number: Decimal) -> str:
    rounded = round_half_up(number)
    return at_cents(rounded if rounded else abs(rounded))
