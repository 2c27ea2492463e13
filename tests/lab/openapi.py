"""Plaid's published description as a judge of the fake: every answer, and every question asked.

The file is Plaid's and not part of this project; where it is absent nothing is judged, and the
tests that need it say so.
"""

import functools
import json
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from importers.feed import exact
from importers.plaid.fake.plaid import FakePlaid

DESCRIPTION = Path(__file__).resolve().parents[3] / "shared/plaid/2020-09-14.yml"


@functools.cache
def _description() -> dict[str, Any]:
    said = yaml.load(DESCRIPTION.read_text(), Loader=yaml.CSafeLoader)
    return _as_json_schema(said)


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 says ``nullable`` where JSON Schema says a type of null."""
    if isinstance(node, list):
        return [_as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: _as_json_schema(value) for key, value in node.items()}
    if made.pop("nullable", None) is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


@functools.cache
def _judge(path: str, kind: str) -> Draft202012Validator:
    operation = _description()["paths"][path]["post"]
    holder = operation["requestBody"] if kind == "asked" else operation["responses"]["200"]
    schema = holder["content"]["application/json"]["schema"]
    components = _description()["components"]
    return Draft202012Validator({**schema, "components": components})


@functools.cache
def _errors() -> Draft202012Validator:
    components = _description()["components"]
    return Draft202012Validator(
        {"$ref": "#/components/schemas/PlaidError", "components": components}
    )


def complaints(fake: FakePlaid) -> list[str]:
    """What is wrong with the calls of a fake, by Plaid's own description."""
    found = []
    for path, body in fake.asked:
        error = best_match(_judge(path, "asked").iter_errors(_plain(body)))
        if error:
            found.append(f"asked {path}: {error.json_path}: {error.message}"[:300])
    for path, status, body in fake.answered:
        judge = _judge(path, "answered") if status == 200 else _errors()
        error = best_match(judge.iter_errors(_plain(body)))
        if error:
            found.append(f"{status} {path}: {error.json_path}: {error.message}"[:300])
    return found


def _plain(body: dict[str, Any]) -> Any:
    """As a reader of JSON without exact numbers has it: what the description speaks of."""
    return json.loads(exact.dumps(body))
