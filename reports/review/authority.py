"""Who may: the people of ``rules/people.yaml`` against who made a proposal and who approved it.

Author and approver are different people; each has a role in the books that are touched; above the
entity's limit two approve; rules, registry, waivers and seals are approved by an owner (DOMAIN D6).
Where nobody else could approve, the compensating control is named instead.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.findings import Finding, Severity
from core.people import APPROVING, RULING, WRITING, People, Person
from reports.bookdiff.legs import weight
from reports.bookdiff.loose import Loose
from reports.bookdiff.model import BookDiff
from reports.duties.hands import VENDOR as OF_VENDOR
from reports.duties.hands import OneHand, could_share
from reports.review.codes import ALONE, APPROVAL, AUTHOR, DUTIES, LIMIT, RECONCILED, VENDOR

GROUP = "*"


@dataclass(frozen=True)
class Deed:
    """What is judged: the entities whose books are touched (``*``: what is everybody's), the
    largest amount in each, whether rules or seals are touched, and who did and approved it."""

    entities: Mapping[str, Decimal]
    has_rules: bool
    has_seals: bool
    authors: Sequence[str]
    approvers: Sequence[str]


@dataclass(frozen=True)
class Judged:
    """The findings, and whether an owner stands behind what is the owners' to decide."""

    findings: tuple[Finding, ...]
    is_owners: bool

    @property
    def awaited(self) -> "Judged":
        """The same where approvals are still to come: that they are wanted refuses nothing yet."""
        wanted = {APPROVAL, LIMIT}
        found = (
            replace(f, severity=Severity.INFO) if f.code in wanted else f for f in self.findings
        )
        return Judged(tuple(found), self.is_owners)


def judged(deed: Deed, people: People) -> Judged:
    """What the roles say of a deed."""
    authors = [person for name in deed.authors if (person := people.named(name))]
    approvers = _approvers(deed, people, authors)
    found = list(_of_authors(deed, people))
    found += _of_approvers_unknown(deed, people, authors)
    alone = []
    for entity, amount in deed.entities.items():
        able = [p for p in people.with_role(entity, APPROVING) if p not in authors]
        given = [person for person in approvers if person.role(entity) in APPROVING]
        limit = people.limit(entity)
        wanted = 2 if limit is not None and amount > limit else 1
        if not able:
            every = people.with_role(entity, APPROVING)
            if missing := _unseen(deed, people, every):
                found.append(_said(APPROVAL, f"{_books(entity)}: {missing}", entity))
            elif len(every) < 2:
                alone.append(entity)
        elif len(given) < 1:
            names = ", ".join(person.name for person in able)
            found.append(
                _said(APPROVAL, f"{_books(entity)}: wants the approval of {names}", entity)
            )
        if wanted > 1 and len(given) < wanted and len(able) > len(given):
            told = f"{amount:,.2f} is above the limit of {limit:,.2f}; {len(given)} of two approved"
            found.append(_said(LIMIT, f"{_books(entity)}: {told}", entity))
        elif wanted > 1 and len(able) < wanted and entity not in alone:
            alone.append(entity)
    owners = [p for p in people.people if p.is_owner and p not in authors]
    by_owner = any(person.is_owner for person in approvers)
    # An only owner has nobody above: what they propose is as good as it gets, and is said so.
    missing = _unseen(deed, people, [p for p in people.people if p.is_owner])
    only = not owners and any(person.is_owner for person in authors) and not missing
    if (deed.has_rules or deed.has_seals) and not by_owner:
        if only:
            alone.append(GROUP)
        elif not owners:
            found.append(_said(APPROVAL, f"rules, registry or seals: {missing}"))
        else:
            names = ", ".join(person.name for person in owners)
            what = "rules or registry" if deed.has_rules else "seals"
            found.append(_said(APPROVAL, f"{what}: want the approval of an owner ({names})"))
    if alone:
        found.append(_alone(people, alone))
    return Judged(tuple(found), by_owner or only)


def _unseen(deed: Deed, people: People, able: Sequence[Person]) -> str:
    """Where all who may approve made a part of it themselves: whose part nobody else has approved.
    What an only approver made alone nobody else can."""
    named = [people.named(name) for name in deed.approvers]
    for name in deed.authors:
        author = people.named(name)
        others = [person for person in able if person != author]
        if others and not any(person in named for person in others):
            told = ", ".join(person.name for person in others)
            return f"the part of {author.name if author else name} wants the approval of {told}"
    return ""


def _approvers(deed: Deed, people: People, authors: Sequence[Person]) -> list[Person]:
    named = (people.named(name) for name in deed.approvers)
    return list({p.name: p for p in named if p and p not in authors}.values())


def _of_authors(deed: Deed, people: People) -> Iterator[Finding]:
    for name in dict.fromkeys(deed.authors):
        person = people.named(name)
        if person is None:
            yield _said(AUTHOR, f"{name} is not in rules/people.yaml")
            continue
        wrong = [e for e in deed.entities if not _may_write(person, e)]
        if wrong:
            told = ", ".join(_books(entity) for entity in wrong)
            yield _said(AUTHOR, f"{person.name} may not write in {told}", *wrong)
        if deed.has_rules and not set(person.roles.values()) & RULING:
            yield _said(AUTHOR, f"{person.name} is no owner: rules and registry are the owners'")


def _may_write(person: Person, entity: str) -> bool:
    if entity == GROUP:  # prices and commodities: whoever writes anywhere
        return bool(set(person.roles.values()) & WRITING)
    return person.role(entity) in WRITING


def _of_approvers_unknown(
    deed: Deed, people: People, authors: Sequence[Person]
) -> Iterator[Finding]:
    for name in dict.fromkeys(deed.approvers):
        person = people.named(name)
        if person is None:
            text = f"{name} approved, and is not in rules/people.yaml"
            yield Finding(APPROVAL, Severity.WARNING, text, factor=DUTIES, identity=(text,))
        elif all(person == author for author in authors) and authors:
            text = f"{person.name} approved their own proposal, which counts for nothing"
            yield Finding(APPROVAL, Severity.WARNING, text, factor=DUTIES, identity=(text,))


def shared_duty(found: OneHand, people: People) -> Finding:
    """Two duties in one hand: a warning, where somebody else could have had one of them. Where
    nobody could, the compensating control is named."""
    code = VENDOR if found.kind == OF_VENDOR else RECONCILED
    text, severity = found.said, Severity.WARNING
    if not could_share(people, found.entity, found.who):
        text += f"; nobody else may write in {found.entity}: {_control(people)}"
        severity = Severity.INFO if people.compensating_control else Severity.WARNING
    file, _, line = found.places[0].rpartition(":")
    return Finding(
        code, severity, text, factor=DUTIES, entities=(found.entity,),
        file=file, line=int(line), identity=(found.said,),
    )  # fmt: skip


def _control(people: People) -> str:
    control = people.compensating_control
    return f"the compensating control is: {control}" if control else (
        "no compensating-control is named in rules/people.yaml (for instance: an outside "
        "accountant reviews every month)"
    )  # fmt: skip


def _alone(people: People, entities: Iterable[str]) -> Finding:
    names = ", ".join(dict.fromkeys(_books(entity) for entity in entities))
    text = f"{names}: too few people to separate duties; {_control(people)}"
    severity = Severity.INFO if people.compensating_control else Severity.WARNING
    return Finding(ALONE, severity, text, factor=DUTIES, identity=(names,))


def _books(entity: str) -> str:
    return "what is everybody's" if entity == GROUP else entity


def _said(code: str, text: str, *entities: str) -> Finding:
    named = tuple(entity for entity in entities if entity != GROUP)
    return Finding(code, Severity.ERROR, text, factor=DUTIES, entities=named, identity=(text,))


def largest(diff: BookDiff) -> dict[str, Decimal]:
    """The largest amount that one transaction moves, by entity, in whatever currency it is; where a
    pad changes, also what moves on one account in a month."""
    found: dict[str, Decimal] = {}
    for change in diff.changes:
        for txn in (change.base, change.head):
            if txn:
                owner = txn.entity or GROUP
                found[owner] = max(found.get(owner, Decimal()), _moved(txn))
    if any(change.directive.kind == "pad" for change in diff.directives):
        for owner, accounts in diff.figures.accounts.items():
            moved = [abs(n) for m in accounts.values() for a in m.values() for n in a.values()]
            found[owner or GROUP] = max([found.get(owner or GROUP, Decimal()), *moved])
    return found


def _moved(txn: Loose) -> Decimal:
    weights = filter(None, (weight(leg) for leg in txn.legs))
    return sum((moved.cost for moved in weights if moved.cost > 0), Decimal())
