"""Fava's view of the books, with what the books could make Fava do taken out.

The books are text that others may have proposed. Fava reads more from them than figures: names
of code to run, folders to serve, markup in its journal. This is where that stops; no file on the
disk changes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from beancount.core import data
from fava.core import EntryNotFoundForHashError, FavaLedger, FilteredLedger
from fava.core.accounts import AccountDict
from fava.core.attributes import AttributesModule
from werkzeug.exceptions import NotFound

from core.findings import UserError
from core.memory import set_aside
from web.figures import Charts, Filtered
from web.loading import Load, instead
from web.months import Months
from web.routes import inside

# Fava imports an extension and runs an import configuration from the folder of the books; import
# folders and the default file widen what it serves.
_REFUSED_CUSTOMS = frozenset(("fava-extension",))
_REFUSED_OPTIONS = frozenset(("import_config", "import_dirs", "default_file"))
_TAKEN = ("home", "static", "jump")


class _Attributes(AttributesModule):
    """Fava's lists for completion, made when a page asks for them and not at every reload."""

    _LISTS = ("accounts", "currencies", "payees", "links", "tags", "years")

    def load_file(self) -> None:
        """Forgets the lists: they were those of other entries."""
        for name in self._LISTS:
            self.__dict__.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        if name not in self._LISTS:
            raise AttributeError(name)
        super().load_file()
        return self.__dict__[name]


class _Accounts(AccountDict):
    """What Fava knows of each account, made like the lists."""

    is_stale = False

    def load_file(self) -> None:
        """Remembers that it is that of other entries."""
        self.is_stale = True

    def made(self) -> "_Accounts":
        """Itself, of the entries that are loaded."""
        if self.is_stale:
            super().load_file()
            self.is_stale = False
        return self


class BooksLedger(FavaLedger):
    """A Fava ledger that runs no code named by the books and serves no file outside ``trees``."""

    def __init__(self, path: str, trees: Sequence[Path], load: Load | None) -> None:
        self._trees = tuple(trees)
        self._load = load
        self._refused = False
        self._months: Months | None = None
        # Polling looks at the files at each request; the other watcher takes a thread and one of
        # the system's few inotify instances for every ledger.
        super().__init__(path, poll_watcher=True)

    @property
    def all_entries(self) -> Sequence[Any]:
        """The entries that every part of Fava reads."""
        return self._months.entries if self._months else ()

    @all_entries.setter
    def all_entries(self, entries: Sequence[Any]) -> None:
        # Fava assigns its entries here before any of its modules looks at them.
        self._months = Months(entries, _is_harmless, self._months)

    @property
    def accounts(self) -> AccountDict:
        """What is known of each account."""
        return self._accounts.made()

    @accounts.setter
    def accounts(self, _: AccountDict) -> None:
        # Fava puts one of its own here.
        self._accounts = _Accounts(self)

    def load_file(self) -> None:
        """Load the books, and link the start page from Fava's sidebar."""
        with set_aside():
            self._refused = True
            found = self._load(Path(self.beancount_file_path)) if self._load else None
            self._refused = False
            if not isinstance(self.attributes, _Attributes):
                self.attributes = _Attributes(self)
                self.charts = Charts(self)
            self._accounts.is_stale = False  # what it was not asked for is not needed any more
            with instead(found):
                super().load_file()
        self.misc.sidebar_links = [("Start page", "/home"), *self.misc.sidebar_links]

    def changed(self) -> bool:
        """Whether the books were loaded again; refused ones are tried until they are mended."""
        if self._refused:
            self.load_file()
            return True
        reloaded: bool = super().changed()
        return reloaded

    def statement_path(self, entry_hash: str, metadata_key: str) -> str:
        """The document that an entry names; not found when it is outside the trees."""
        path: str = super().statement_path(entry_hash, metadata_key)
        if not inside(path, self._trees):
            raise NotFound("That file is outside the books' folder.")
        return path

    def _get_filtered(
        self,
        account: str | None = None,
        filter: str | None = None,  # noqa: A002 - Fava calls it so
        time: str | None = None,
    ) -> FilteredLedger:
        # What Fava asks through ``get_filtered``, which remembers some answers until it reloads.
        months = self._months or Months((), _is_harmless)
        return Filtered(self, months, account=account, filter=filter, time=time)

    def _get_entry(self, entry_hash: str) -> Any:
        # The books can say of an entry that it stands in another file, which Fava would quote.
        entry = super()._get_entry(entry_hash)
        filename = str(entry.meta.get("filename", ""))
        if Path(filename).exists() and not inside(filename, self._trees):
            raise EntryNotFoundForHashError(entry_hash)
        return entry


class Ledgers:
    """The ledgers by the name in their address, each loaded when it is first asked for.

    Fava names ledgers by their titles, which it must load them to know; ours are named by folder.
    """

    def __init__(
        self, roots: Iterable[Path], trees: Sequence[Path], load: Load | None = None
    ) -> None:
        self._trees = tuple(trees)
        self._load = load
        self._lock = Lock()
        self._loaded: dict[str, BooksLedger] = {}
        self.paths: dict[str, Path] = {}
        for root in roots:
            self.paths[_slug(root, self.paths)] = root

    def __getitem__(self, slug: str) -> BooksLedger:
        path = self.paths[slug]
        with self._lock:
            if slug not in self._loaded:
                self._loaded[slug] = BooksLedger(str(path), self._trees, self._load)
            return self._loaded[slug]

    def items(self) -> Iterator[tuple[str, BooksLedger]]:
        """All ledgers that can be loaded; one that cannot does not take the others along."""
        for slug in self.paths:
            try:
                yield slug, self[slug]
            except UserError:
                continue

    def first_slug(self) -> str:
        """The first ledger's name."""
        return next(iter(self.paths))


class _Loader(Protocol):
    """What Flask needs of a template loader."""

    def get_source(self, environment: Any, template: str) -> tuple[str, Any, Any]:
        """The text of a template, its file, and whether it is still current."""
        ...

    def list_templates(self) -> list[str]:
        """The names of all templates."""
        ...


class EscapingTemplates:
    """Fava's own templates, with escaping left on.

    The journal is the one template that turns it off, and payees, narrations, notes and names go
    through it. Its macros return markup, so it reads the same with escaping on. A stored query is
    linked by its text, because running one by its name is a shell command.
    """

    has_source_access = True

    def __init__(self, templates: _Loader) -> None:
        self._templates = templates

    def get_source(self, environment: Any, template: str) -> tuple[str, Any, Any]:
        """A template of Fava's, escaping."""
        text, filename, current = self._templates.get_source(environment, template)
        text = re.sub(r"\{%(-?)\s*autoescape\s+false\s*(-?)%\}", r"{%\1 autoescape true \2%}", text)
        text = text.replace("""'run "{}"'.format(entry.name)""", "entry.query_string")
        return text, filename, current

    def list_templates(self) -> list[str]:
        """The names of Fava's templates."""
        return self._templates.list_templates()


def _slug(root: Path, taken: Iterable[str]) -> str:
    name = root.parent.name if root.stem == "main" else root.stem
    base = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "books"
    slug, number = base, 1
    while slug in taken or slug in _TAKEN:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _is_harmless(entry: Any) -> bool:
    """Whether Fava may see the entry: it does not steer what Fava runs and serves."""
    if not isinstance(entry, data.Custom):
        return True
    if entry.type == "fava-option" and entry.values:
        return str(entry.values[0].value).replace("-", "_") not in _REFUSED_OPTIONS
    return entry.type not in _REFUSED_CUSTOMS
