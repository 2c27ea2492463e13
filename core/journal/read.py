"""The one reader: from a root file to Books.

Lint, then an include walk of our own, then Beancount's parser, booking, transformations and
validation. Only plugins that the home allows run, and never those of ``bulkhead``: the rules run
on the entries afterwards, so that no line in a file can switch them off. No cache is read.
"""

import datetime as dt
import gc
import hashlib
import logging
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from beancount import loader
from beancount.core import data
from beancount.ops import validation
from beancount.parser import booking, options, parser

from core.config import Versioned, load_config
from core.findings import Finding, Severity, UserError
from core.home import Home, home_of
from core.journal.books import ENTITY, GROUP, Books
from core.journal.cut import cut_files
from core.journal.files import Overlay, included, read_bytes
from core.journal.lint import is_allowed, lint_text, lint_tree
from core.journal.lock import locked, stamp
from core.journal.placement import misplaced
from core.journal.recovery import finish, recover
from core.journal.said import code_of, near_account, said

_LOG = logging.getLogger("bulkhead")
DOORWAYS = "bulkhead."
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


@dataclass
class _Walk:
    """What the include walk gathers."""

    entries: list[data.Directive] = field(default_factory=list)
    errors: list[Any] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    options: list[dict[str, Any]] = field(default_factory=list)
    files: dict[Path, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Plan:
    """What is read, from where, and what it may use; ``home`` only where the root lies in it."""

    root: Path
    base: Path
    allowed: tuple[str, ...]
    home: Home | None
    overlay: Overlay


def read(
    root: Path,
    *,
    home: Home | None = None,
    as_of: dt.date | None = None,
    overlay: Overlay | None = None,
) -> Books:
    """The books of ``root`` with the lint's and Beancount's findings.

    ``home`` is looked up from the root when it is not given; includes may not leave it (without a
    home, not the root's folder). ``overlay`` maps absolute paths to content that stands in for the
    file. Raises UserError when the root itself cannot be read.

    What a crash left is finished first, and a change that a writer makes meanwhile is seen whole
    or not at all.
    """
    plan = _planned(root, home, overlay)
    began = time.perf_counter()
    books = _books(_settled(plan), plan, as_of)
    _tell(books, plan.allowed, time.perf_counter() - began)
    return books


def _settled(plan: _Plan) -> _Walk:
    """The files between two changes of the door: of one that is on its way, all or nothing."""
    if plan.home is None:
        return _walk(plan)
    for _ in range(_PATIENCE):
        recover(plan.home)
        before = stamp(plan.home)
        walk = _walk(plan)
        if stamp(plan.home) == before:
            return walk
    with locked(plan.home):
        finish(plan.home)
        return _walk(plan)


def read_as_it_stands(
    root: Path, *, home: Home | None = None, overlay: Overlay | None = None
) -> Books:
    """``read`` for who holds the lock, as the door does: nobody is waited for."""
    plan = _planned(root, home, overlay)
    return _books(_walk(plan), plan, None)


def _planned(root: Path, home: Home | None, overlay: Overlay | None) -> _Plan:
    root = root.resolve()
    home = home or home_of(root)
    if home is None or not root.is_relative_to(home.path):
        return _Plan(root, root.parent, DEFAULT_PLUGINS, None, overlay or {})
    return _Plan(root, home.path, allowed_plugins(home), home, overlay or {})


def _tell(books: Books, allowed: Sequence[str], seconds: float) -> None:
    """What ``--verbose`` says about a reading."""
    size = f"{len(books.files)} files, {len(books.entries)} entries"
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


@contextmanager
def collector_paused() -> Iterator[None]:
    """Loading makes millions of small objects that all live on: collecting doubles its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@collector_paused()
def _walk(plan: _Plan) -> _Walk:
    """Lints and parses the root and all it includes."""
    walk = _Walk()
    root, base, overlay = plan.root, plan.base, plan.overlay
    queue = deque([(root, "", 0)])  # a file, and where it is included
    while queue:
        path, by, at = queue.popleft()
        shown = path.relative_to(base).as_posix()
        if path in walk.files:
            again = _lint("LINT-INCLUDE", f"{shown} is included already; remove this include", by)
            walk.findings.append(replace(again, line=at))
            continue
        try:
            raw = read_bytes(path, overlay)
            text = raw.decode("utf-8")
        except (UserError, UnicodeDecodeError) as error:
            if path == root and isinstance(error, UserError):
                raise
            walk.findings.append(_unread(error, shown))
            continue
        walk.files[path] = hashlib.sha256(raw).hexdigest()
        lint = lint_text(text, shown, plan.allowed)
        walk.findings.extend(lint.findings)
        if not lint.parseable:
            walk.findings.append(
                _lint("LINT-FILE", "was not read: mend its other findings first", shown)
            )
            continue
        entries, errors, found_options = parser.parse_string(text.removeprefix("\ufeff"), str(path))
        walk.entries.extend(entries)
        walk.errors.extend(errors)
        walk.options.append(found_options)
        for pattern in found_options["include"]:
            paths, findings = included(pattern, path, base, shown, overlay)
            at = _line_of(pattern, text)
            walk.findings.extend(replace(finding, line=at) for finding in findings)
            queue.extend((found, shown, at) for found in paths)
    return walk


@collector_paused()
def _books(walk: _Walk, plan: _Plan, as_of: dt.date | None) -> Books:
    """Books what was parsed, and gathers what is wrong with it."""
    base, home = plan.base, plan.home
    first, *others = walk.options or [dict(options.OPTIONS_DEFAULTS)]
    root_plugins = list(first["plugin"])
    options_map = loader.aggregate_options_map(first, others)
    options_map["include"] = sorted(str(path) for path in walk.files)
    options_map["plugin_processing_mode"] = "default"
    options_map["plugin"] = [
        (name, config)
        for name, config in root_plugins
        if is_allowed(name, plan.allowed) and not name.startswith(DOORWAYS)
    ]
    entries = sorted(walk.entries, key=data.entry_sortkey)
    entries, booking_errors = booking.book(entries, options_map)
    entries, errors = loader.run_transformations(
        entries, [*walk.errors, *booking_errors], options_map, None
    )
    errors = [*errors, *validation.validate(entries, options_map)]
    options_map["plugin"] = root_plugins
    kind = next((config or "" for name, config in root_plugins if name == "bulkhead.veil"), "")
    if kind not in {"", GROUP, ENTITY}:
        message = f'bulkhead.veil: write "group" or "entity", not "{kind}"'
        root = next(iter(walk.files)).relative_to(base).as_posix()
        walk.findings.append(_lint("LINT-PLUGIN", message, root))
        kind = ""
    books = Books.of(
        entries,
        options_map,
        base=base,
        kind=kind,
        as_of=as_of,
        files=walk.files,
    )
    findings = [*walk.findings, *_beancount_findings(errors, books)]
    if home is not None:
        findings += [*misplaced(books, home), *lint_tree(home.ledger, base)]
        if not plan.overlay:
            findings += cut_files(home)
    return books.with_findings(findings)


def _lint(code: str, message: str, shown: str) -> Finding:
    factor = "Safety of the books"
    return Finding(code, Severity.ERROR, message, factor=factor, file=shown)


def _unread(error: UserError | UnicodeDecodeError, shown: str) -> Finding:
    if isinstance(error, UserError):
        return _lint("LINT-FILE", f"{error.message}; it was not read", shown)
    line = error.object[: error.start].count(b"\n") + 1
    finding = _lint("LINT-FILE", "is not UTF-8 text and was not read; save it as UTF-8", shown)
    return replace(finding, line=line)


def _line_of(pattern: str, text: str) -> int:
    """The line of the directive that includes ``pattern``; 0 where it is written otherwise."""
    wanted = re.compile(rf'\s*include\s+"{re.escape(pattern)}"')
    lines = enumerate(text.split("\n"), start=1)
    return next((number for number, line in lines if wanted.match(line)), 0)


_UNKNOWN_ACCOUNT = re.compile(r"Invalid reference to unknown account '([^']+)'")


def _beancount_findings(errors: Iterable[Any], books: Books) -> Iterator[Finding]:
    """Beancount's errors as findings: ``ValidationError`` becomes ``BC-VALIDATION``."""
    for error in errors:
        source: Mapping[str, Any] = error.source or {}
        entry = error.entry
        first = (
            entry[0]
            if isinstance(entry, Sequence) and entry and not hasattr(entry, "meta")
            else entry
        )
        registry = books.registry
        accounts = _accounts(first)
        message = " ".join(str(error.message).replace(f"{books.base}/", "").split())
        filename = str(source.get("filename", ""))
        unknown = _UNKNOWN_ACCOUNT.search(message)
        day = getattr(first, "date", None)
        is_new = unknown and not near_account(unknown[1], books.accounts)
        fix = f"{day} open {unknown[1]}" if unknown and is_new and day else ""
        name = type(error).__name__
        yield Finding(
            code_of(name),
            Severity.ERROR,
            said(name, message, books.accounts),
            factor="Double entry",
            entities=tuple(sorted({e for a in accounts if (e := registry.ent(a))})),
            date=day,
            file=books.relative(str(books.root) if filename.startswith("<") else filename),
            line=int(source.get("lineno") or 0),
            fix=fix,
            identity=(message,),
        )


def _accounts(entry: Any) -> list[str]:
    if isinstance(entry, data.Transaction):
        return [posting.account for posting in entry.postings]
    account = getattr(entry, "account", None)
    return [account] if account else []
