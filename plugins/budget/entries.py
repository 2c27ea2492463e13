"""Rules on entries and directives: each expense has an envelope, each order its time and place."""

from collections.abc import Iterator

from core.budget.flows import UNMAPPED, Chart
from core.budget.ledger import budgets_in, unmapped_places
from core.budget.month import first_day, last_day, month_of, name_of
from core.budget.terms import Assign, Hold, Move
from core.findings import Finding, Severity
from core.journal.books import Books
from core.money import at_cents, round_half_up
from plugins.budget.judged import FACTOR, Judged, rule
from plugins.rule import Rule, about, described


def expenses_have_envelopes(each: Judged) -> Iterator[Finding]:
    """BUD-05, for each entry."""
    places = unmapped_places(each.books, each.budget)
    chart = Chart(each.budget)
    for txn in each.books.standing_at(places).values():
        if month_of(txn.date) < each.budget.start:
            continue
        bare = sorted({p.account for p in txn.postings if chart[p.account].kind == UNMAPPED})
        name = bare[0].rpartition(":")[2]
        opened = first_day(each.budget.start)
        yield about(
            each.books,
            txn,
            code="BUD-05",
            factor=FACTOR,
            message=f"{described(txn)}: {', '.join(bare)} has no envelope in the budget of "
            f"{each.budget.entity or 'these books'}",
            fix=f'; {opened} custom "bud-envelope" "{each.budget.entity}" "{name}" {bare[0]}',
        )


def cards_are_covered(each: Judged) -> Iterator[Finding]:
    """BUD-06: a card's debt is set aside or known to be uncovered; more than it is an info."""
    if each.budget.pools:
        return
    broken: set[str] = set()
    for done in each.months:
        for card in done.cards:
            gap = round_half_up(card.debt - card.set_aside - card.open_debt)
            if gap and card.card.account not in broken:
                broken.add(card.card.account)
                message = (
                    f"{name_of(done.month)}: {each.money(card.debt)} is owed on {card.card.name}, "
                    f"but {each.money(card.set_aside)} is set aside and "
                    f"{each.money(card.open_debt)} uncovered"
                )
                yield each.found(
                    "BUD-06", Severity.ERROR, message, card.card.entry, done.month, card.card.name
                )
    for card in each.months[-1].cards:
        if round_half_up(card.overfunded):
            message = (
                f"{each.money(card.overfunded)} more is set aside for {card.card.name} than the "
                f"{each.money(card.debt)} owed in {name_of(each.months[-1].month)}"
            )
            yield each.found(
                "BUD-06",
                Severity.INFO,
                message,
                card.card.entry,
                each.months[-1].month,
                card.card.name,
                "overfunded",
            )


def payments_are_set_aside(each: Judged) -> Iterator[Finding]:
    """BUD-07: a card is paid from what was set aside for it, as it stood on the day."""
    if each.budget.pools:
        return
    named = {card.account: card for card in each.budget.cards}
    for done in each.months:
        for one in each.ledger.cards_paid(done.month):
            if round_half_up(one.set_aside) < 0:
                card = named[one.account]
                message = (
                    f"{each.money(one.paid)} was paid to {card.name} on {one.day}, but only "
                    f"{each.money(one.set_aside + one.paid)} was set aside for it"
                )
                yield each.found(
                    "BUD-07",
                    Severity.WARNING,
                    message,
                    card.entry,
                    done.month,
                    card.name,
                    one.day.isoformat(),
                )


def closed_months_stay(each: Judged) -> Iterator[Finding]:
    """BUD-08: nothing is assigned, moved or held in a month after it was closed. What was entered
    within the month is under the month's seal."""
    orders: tuple[Assign | Move | Hold, ...] = (
        *each.budget.assigns,
        *each.budget.moves,
        *each.budget.holds,
    )
    for order in orders:
        seal = each.seal(order.month)
        if seal and order.entry.date > max(seal.period.last, seal.entry.date):
            message = (
                f"{name_of(order.month)} was closed on {seal.entry.date}; a budget of a closed "
                "month stays as it was, so put this into an open one"
            )
            yield each.found(
                "BUD-08", Severity.ERROR, message, order.entry, order.month, str(order.amount)
            )


