"""Rules on months: the money adds up, none is assigned that is not there, nothing is overspent."""

from collections.abc import Iterator
from decimal import Decimal

from core.budget.month import name_of
from core.budget.terms import ZERO_BASED
from core.findings import Finding, Severity
from core.journal.books import Books
from core.money import round_half_up
from plugins.budget.judged import FACTOR, Judged, rule, without_rate
from plugins.rule import Rule

ZERO = Decimal(0)


def money_adds_up(each: Judged) -> Iterator[Finding]:
    """BUD-01: told for the first month with a gap, and where the gap becomes another."""
    before = ZERO
    for done in each.months:
        gap = round_half_up(done.gap)
        if gap != before:
            why = (
                f"; {each.money(-done.unmapped)} were spent without an envelope (BUD-05)"
                if done.unmapped
                else ""
            )
            message = (
                f"{name_of(done.month)}: the budget has {each.money(done.cash_total)} and accounts "
                f"for {each.money(done.accounted)}{why}"
            )
            yield each.found("BUD-01", Severity.ERROR, message, each.budget.entry, done.month)
        before = gap


def no_rate(books: Books) -> Iterator[Finding]:
    """BUD-01: a rate is missing, so nothing can be added up."""
    for budget, error in without_rate(books):
        file, line = books.where(budget.entry)
        yield Finding(
            "BUD-01",
            Severity.ERROR,
            f"{error.message}; {error.hint}",
            factor=FACTOR,
            entities=(budget.entity,) if budget.entity else (),
            date=books.as_of,
            file=file,
            line=line,
            identity=(budget.entity, error.message),
        )


def nothing_assigned_twice(each: Judged) -> Iterator[Finding]:
    """BUD-02: in envelopes is only money that has come. Told where it begins to be more."""
    if each.budget.mode == ZERO_BASED:
        return
    below = False
    for done in each.months:
        short = round_half_up(done.ready) < 0
        if short and not below:
            message = (
                f"{name_of(done.month)}: {each.money(-done.ready)} more is assigned than there is; "
                "take as much back from an envelope"
            )
            yield each.found("BUD-02", Severity.ERROR, message, each.budget.entry, done.month)
        below = short


def closed_month_is_done(each: Judged) -> Iterator[Finding]:
    """BUD-03: in a closed month every unit of money has a job."""
    for done in each.months:
        seal = each.seal(done.month)
        if seal is None:
            continue
        zero_based = each.budget.mode == ZERO_BASED
        rest = done.plan_sum if zero_based else done.ready
        if round_half_up(rest):
            what = "planned income less what is assigned" if zero_based else "ready to assign"
            message = f"{name_of(done.month)} is closed with {each.money(rest)} {what}, not zero"
            yield each.found("BUD-03", Severity.WARNING, message, seal.entry, done.month)


def nothing_overspent(each: Judged) -> Iterator[Finding]:
    """BUD-04: no envelope below zero, unless it may be."""
    for done in each.months:
        closed = each.seal(done.month) is not None
        for envelope in done.envelopes:
            if envelope.envelope.keeps_debt or round_half_up(envelope.available) >= 0:
                continue
            by_card = envelope.credit_overspend
            of_it = f", {each.money(by_card)} of it by card" if by_card else ""
            message = (
                f"{envelope.name} is overspent by {each.money(-envelope.available)} in "
                f"{name_of(done.month)}{of_it}; cover it: books budget cover "
                f'"{envelope.name}" --month {name_of(done.month)}'
            )
            yield each.found(
                "BUD-04",
                Severity.ERROR if closed else Severity.WARNING,
                message,
                envelope.envelope.entry,
                done.month,
                envelope.name,
            )


def targets_are_on_the_way(each: Judged) -> Iterator[Finding]:
    """BUD-12: in the newest month, what the targets ask for is assigned."""
    done = each.months[-1]
    for envelope in done.envelopes:
        if envelope.needed is not None and envelope.underfunded:
            message = (
                f"{envelope.name} needs {each.money(envelope.needed)} in {name_of(done.month)} to "
                f"reach its target and has {each.money(envelope.assigned)}"
            )
            entry = next(t.entry for t in each.budget.targets if t.envelope == envelope.name)
            yield each.found("BUD-12", Severity.INFO, message, entry, done.month, envelope.name)


RULES: tuple[Rule, ...] = (
    rule(
        1,
        "Money of a budget that does not add up",
        money_adds_up,
        also=no_rate,
        waivable=False,
        meaning="what the accounts on the budget hold is not what ready to assign, envelopes, "
        "cards, holds and later months account for, or an amount cannot be converted",
        cure="give every expense an envelope (BUD-05), add the rate that is missing; else it is a "
        "fault of ours",
    ),
    rule(
        2,
        "More assigned than there is",
        nothing_assigned_twice,
        meaning="ready to assign is below zero in an envelope budget",
        cure="take money back from an envelope, or assign it when it has come",
    ),
    rule(
        3,
        "Closed month with money left over",
        closed_month_is_done,
        meaning="a closed month has money ready to assign (envelope), or its plan does not sum to "
        "zero (zero-based)",
        cure="assign or hold what is left before you close",
    ),
    rule(
        4,
        "Overspent envelope",
        nothing_overspent,
        meaning="an envelope is below zero at the month's end (an error once the month is closed)",
        cure="cover it from another envelope, or give it rollover-negative where money comes back",
        usual=Severity.WARNING,
    ),
    rule(
        12,
        "Target that lags behind",
        targets_are_on_the_way,
        meaning="an envelope's target needs more in the newest month than is assigned",
        cure="assign the rest (books budget fund), or set another target",
    ),
)
