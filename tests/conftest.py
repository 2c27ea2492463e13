"""Small books for tests: written by ``books init`` itself, so that they are what users have."""

import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from beancount import loader
from crash_deeds import new_home
from hypothesis import settings

from core.home import Home
from scripts.main import main

# Beancount writes a pickle beside any root that took it longer than a second; on a busy machine
# that is the example, where our own lint would then find it.
loader.initialize(use_cache=False)

# Seconds say nothing of right and wrong; on a busy machine they differ from run to run.
settings.register_profile("books", deadline=None)
settings.load_profile("books")

# What runs in the background of a shell is deaf to Ctrl-C, and so is all that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Ours lies in a folder of its own for each worker, which goes when the worker ends.
_CACHE = tempfile.TemporaryDirectory(prefix="books-cache-")
os.environ["XDG_CACHE_HOME"] = _CACHE.name

# Who followed the README has books of their own in the environment.
for name in ("BOOKS_HOME", "BOOKS_NO_CACHE", "BOOKS_KEY", "BOOKS_KEY_OLD", "CREDENTIALS_DIRECTORY"):
    os.environ.pop(name, None)

# No test looks into the keyring of whoever runs it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Jane and Acme LLC since 2020, a git repository with one commit and nothing booked."""
    return new_home(tmp_path / "books")


@pytest.fixture
def write(home: Home) -> Callable[[str, str], Path]:
    """Writes a file into the home as its owner would, by hand."""

    def writer(name: str, text: str) -> Path:
        path = home.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return writer


@pytest.fixture
def run(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs ``books`` in the home as a user would: what it says, where it ends with this status."""
    monkeypatch.chdir(home.path)

    def run(*args: str, code: int = 0) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(args))
        told = capsys.readouterr()
        assert ended.value.code == code, told
        return told.out + told.err

    return run
