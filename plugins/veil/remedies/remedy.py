"""What a remedy can be, and what a person can say to get one.

A ``Cure`` is computed: entries to write and to change. A ``Choice`` is a question with its answers.
A ``Paper`` is drafted, and counts when it is signed. ``ByHand`` says what only a person can do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.entity import Entity
from core.journal.change import Block
from core.journal.edit import Edit
from core.journal.working import Lines


@dataclass(frozen=True)
class Answer:
    """What a person decided: ``chosen`` is what to book it as, ``who`` an entity, ``account`` where
    a cost goes, ``said`` facts by their names, ``waive`` a reason and ``by`` who gives it."""

    chosen: str = ""
    who: str = ""
    account: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    waive: str = ""
    by: str = ""


@dataclass(frozen=True)
class Cure:
    """Entries to write (with the file and the entity of each), entries to change, and metadata for
    directives; ``remarks`` are for the person."""

    blocks: tuple[tuple[Path, Entity, Block], ...] = ()
    edits: tuple[Edit, ...] = ()
    lines: tuple[Lines, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """``answers`` by what ``option`` takes: what each of them does."""

    answers: Mapping[str, str]
    option: str = "--as"


@dataclass(frozen=True)
class Paper:
    """A paper of a kind that is drafted about ``names`` (links, an id, a note, a key)."""

    kind: str
    names: tuple[str, ...]
    entity: str = ""


@dataclass(frozen=True)
class ByHand:
    """What a person has to do, and what to write then."""

    told: str


Remedy = Cure | Choice | Paper | ByHand
