"""A journal that lost its end is noticed: git remembers how it went on.

A cut journal usually loads without an error, since cuts fall between entries or leave a transaction
without postings, which is legal. So a file that is nothing but the beginning of what was committed
is a finding until the owner commits it as it is, or brings the rest back.
"""

from collections.abc import Iterator

from core import git
from core.findings import Finding, Severity
from core.home import Home


def cut_files(home: Home) -> Iterator[Finding]:
    """A LINT-CUT warning for each journal that is shorter than its last commit, and only that.

    Nothing for what is not in git: there is no honest witness there.
    """
    if not any((folder / ".git").exists() for folder in (home.path, *home.path.parents)):
        return
    for path in git.changed(home.path, (home.ledger, home.rules)):
        if path.suffix != ".beancount":
            continue
        full = home.path / path
        held = git.committed(home.path, path)
        here = full.read_bytes() if full.is_file() else b""
        if held is None or len(here) >= len(held) or not held.startswith(here):
            continue
        lost = held[len(here) :].count(b"\n") + (not held.endswith(b"\n"))
        lines = f"{lost} line{'' if lost == 1 else 's'}"
        what = f"is cut off: its last {lines}" if here else f"is empty or gone: all its {lines}"
        yield Finding(
            "LINT-CUT",
            Severity.WARNING,
            f"{'' if here else f'{path.as_posix()} '}{what} of the last commit are missing; "
            f"'git restore {path.as_posix()}' brings them back, and if you took them away, commit",
            factor="Absence of records",
            file=path.as_posix() if here else "",
            line=here.count(b"\n") or 1 if here else 0,
            identity=(path.as_posix(),),
        )
