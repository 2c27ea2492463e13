"""The YAML of rules/: schemas for editors, their heads, and ``books migrate``."""

import json
import re
from pathlib import Path
from typing import ClassVar

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from core import git
from core.home import Home
from core.journal.read import AllowedPlugins
from core.migrate import Kind
from scripts.commands import migrate
from scripts.kinds import KINDS, schemas
from scripts.main import cli
from scripts.shipped import SHIPPED

EXAMPLE = [(kind, path) for kind in KINDS for path in kind.files(Home(SHIPPED))]


def run(home: Home, *args: str) -> str:
    result = CliRunner().invoke(cli, ["--home", str(home.path), *args], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def head_schema(path: Path) -> Path:
    """The schema that the head of a YAML file names."""
    found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text())
    assert found, path
    return path.parent / found[1]


def problems(path: Path) -> list[str]:
    schema = json.loads(head_schema(path).read_text())
    checker = jsonschema.Draft202012Validator(schema)
    return [error.message for error in checker.iter_errors(yaml.safe_load(path.read_text()))]


def test_every_schema_is_one() -> None:
    for text in schemas().values():
        jsonschema.Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize(("kind", "path"), EXAMPLE, ids=lambda value: getattr(value, "stem", ""))
def test_the_example_agrees_with_its_schema(kind, path: Path) -> None:
    assert head_schema(path).resolve() == SHIPPED / f"rules/schemas/{kind.name}.json"
    assert problems(path) == []


def test_every_yaml_file_is_of_a_kind() -> None:
    assert {path for _, path in EXAMPLE} == set((SHIPPED / "rules").rglob("*.yaml"))


def test_a_new_home_has_the_schemas_and_its_files_name_them(home: Home) -> None:
    files = [path for kind in KINDS for path in kind.files(home)]
    assert {path.name for path in files} == {"plugins.yaml", "acme.yaml", "jane.yaml"}
    for path in files:
        assert problems(path) == []
    for path, text in schemas().items():
        assert (home.path / path).read_text() == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rules/categorise/acme.yaml", "rules:\n  - {name: a, when: {payee: x}, than: {}}\n"),
        ("rules/categorise/acme.yaml", "rules:\n  - {name: a, when: {direction: up}, then: {}}\n"),
        ("rules/categorise/acme.yaml", "version: 2\n"),
        ("rules/plugins.yaml", "allowd: []\n"),
    ],
)
def test_a_schema_sees_the_mistakes_that_an_editor_can_show(
    home: Home, name: str, text: str
) -> None:
    path = home.path / name
    path.write_text(path.read_text().splitlines(keepends=True)[0] + text)
    assert problems(path)


def test_plain_words_that_look_like_numbers_are_text(home: Home) -> None:
    path = home.rules / "categorise/acme.yaml"
    head = path.read_text().splitlines(keepends=True)[0]
    path.write_text(
        f"{head}rules:\n  - {{name: 7, when: {{payee: 4411, amount-min: 5.00}}, then: {{}}}}\n"
    )
    assert problems(path) == []


def test_migrate_brings_old_schemas_up_to_date_and_then_does_nothing(home: Home) -> None:
    schema = home.rules / "schemas/plugins.json"
    wanted = schema.read_text()
    schema.write_text("{}\n")
    (home.rules / "schemas/sources.json").unlink()
    assert "Dry run" in run(home, "migrate", "--dry-run")
    assert schema.read_text() == "{}\n"
    said = run(home, "migrate", "--no-commit")
    assert "+++ b/rules/schemas/plugins.json" in said
    assert "Brought 2 files up to date" in said
    assert schema.read_text() == wanted
    assert "Everything in rules/ is up to date" in run(home, "migrate")


class NextAllowed(AllowedPlugins):
    """The form of some day, in which ``allowed`` is called ``plugins``."""

    current_version: ClassVar[int] = 2
    plugins: tuple[str, ...] = ()


def test_migrate_shows_an_old_file_and_commits_it_in_the_new_form(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = {1: lambda text: text.replace("allowed:", "plugins:")}
    kind = Kind("plugins", "rules/plugins.yaml", NextAllowed, steps)
    monkeypatch.setattr(migrate, "KINDS", (kind,))
    path = home.rules / "plugins.yaml"
    before = path.read_text()
    said = run(home, "migrate", "--dry-run")
    assert "-version: 1\n-allowed:\n+version: 2\n+plugins:\n" in said
    assert path.read_text() == before
    run(home, "migrate")
    wanted = before.replace("version: 1", "version: 2").replace("allowed:", "plugins:")
    assert path.read_text() == wanted
    assert git.dirty(home.path, [Path("rules/plugins.yaml")]) == []


def test_migrate_refuses_a_newer_file_and_changes_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = home.rules / "categorise/acme.yaml"
    path.write_text("version: 2\n")
    monkeypatch.setattr(migrate, "schemas", lambda: {Path("rules/schemas/plugins.json"): "new\n"})
    result = CliRunner().invoke(cli, ["--home", str(home.path), "migrate"])
    assert result.exception
    assert "rules/categorise/acme.yaml:1: is of version 2" in str(result.exception)
    assert (home.rules / "schemas/plugins.json").read_text() != "new\n"
