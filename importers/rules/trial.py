"""The rules run over the history: what each would catch, and where two disagree. Nothing is done.

Lines that their file splits are left out: rules decide those part by part.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.entity import Entity
from core.home import Home
from core.journal.books import Books
from importers.rules.categorise import RuleText, load_categoriser
from importers.rules.matches import Matcher
from importers.rules.origin import BookedLine, Origins
from importers.statement import StatementLine

_SAMPLES = 3


@dataclass(frozen=True)
class Otherwise:
    """A line that stands decided in the books against another account than the rule says."""

    booked: BookedLine
    stands: str
    by_rule: str


@dataclass
class RuleTrial:
    """One rule: the lines that it ``catches`` (as the first that matches) and all that it
    ``matches``; sample ``payees``; what it would decide ``otherwise`` than it stands; and, by name,
    the rules before it that took a line from it."""

    rule: RuleText
    catches: int = 0
    matches: int = 0
    payees: dict[str, None] = field(default_factory=dict)
    otherwise: list[Otherwise] = field(default_factory=list)
    taken_by: Counter[str] = field(default_factory=Counter)

    @property
    def by_persons(self) -> list[Otherwise]:
        """What it would decide otherwise than persons did."""
        return [o for o in self.otherwise if not o.by_rule]

    @property
    def is_shadowed(self) -> bool:
        """Whether it matches lines, and each of them was another's already."""
        return bool(self.matches) and not self.catches


@dataclass
class Disagreement:
    """Two rules that match the same lines and name different accounts; ``first`` wins."""

    first: RuleText
    second: RuleText
    example: BookedLine
    count: int = 0


@dataclass(frozen=True)
class Trial:
    """The rules of one entity over ``lines`` lines, ``uncaught`` of which no rule catches."""

    entity: Entity
    rules: tuple[RuleTrial, ...]
    disagreements: tuple[Disagreement, ...]
    lines: int
    uncaught: int


def tried(
    entity: Entity, booked: Iterable[BookedLine], found: Origins, *, home: Home, books: Books
) -> Trial:
    """The present rules of ``entity`` over those of the ``booked`` lines that are its own."""
    categoriser = load_categoriser(home, entity, books)
    matcher = Matcher(categoriser)
    trials = {rule.name: RuleTrial(rule) for rule, _, _ in categoriser.rules}
    disputes: dict[tuple[str, str], Disagreement] = {}
    count = uncaught = 0
    for line in booked:
        if books.registry.ent(line.posting.account) != entity.name:
            continue
        said = found.line(line)
        if said.splits:
            continue
        count += 1
        matching = matcher.matching(said, line.posting.account)
        if not matching:
            uncaught += 1
            continue
        first = matching[0]
        _caught(trials[first.name], line, said, books)
        for rule in matching:
            trials[rule.name].matches += 1
        for second in matching[1:]:
            trials[second.name].taken_by[first.name] += 1
            if second.then.account != first.then.account:
                key = (first.name, second.name)
                disputes.setdefault(key, Disagreement(first, second, line)).count += 1
    ordered = sorted(disputes.values(), key=lambda d: -d.count)
    return Trial(entity, tuple(trials.values()), tuple(ordered), count, uncaught)


def _caught(trial: RuleTrial, line: BookedLine, said: StatementLine, books: Books) -> None:
    trial.catches += 1
    if len(trial.payees) < _SAMPLES:
        trial.payees.setdefault(said.payee or said.narration)
    stands = _stands(line)
    waits = line.txn.meta.get("review") or any(books.role(a) == "suspense" for a in stands)
    if not waits and trial.rule.then.account not in stands:
        by_rule = str(line.txn.meta.get("rule", ""))
        trial.otherwise.append(Otherwise(line, ", ".join(stands), by_rule))


def _stands(line: BookedLine) -> Sequence[str]:
    return [p.account for place, p in enumerate(line.txn.postings) if place != line.own]
