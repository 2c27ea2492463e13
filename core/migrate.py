"""Files of ``rules/`` and their versions: what each kind is, and how an old file becomes a new one.

A file says its version at the top (``version: 1``; a file that says none is of version 1). The
reader takes the current version only; a newer one wants a newer program, an older one is brought
up to date here, step by step, as text, so that comments and order stay.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.config import Versioned, parse_config, read_text, version_place
from core.findings import UserError
from core.home import Home
from core.journal.change import FileChange

Step = Callable[[str], str]


@dataclass(frozen=True)
class Kind:
    """One kind of YAML file: where it stands in a home, its model, and the way to it.

    ``steps`` maps a version to what makes a file of it one of the next version; the version line
    itself is changed for them.
    """

    name: str
    pattern: str
    model: type[Versioned]
    steps: Mapping[int, Step] = field(default_factory=dict)

    def files(self, home: Home) -> Iterator[Path]:
        """The files of this kind, in order."""
        return iter(sorted(path for path in home.path.glob(self.pattern) if path.is_file()))


def migrated(home: Home, kinds: Iterable[Kind]) -> list[FileChange]:
    """The changes that bring every file of the home to its kind's current version.

    Raises UserError for a file of a newer version, and for one that would not be right afterwards.
    """
    changes = []
    for kind in kinds:
        for path in kind.files(home):
            shown = path.relative_to(home.path)
            before = read_text(path, shown.as_posix())
            after = current(before, kind, shown.as_posix())
            if after != before:
                changes.append(FileChange(shown, before.encode(), after.encode()))
    return changes


def current(text: str, kind: Kind, name: str) -> str:
    """``text`` in the current version of its kind. ``name`` is the file shown in messages."""
    wanted = kind.model.current_version
    version, _ = version_place(text, name)
    if version == wanted:
        return text
    while version < wanted:
        if version not in kind.steps:
            raise UserError(f"is of version {version}, which nothing leads on from", file=name)
        text = _with_version(kind.steps[version](text), version + 1, name)
        version += 1
    parse_config(text, kind.model, name)
    return text


def _with_version(text: str, version: int, name: str) -> str:
    """The text with another version; one that said none gets a line before its first key."""
    _, (start, end) = version_place(text, name)
    line = "" if end > start else "version: "
    newline = "" if end > start else ("\r\n" if "\r\n" in text else "\n")
    return f"{text[:start]}{line}{version}{newline}{text[end:]}"