def moves_take_what_is_there(each: Judged) -> Iterator[Finding]:
    """BUD-09: no move out of an envelope beyond what was available on its day."""
    for move in each.budget.moves:
        day = min(max(move.entry.date, first_day(move.month)), last_day(move.month))
        done = each.ledger.on(day)
        left = {e.name: (e.available, e.envelope.keeps_debt) for e in done.envelopes}
        left |= {card.card.name: (card.set_aside, False) for card in done.cards}
        available, may = left[move.source]
        if round_half_up(available) < 0 and not may:
            message = (
                f"{each.money(move.amount)} moved out of {move.source}, which had "
                f"{each.money(available + move.amount)}; move no more than that"
            )
            yield each.found(
                "BUD-09", Severity.ERROR, message, move.entry, move.month, move.source, move.target
            )


def envelopes_hold_own_accounts(books: Books) -> Iterator[Finding]:
    """BUD-10: an envelope's accounts, and those on the budget, are the entity's own."""
    for budget in budgets_in(books).budgets.values():
        declared = [(envelope.entry, a) for envelope in budget.envelopes for a in envelope.accounts]
        for entry, account in declared:
            owner = books.registry.ent(account)
            if not books.registry.entities or owner == budget.entity:
                continue
            file, line = books.where(entry)
            yield Finding(
                "BUD-10",
                Severity.ERROR,
                f"{account} belongs to {owner or 'nobody'}; an envelope of {budget.entity} holds "
                f"only accounts of {budget.entity}",
                factor=FACTOR,
                entities=tuple(sorted({budget.entity, owner or budget.entity})),
                date=entry.date,
                file=file,
                line=line,
                identity=(budget.entity, account),
            )


def assigned_while_open(each: Judged) -> Iterator[Finding]:
    """BUD-11: money for an envelope only while there is one."""
    for assign in each.budget.assigns:
        envelope = each.budget.envelope_named.get(assign.envelope.casefold())
        if envelope is None:
            continue  # a card
        if assign.month < envelope.opened:
            when = f"is opened only in {name_of(envelope.opened)}"
        elif envelope.closed is not None and assign.month > envelope.closed:
            when = f"was closed in {name_of(envelope.closed)}"
        else:
            continue
        message = (
            f"{at_cents(assign.amount)} {each.budget.currency} is assigned to {assign.envelope} in "
            f"{name_of(assign.month)}, but the envelope {when}"
        )
        yield each.found("BUD-11", Severity.WARNING, message, assign.entry, assign.month)


def _none(_: Judged) -> Iterator[Finding]:
    return iter(())


RULES: tuple[Rule, ...] = (
    rule(
        5,
        "Expense without an envelope",
        expenses_have_envelopes,
        meaning="an expense paid from an account on the budget is in no envelope",
        cure="add a bud-envelope for its account, or for an account above it",
    ),
    rule(
        6,
        "Card debt that is not accounted for",
        cards_are_covered,
        waivable=False,
        meaning="what is owed on a card is not what is set aside and what is uncovered; or more is "
        "set aside than is owed (info)",
        cure="move what is too much to another envelope; else it is a fault of ours",
    ),
    rule(
        7,
        "Card paid with money not set aside",
        payments_are_set_aside,
        meaning="a payment to a card was more than its payment envelope held on the day",
        cure="assign to the card what its payment lacked",
    ),
    rule(
        8,
        "Budget of a closed month changed",
        closed_months_stay,
        waivable=False,
        meaning="an assign, move or hold for a month that was closed before",
        cure="put it into an open month",
    ),
    rule(
        9,
        "Moved more than was there",
        moves_take_what_is_there,
        meaning="a move took more out of an envelope than was available on its day",
        cure="move less, or assign first",
    ),
    rule(
        10,
        "Envelope with another's account",
        _none,
        also=envelopes_hold_own_accounts,
        waivable=False,
        meaning="an envelope of one entity holds an account of another",
        cure="keep one budget for each entity",
    ),
    rule(
        11,
        "Assigned to an envelope that is not there",
        assigned_while_open,
        meaning="money is assigned for a month before the envelope was opened or after it closed",
        cure="correct the month, or the date of the envelope",
    ),
)
