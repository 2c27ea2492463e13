"""The judge: from two trees to a verdict. It runs in a child with limits, within walls.

Both trees are read with the base's rules, options and plugin lines (``core/journal/proposal.py``
put them there); policy and the registry are the base's as well, except for entities that are new.
What the proposal brings counts; what was wrong before is only counted.
"""

import gc
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from beancount.core import data

from core.cache.store import Scratch
from core.entity import Entity, Ownership, Registry, accounts_of
from core.findings import Finding, Severity, UserError, fingerprinted
from core.home import Home
from core.journal.books import Books
from core.journal.files import stands
from core.journal.lint import is_allowed
from core.journal.proposal import FACTOR, TREE
from core.journal.read import DEFAULT_PLUGINS
from core.journal.settings import settings
from core.journal.sides import Side
from core.journal.state import Folder, State
from core.memory import collector_paused
from core.people import People, people_in
from core.seal import seals_of
from core.show import by_severity
from core.signing import WORDS
from core.soft_close import soft_seals
from plugins.closing.verifying import Closed, nobody_knows
from plugins.run import run_rules
from reports.bookdiff.model import UNREAD, BookDiff, between
from reports.duties.deeds import of_commits
from reports.duties.hands import one_hand, whose
from reports.review.authority import GROUP, Deed, judged, largest, shared_duty
from reports.review.codes import ALONE, BOOKS
from reports.review.model import Review
from reports.review.render import render
from reports.review.request import Request, decoded
from reports.review.signed import unsigned
from reports.review.standing import Ruling, ruling_findings, rulings, waived_anew

_ROOT = re.compile(r"ledger/(?:group|[^/]+/main)\.beancount")
_PLUGIN = re.compile(r'\s*plugin\s+"([\w.]+)"')


def judge(raw: bytes) -> dict[str, Any]:
    """The verdict on a request: ``code`` (0 fine, 1 refused) and ``text`` in the form asked for.

    Raises UserError where the base itself cannot be read.
    """
    request = decoded(raw)
    with collector_paused():
        review = reviewed(request)
        gc.freeze()  # else Python looks through all books for garbage before the child ends
        return {"code": review.exit_code, "text": render(review, request.form)}


def reviewed(request: Request) -> Review:
    """The review of a request."""
    base, head, run = _sides(request)
    scratch = Scratch()
    before = base.read(scratch)
    said_before = [f for f in _checked(before) if _is_there(f, base)]
    notes = [*request.notes]
    notes += [f"the plugin {name} of the base was run, in the child process only" for name in run]
    try:
        after = head.read(scratch)
    except UserError as error:
        # its place in the child means nothing to anybody
        told = str(error.message).replace(f"{request.after}/", "")
        name = error.file.replace(f"{request.after}/", "")
        broken = Finding(BOOKS, Severity.ERROR, told, file=name, identity=(told,))
        return _made(request, [*request.refused, broken], said_before, None, notes)
    after = _with_rules_of(before, after)
    if any(finding.code in UNREAD for finding in after.findings):
        said = fingerprinted(after.findings)
        return _made(request, [*request.refused, *said], said_before, None, notes)
    said_after = _checked(after, _standing_in(before))
    diff = between(before, after, said_before, said_after, request.labels)
    notes += diff.notes
    found = [*request.refused, *_outside(before, after, request), *diff.new]
    owned = list(rulings(request.changed, request.outside, request.resettled, diff))
    owned += [
        Ruling("takes a root away: what it alone includes is read no more", name)
        for name in request.changed
        if _ROOT.fullmatch(name) and not Path(request.after, name).is_file()
    ]
    people = people_in(Path(request.after, "rules"))
    severity = Severity.WARNING
    if people:
        verdict = judged(_deed(request, before, after, diff, owned), people)
        severity = Severity.INFO if verdict.is_owners else Severity.ERROR
        if request.before_approval:
            verdict, severity = verdict.awaited, Severity.WARNING
        found += verdict.findings
        approved = {name for name in request.approvers if people.named(name)}
        is_alone = any(each.code == ALONE for each in verdict.findings) and not approved
        is_vouched = request.is_vouched or not is_alone
        found += unsigned(request.signatures, people, is_vouched=is_vouched)
        found += _in_one_hand(request, after, people)
    elif head.home:
        notes.append("rules/people.yaml names nobody: who made and approved it was not looked at")
    found += ruling_findings(owned, severity)
    found += waived_anew(said_before, said_after, severity)
    notes += _signatures(request.signatures)
    return _made(request, found, said_before, diff, notes)


def _signatures(letters: Mapping[str, str]) -> Iterator[str]:
    for author, said in letters.items():
        words = [WORDS.get(letter, "cannot be checked") for letter in said]
        counted = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
        yield f"signatures of {author}: {counted}"


def _outside(before: Books, after: Books, request: Request) -> Iterator[Finding]:
    """Documents that the proposal names and that lie outside of the tree: whether there is such a
    file on this machine is nobody's to ask."""
    known = {each.filename for each in before.entries if isinstance(each, data.Document)}
    for each in after.entries:
        if not isinstance(each, data.Document) or each.filename in known:
            continue
        path = os.path.normpath(each.filename)
        if not Path(path).is_relative_to(request.after):
            text = f"the document {path} lies outside of the books; put the file beside its entry"
            place = os.path.relpath(each.meta["filename"], request.after)
            yield Finding(
                TREE, Severity.ERROR, text, factor=FACTOR, file=place, line=each.meta["lineno"],
                identity=(text,),
            )  # fmt: skip


