"""The text of a rules file: rules added at its end, and where a rule stands in it.

What a person wrote there, comments and order, stays as it is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from core.config import parse_config
from core.home import Home
from core.journal.change import FileChange, content
from importers.rules.categorise import CategoriseFile


@dataclass(frozen=True)
class NewRule:
    """A rule to be written: ``title`` becomes its name, ``pattern`` is a regular expression for the
    payee, ``direction`` is ``in`` or ``out``."""

    title: str
    pattern: str
    direction: str
    account: str


def appended(rules: Iterable[NewRule], path: Path, home: Home) -> FileChange:
    """The rules file ``path`` (relative to the home) with the rules at its end.

    Raises UserError where the file would not be right with them.
    """
    before = content(home.path / path)
    text = _NO_RULES if before is None else before.decode("utf-8")
    for rule in rules:
        text = _with(rule, text)
    parse_config(text, CategoriseFile, path.as_posix())
    return FileChange(path, before, text.encode())


def line_of(name: str, text: str) -> int:
    """The line (from 1) at which the rule called ``name`` begins in a rules file that is right; 0
    where it has none."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, MappingNode) else []
    listed = [v for k, v in pairs if k.value == "rules" and isinstance(v, SequenceNode)]
    for rule in (rule for rules in listed for rule in rules.value):
        for key, value in rule.value if isinstance(rule, MappingNode) else ():
            if key.value == "name" and isinstance(value, ScalarNode) and value.value == name:
                return int(rule.start_mark.line) + 1
    return 0


def _with(rule: NewRule, text: str) -> str:
    if not re.search(r"^rules:\s*$", text, re.MULTILINE):
        text = re.sub(r"^rules:\s*\[\s*\]\s*$", "rules:", text, flags=re.MULTILINE)
    indent = _list_indent(text)
    return text.rstrip("\n") + (
        f"\n{indent}- name: {_name(rule.title, text)}\n"
        f"{indent}  when: {{payee: {_quoted(rule.pattern)}, direction: {rule.direction}}}\n"
        f"{indent}  then: {{account: {_quoted(rule.account)}}}\n"
    )


def _name(title: str, text: str) -> str:
    """A name that no rule in ``text`` has: it says which rule decided."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-") or "rule"
    name, number = slug, 1
    while re.search(rf"name:\s*\"?{re.escape(name)}\"?\s*$", text, re.MULTILINE):
        number += 1
        name = f"{slug}-{number}"
    return name


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _list_indent(text: str) -> str:
    match = re.search(r"^(\s*)- name:", text, re.MULTILINE)
    return match[1].replace("\n", "") if match else "  "


_NO_RULES = """\
# yaml-language-server: $schema=../schemas/categorise.json
version: 1
rules:
"""
