"""What the shell offers for an argument: entities, accounts, finding codes.

Completion runs at every press of Tab, so the books are not loaded: names are looked up in the text
of the registry and the accounts files. Where that fails nothing is offered, and nothing is said.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from core.findings import UserError
from core.home import find_home

_ENTITY = re.compile(r'^\d{4}-\d\d-\d\d\s+custom\s+"entity"\s+"([^"]+)"', re.MULTILINE)
_OPEN = re.compile(r"^\d{4}-\d\d-\d\d\s+open\s+(\S+)", re.MULTILINE)


def entities(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The registered entities, in the folder spelling that people type."""
    names = _found(ctx, "*.beancount", _ENTITY)
    return _offered((name.lower() for name in names), incomplete.lower())


def accounts(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The accounts that the entities open."""
    return _offered(_found(ctx, "*/accounts.beancount", _OPEN), incomplete)


def finding_codes(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The codes of the table."""
    from scripts.codes import CODES

    wanted = incomplete.upper()
    return [
        CompletionItem(c.code, help=c.title) for c in CODES.values() if c.code.startswith(wanted)
    ]


def _found(ctx: click.Context, files: str, pattern: re.Pattern[str]) -> list[str]:
    try:
        home = find_home(ctx.find_root().params.get("home"))
        texts = [_text(path) for path in sorted(home.ledger.glob(files))]
    except (UserError, OSError, ValueError):
        return []
    return [name for text in texts for name in pattern.findall(text)]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _offered(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in sorted(set(names)) if name.startswith(incomplete)]