def _in_one_hand(request: Request, after: Books, people: People) -> Iterator[Finding]:
    """What the proposal puts into one hand, with what was written before it or alone."""
    past = list(of_commits(request.past, after))
    new = of_commits((hand for each in request.proposed for hand in each.hands()), after)
    who = whose(people)
    known = {each.said for each in one_hand(past, after, who)}
    for each in one_hand([*past, *new], after, who):
        if each.said not in known:
            yield shared_duty(each, people)


def _made(
    request: Request,
    found: Sequence[Finding],
    said_before: Sequence[Finding],
    diff: BookDiff | None,
    notes: Sequence[str],
) -> Review:
    known = {finding.fingerprint for finding in said_before}
    own = fingerprinted(f for f in found if not f.fingerprint)
    brought = [f for f in found if f.fingerprint and (diff or f.fingerprint not in known)]
    errors = sum(finding.severity is Severity.ERROR for finding in said_before)
    cured = sum(f.severity is Severity.ERROR for f in diff.cured) if diff else 0
    return Review(
        labels=request.labels,
        findings=tuple(by_severity([*own, *brought])),
        standing=errors - cured,
        diff=diff,
        authors=request.authors,
        approvers=request.approvers,
        walls=request.walls,
        notes=tuple(notes),
        strict=request.strict,
    )


def _sides(request: Request) -> tuple[Side, Side, tuple[str, ...]]:
    """What was and what would be; and the plugins that run only because this is a child."""
    before, after = Path(request.before), Path(request.after)
    overlay = State(after, Folder(before))
    labels = request.labels
    if request.root:
        root = after / request.root
        run = _unknown_plugins(before / request.root)
        return (
            Side(labels[0], root, None, overlay, run),
            Side(labels[1], root, None, {}, run),
            run,
        )
    old = Home(before).main_root.relative_to(before)
    head = Home(after)
    try:
        new = head.main_root
    except UserError:  # said when it is read
        new = after / old
    return Side(labels[0], after / old, head, overlay), Side(labels[1], new, head), ()


def _unknown_plugins(root: Path) -> tuple[str, ...]:
    """The plugins that a root of the base names and that are not known to do no harm."""
    try:
        text = root.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ()
    named = (match[1] for s in settings(text) if (match := _PLUGIN.match(s.text)))
    return tuple(name for name in dict.fromkeys(named) if not is_allowed(name, DEFAULT_PLUGINS))


def _checked(books: Books, closed: Closed = nobody_knows) -> list[Finding]:
    return fingerprinted([*books.findings, *run_rules(books, closed=closed)])


def _standing_in(base: Books) -> Closed:
    """The base as the books at each closing that it has. There is no git in the child, and where
    its own seals hold it says the same as their tags; where they do not, what counts is what the
    proposal changes in the closed period besides."""
    known = (*seals_of(base.standing).values(), *soft_seals(base.standing).values())
    seals = {(s.tag, s.hash) for of in known for s in of}
    return lambda seal: base if (seal.tag, seal.hash) in seals else None


def _is_there(finding: Finding, base: Side) -> bool:
    """Whether what a finding is about is in the base: the tree on the disk is the head's."""
    folder = base.home.path if base.home else base.root.parent
    return not finding.file or stands(folder / finding.file, base.overlay)


def _with_rules_of(before: Books, after: Books) -> Books:
    """The head's books under the base's policy and registry; new entities are the head's."""
    entities = {**after.registry.entities, **before.registry.entities}
    new = after.registry.entities.keys() - before.registry.entities.keys()
    owned = [o for o in after.registry.ownerships if o.entity in new]
    registry = Registry(entities, (*before.registry.ownerships, *owned))
    if _same(registry, after.registry) and before.policy == after.policy:
        return after
    accounts = accounts_of(after.standing, registry)
    return replace(after, policy=before.policy, registry=registry, accounts=accounts)


def _same(one: Registry, other: Registry) -> bool:
    """Whether both say the same, wherever they say it."""

    def bare(registry: Registry) -> list[str]:
        place = {"filename", "lineno"}
        every: tuple[Entity | Ownership, ...] = (*registry.entities.values(), *registry.ownerships)
        return sorted(
            repr(sorted((vars(each) | {"meta": _without(each.meta, place)}).items(), key=str))
            for each in every
        )

    return bare(one) == bare(other)


def _without(meta: Mapping[str, Any], keys: Collection[str]) -> list[tuple[str, Any]]:
    return sorted(((k, v) for k, v in meta.items() if k not in keys), key=str)


def _deed(
    request: Request,
    before: Books,
    after: Books,
    diff: BookDiff,
    owned: Sequence[Ruling],
) -> Deed:
    folders = {e.folder: e.name for e in (*before.registry.entities.values(),
                                          *after.registry.entities.values())}  # fmt: skip
    amounts = largest(diff)
    for name in request.changed:
        parts = name.split("/")
        if parts[0] in {"ledger", "documents"}:
            owner = folders.get(parts[1], GROUP) if len(parts) > 2 else GROUP
            amounts.setdefault(owner, Decimal())
    for change in diff.directives:  # wherever they stand
        account = change.directive.account
        if account and (entity := after.registry.ent(account)):
            amounts.setdefault(entity, Decimal())
    return Deed(
        amounts,
        has_rules=any(not each.is_seal for each in owned),
        has_seals=any(each.is_seal for each in owned),
        authors=request.authors,
        approvers=request.approvers,
    )
