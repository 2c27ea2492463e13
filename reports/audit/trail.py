"""The facts of an audit report (DOMAIN D5): the commits of a period, and what they changed.

A commit belongs to the period in which it was committed; merges count by the time they were made,
which is when the change was recorded. Author dates can be set at will, so they are shown and not
relied on.
"""

import datetime as dt
import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from beancount.core import data

from core import git, git_log
from core.actions import Log
from core.findings import Finding
from core.journal.books import Books
from core.journal.hands import hands
from core.journal.past import NOT_COMMITTED, Past, Step
from core.people import People
from core.period import Period
from core.signing import keys_of
from plugins.closing.verifying import Verdict
from reports.duties.deeds import of_commits
from reports.duties.hands import VENDOR, WINDOW, OneHand, could_share, one_hand, whose

LATE = dt.timedelta(days=35)
_REQUEST = re.compile(r"\(#(\d+)\)|Merge pull request #(\d+)|See merge request \S+!(\d+)")
_APPROVAL = frozenset({"reviewed-by", "approved-by", "acked-by"})
_ROLES = re.compile(r"(^|/)(CODEOWNERS|people\.yaml)$")
_MACHINERY = re.compile(r"(^|/)rules/|(^|/)registry\.beancount$")
_EVIDENCE = "/documents/"
# What happened on its day; an account may be opened, a price looked up, long after.
_DATE = re.compile(r"^(\d{4}-\d\d-\d\d)\s+(?:[*!]|txn|balance|pad|note)\s", re.MULTILINE)
_VENDOR = re.compile(r'^\d{4}-\d\d-\d\d\s+custom\s+"vendor"', re.MULTILINE)


@dataclass(frozen=True)
class Recorded:
    """A commit of the period: how it was signed (a letter of ``core.signing``), the request to
    merge that it names, who approved it, whether it stands on the main line by itself, and the
    entries it changed."""

    commit: git_log.Logged
    signature: str
    signer: str
    request: str
    approvers: tuple[str, ...]
    direct: bool
    steps: tuple[Step, ...]

    @property
    def day(self) -> dt.date:
        """The day on which it was committed."""
        return dt.date.fromisoformat(self.commit.committed[:10])


@dataclass(frozen=True)
class Paper:
    """A file of evidence that a commit brought, changed or took away."""

    path: str
    kind: str
    commit: git_log.Logged


@dataclass(frozen=True)
class Trail:
    """What the report says. ``late`` are entries dated more than 35 days before they were
    committed; ``rewritten`` commits that the branch or a tag of a closing stood at and that are no
    longer behind HEAD; ``altered`` documents whose file is not what their ``sha256:`` says;
    ``one_hand`` what one person should not have done alone. ``is_alone``: one person wrote all
    commits; ``control`` is what rules/people.yaml says makes up for that."""

    period: Period
    head: str
    branch: str
    verdicts: tuple[Verdict, ...]
    commits: tuple[Recorded, ...]
    late: tuple[tuple[Recorded, Step], ...]
    papers: tuple[Paper, ...]
    altered: tuple[data.Document, ...]
    rewritten: tuple[str, ...]
    roles: tuple[Recorded, ...]
    machinery: tuple[Recorded, ...]
    vendors: tuple[tuple[Recorded, Step], ...]
    waived: tuple[Finding, ...]
    opened: tuple[Finding, ...]
    cured: tuple[Finding, ...]
    uncommitted: tuple[Step, ...]
    actions: Log
    one_hand: tuple[OneHand, ...]
    is_alone: bool
    control: str


