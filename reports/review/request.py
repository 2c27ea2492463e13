"""What a judge is told of a proposal besides its trees, as JSON that goes into the child."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.findings import Finding, Severity


@dataclass(frozen=True)
class Request:
    """``before`` and ``after`` are the folders of the trees, ``root`` a root file in them (empty:
    the trees are homes); ``refused`` is what was left out of them. ``changed`` are paths in the
    home, ``outside`` those beside it. ``authors`` and ``approvers`` are e-mail addresses, logins or
    names; ``signatures`` says of each author's commits what git thinks of their signatures. With
    ``before_approval`` a missing approval is named and refuses nothing."""

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

    def encoded(self) -> bytes:
        """The bytes for the child."""
        return json.dumps(asdict(self)).encode()


def decoded(raw: bytes) -> Request:
    """The request in the child."""
    said: dict[str, Any] = json.loads(raw)
    said["refused"] = tuple(
        Finding(**{**each, "severity": Severity(each["severity"]), "date": None})
        for each in said["refused"]
    )
    tuples = {k: tuple(v) for k, v in said.items() if isinstance(v, list)}
    return Request(**{**said, **tuples})
