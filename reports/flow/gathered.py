"""Flows of money out of the books: each leg of an entry goes through its owner.

What counts as money are the accounts on an entity's budget, else those with the role bank, cash,
in-transit or card (what is owed on a card is money that is not there). An entry counts where it
moves money, or crosses to another entity. Its other legs are not paired with one another: what a
leg credits flows into the owner, what it debits flows out, what its money accounts gain is kept. So
an entry of any number of legs has one reading, and no cent is split.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from beancount.core import convert, data

from core.budget import flows as budgeted
from core.budget.flows import Chart
from core.budget.ledger import budgets_in, ledger_of
from core.budget.month import first_day, last_day, month_of
from core.budget.terms import Budget
from core.journal.books import Books
from core.period import Period
from reports.balances import Ledger
from reports.flow.graph import (
    ENTITY,
    ENVELOPE,
    INCOME,
    OTHER,
    OUTSIDE,
    SPENDING,
    ZERO,
    Graph,
    Netted,
    Node,
    graph,
)

_MONEY = {"bank", "cash", "in-transit", "card"}
Flows = dict[tuple[Node, Node], Decimal]


@dataclass
class Own:
    """What one entity's books say: flows with others (positive: out of it), what its money gained,
    and what crossed to and from each party before it was netted."""

    entity: str
    flows: dict[Node, Decimal] = field(default_factory=dict)
    kept: Decimal = ZERO
    crossed: dict[str, list[Decimal]] = field(default_factory=dict)  # party: out, in

    def add(self, node: Node, amount: Decimal) -> None:
        """A leg: debits are positive."""
        self.flows[node] = self.flows.get(node, ZERO) + amount
        if node.kind == OUTSIDE:
            both = self.crossed.setdefault(node.name, [ZERO, ZERO])
            both[amount < 0] += abs(amount)


@dataclass(frozen=True)
class Money:
    """The flows of some entities in a period, in one currency. ``gained`` is what the money
    accounts of each gained, summed by itself; ``remarks`` say what is drawn in another way."""

    entities: tuple[str, ...]
    currency: str
    graph: Graph
    gained: Mapping[str, Decimal]
    remarks: tuple[str, ...] = ()


def money_flow(books: Books, entities: Sequence[str], period: Period) -> Money:
    """Where the money of ``entities`` came from and went in a period. Amounts are in the currency
    that most of them keep, at the rates of their days. Raises UserError where a rate is missing."""
    currencies = [books.registry.entities[name].currency for name in entities]
    currency = max(dict.fromkeys(currencies), key=currencies.count)
    rates = Ledger.of(books, entities[currencies.index(currency)])
    gathering = _Gathering(books, rates)
    owned = {name: Own(name) for name in entities}
    gained = dict.fromkeys(entities, ZERO)
    for txn in books.transactions:
        if not period.first <= txn.date <= period.last:
            continue
        for name in books.registry.ents(txn) & owned.keys():
            gathering.take(txn, owned[name])
            gained[name] += gathering.gained(txn, name)
    flows, kept, netted = _joined(owned)
    remarks = []
    for name in entities:
        budget = gathering.budget(name)
        if budget is None:
            continue
        if not _whole_months(period):
            remarks.append(f"{name}: no envelopes, since the period is not of whole months")
            continue
        remarks += _through_envelopes(books, budget, period, rates, flows, kept)
    return Money(tuple(entities), currency, graph(flows, kept, netted), gained, tuple(remarks))


class _Gathering:
    """Takes entries apart, with what is known of each entity's accounts at hand."""

    def __init__(self, books: Books, rates: Ledger) -> None:
        self._books = books
        self._rates = rates
        self._charts: dict[str, Chart | None] = {}

    def budget(self, entity: str) -> Budget | None:
        """The entity's envelope budget."""
        return budgets_in(self._books).budgets.get(entity)

    def take(self, txn: data.Transaction, own: Own) -> None:
        """Adds what an entry does to one entity."""
        legs: list[tuple[Node | None, Decimal]] = []
        rest = ZERO
        found = list(self._legs(txn, own.entity))
        parties = [self._party(posting, own.entity) for posting, _ in found]
        # Who is named on a leg is whom that leg crosses to; else the entry says whom all cross to.
        of_all = "" if any(parties) else self._named(_transferred(txn), own.entity)
        for (posting, value), party in zip(found, parties, strict=True):
            rest -= value
            legs.append((self._node(posting, own.entity, party or of_all), value))
        if rest:
            others = sorted(self._books.registry.ents(txn) - {own.entity})
            name = others[0] if others else "Rounding"
            legs.append((Node(OUTSIDE if others else OTHER, own.entity, name), rest))
        moves = any(node is None for node, _ in legs)
        if not moves and not any(node and node.kind == OUTSIDE for node, _ in legs):
            return
        for node, value in legs:
            if node is None:
                own.kept += value
            else:
                own.add(node, value)

    def gained(self, txn: data.Transaction, entity: str) -> Decimal:
        """What an entry adds to the entity's money accounts."""
        return sum(
            (v for p, v in self._legs(txn, entity) if self._is_money(p.account, entity)), ZERO
        )

    def _legs(self, txn: data.Transaction, entity: str) -> Iterator[tuple[data.Posting, Decimal]]:
        for posting in txn.postings:
            if posting.units is not None and self._books.registry.ent(posting.account) == entity:
                weight = convert.get_weight(posting)
                yield posting, self._rates.valued(weight.number, weight.currency, txn.date)

    def _is_money(self, account: str, entity: str) -> bool:
        if entity not in self._charts:
            budget = self.budget(entity)
            self._charts[entity] = Chart(budget) if budget else None
        chart = self._charts[entity]
        if chart is not None:
            return chart[account].kind in {budgeted.CASH, budgeted.DEBT}
        return self._books.role(account) in _MONEY

    def _node(self, posting: data.Posting, entity: str, party: str) -> Node | None:
        """What a leg is; None for money."""
        if self._is_money(posting.account, entity):
            return None
        if party:
            return Node(OUTSIDE, entity, party)
        root = posting.account.partition(":")[0]
        kind = {"Income": INCOME, "Expenses": SPENDING}.get(root, OTHER)
        return Node(kind, entity, posting.account)

    def _party(self, posting: data.Posting, entity: str) -> str:
        """The registered entity that the posting or its account names."""
        account = self._books.accounts.get(posting.account)
        said = (posting.meta or {}).get("counterparty") or (account.counterparty if account else "")
        return self._named(said, entity)

    def _named(self, said: object, entity: str) -> str:
        known = self._books.registry.named(said) if isinstance(said, str) and said else None
        return known.name if known and known.name != entity else ""


