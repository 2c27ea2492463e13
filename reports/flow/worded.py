"""The flow of money as a report: a table of every node, its proofs, and the drawing."""

from collections.abc import Iterator, Sequence

from core.journal.books import Books
from core.period import Period
from reports.balances import Ledger
from reports.flow.gathered import Money, money_flow
from reports.flow.graph import ENTITY, ENVELOPE, INCOME, OUTSIDE, SPENDING, ZERO, Link, Node
from reports.flow.sankey import CROSSING, KEPT, PLAIN, Band, Bar, Sankey
from reports.model import HEADING, TOTAL, Identity, Report, Row, Unreviewed

RULE = (
    "An entry counts where it moves money (accounts on a budget, else bank, cash, in transit, "
    "cards) or crosses to another entity. Its legs are not paired: what a leg credits flows into "
    "the owner, what it debits flows out, what the money accounts gain is kept. Within the period "
    "the legs on one account are added up, so a refund lowers what was spent."
)


def money_flow_report(
    books: Books, entities: Sequence[str], period: Period, group: str = ""
) -> Report:
    """The flow of one entity's money, or of a group's (``group`` is what it is called)."""
    money = money_flow(books, entities, period)
    first = books.registry.entities[entities[0]]
    unreviewed = [Ledger.of(books, name).unreviewed(period.last) for name in entities]
    rounds = tuple(
        f"Netted: {' → '.join((*each.around, each.around[0]))}, {each.amount:,.2f} "
        f"{money.currency} went round and is left out"
        for each in money.graph.netted
    )
    return Report(
        name="money-flow",
        title="Money flow",
        entity=group or first.name,
        legal_name=group or first.legal_name or first.name,
        period=period,
        currency=money.currency,
        as_of=books.as_of,
        columns=("In", "Out", "Kept"),
        text_columns=("",),
        rows=tuple(_rows(money)),
        identities=tuple(_identities(money)),
        unreviewed=Unreviewed(
            sum(each.count for each in unreviewed), sum((e.amount for e in unreviewed), ZERO)
        ),
        chart=Sankey(f"Money flow, {group or first.name}, {period.name}", tuple(_bands(money))),
        notes=(RULE, *rounds, *money.remarks),
    )


def _rows(money: Money) -> Iterator[Row]:
    for node in money.graph.hubs:
        yield Row(label(node), (None,) * 3, HEADING, texts=("",))
        into, out = money.graph.into(node), money.graph.out_of(node)
        for link in into:
            yield Row(f"from {label(link.source)}", (link.amount, None, None), texts=(_how(link),))
        for link in out:
            yield Row(f"to {label(link.target)}", (None, link.amount, None), texts=(_how(link),))
        came = sum((link.amount for link in into), ZERO)
        went = sum((link.amount for link in out), ZERO)
        yield Row("Total", (came, went, money.graph.kept[node]), TOTAL, texts=("",))


def _how(link: Link) -> str:
    if link.crosses:
        return "crosses"
    if ENVELOPE in {link.source.kind, link.target.kind} and ENTITY in {
        link.source.kind,
        link.target.kind,
    }:
        return "assigned"
    kinds = {link.source.kind, link.target.kind}
    return "income" if INCOME in kinds else "spent" if SPENDING in kinds else "other accounts"


def _identities(money: Money) -> Iterator[Identity]:
    for node in money.graph.hubs:
        came = sum((link.amount for link in money.graph.into(node)), ZERO)
        went = sum((link.amount for link in money.graph.out_of(node)), ZERO)
        name = f"{label(node)}: in = out + kept"
        identity = Identity(name, came, went + money.graph.kept[node])
        if node.kind == ENTITY or not identity.ok:  # of envelopes there are many
            yield identity
    for entity in money.entities:
        kept = sum((n for node, n in money.graph.kept.items() if node.entity == entity), ZERO)
        name = f"{entity}: all that is kept = what its money accounts gained"
        yield Identity(name, kept, money.gained[entity])


def label(node: Node) -> str:
    """What a node is called: of an account all that follows the entity."""
    if node.kind == ENVELOPE:
        return f"{node.name} (envelope)"
    if node.kind in {ENTITY, OUTSIDE}:
        return node.name
    return node.name.split(":", 2)[-1].replace(":", " ")


def _bands(money: Money) -> Iterator[Band]:
    several = len(money.entities) > 1
    for link in money.graph.links:
        kind = CROSSING if link.crosses else PLAIN
        yield Band(_bar(link.source, several), _bar(link.target, several), link.amount, kind)
    for entity in money.entities:
        for kind in (ENTITY, ENVELOPE):
            yield from _kept(money, entity, kind, several)


def _kept(money: Money, entity: str, kind: str, several: bool) -> Iterator[Band]:
    where = " in envelopes" if kind == ENVELOPE else ""
    of = f", {entity}" if several else ""
    for node, amount in sorted(money.graph.kept.items()):
        if (node.entity, node.kind) != (entity, kind) or not amount:
            continue
        if amount > 0:
            yield Band(_bar(node, several), Bar(f"Kept{where}{of}"), amount, KEPT)
        else:
            yield Band(Bar(f"From before{where}{of}"), _bar(node, several), -amount, KEPT)


_GROUPS = {INCOME: "Other income", SPENDING: "Other spending", ENVELOPE: "Other envelopes"}


def _bar(node: Node, several: bool) -> Bar:
    """A node's bar; in a group with the entity's name, since two may have one account each."""
    if node.kind == ENTITY:
        return Bar(node.name)
    group = _GROUPS.get(node.kind, "Other accounts")
    of = f", {node.entity}" if several else ""
    said = node.name if node.kind == ENVELOPE else label(node)
    mark = "▢ " if node.kind == ENVELOPE else ""
    return Bar(f"{mark}{said}{of}", f"{group}{of}")
