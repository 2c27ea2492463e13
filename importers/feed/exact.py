"""JSON with exact numbers: a fraction is a Decimal on its way in and on its way out."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# Written out, a number of a greater exponent would fill the memory; no bank has one.
_GREATEST = 64


def loads(text: str | bytes) -> Any:
    """What the JSON says, fractions as Decimal. Raises ValueError for what is no JSON, for ``NaN``
    and ``Infinity``, and for what is nested or as large as no bank's answer is."""
    try:
        return json.loads(text, parse_float=_number, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


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


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > _GREATEST:
        raise ValueError(f"{text[:30]} is no number that anybody has")
    return number


def _refused(text: str) -> Any:
    raise ValueError(f"{text} is no number")
