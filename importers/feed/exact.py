"""JSON with exact numbers: a fraction is a Decimal on its way in and on its way out."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def loads(text: str | bytes) -> Any:
    """What the JSON says, fractions as Decimal. Raises ValueError for what is no JSON, ``NaN`` and
    ``Infinity`` included."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refused)


def dumps(value: Any) -> str:
    """The value as JSON on one line, Decimals as the numbers they are."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        items = (f"{json.dumps(str(key))}: {dumps(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(dumps(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def _refused(text: str) -> Any:
    raise ValueError(f"{text} is no number")