def _transferred(txn: data.Transaction) -> object:
    return txn.meta.get("counterparty") if txn.meta.get("transfer") else ""


def _joined(owned: Mapping[str, Own]) -> tuple[Flows, dict[Node, Decimal], list[Netted]]:
    """The flows of all, with what crosses between two of them as one flow as far as both books say
    it; the rest is outside. And what went back and forth."""
    flows: Flows = {}
    kept: dict[Node, Decimal] = {}
    netted: list[Netted] = []
    for own in owned.values():
        hub = Node(ENTITY, own.entity, own.entity)
        kept[hub] = own.kept
        for node, amount in own.flows.items():
            if node.kind != OUTSIDE or node.name not in owned:
                flows[hub, node] = amount
        for party, (out, back) in own.crossed.items():
            if out and back and (party not in owned or own.entity < party):
                netted.append(Netted((own.entity, party), min(out, back)))
    names = sorted(owned)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            ours = owned[one].flows.get(Node(OUTSIDE, one, other), ZERO)
            theirs = -owned[other].flows.get(Node(OUTSIDE, other, one), ZERO)
            both = ZERO
            if ours * theirs > 0:
                both = min(abs(ours), abs(theirs)) * (1 if ours > 0 else -1)
                flows[Node(ENTITY, one, one), Node(ENTITY, other, other)] = both
            if ours != both:
                flows[Node(ENTITY, one, one), _unmatched(one, other)] = ours - both
            if theirs != both:
                flows[Node(ENTITY, other, other), _unmatched(other, one)] = both - theirs
    return flows, kept, netted


def _unmatched(entity: str, party: str) -> Node:
    return Node(OUTSIDE, entity, f"{party}, not in its books")


def _whole_months(period: Period) -> bool:
    first, last = month_of(period.first), month_of(period.last)
    return period.first == first_day(first) and period.last == last_day(last)


def _through_envelopes(
    books: Books,
    budget: Budget,
    period: Period,
    rates: Ledger,
    flows: Flows,
    kept: dict[Node, Decimal],
) -> Iterator[str]:
    """Leads what was spent through the envelopes that it was spent from: into an envelope flows
    what was assigned, and what it did not spend it keeps."""
    hub = Node(ENTITY, budget.entity, budget.entity)
    chart, ledger = Chart(budget), ledger_of(books, budget)
    into: dict[str, Decimal] = {}
    for month in range(max(month_of(period.first), budget.start), month_of(period.last) + 1):
        for each in ledger.month(month).envelopes:
            assigned = rates.valued(each.assigned, budget.currency, last_day(month))
            into[each.name] = into.get(each.name, ZERO) + assigned
    spent: dict[str, Decimal] = {}
    for (source, node), amount in list(flows.items()):
        if source != hub or node.kind == OUTSIDE or chart[node.name].kind != budgeted.SPENT:
            continue
        name = chart[node.name].name
        del flows[source, node]
        flows[Node(ENVELOPE, budget.entity, name), node] = amount
        spent[name] = spent.get(name, ZERO) + amount
    before = month_of(period.first) < budget.start
    for name in sorted({*into, *spent}):
        envelope = Node(ENVELOPE, budget.entity, name)
        given = into.get(name, ZERO)
        if before:
            given = max(given, spent.get(name, ZERO))
        if not given and not spent.get(name):
            continue
        flows[hub, envelope] = given
        kept[envelope] = given - spent.get(name, ZERO)
        kept[hub] -= kept[envelope]
    if before:
        yield (
            f"{budget.entity}: the budget begins within the period; what an envelope spent beyond "
            "what was assigned to it counts as assigned"
        )
    if any(chart[a].kind == budgeted.SPENT and _crosses(books, a) for a in books.accounts):
        yield (
            f"{budget.entity}: what an envelope pays to another entity is drawn from "
            f"{budget.entity} itself, and its envelope keeps what was assigned"
        )


def _crosses(books: Books, account: str) -> bool:
    return bool(books.accounts[account].counterparty)
