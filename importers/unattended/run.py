"""One unattended run: every bank, on the standing branch, and then whoever has to know."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from core import branches
from core.findings import UserError
from core.home import Home
from core.journal.lock import alone
from core.journal.read import read
from core.masked import masked
from importers.feed.connections import Connection
from importers.feed.night import Night
from importers.inbox.items import inbox
from importers.unattended import history
from importers.unattended.forge import Forge, by_hand
from importers.unattended.notify import Send, tell
from importers.unattended.standing import BRANCH, Standing, standing

BUSY = "another unattended run is under way; nothing was done"
# What passes by itself is told only when a bank has had no success for so long.
_LASTING = dt.timedelta(days=3)
# How what a run says of the commits that wait begins.
TO_MERGE = ("to review and merge: ", "to merge: ")


@dataclass
class Outcome:
    """What a run came to: ``nights`` by bank, ``said`` is for a person, ``conditions`` are what
    needs one, by a key that stays the same as long as it lasts."""

    nights: list[Night] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    conditions: dict[str, str] = field(default_factory=dict)
    commits: int = 0
    request: str = ""
    is_busy: bool = False
    failed: bool = False
    run_id: str = ""


def unattended(
    home: Home,
    banks: Sequence[Connection],
    night: Callable[[Connection, Home], Night],
    *,
    forge: Callable[[str], Forge | None],
    send: Send | None = None,
    run_id: str = "",
) -> Outcome:
    """Brings ``import/open`` up to what the banks have.

    ``night`` is one bank's run on the books of a work tree; ``forge`` gives the forge behind a
    remote; ``send`` tells the owner; ``run_id`` names the run, in its merges as ``night`` does in
    its commits. A second run at the same time does nothing. However a run ends, the next one goes
    on from what the branch and the books hold.
    """
    run_id = run_id or history.named()
    outcome = Outcome(run_id=run_id)
    with alone(home, "schedule.lock") as is_alone:
        if not is_alone:
            return replace(outcome, said=[BUSY], is_busy=True)
        past = history.began(home, run_id)
        try:
            _run(home, banks, night, forge, outcome)
        except UserError as error:
            outcome.failed = True
            outcome.said.append(masked(str(error)))
            outcome.conditions["run"] = masked(str(error))
        title = "Books: what needs you"
        scopes = {bank.scope for bank in banks}
        others = {
            key: text
            for key, text in past.told.items()
            if " " in key and key.partition(" ")[0] not in scopes
        }
        told, sent = tell({**others, **outcome.conditions}, past.told, send, title)
        if not sent:
            outcome.said.append("the notification could not be sent; it is tried again next time")
        done = replace(
            past.runs[-1], ended=history.now(), well=not outcome.failed, said=tuple(outcome.said)
        )
        history.store(home, replace(past, runs=(*past.runs[:-1], done), told=told))
    return outcome


def _run(
    home: Home,
    banks: Sequence[Connection],
    night: Callable[[Connection, Home], Night],
    forge: Callable[[str], Forge | None],
    outcome: Outcome,
) -> None:
    remote = branches.remote(home.path)
    at = forge(remote)
    closed = _closed(at, outcome)
    with standing(home, closed, outcome.run_id) as branch:
        outcome.said += branch.remarks
        for bank in banks:
            done = night(bank, branch.tree)
            outcome.nights.append(done)
            _soon(done, outcome)
            if done.error is not None:
                outcome.failed = True
                if not getattr(done.error, "passes", False) or _lasts(bank):
                    _needs_somebody(done, done.error, outcome)
        commits = branch.commits
        outcome.commits = len(commits)
        if commits:
            _sent(branch, at, commits, outcome)


def _soon(done: Night, outcome: Outcome) -> None:
    """What a run that went well leaves to its owner."""
    name, scope = done.connection.institution, done.connection.scope
    for said in done.needs:
        outcome.conditions[f"{scope} {said}"] = f"{name} ({scope}): {said}"
    plan = done.synced.plan if done.synced else None
    for said in plan.unseen if plan else ():
        outcome.conditions[f"{scope} unseen {said}"] = masked(f"{name} ({scope}): {said}")
    for each in plan.removals if plan and not plan.taken_out else ():
        said = each.sentence + ("" if each.refused else "\nto agree: books sync --take-out")
        outcome.conditions[f"{scope} removed {each.line_id}"] = masked(said)


def _lasts(bank: Connection) -> bool:
    since = bank.last or bank.linked
    if not since:
        return True
    moment = dt.datetime.fromisoformat(since).replace(tzinfo=dt.UTC)
    return dt.datetime.now(dt.UTC) - moment > _LASTING


def _needs_somebody(done: Night, error: UserError, outcome: Outcome) -> None:
    name = f"{done.connection.institution} ({done.connection.scope})"
    said = str(error) if str(error).startswith(name) else f"{name}: {error}"
    page = f"\n{done.repair_url}" if done.repair_url else ""
    code = getattr(error, "error_code", "") or type(error).__name__
    outcome.conditions[f"{done.connection.scope} {code}"] = masked(said + page)


def _closed(at: Forge | None, outcome: Outcome) -> str:
    """The commit at which the newest request was closed unmerged."""
    if at is None or at.token is None:
        return ""
    try:
        newest = at.newest(BRANCH)
    except UserError as error:
        outcome.said.append(masked(str(error)))
        return ""
    return newest.commit if newest and newest.state == "closed" else ""


def _sent(branch: Standing, at: Forge | None, commits: Sequence[str], outcome: Outcome) -> None:
    tree, base = branch.tree, branch.base
    books = read(tree.main_root, home=tree)
    waiting = len(inbox(books))
    title = f"Bank lines: {len(commits)} {'run' if len(commits) == 1 else 'runs'}"
    title += f", {waiting} to review" if waiting else ""
    if branch.remote:
        if branches.tip(tree.path, "HEAD") != branch.there:
            refused = branches.pushed(tree.path, branch.remote, BRANCH, branch.there)
            if refused:
                outcome.failed = True
                said = f"{BRANCH} could not be pushed to {branch.remote}: {refused}"
                outcome.conditions["push"] = masked(said)
                outcome.said.append(masked(said))
                return
        if at is not None and at.token is not None:
            try:
                request = at.proposed(BRANCH, base, title, _body(commits, waiting, outcome))
            except UserError as error:
                outcome.failed = True
                outcome.conditions["request"] = masked(str(error))
                outcome.said.append(masked(str(error)))
            else:
                outcome.request = request.url
                outcome.said.append(f"{TO_MERGE[0]}{request.url}")
                return
    outcome.said.append(f"{TO_MERGE[1]}{by_hand(at, branch.remote, BRANCH, base, title)}")


def _body(commits: Sequence[str], waiting: int, outcome: Outcome) -> str:
    """What the branch does to the books, for whoever reviews it."""
    lines = [f"- {subject}" for subject in commits]
    if waiting:
        lines += ["", f"{waiting} lines wait for a decision: `books inbox`."]
    if outcome.conditions:
        lines += ["", "What needs somebody:", ""]
        lines += [f"- {text.splitlines()[0]}" for text in outcome.conditions.values()]
    lines += [
        "",
        "Merging books these lines. Closing it unmerged takes them back: the banks are asked for "
        "them again.",
    ]
    return "\n".join(lines)
