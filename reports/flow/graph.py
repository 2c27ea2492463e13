"""A graph of money: nodes, what flows between them, and what each keeps.

At every node what flows in is what flows out and what is kept; ``kept`` is negative where more went
out than came in, from what was there before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
# Kinds of nodes. An outside is what two books do not say alike, or a party that has no books here.
INCOME, OTHER, ENTITY, ENVELOPE, SPENDING, OUTSIDE = (
    "income",
    "other",
    "entity",
    "envelope",
    "spending",
    "outside",
)
HUBS = (ENTITY, ENVELOPE)


@dataclass(frozen=True, order=True)
class Node:
    """Somebody or something that money flows through: ``entity`` is whose it is."""

    kind: str
    entity: str
    name: str


@dataclass(frozen=True)
class Link:
    """What flowed from one node to another: positive. ``crosses`` from one entity to another."""

    source: Node
    target: Node
    amount: Decimal

    @property
    def crosses(self) -> bool:
        """Whether it leaves one entity's books for another's, or for a party outside."""
        if self.source.kind in {ENTITY, ENVELOPE} and self.target.kind in {ENTITY, OUTSIDE}:
            return True
        return self.source.kind == OUTSIDE


@dataclass(frozen=True)
class Netted:
    """Money that went round: through whom, in order, and how much of it is left out."""

    around: tuple[str, ...]
    amount: Decimal


@dataclass(frozen=True)
class Graph:
    """Links in order, what each hub kept, and the rounds that were left out."""

    links: tuple[Link, ...]
    kept: Mapping[Node, Decimal]
    netted: tuple[Netted, ...] = ()

    @property
    def hubs(self) -> list[Node]:
        """The entities, each followed by its envelopes, in order."""
        return sorted(self.kept, key=lambda n: (n.entity, HUBS.index(n.kind), n.name))

    def into(self, node: Node) -> list[Link]:
        """What flows into a node, the largest first."""
        return _largest(link for link in self.links if link.target == node)

    def out_of(self, node: Node) -> list[Link]:
        """What flows out of a node, the largest first."""
        return _largest(link for link in self.links if link.source == node)

    def gap(self, node: Node) -> Decimal:
        """What flows in less what flows out and is kept: zero."""
        came = sum((link.amount for link in self.into(node)), ZERO)
        went = sum((link.amount for link in self.out_of(node)), ZERO)
        return came - went - self.kept.get(node, ZERO)


def _largest(links: Iterable[Link]) -> list[Link]:
    return sorted(links, key=lambda link: (-link.amount, link.source, link.target))


def graph(
    flows: Mapping[tuple[Node, Node], Decimal],
    kept: Mapping[Node, Decimal],
    netted: Iterable[Netted] = (),
) -> Graph:
    """The graph of these flows; a negative one flows the other way. Between two nodes only the
    difference of both directions is left, and what goes round among entities is taken out."""
    sums: dict[tuple[Node, Node], Decimal] = {}
    for (source, target), amount in flows.items():
        if (target, source) in sums:
            sums[target, source] -= amount
        else:
            sums[source, target] = sums.get((source, target), ZERO) + amount
    turned = {
        (pair if amount > 0 else pair[::-1]): abs(amount) for pair, amount in sums.items() if amount
    }
    rounds = list(netted)
    while found := _cycle(turned):
        least = min(turned[pair] for pair in found)
        rounds.append(Netted(tuple(source.name for source, _ in found), least))
        for pair in found:
            turned[pair] -= least
            if not turned[pair]:
                del turned[pair]
    links = tuple(Link(*pair, amount) for pair, amount in sorted(turned.items()))
    return Graph(links, dict(kept), tuple(rounds))


def _cycle(flows: Mapping[tuple[Node, Node], Decimal]) -> list[tuple[Node, Node]]:
    """The pairs of a way that ends where it begins; empty where there is none."""
    ahead: dict[Node, list[Node]] = {}
    for source, target in sorted(flows):
        ahead.setdefault(source, []).append(target)
    done: set[Node] = set()

    def walk(node: Node, path: list[Node]) -> list[Node]:
        if node in path:
            return path[path.index(node) :]
        if node in done:
            return []
        for target in ahead.get(node, ()):
            if found := walk(target, [*path, node]):
                return found
        done.add(node)
        return []

    for start in sorted(ahead):
        if found := walk(start, []):
            return list(zip(found, [*found[1:], found[0]], strict=True))
    return []
