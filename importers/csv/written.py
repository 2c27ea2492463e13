"""A profile as the YAML that ``rules/sources`` holds: the same profile is the same text.

Keys stand in the order of the model, those that are as by default are left out, and every text
that YAML could read as something else is quoted.
"""

import re
from collections.abc import Mapping
from typing import Any

from importers.csv.profile import Profile

_HEAD = """\
# yaml-language-server: $schema=../schemas/sources.json
# Proposed by 'books import' from a file; correct here what it could not know.
"""
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9 _.()/-]*[A-Za-z0-9_.()/]|[A-Za-z]")
# Bare, these would be a truth value or nothing at all.
_READ_OTHERWISE = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_ESCAPE = "\\U"
_ALWAYS = {"kind", "header", "columns", "identity"}


def profile_text(profile: Profile) -> str:
    """The whole file, its schema line at the top; ``load_profiles`` reads the same profile."""
    said = profile.model_dump(by_alias=True, mode="json")
    kept = profile.model_dump(by_alias=True, mode="json", exclude_defaults=True)
    lines = [f"{key}: {_inline(kept[key])}" for key in said if key in kept or key in _ALWAYS]
    return _HEAD + "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_inline(k)}: {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _BARE.fullmatch(text) and text.casefold() not in _READ_OTHERWISE:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{"".join(c if c.isprintable() else f"{_ESCAPE}{ord(c):08X}" for c in escaped)}"'
