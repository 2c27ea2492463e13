"""The law of feeds: the books do not depend on when somebody asked the bank (hard case 19).

Whatever a bank says, cut into whatever runs and pages, with cursors lost in between, ends in the
same entries. A webhook that never comes, or comes twice, is then no more than another cut.
"""

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import bank as files
import pytest
from crash_deeds import new_home
from feeds import CHECKING, Bank, Event, books, line, synced
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from core.home import Home
from core.journal.write import keep
from importers.feed import cache as caches
from importers.feed.cache import Cache, Decision
from importers.feed.contract import FeedLine

MEALS = "Expenses:Acme:Meals"
RULES = """\
version: 1
rules:
  - name: cafe
    when: {payee: Cafe}
    then: {account: Expenses:Acme:Meals, tags: [meals]}
"""
PAYEES = ("Corner Shop", "Cafe Rio", "Paper Mill")
AMOUNTS = ("-20.00", "-5.00", "-5.00", "12.50")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Acme with a checking account and a rule for cafes, in no git."""
    home = new_home(tmp_path_factory.mktemp("law") / "books")
    files.open_accounts(home, [CHECKING])
    (home.rules / "categorise").mkdir(exist_ok=True)
    (home.rules / "categorise/acme.yaml").write_text(RULES)
    shutil.rmtree(home.path / ".git")
    return home


@st.composite
def lives(draw: st.DrawFn, number: int) -> list[Event]:
    """What a bank says of one line: perhaps pending, posted, corrected, taken back."""

    def said(name: str, **more: object) -> FeedLine:
        day, amount = draw(st.integers(1, 30)), draw(st.sampled_from(AMOUNTS))
        payee, month = draw(st.sampled_from(PAYEES)), draw(st.sampled_from((9, 9, 10)))
        return replace(line(name, day, amount, payee, month=month), **more)

    events: list[Event] = []
    posted, pending = f"t{number}", f"p{number}"
    if was_pending := draw(st.booleans()):
        events.append(("added", said(pending, pending=True)))
        if draw(st.booleans()):
            events.append(("modified", said(pending, pending=True)))
        if draw(st.booleans()):
            events.append(("removed", pending))
            return events
    linked = pending if was_pending and draw(st.booleans()) else ""
    last = [("removed", pending)] if was_pending else []
    last.append(("added", said(posted, pending_id=linked)))
    events += draw(st.permutations(last))
    for _ in range(draw(st.integers(0, 2))):
        events.append(("modified", said(posted, pending_id=linked)))
    if draw(st.integers(0, 3)) == 0:
        events.append(("removed", posted))
    return events


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """The lives of a few lines, one among the other."""
    left = [draw(lives(number)) for number in range(draw(st.integers(1, 5)))]
    stream: list[Event] = []
    while left := [life for life in left if life]:
        stream.append(draw(st.sampled_from(left)).pop(0))
    return stream


def ended(template: Home, path: Path, runs: Iterator[tuple[Bank, bool]]) -> object:
    """What the books say after the runs; a run may begin with its cursor lost."""
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(template.path, path)
    home = Home(path)
    # A person had decided on the first two lines while they were pending.
    decided = {
        name: (line(name, 15, "-20.00", pending=True), Decision(MEALS, narration=f"Lunch {name}"))
        for name in ("p0", "p1")
    }
    _keep(home, Cache(decided=decided))
    for bank, forgets in runs:
        if forgets:
            _keep(home, replace(_cache(home), cursor=""))
        synced(home, bank, take_out=True)
    entries = [
        (
            txn.date,
            txn.flag,
            txn.payee,
            txn.narration,
            sorted(txn.tags),
            txn.meta.get("review"),
            txn.meta.get("rule"),
            [(p.account, p.units, (p.meta or {}).get("id")) for p in txn.postings],
        )
        for txn in books(home).transactions
    ]
    assert not [f for f in books(home).findings if f.code.startswith("BC-")]
    return sorted(entries, key=str), sorted(_cache(home).pendings.items())


def _cache(home: Home) -> Cache:
    return caches.loaded(home, Bank().item().scope)


def _keep(home: Home, cache: Cache) -> None:
    keep(home, caches.place(Bank().item().scope), caches.dumped(cache))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    stream=streams(),
    cuts=st.lists(st.integers(0, 20), max_size=4),
    forgetting=st.lists(st.booleans(), min_size=6, max_size=6),
    page=st.integers(1, 4),
)
def test_19_any_cut_of_the_stream_into_runs_ends_in_the_same_books(
    template: Home,
    tmp_path: Path,
    stream: Sequence[Event],
    cuts: Sequence[int],
    forgetting: Sequence[bool],
    page: int,
) -> None:
    at_once = ended(template, tmp_path / "once", iter([(Bank(events=list(stream)), False)]))

    def runs() -> Iterator[tuple[Bank, bool]]:
        bank = Bank(page=page)
        places = [*sorted({min(cut, len(stream)) for cut in cuts}), len(stream)]
        for start, end, forgets in zip([0, *places], places, forgetting, strict=False):
            yield bank.happens(*stream[start:end]), forgets

    event(f"{len({min(cut, len(stream)) for cut in cuts})} cuts")
    assert ended(template, tmp_path / "cut", runs()) == at_once


def test_19_the_law_would_notice(template: Home, tmp_path: Path) -> None:
    """Two streams that differ in one cent do not end alike."""
    one = [("added", line("t0", 3, "-20.00"))]
    other = [("added", line("t0", 3, "-20.01"))]
    ends = [ended(template, tmp_path / "b", iter([(Bank(events=e), False)])) for e in (one, other)]
    assert ends[0] != ends[1]
    assert ends[0][0][0][0] == dt.date(2026, 9, 3)
    assert ends[0][0][0][7][0][1].number == Decimal("-20.00")
