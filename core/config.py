"""Strict YAML: a file becomes a frozen pydantic model, or every mistake in it with its line.

A person's rules must mean one thing. Unknown keys, duplicate keys and aliases are refused, and so
are bare scalars that YAML 1.1 and 1.2 read differently (``NO``, ``010``, ``1:30``): they must be
quoted. Plain scalars reach the model as text; pydantic makes numbers of them where the model says
so, and money always goes from text to Decimal.
"""

import logging
import re
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.findings import UserError


class Strict(BaseModel):
    """The base of every configuration model: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Versioned(Strict):
    """A whole file: the keys of ``Strict``, and the version of the file's form."""

    current_version: ClassVar[int] = 1
    version: int = 1


Model = TypeVar("Model", bound=BaseModel)
Path_ = tuple[str | int, ...]
_LOG = logging.getLogger("bulkhead")
_MAX_BYTES, _MAX_DEPTH = 1_000_000, 20

# Bare words that are booleans in YAML 1.1 and text in 1.2, octals, sexagesimals, odd floats.
_AMBIGUOUS = re.compile(
    r"(?i:y|n|yes|no|on|off)|[-+]?0[0-9_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|0o[0-7]+|[-+]?0b[01_]+"
)


def load_config(path: Path, model: type[Model], *, shown: str = "") -> Model:
    """The YAML file at ``path`` as ``model``. Raises UserError naming every line that is wrong."""
    name = shown or str(path)
    _LOG.info("rules: %s, from %s", name, path)
    return parse_config(read_text(path, name), model, name)


def read_text(path: Path, name: str) -> str:
    """The text of a YAML file, line ends as they are. Raises UserError where it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", file=name) from error
    if len(raw) > _MAX_BYTES:
        raise UserError("is larger than 1 MB; a rules file is text a person wrote", file=name)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UserError(
            "is not UTF-8 text", file=name, line=line, hint="save it as UTF-8"
        ) from error


def parse_config(text: str, model: type[Model], name: str) -> Model:
    """YAML ``text`` as ``model``; ``name`` is the file shown in messages."""
    lines: dict[Path_, int] = {}
    problems: list[tuple[int, str]] = []
    node = _composed(text, name)
    try:
        data = {} if node is None else _value(node, (), lines, problems)
    except RecursionError as error:
        raise UserError("is nested too deeply", file=name) from error
    if issubclass(model, Versioned):
        _check_version(node, model.current_version, name)
    if problems:
        raise _problems_error(name, problems)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = [(_line_of(tuple(e["loc"]), lines), _said(e, model)) for e in error.errors()]
        raise _problems_error(name, found) from error


def _composed(text: str, name: str) -> Node | None:
    """The node tree of ``text``; None where it says nothing."""
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.events.AliasEvent) or getattr(event, "anchor", None):
                start = event.start_mark
                raise UserError(
                    "anchors and aliases (& and *) are not allowed here",
                    file=name,
                    line=start.line + 1 if start else 1,
                    hint="write the value out where it is used",
                )
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "not valid YAML"
        raise UserError(
            f"not valid YAML: {what}", file=name, line=mark.line + 1 if mark else 1
        ) from error
    except RecursionError as error:
        raise UserError("is nested too deeply", file=name) from error


def version_place(text: str, name: str) -> tuple[int, tuple[int, int]]:
    """The version that a file says (1 where it says none), and from where to where it says it.

    Where it says none both ends are the place of its first key. Raises UserError for a version
    that is no number.
    """
    node = _composed(text, name)
    said = _version_node(node)
    if said is None:
        first = node.start_mark.index if node else len(text)
        return 1, (first, first)
    return _number(said, name), (said.start_mark.index, said.end_mark.index)


def _check_version(node: Node | None, current: int, name: str) -> None:
    said = _version_node(node)
    version = _number(said, name) if said else 1
    line = said.start_mark.line + 1 if said else 1
    if version > current:
        raise UserError(
            f"is of version {version}, and this program reads version {current}",
            file=name,
            line=line,
            hint="a newer Bulkhead wrote it: update Bulkhead, then run the command again",
        )
    if version < current:
        raise UserError(
            f"is of version {version}, and this program reads version {current}",
            file=name,
            line=line,
            hint="'books migrate --dry-run' shows what changes, 'books migrate' does it",
        )


def _version_node(node: Node | None) -> ScalarNode | None:
    if not isinstance(node, MappingNode):
        return None
    found = (value for key, value in node.value if key.value == "version")
    return next((value for value in found if isinstance(value, ScalarNode)), None)


def _number(said: ScalarNode, name: str) -> int:
    text = str(said.value)
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise UserError(
            f"'{text}' is no version", file=name, line=said.start_mark.line + 1, hint="version: 1"
        )
    return int(text)


def _value(
    node: Node, path: Path_, lines: dict[Path_, int], problems: list[tuple[int, str]]
) -> Any:
    """The node as plain data; ``lines`` learns the line of every path."""
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if len(path) > _MAX_DEPTH:
        problems.append((line, "is nested too deeply"))
        return None
    if isinstance(node, ScalarNode):
        return _scalar(node, problems)
    if isinstance(node, SequenceNode):
        return [_value(item, (*path, i), lines, problems) for i, item in enumerate(node.value)]
    if not isinstance(node, MappingNode):
        return None
    out: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key_line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            problems.append((key_line, "a key must be plain text"))
            continue
        key = str(key_node.value)
        if key in out:
            problems.append((key_line, f"the key '{key}' stands here a second time"))
        lines[(*path, key)] = key_line
        out[key] = _value(value_node, (*path, key), lines, problems)
    return out


def _scalar(node: ScalarNode, problems: list[tuple[int, str]]) -> Any:
    text = str(node.value)
    if node.style is not None:
        return text
    if _AMBIGUOUS.fullmatch(text):
        problems.append(
            (node.start_mark.line + 1, f"'{text}' can be read in two ways; put it in quotes")
        )
    if text in {"", "~", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    return text


def _line_of(loc: Path_, lines: dict[Path_, int]) -> int:
    while loc and loc not in lines:
        loc = loc[:-1]
    return lines.get(loc, 1)


def _said(error: Any, model: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        known = _keys_near(model, error["loc"])
        return f"unknown key '{where}'" + (f"; known here: {', '.join(known)}" if known else "")
    if error["type"] == "missing":
        return f"the key '{where}' is missing"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {message[:1].lower()}{message[1:]}" if where else message


def _keys_near(model: type[BaseModel], loc: Path_) -> list[str]:
    if len(loc) == 1:
        return sorted(field.alias or name for name, field in model.model_fields.items())
    return []


def _problems_error(name: str, problems: list[tuple[int, str]]) -> UserError:
    """One error for the whole file: the first problem in front, the others beneath it."""
    (line, first), *rest = sorted(problems)
    more = "\n  ".join(f"{name}:{n}: {text}" for n, text in rest)
    return UserError(first, file=name, line=line, hint=more)
