"""What a judge is told of a proposal besides its trees, as JSON that goes into the child."""

import base64
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.findings import Finding, Severity
from core.journal.hands import Hand, of_commit


@dataclass(frozen=True)
class Proposed:
    """What a commit of the proposal did: its author's address, the day (as git writes it), and each
    journal's content before and after."""

    commit: str
    email: str
    day: str
    files: Mapping[str, tuple[bytes, bytes]]

    def hands(self) -> Iterator[Hand]:
        """The entries that it brought or took away."""
        try:
            day = dt.date.fromisoformat(self.day)
        except ValueError:  # no day that there is
            return iter(())
        return of_commit(self.commit, self.email, day, self.files)


@dataclass(frozen=True)
class Request:
    """``before`` and ``after`` are the folders of the trees, ``root`` a root file in them (empty:
    the trees are homes); ``refused`` is what was left out of them. ``changed`` are paths in the
    home, ``outside`` those beside it. ``authors`` and ``approvers`` are e-mail addresses, logins or
    names; ``signatures`` says of each author's commits what git thinks of their signatures, as a
    letter for each (see ``core.signing``); ``is_vouched``: somebody says who proposed it. With
    ``before_approval`` a missing approval is named and refuses nothing.

    ``past`` is what the base's commits wrote lately (see ``Hand``), ``proposed`` the journals that
    each commit of the proposal changed, before and after, which only the child looks into."""

    before: str
    after: str
    root: str
    labels: tuple[str, str]
    refused: tuple[Finding, ...]
    changed: tuple[str, ...]
    outside: tuple[str, ...]
    resettled: tuple[str, ...]
    authors: tuple[str, ...]
    approvers: tuple[str, ...]
    walls: str
    notes: tuple[str, ...] = ()
    form: str = "text"
    strict: bool = False
    before_approval: bool = False
    signatures: Mapping[str, str] = field(default_factory=dict)
    is_vouched: bool = False
    past: tuple[Hand, ...] = ()
    proposed: tuple[Proposed, ...] = ()

    def encoded(self) -> bytes:
        """The bytes for the child."""
        return json.dumps(asdict(self), default=_plain).encode()


def decoded(raw: bytes) -> Request:
    """The request in the child."""
    said: dict[str, Any] = json.loads(raw)
    said["refused"] = tuple(
        Finding(**{**each, "severity": Severity(each["severity"]), "date": None})
        for each in said["refused"]
    )
    past = [Hand(**{**each, "day": dt.date.fromisoformat(each["day"])}) for each in said["past"]]
    said |= {"past": past, "proposed": [_proposed(each) for each in said["proposed"]]}
    tuples = {k: tuple(v) for k, v in said.items() if isinstance(v, list)}
    return Request(**{**said, **tuples})


def _plain(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


def _proposed(said: dict[str, Any]) -> Proposed:
    files = {
        name: (base64.b64decode(was), base64.b64decode(now))
        for name, (was, now) in said.pop("files").items()
    }
    return Proposed(files=files, **said)
