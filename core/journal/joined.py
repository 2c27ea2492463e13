"""What the files of a root say together: options, plugins, and whose books they are.

Shared by the cold and the warm reader, which must not differ.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from beancount import loader
from beancount.core import display_context
from beancount.parser import options

from core.findings import Finding
from core.journal.books import ENTITY, GROUP
from core.journal.cut import cut_files
from core.journal.lint import is_allowed, lint_tree
from core.journal.walk import Plan, unsafe

DOORWAYS = "bulkhead."


def joined_options(found: Sequence[Mapping[str, Any]], files: Iterable[str]) -> dict[str, Any]:
    """The root's options with what Beancount gathers from the other files; ``plugin`` as the root
    says, ``include`` the ``files``. What was ``found`` is left as it is."""
    first, *others = found or [dict(options.OPTIONS_DEFAULTS)]
    own = {**first, "dcontext": copy.deepcopy(first["dcontext"])}
    joined: dict[str, Any] = loader.aggregate_options_map(own, [dict(other) for other in others])
    joined["include"] = sorted(files)
    joined["plugin_processing_mode"] = "default"
    return joined


def as_one(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Options that give the whole what all those ``found`` do, which are left as they are."""
    context = display_context.DisplayContext()
    for each in found:
        context.update_from(each["dcontext"])
    currencies = [currency for each in found for currency in each["operating_currency"]]
    # One that asks for its folder to be searched says which: it stays as it is, its share joined.
    empty = {"operating_currency": (), "dcontext": display_context.DisplayContext()}
    asking = [{**each, **empty} for each in found if each.get("insert_pythonpath")]
    return [{"operating_currency": currencies, "dcontext": context}, *asking]


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
