"""The one reader: from a root file to Books.

Lint, then an include walk of our own, then Beancount's parser, booking, transformations and
validation. Only plugins that the home allows run, and never those of ``bulkhead``: the rules run
on the entries afterwards, so that no line in a file can switch them off.

Where a home's books were read before, ``warm`` reads only what has changed; what it gives is what
``_cold`` would give. Neither ever reads Beancount's own cache.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from beancount import loader
from beancount.core import data
from beancount.ops import validation

from core.cache.store import Scratch
from core.config import Versioned, load_config
from core.findings import Finding, UserError
from core.home import Home, home_of
from core.journal import trouble
from core.journal.book import book
from core.journal.books import Books
from core.journal.files import Overlay
from core.journal.joined import DOORWAYS, around, joined_options, kind_of, own_plugins
from core.journal.lint import is_allowed
from core.journal.lock import locked, stamp
from core.journal.placement import misplaced
from core.journal.recovery import finish, recover
from core.journal.walk import Looked, Page, Plan, Walk, looked_at, walked
from core.journal.warm import warm_books
from core.memory import collector_paused

_LOG = logging.getLogger("bulkhead")
P = TypeVar("P", bound=Page)
_PATIENCE = 5  # how often books that change while they are read are read again
# Without a home's rules/plugins.yaml: our doorways, and Beancount's own plugins that only look at
# or complete entries.
DEFAULT_PLUGINS = (
    DOORWAYS,
    "beancount.plugins.auto_accounts",
    "beancount.plugins.auto",
    "beancount.plugins.check_average_cost",
    "beancount.plugins.check_closing",
    "beancount.plugins.check_commodity",
    "beancount.plugins.check_drained",
    "beancount.plugins.close_tree",
    "beancount.plugins.coherent_cost",
    "beancount.plugins.currency_accounts",
    "beancount.plugins.implicit_prices",
    "beancount.plugins.leafonly",
    "beancount.plugins.noduplicates",
    "beancount.plugins.nounused",
    "beancount.plugins.onecommodity",
    "beancount.plugins.pedantic",
    "beancount.plugins.sellgains",
    "beancount.plugins.unique_prices",
)


class AllowedPlugins(Versioned):
    """``rules/plugins.yaml``: the Beancount plugins that these books may use."""

    allowed: tuple[str, ...] = ()


def read(
    root: Path,
    *,
    home: Home | None = None,
    as_of: dt.date | None = None,
    overlay: Overlay | None = None,
    also: Sequence[str] = (),
    scratch: Scratch | None = None,
) -> Books:
    """The books of ``root`` with the lint's and Beancount's findings.

    ``home`` is looked up from the root when it is not given; includes may not leave it (without a
    home, not the root's folder). ``overlay`` maps absolute paths to content that stands in for the
    file; ``also`` names plugins that are allowed besides. Who reads more than one state of the same
    books hands the same ``scratch`` to each reading: where nothing is kept on the disk, what they
    share is read once. Raises UserError when the root itself cannot be read.

    What a crash left is finished first, and a change that a writer makes meanwhile is seen whole
    or not at all.
    """
    plan = _planned(root, home, overlay)
    plan = replace(plan, allowed=(*plan.allowed, *also), scratch=scratch)
    began = time.perf_counter()
    books = _read(plan, as_of, waits=True)
    _tell(books, plan.allowed, time.perf_counter() - began)
    return books


def _settled(plan: Plan, walk: Callable[[], Walk[P]]) -> Walk[P]:
    """The files between two changes of the door: of one that is on its way, all or nothing."""
    if plan.home is None:
        return walk()
    for _ in range(_PATIENCE):
        recover(plan.home)
        before = stamp(plan.home)
        found = walk()
        if stamp(plan.home) == before:
            return found
    with locked(plan.home):
        finish(plan.home)
        return walk()


def read_as_it_stands(
    root: Path, *, home: Home | None = None, overlay: Overlay | None = None
) -> Books:
    """``read`` for who holds the lock, as the door does: nobody is waited for."""
    return _read(_planned(root, home, overlay), None, waits=False)


def _planned(root: Path, home: Home | None, overlay: Overlay | None) -> Plan:
    root = root.resolve()
    home = home or home_of(root)
    if home is None or not root.is_relative_to(home.path):
        return Plan(root, root.parent, DEFAULT_PLUGINS, None, overlay or {})
    return Plan(root, home.path, allowed_plugins(home), home, overlay or {})


def _tell(books: Books, allowed: Sequence[str], seconds: float) -> None:
    """What ``--verbose`` says about a reading."""
    if not _LOG.isEnabledFor(logging.INFO):
        return
    size = f"{len(books.files)} files"
    if books.parts is None:
        size += f", {len(books.entries)} entries"
    _LOG.info("read %s: %s, %.2f s", books.root, size, seconds)
    for name, _ in books.options["plugin"]:
        if name.startswith(DOORWAYS):
            what = "its rules run on the entries instead"
        else:
            what = "run" if is_allowed(name, allowed) else "not allowed, so not run"
        _LOG.info("plugin %s: %s", name, what)


def refuse_unsafe(books: Books) -> None:
    """Raises UserError when the lint found something that another loader would act on.

    Fava and bean-check run whatever plugin a file names, and end on a division by zero.
    """
    unsafe = next((f for f in books.findings if f.code.startswith("LINT-") and _harms(f)), None)
    if unsafe:
        raise UserError(
            f"{unsafe.code} {unsafe.message}", file=unsafe.file, line=unsafe.line, code=1
        )


def _harms(finding: Finding) -> bool:
    return finding.code != "LINT-PATH"  # misplaced, not dangerous


def allowed_plugins(home: Home) -> tuple[str, ...]:
    """The plugins that a home's ``rules/plugins.yaml`` allows; the defaults where it has none."""
    path = home.rules / "plugins.yaml"
    if not path.is_file():
        return DEFAULT_PLUGINS
    return load_config(path, AllowedPlugins, shown="rules/plugins.yaml").allowed


def _read(plan: Plan, as_of: dt.date | None, *, waits: bool) -> Books:
    def settled(walk: Callable[[], Walk[P]]) -> Walk[P]:
        return _settled(plan, walk) if waits else walk()

    def cold() -> Books:
        with collector_paused():
            return _cold(settled(lambda: _walk(plan)), plan, as_of)

    with collector_paused():
        return warm_books(plan, as_of, settled, cold) or cold()


def _walk(plan: Plan) -> Walk[Looked]:
    """Lints and parses the root and all it includes."""
    return walked(plan, lambda path, shown: looked_at(path, shown, plan.allowed, plan.overlay))


def _cold(walk: Walk[Looked], plan: Plan, as_of: dt.date | None) -> Books:
    """Books what was parsed, by Beancount from beginning to end."""
    pages = [page for page in walk.pages.values() if page.options is not None]
    options_map = joined_options([page.options or {} for page in pages], map(str, walk.files))
    root_plugins = options_map["plugin"]
    options_map["plugin"] = own_plugins(root_plugins, plan.allowed)
    parsed = [entry for page in pages for entry in page.entries]
    parse_errors = [error for page in pages for error in page.errors]
    entries, booking_errors = book(sorted(parsed, key=data.entry_sortkey), options_map)
    entries, errors = loader.run_transformations(
        entries, [*parse_errors, *booking_errors], options_map, None
    )
    errors = [*errors, *validation.validate(entries, options_map)]
    entries = [trouble.with_plain_gap(entry) for entry in entries]
    options_map["plugin"] = root_plugins
    kind, remarks = kind_of(plan, root_plugins)
    books = Books.of(entries, options_map, base=plan.base, kind=kind, as_of=as_of, files=walk.files)
    found = trouble.findings(trouble.troubles(errors), books)
    astray = misplaced(books.transactions, books, plan.home) if plan.home else ()
    books = replace(books, overlay=plan.overlay)
    return books.with_findings([*walk.findings, *remarks, *found, *astray, *around(plan)])
