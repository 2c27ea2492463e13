"""What the files of a root say together: options, plugins, and whose books they are.

Shared by the cold and the warm reader, which must not differ.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from beancount import loader
from beancount.parser import options

from core.findings import Finding
from core.journal.books import ENTITY, GROUP
from core.journal.cut import cut_files
from core.journal.lint import is_allowed, lint_tree
from core.journal.walk import Plan, unsafe

DOORWAYS = "bulkhead."


def joined_options(found: Sequence[Mapping[str, Any]], files: Mapping[Path, str]) -> dict[str, Any]:
    """The root's options with what Beancount gathers from the other files; ``plugin`` as the root
    says. What was ``found`` is left as it is."""
    first, *others = found or [dict(options.OPTIONS_DEFAULTS)]
    own = {**first, "dcontext": copy.deepcopy(first["dcontext"])}
    joined: dict[str, Any] = loader.aggregate_options_map(own, [dict(other) for other in others])
    joined["include"] = sorted(str(path) for path in files)
    joined["plugin_processing_mode"] = "default"
    return joined


def own_plugins(
    named: Sequence[tuple[str, str | None]], allowed: Sequence[str]
) -> list[tuple[str, str | None]]:
    """The plugins that run while the books are read: allowed ones, and never our doorways."""
    return [
        (name, config)
        for name, config in named
        if is_allowed(name, allowed) and not name.startswith(DOORWAYS)
    ]


def kind_of(plan: Plan, named: Sequence[tuple[str, str | None]]) -> tuple[str, list[Finding]]:
    """Whether the root says that it is a group's or an entity's (or nothing), and if it errs."""
    kind = next((config or "" for name, config in named if name == "bulkhead.veil"), "")
    if kind in {"", GROUP, ENTITY}:
        return kind, []
    message = f'bulkhead.veil: write "group" or "entity", not "{kind}"'
    return "", [unsafe("LINT-PLUGIN", message, plan.root.relative_to(plan.base).as_posix())]


def around(plan: Plan) -> Iterator[Finding]:
    """What is wrong around the files of a home: what lies among them, what was cut off."""
    if plan.home is None:
        return
    yield from lint_tree(plan.home.ledger, plan.base)
    if not plan.overlay:
        yield from cut_files(plan.home)
