"""The book diff as a value, and how it is found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from beancount.parser import options

from core.cache.slim import pack
from core.cache.store import Scratch
from core.findings import Finding, UserError, fingerprinted
from core.journal.books import Books
from core.journal.files import stands
from core.journal.sides import Side
from core.memory import collector_paused
from reports.bookdiff.changes import Change, DirectiveChange, changes, directive_changes
from reports.bookdiff.figures import Figures, figures
from reports.bookdiff.loose import residue
from reports.bookdiff.matched import matched
from reports.bookdiff.renames import renames
from reports.bookdiff.touched import (
    Closed,
    Crossing,
    Line,
    closed_periods,
    crossings,
    envelopes,
    tax_lines,
)

Check = Callable[[Books], Sequence[Finding]]
UNREAD = {"LINT-FILE", "BC-PARSER-SYNTAX", "BC-LEXER"}
# Options that say where a file is or what is in it, not what the books mean.
_NOT_MEANT = {
    "filename",
    "include",
    "dcontext",
    "commodities",
    "input_hash",
    "plugin",
    "pythonpath",
}


@dataclass(frozen=True)
class OptionChange:
    """An option (or ``plugin``) of the root, and what it says on each side (empty: nothing)."""

    name: str
    base: str
    head: str


@dataclass(frozen=True)
class BookDiff:
    """What lies between two sides. ``renames`` leads from old to new accounts; ``notes`` say what
    the reader of the diff must know about how it was made."""

    base: str
    head: str
    figures: Figures
    changes: tuple[Change, ...]
    renames: Mapping[str, str]
    directives: tuple[DirectiveChange, ...]
    options: tuple[OptionChange, ...]
    new: tuple[Finding, ...]
    cured: tuple[Finding, ...]
    taxes: tuple[Line, ...]
    envelopes: tuple[Line, ...]
    crossings: tuple[Crossing, ...]
    closed: tuple[Closed, ...]
    notes: tuple[str, ...]

    @property
    def financial_change(self) -> bool:
        """Whether any account holds something else on any day, or any figure is another."""
        return self.figures.is_changed

    @property
    def differs(self) -> bool:
        """Whether anything but the layout differs."""
        return bool(
            self.financial_change
            or self.changes
            or self.renames
            or self.directives
            or self.options
            or self.new
            or self.cured
        )


def compare(base: Side, head: Side, check: Check) -> BookDiff:
    """The book diff of two sides. ``check`` gives all findings of books.

    Raises UserError where a side cannot be read; for a head that does not parse as well.
    """
    with collector_paused():
        scratch = Scratch()
        before = _read(base, scratch)
        said_before = [f for f in check(before) if _is_of(f, base)]
        after = _read(head, scratch)
        said_after = list(check(after))
        _refuse_unread(after, head)
        return between(before, after, said_before, said_after, (base.label, head.label))


def between(
    base: Books,
    head: Books,
    said_base: Sequence[Finding],
    said_head: Sequence[Finding],
    labels: tuple[str, str],
) -> BookDiff:
    """The book diff of books that were read, with the findings of each."""
    first = residue(base, head)
    names = renames(first, base, head)
    left = first.renamed(names, base)
    changed = changes(matched(left.base, left.head))
    directives = directive_changes(left.base_directives, left.head_directives)
    found = figures(base, head, changed, directives)
    before = _renamed(said_base, names)
    known, now = ({f.fingerprint for f in said} for said in (before, said_head))
    return BookDiff(
        base=labels[0],
        head=labels[1],
        figures=found,
        changes=changed,
        renames=names,
        directives=directives,
        options=_options(base, head),
        new=tuple(f for f in said_head if f.fingerprint not in known),
        cured=tuple(f for f in before if f.fingerprint not in now),
        taxes=tax_lines(found, base, head),
        envelopes=envelopes(found, base, head),
        crossings=crossings(changed, base, head),
        closed=closed_periods(changed, directives, base, head),
        notes=_notes(base, head),
    )


def _read(side: Side, scratch: Scratch) -> Books:
    try:
        return side.read(scratch)
    except UserError as error:
        if error.file:
            raise
        raise UserError(f"{side.label}: {error.message}", hint=error.hint) from error


def _refuse_unread(books: Books, side: Side) -> None:
    broken = next((f for f in books.findings if f.code in UNREAD), None)
    if broken:
        raise UserError(
            f"{side.label} does not parse, so there is nothing to compare: {broken.message}",
            file=broken.file,
            line=broken.line,
            hint="'books check' lists what is wrong; mend it and compare again",
        )


def _is_of(finding: Finding, side: Side) -> bool:
    """Whether the finding can be of this side: what it is about is there."""
    if not finding.file or not side.overlay:
        return True
    folder = side.home.path.resolve() if side.home else side.root.parent
    return stands(folder / finding.file, side.overlay)


def _renamed(said: Sequence[Finding], names: Mapping[str, str]) -> list[Finding]:
    """Findings with the accounts' new names, and the fingerprints that follow from them."""
    if not names:
        return list(said)

    def new(text: str) -> str:
        for old in sorted(names, key=len, reverse=True):
            text = text.replace(old, names[old])
        return text

    return fingerprinted(
        replace(f, message=new(f.message), identity=tuple(map(new, f.identity))) for f in said
    )


def _options(base: Books, head: Books) -> tuple[OptionChange, ...]:
    found = []
    for name in sorted(options.OPTIONS_DEFAULTS):
        before, after = base.options.get(name), head.options.get(name)
        if name not in _NOT_MEANT and pack(before) != pack(after):
            found.append(OptionChange(name, _told(before), _told(after)))
    plugins = [
        [f"{n} {config or ''}".strip() for n, config in b.options["plugin"]] for b in (base, head)
    ]
    if plugins[0] != plugins[1]:
        found.append(OptionChange("plugin", *(", ".join(names) for names in plugins)))
    return tuple(found)


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_told(value[key])}" for key in sorted(value))
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(_told, value))
    return "" if value is None else str(getattr(value, "name", value))


def _notes(base: Books, head: Books) -> tuple[str, ...]:
    notes = []
    refused = {
        finding.message.split("'")[1]
        for books in (base, head)
        for finding in books.findings
        if finding.code == "LINT-PLUGIN" and finding.message.count("'") > 1
    }
    for name in sorted(refused):
        notes.append(
            f"the plugin {name} was not run: a diff runs no code that books name; entries are "
            "compared as they are without it"
        )
    broken = [f for f in base.findings if f.code in UNREAD]
    if broken:
        where = f"{broken[0].file}:{broken[0].line}"
        notes.append(
            f"the base does not parse everywhere ({where}): what it lost there counts as added"
        )
    return tuple(notes)