def trail(
    home: Path,
    books: Books,
    period: Period,
    *,
    verdicts: Iterable[Verdict],
    before: Sequence[Finding],
    after: Sequence[Finding],
    actions: Log,
    people: People | None,
) -> Trail:
    """The facts of a period. ``before`` and ``after`` are the findings of the books at its
    beginning and at its end, ``people`` those of rules/people.yaml. Raises UserError outside a git
    repository."""
    past = Past(home)
    commits = tuple(_recorded(home, past, period, people))
    known = {finding.fingerprint for finding in before}
    left = {finding.fingerprint for finding in after}
    later = [each for each in commits if each.commit.parents]  # with the first the books begin
    who = whose(people)
    alone = len({who(each.commit.email) for each in commits}) == 1
    return Trail(
        period=period,
        head=git.head(home),
        branch=git.branch(home),
        verdicts=tuple(verdicts),
        commits=commits,
        late=tuple((c, s) for c in later for s in c.steps if _is_late(c, s)),
        papers=tuple(paper for each in commits for paper in _papers(each.commit)),
        altered=tuple(_altered(books)),
        rewritten=tuple(_rewritten(home)),
        roles=tuple(c for c in later if any(_ROLES.search(name) for name in c.commit.files)),
        machinery=tuple(
            c for c in later if any(_MACHINERY.search(name) for name in c.commit.files)
        ),
        vendors=tuple((c, s) for c in later for s in c.steps if _is_of_vendor(s)),
        waived=tuple(f for f in after if f.waived and _falls_in(f, period)),
        opened=tuple(f for f in after if f.fingerprint not in known and not f.waived),
        cured=tuple(f for f in before if f.fingerprint not in left and not f.waived),
        uncommitted=tuple(
            step
            for commit in past.commits
            if commit.subject == NOT_COMMITTED and not commit.id
            for step in past.steps(commit)
        ),
        actions=actions,
        one_hand=tuple(_one_hand(home, books, period, people)),
        is_alone=alone,
        control=people.compensating_control if people else "",
    )


def _one_hand(home: Path, books: Books, period: Period, people: People | None) -> Iterator[OneHand]:
    """What was in one hand, of which the later deed is of the period. Who is the only one to write
    reconciles too: that is said once, of all accounts."""
    written = list(hands(home, "HEAD", period.first - WINDOW))
    who = whose(people)
    only = len({who(hand.email) for hand in written}) == 1
    for found in one_hand(of_commits(written, books), books, who):
        shared = not only or could_share(people, found.entity, found.who)
        if period.first <= found.day <= period.last and (found.kind == VENDOR or shared):
            yield found


def _recorded(home: Path, past: Past, period: Period, people: People | None) -> Iterator[Recorded]:
    """The commits of the period, oldest first."""
    first, after = period.first.isoformat(), period.after.isoformat()
    found = [c for c in git_log.log(home) if first <= c.committed[:10] < after][::-1]
    with tempfile.TemporaryDirectory(prefix="books-keys-") as place:
        keys = keys_of(people, Path(place))
        signed = git_log.signatures(home, [commit.id for commit in found], keys)
    line = git_log.main_line(home)
    with_journals = {commit.id: commit for commit in past.commits}
    for commit in found:
        said = " ".join((commit.subject, *(value for _, value in commit.trailers)))
        request = _REQUEST.search(said)
        letter, signer = signed.get(commit.id, ("", ""))
        journals = with_journals.get(commit.id)
        yield Recorded(
            commit,
            letter,
            signer,
            next(filter(None, request.groups()), "") if request else "",
            tuple(value for name, value in commit.trailers if name.casefold() in _APPROVAL),
            commit.id in line and not request,
            tuple(past.steps(journals)) if journals else (),
        )


def _is_late(commit: Recorded, step: Step) -> bool:
    """Whether an entry came, or came to say another thing, long after its date."""
    day = step.after and _DATE.search(step.after.text)
    if not day or step.kind == "moved":
        return False
    try:
        return commit.day - dt.date.fromisoformat(day[1]) > LATE
    except ValueError:
        return False


def _is_of_vendor(step: Step) -> bool:
    return any(side and _VENDOR.search(side.text) for side in (step.before, step.after))


def _papers(commit: git_log.Logged) -> Iterator[Paper]:
    for path, (before, after) in sorted(commit.files.items()):
        if _EVIDENCE in f"/{path}":
            kind = "changed" if before and after else "added" if after else "deleted"
            yield Paper(path, kind, commit)


def _altered(books: Books) -> Iterator[data.Document]:
    for entry in books.standing:
        wanted = entry.meta.get("sha256") if isinstance(entry, data.Document) else None
        if isinstance(entry, data.Document) and isinstance(wanted, str):
            path = Path(entry.filename)
            if not path.is_file():
                yield entry
                continue
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != wanted.casefold():
                    yield entry


def _rewritten(home: Path) -> Iterator[str]:
    tagged = {git.commit_of(home, f"refs/tags/{tag}"): tag for tag in git.tags(home, "close/*")}
    for commit, tag in tagged.items():
        if commit and not git_log.is_behind(home, commit):
            yield f"{commit[:9]}, the closing {tag}"
    for commit in git_log.once_head(home):
        if commit not in tagged and not git_log.is_behind(home, commit):
            yield f"{commit[:9]}, once the head of this branch here"


def _falls_in(finding: Finding, period: Period) -> bool:
    return finding.date is not None and period.first <= finding.date <= period.last
