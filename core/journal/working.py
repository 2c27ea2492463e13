"""A working copy: journals as they would be, read again and again before anything is written.

Cures that depend on each other are computed one after the other, each on the books as the one
before it leaves them; what goes to the door is one change from what was read at first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.entity import Entity
from core.findings import EXIT_FINDINGS, UserError
from core.home import Home
from core.journal.books import Books
from core.journal.change import Block, ChangeSet, FileChange, insert_blocks
from core.journal.edit import Edit, edited
from core.journal.placement import as_read
from core.journal.read import read_as_it_stands


@dataclass(frozen=True)
class Lines:
    """Metadata lines that join the directive which begins at ``line`` of ``file`` (relative to the
    home)."""

    file: Path
    line: int
    text: tuple[str, ...]


@dataclass(frozen=True)
class WorkingCopy:
    """The journals of a home with changes that nobody has written yet.

    ``read`` are the books that all began with, ``before`` and ``now`` the contents of the files
    that have changed since (None: no such file), by their paths relative to the home.
    """

    home: Home
    read: Books
    before: Mapping[Path, bytes | None] = field(default_factory=dict)
    now: Mapping[Path, bytes] = field(default_factory=dict)

    def with_entries(
        self, blocks: Iterable[tuple[Path, Entity, Block]], edits: Iterable[Edit]
    ) -> "WorkingCopy":
        """The copy with the edits done and the blocks put in by their dates. Raises UserError where
        an entry does not stand as it was read, and where a file has changed on disk."""
        by_file: dict[Path, list[Edit]] = {}
        for edit in edits:
            path = Path(str(edit.txn.meta["filename"])).relative_to(self.home.path.resolve())
            by_file.setdefault(path, []).append(edit)
        wanted: dict[Path, list[Block]] = {}
        headings: dict[Path, str] = {}
        for path, entity, block in blocks:
            wanted.setdefault(path, []).append(block)
            headings[path] = f";; {entity.legal_name or entity.name}, {block.date:%B %Y}\n"
        before, now = dict(self.before), dict(self.now)
        for path in sorted({*by_file, *wanted}):
            text = self._text(path, before, headings.get(path, ""))
            text = edited(text, by_file.get(path, ()), path.as_posix())
            text, _ = insert_blocks(text, wanted.get(path, ()), path.as_posix())
            now[path] = text.encode()
        return replace(self, before=before, now=now)

    def with_lines(self, added: Iterable[Lines]) -> "WorkingCopy":
        """The copy with metadata below the heads of directives."""
        before, now = dict(self.before), dict(self.now)
        for each in sorted(added, key=lambda a: (a.file, -a.line)):
            text = now[each.file].decode() if each.file in now else ""
            text = text or self._text(each.file, before, "")
            newline = "\r\n" if "\r\n" in text else "\n"
            lines = text.replace("\r\n", "\n").split("\n")
            if not 0 < each.line <= len(lines):
                raise UserError("the entry does not stand here as it was read", code=EXIT_FINDINGS)
            lines[each.line : each.line] = each.text
            now[each.file] = newline.join(lines).encode()
        return replace(self, before=before, now=now)

    def _text(self, path: Path, before: dict[Path, bytes | None], heading: str) -> str:
        if path in self.now:
            return self.now[path].decode()
        if path not in before:
            before[path] = as_read(self.home, self.read, path)
        content = before[path]
        return heading if content is None else content.decode()

    def books(self) -> Books:
        """The books as they would be, judged as of the day of those that were read."""
        base = self.home.path.resolve()
        overlay = {base / path: content for path, content in self.now.items()}
        books = read_as_it_stands(self.home.main_root, home=self.home, overlay=overlay)
        return replace(books, as_of=self.read.as_of)

    def change(self, message: str) -> ChangeSet:
        """All of it as one change."""
        files = (FileChange(path, self.before[path], self.now[path]) for path in sorted(self.now))
        return ChangeSet(message, tuple(files)).effective()
