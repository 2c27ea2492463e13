"""Every kind of YAML file in ``rules/``: its model, its schema for editors, its migrations."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from core.journal.read import AllowedPlugins
from core.migrate import Kind
from core.people import People
from importers.csv.profile import Profile
from importers.pdf.template import Template
from importers.rules.categorise import CategoriseFile

KINDS = (
    Kind("people", "rules/people.yaml", People),
    Kind("plugins", "rules/plugins.yaml", AllowedPlugins),
    Kind("sources", "rules/sources/*.yaml", Profile),
    Kind("templates", "rules/templates/*.yaml", Template),
    Kind("categorise", "rules/categorise/*.yaml", CategoriseFile),
)
_FOLDER = Path("rules", "schemas")


class _PlainText(GenerateJsonSchema):
    """Our reader takes every plain word as text: ``account: 4411`` needs no quotes."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return {**super().str_schema(schema), "type": ["string", "number"]}


def schemas() -> Mapping[Path, str]:
    """The JSON Schema of every kind, by its path in a home."""
    return {_FOLDER / f"{kind.name}.json": _schema(kind) for kind in KINDS}


def schema_line(path: Path, kind: str) -> str:
    """The head of a YAML file at ``path`` in a home: it tells an editor where the schema is."""
    up = "../" * (len(path.parts) - 2)
    return f"# yaml-language-server: $schema={up}schemas/{kind}.json\n"


def _schema(kind: Kind) -> str:
    model = kind.model
    schema: dict[str, Any] = model.model_json_schema(schema_generator=_PlainText)
    number = model.current_version
    schema["properties"]["version"] = {
        "description": "The version of this file's form.",
        "enum": [number, str(number)],
    }
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
