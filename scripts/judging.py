"""Gathers what a review needs from git and the forge, lays it out, and has it judged in a child."""

import os
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core import commits, git, sandbox
from core.commits import Made
from core.findings import UserError
from core.journal.hands import Hand, hands
from core.journal.proposal import Proposal, Touched, laid_out, proposal, refused, shown, touched
from core.journal.state import JOURNALS
from core.people import PEOPLE, People, parse_people
from core.signing import keys_of
from reports.duties.hands import WINDOW
from reports.review.request import Proposed, Request

# Enough for ten years of a large group twice over; what needs more is not judged.
LIMITS = sandbox.Limits(memory=8_000, cpu=240, wall=300, written=1_000)
# What of a proposal's commits is looked through for who wrote what: the newest, so much of them.
_MOST_COMMITS, _MOST_WRITTEN = 500, 50_000_000
# Who merges on a forge's page commits as the forge.
_FORGES = ("noreply@github.com",)


@dataclass(frozen=True)
class Asked:
    """What a person asked: revisions, the folder of the home in the repository, a root file where
    it is none, names of further authors and of approvers, how to answer; the home's folder in a
    bare repository, and whether approvals are still to come."""

    base: str
    head: str
    folder: Path
    root: str
    authors: tuple[str, ...]
    approvers: tuple[str, ...]
    form: str
    strict: bool
    within: str = ""
    before_approval: bool = False


def judged(asked: Asked) -> tuple[int, str]:
    """The exit status and the text of a review. Raises UserError (2) where there can be none."""
    from reports.review.judge import judge

    found = proposal(asked.folder, asked.base, asked.head)
    prefix = f"{asked.within.strip('/')}/" if asked.within else git.prefix(asked.folder)
    listed = {
        word: commits.entries(asked.folder, commit)
        for word, commit in (("base", found.base), ("fork", found.fork), ("head", found.head))
    }
    changed = touched(listed["fork"], listed["head"])
    with tempfile.TemporaryDirectory(prefix="books-review-") as made:
        place = Path(made).resolve()
        (place / "trees").mkdir()
        (place / "scratch").mkdir()
        people = _people(found, listed["base"], prefix)
        writers = _made(found, people, place)
        past, proposed = _written(found, writers) if people else ((), ())
        trees = laid_out(found, listed, prefix, place / "trees")
        inside, outside = _paths(changed, prefix)
        request = Request(
            before=str(trees.before),
            after=str(trees.after),
            root=asked.root,
            labels=(_label(asked.base, found.base), _label(asked.head, found.head)),
            refused=tuple(refused(changed, listed["head"], prefix)),
            changed=inside,
            outside=outside,
            resettled=trees.resettled,
            authors=tuple(dict.fromkeys((*_makers(writers), *asked.authors))),
            approvers=asked.approvers,
            walls=sandbox.walls(),
            notes=_notes(found),
            form=asked.form,
            strict=asked.strict,
            signatures=_signatures(writers),
            is_vouched=bool(asked.authors),
            past=past,
            proposed=proposed,
            before_approval=asked.before_approval,
        )
        around = sandbox.Place(place / "trees", place / "scratch")
        outcome = sandbox.run(judge, request.encoded(), LIMITS, around)
    return _answer(outcome)


def _answer(outcome: sandbox.Outcome) -> tuple[int, str]:
    match outcome.ending:
        case sandbox.Ending.OK:
            return int(outcome.value["code"]), str(outcome.value["text"])
        case sandbox.Ending.REFUSED:
            raise UserError(f"the base cannot be read: {outcome.reason}", hint=outcome.hint)
        case sandbox.Ending.CRASHED:
            raise UserError(
                f"the child that read the proposal ended ({outcome.reason}); it is not judged",
                hint="what it proposes harms who reads it, or this is a fault of ours",
            )
    raise UserError(
        f"the child that read the proposal ended: {outcome.ending}; it is not judged",
        hint=f"a child may use {LIMITS.memory:,} MB and {LIMITS.cpu} s",
    )


def _paths(changed: Sequence[Touched], prefix: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = [each.name for each in changed]
    inside = [shown(name.removeprefix(prefix)) for name in names if name.startswith(prefix)]
    return tuple(inside), tuple(shown(name) for name in names if not name.startswith(prefix))


def _label(said: str, commit: str) -> str:
    return said if commit.startswith(said) else f"{said} ({commit[:9]})"


def _notes(found: Proposal) -> tuple[str, ...]:
    if not found.behind:
        return ()
    return (
        f"the base has {found.behind} commit(s) that the head lacks: what is proposed was compared "
        f"with {found.fork[:9]}, which both come from; merge the base to have both judged together",
    )


def _people(found: Proposal, listed: Sequence[commits.Entry], prefix: str) -> People | None:
    """The base's ``rules/people.yaml``. Raises UserError for a mistake in it."""
    name = f"{prefix}{PEOPLE.as_posix()}"
    entry = next((entry for entry in listed if entry.name == name), None)
    if entry is None or entry.mode in {commits.LINK, commits.SUBMODULE}:
        return None
    content = git.blobs(found.folder, [entry.oid]).get(entry.oid, b"")
    return parse_people(content)


def _made(found: Proposal, people: People | None, place: Path) -> list[Made]:
    """Who made the commits, and what is to be thought of their signatures where keys are known."""
    keys = keys_of(people, place / "keys")
    return commits.made(found.folder, found.base, found.head, keys)


def _makers(made: Sequence[Made]) -> list[str]:
    """Authors and committers; a forge only commits what somebody made, and makes nothing."""
    names = [
        name
        for each in made
        for name in (each.author, each.committer)
        if name not in _FORGES or each.author in _FORGES
    ]
    return list(dict.fromkeys(names))


def _written(
    found: Proposal, made: Sequence[Made]
) -> tuple[tuple[Hand, ...], tuple[Proposed, ...]]:
    """What was written lately, for who looks whether duties were in one hand. Into what is proposed
    nobody looks here."""
    past = hands(found.folder, found.base, commits.day(found.folder, found.base) - WINDOW)
    proposed = []
    left = _MOST_WRITTEN
    for each in made[:_MOST_COMMITS]:
        journals = [
            c for c in commits.changed(found.folder, each.commit) if c[0].endswith(JOURNALS)
        ]
        sizes = git.sizes(found.folder, {oid for _, *oids in journals for oid in oids if oid})
        left -= sum(sizes.values())
        if left < 0:
            break
        known = git.blobs(found.folder, sizes)
        files = {
            shown(name): (known.get(was, b""), known.get(now, b"")) for name, was, now in journals
        }
        proposed.append(Proposed(each.commit, each.author, each.day, files))
    return tuple(past), tuple(proposed)


def _signatures(made: Sequence[Made]) -> dict[str, str]:
    """The letters of each author's commits, where keys are known."""
    found: dict[str, str] = defaultdict(str)
    for each in (each for each in made if each.signature):
        found[each.author] += each.signature
    return dict(found)


def folder_of(given: str | None) -> Path:
    """The folder of the home in its repository, which may be bare: what ``--home`` or the
    environment names, else the home around here, else this folder."""
    from core.home import home_of

    named = given or os.environ.get("BOOKS_HOME")
    if named:
        folder = Path(named).expanduser()
        if not folder.is_dir():
            raise UserError("there is no such folder", file=str(folder))
        return folder.resolve()
    around = home_of(Path.cwd() / "x")
    return around.path if around else Path.cwd()
