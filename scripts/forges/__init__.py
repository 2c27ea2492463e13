"""What ``books review install`` writes: workflows for forges, and git's hooks."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

_HERE = Path(__file__).parent
# By forge: the files in a home, and the template of each.
FORGES: Mapping[str, Mapping[str, str]] = {
    "github": {
        ".github/workflows/books-review.yml": "github-review.yml",
        ".github/workflows/books-review-comment.yml": "github-comment.yml",
    },
    "gitea": {
        ".gitea/workflows/books-review.yml": "gitea-review.yml",
        ".gitea/workflows/books-review-comment.yml": "gitea-comment.yml",
    },
    "gitlab": {".gitlab/books-review.yml": "gitlab-review.yml"},
}
SERVER_HOOKS = ("pre-receive",)
OWNER_HOOKS = ("pre-commit", "pre-push")


def files_for(forge: str) -> dict[Path, str]:
    """What a forge wants in a home: path to text."""
    return {Path(path): _text(name) for path, name in FORGES[forge].items()}


def hook(name: str) -> str:
    """The text of a hook."""
    return _text(name)


def _text(name: str) -> str:
    text = (_HERE / name).read_text(encoding="utf-8")
    return text.replace("@VERSION@", version("bulkhead-books"))
