"""A cache of each test's own where that matters, and little books."""

from pathlib import Path

import pytest
from little import Little
from warmth import forget


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own, and a process that remembers nothing."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    forget()
    return folder


@pytest.fixture
def little(tmp_path: Path, cache: Path) -> Little:
    """Books of a few files, without git."""
    return Little(tmp_path / "books")
