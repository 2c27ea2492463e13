"""Docs that can fail: what exists is documented, and what is linked exists."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.main import COMMANDS, cli

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *CHECKOUT.glob("docs/**/*.md")]
ROOMS = ("core", "plugins", "bulkhead", "importers", "reports", "web", "scripts")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if not target.startswith(("http:", "https:", "mailto:")):
            assert (page.parent / target).exists(), target


def test_every_module_the_architecture_names_exists() -> None:
    text = (CHECKOUT / "docs/architecture.md").read_text()
    rooms = "|".join(ROOMS)
    named = re.findall(rf"`((?:{rooms})/[\w/.]*)`", text)
    assert named
    assert [name for name in named if not (CHECKOUT / name).exists()] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example_or_a_sentence(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    text = (CHECKOUT / "README.md").read_text() + (CHECKOUT / "CHANGELOG.md").read_text()
    assert f"books {name}" in text
