"""Small books for tests: written by ``books init`` itself, so that they are what users have."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from core import git
from core.home import Home
from scripts import starter


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Jane and Acme LLC since 2020, a git repository with one commit and nothing booked."""
    return new_home(tmp_path / "books")


def new_home(path: Path) -> Home:
    parties = [starter.party("Acme", is_person=False), starter.party("Jane", is_person=True)]
    files = starter.files(parties, dt.date(2020, 1, 1), dt.date(2026, 9, 30), "USD")
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    git.init(path)
    git.commit(path, list(files), "Start", {})
    return Home(path)


@pytest.fixture
def write(home: Home) -> Callable[[str, str], Path]:
    """Writes a file into the home as its owner would, by hand."""

    def writer(name: str, text: str) -> Path:
        path = home.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return writer
