"""What the unattended runs have been: ``.books/schedule.json``, for ``books status`` and for who is
told what only once. It can be lost: the next run is as right without it."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from core.home import Home
from core.journal.write import keep

VERSION = 1
_PLACE = "schedule.json"
_KEPT = 100


@dataclass(frozen=True)
class Ran:
    """One run: when (ISO, UTC), and what a person is told of it. No ``ended``: it was interrupted,
    or is under way."""

    id: str
    started: str
    ended: str = ""
    well: bool = False
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class History:
    """``runs`` are the newest, oldest first; ``told`` are the conditions that somebody has been
    told of, by their key; ``scheduler`` is what was installed and ``at`` its time of day."""

    runs: tuple[Ran, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    scheduler: str = ""
    at: str = ""

    @property
    def last(self) -> Ran | None:
        """The newest run."""
        return self.runs[-1] if self.runs else None

    @property
    def success(self) -> Ran | None:
        """The newest run that went well."""
        return next((run for run in reversed(self.runs) if run.well), None)


def loaded(home: Home) -> History:
    """The history; empty where there is none, or none that can be read."""
    try:
        said = json.loads((home.private / _PLACE).read_bytes())
        if said["version"] != VERSION:
            return History()
        runs = tuple(Ran(**{**each, "said": tuple(each["said"])}) for each in said["runs"])
        told = {str(key): str(text) for key, text in said["told"].items()}
        return History(runs, told, str(said["scheduler"]), str(said["at"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return History()


def store(home: Home, history: History) -> None:
    """Keeps the history, without what is older than a hundred runs."""
    kept = replace(history, runs=history.runs[-_KEPT:])
    said = {"version": VERSION, **asdict(kept)}
    keep(home, _PLACE, (json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode())


def began(home: Home, run_id: str) -> History:
    """The history with a run that begins now."""
    before = loaded(home)
    after = replace(before, runs=(*before.runs, Ran(run_id, now())))
    store(home, after)
    return after


def named() -> str:
    """A new name for a run."""
    return uuid.uuid4().hex[:12]


def now() -> str:
    """This moment, as it is kept."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def next_run(history: History, moment: dt.datetime) -> dt.datetime | None:
    """When the schedule is due next after a ``moment`` of local time; None without a schedule.

    A time of day that the clocks leave out in spring is the one an hour later; one that comes
    twice in autumn is its first.
    """
    if not history.scheduler or not history.at:
        return None
    at = dt.time.fromisoformat(history.at)
    zone = moment.tzinfo
    for days in range(3):
        day = moment.date() + dt.timedelta(days=days)
        due = dt.datetime.combine(day, at, tzinfo=zone)
        due = due.astimezone(dt.UTC).astimezone(zone)
        if due.astimezone(dt.UTC) > moment.astimezone(dt.UTC):
            return due
    return None
