"""git, the one program of others that the ground floor starts."""

import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from core.findings import EXIT_FAULT, UserError

# What a commit puts on disk before it answers: a power cut must not take back what was said.
_LASTING = ("-c", "core.fsync=objects,reference,index", "-c", "core.fsyncMethod=fsync")
# What is asked about a commit comes from its objects as they are: nothing is fetched or replaced.
_PLAIN = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}
_PATIENCE = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds between attempts while another git is at work


def is_checkout(home: Path) -> bool:
    """Whether ``home`` lies in a git work tree."""
    return _git(home, "rev-parse", "--is-inside-work-tree", check=False).strip() == "true"


def init(home: Path) -> None:
    """A new repository at ``home`` with the branch main."""
    _git(home, "init", "--quiet", "--initial-branch=main")


def clone(repository: Path, folder: Path) -> None:
    """A checkout of a repository's HEAD in a new folder, with its tags; no hook runs."""
    _git(
        repository, "-c", "core.hooksPath=/dev/null", "clone", "--quiet", "--no-local",
        "--template=", str(repository), str(folder),
    )  # fmt: skip


def head(home: Path) -> str:
    """The commit that is checked out, or an empty string before the first one."""
    return _git(home, "rev-parse", "--verify", "--quiet", "HEAD", check=False).strip()


def branch(home: Path) -> str:
    """The branch that is checked out, or an empty string where HEAD is detached."""
    return _git(home, "symbolic-ref", "--quiet", "--short", "HEAD", check=False).strip()


def prefix(folder: Path) -> str:
    """The way from the top of the work tree to ``folder``, with a slash at its end.

    Empty at the top, and outside of any work tree.
    """
    return _git(folder, "rev-parse", "--show-prefix", check=False).strip()


def dirty(home: Path, paths: Iterable[Path]) -> list[Path]:
    """Those of ``paths`` (relative to ``home``) that differ from the last commit."""
    listed = [path.as_posix() for path in paths]
    if not listed:
        return []
    status = _git(home, "status", "--porcelain", "-z", "--untracked-files=all", "--", *listed)
    top = Path(_git(home, "rev-parse", "--show-toplevel").strip())
    # each record: two letters, a blank, and the path from the top of the work tree
    changed = {(top / record[3:]).resolve() for record in status.split("\0") if record}
    return [Path(path) for path in listed if (home / path).resolve() in changed]


def commit(home: Path, paths: Iterable[Path], message: str, trailers: Mapping[str, str]) -> str:
    """Commits exactly ``paths`` and nothing else that is staged; returns the commit.

    Raises UserError when git refuses (a hook, for one): the files stay as they are.
    """
    names = [path.as_posix() for path in paths]
    text = message + "\n\n" + "".join(f"{key}: {value}\n" for key, value in trailers.items())
    committing = [*_LASTING, *_identity(home), "commit", "--quiet", "--only", "-m", text]
    for patience in (*_PATIENCE, None):
        try:
            _git(home, "add", "--", *names)
            _git(home, *committing, "--", *names)
            break
        except UserError as error:
            if patience is None or "index.lock" not in error.message:
                raise
            time.sleep(patience)  # another git is at work here, and soon done
    return head(home)


def tag(home: Path, name: str, message: str, *, sign: bool = False) -> str:
    """An annotated tag at HEAD; of a name that is taken, with the next free number behind it.

    Returns the name. Raises UserError when git refuses: it cannot sign, for one.
    """
    taken = tags(home, f"{name}*")
    free = next(each for each in _numbered(name) if each not in taken)
    _git(home, *_identity(home), "tag", "--sign" if sign else "--annotate", free, "-m", message)
    return free


def tags(home: Path, pattern: str) -> list[str]:
    """The names of the tags that match a pattern, in alphabetical order."""
    return _git(home, "tag", "--list", pattern).split()


def holds(home: Path, revision: str, text: str) -> bool:
    """Whether a file of a revision, below ``home``, holds a text."""
    return _run(home, ("grep", "-q", "-F", "-e", text, revision, "--", ".")).returncode == 0


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}.{number}" for number in count(2))


def user(home: Path) -> str:
    """Who commits here, as git's own settings say: an e-mail address, or an empty string."""
    return _git(home, "config", "user.email", check=False).strip()


def with_trailer(home: Path, name: str, value: str) -> str | None:
    """The newest commit behind HEAD that carries the trailer ``name: value``."""
    wanted = f"{name}: {value}"
    shown = f"--format=%H%x1f%(trailers:key={name},separator=%x1f)"
    found = _git(home, "log", "-z", "--fixed-strings", f"--grep={wanted}", shown, check=False)
    for record in found.split("\0"):
        commit_id, *trailers = record.split("\x1f")
        if wanted in trailers:
            return commit_id
    return None


def files_of(home: Path, commit_id: str) -> tuple[Path, ...]:
    """The files that a commit changed, relative to ``home``."""
    names = ("diff-tree", "-r", "-z", "--root", "--no-commit-id", "--name-only", "--relative")
    return tuple(Path(name) for name in _git(home, *names, commit_id).split("\0") if name)


def changed(home: Path, folders: Iterable[Path]) -> list[Path]:
    """Files below ``folders`` that differ from the last commit, relative to ``home``."""
    wanted = ("diff", "--name-only", "--relative", "-z", "--no-renames", "HEAD", "--")
    told = _git(home, *wanted, *map(str, folders), check=False)
    return [Path(name) for name in told.split("\0") if name]


def committed(home: Path, path: Path) -> bytes | None:
    """What the last commit holds of a file (relative to ``home``); None where it holds none."""
    done = _run(home, ("cat-file", "blob", f"HEAD:./{path.as_posix()}"))
    return None if done.returncode else done.stdout


def history(home: Path, path: Path, limit: int) -> Iterator[bytes]:
    """What the commits behind HEAD held of a file (relative to ``home``), newest first.

    Each content once, and not more than ``limit`` of them; on merged branches as well.
    """
    told = _git(
        home, "log", "--full-history", "--raw", "--no-abbrev", "--no-renames", "--format=",
        "--", path.as_posix(), check=False,
    )  # fmt: skip
    # each record: ":100644 100644 BEFORE AFTER M<tab>path"; a blob of zeros is no file
    blobs = [line.split()[3] for line in told.splitlines() if line.startswith(":")]
    wanted = [blob for blob in dict.fromkeys(blobs) if blob.strip("0")]
    for blob in wanted[:limit]:
        done = _run(home, ("cat-file", "blob", blob))
        if not done.returncode:
            yield done.stdout


@dataclass(frozen=True)
class Blob:
    """A file of a commit: its mode (``120000`` is a symbolic link), object id and size in bytes."""

    mode: str
    oid: str
    size: int


def commit_of(folder: Path, revision: str) -> str:
    """The commit that a revision means in the repository of ``folder``; empty where there is none.

    Whatever it says is taken for a revision and never for an option of git's.
    """
    if not revision or "\0" in revision:
        return ""
    wanted = ("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    return _git(folder, *wanted, check=False).strip()


def top(folder: Path) -> Path | None:
    """The top of the work tree that ``folder`` lies in, or None."""
    found = _git(folder, "rev-parse", "--show-toplevel", check=False).strip()
    return Path(found) if found else None


def tree(folder: Path, commit_id: str) -> dict[str, Blob]:
    """The files below ``folder`` as a commit holds them, by their paths relative to it.

    Read from git's objects: no filter, hook or attribute has a say. Submodules are left out.
    """
    found = {}
    for record in _git(folder, "ls-tree", "-r", "-l", "-z", commit_id).split("\0"):
        said, _, name = record.partition("\t")
        if said:
            mode, kind, oid, size = said.split()
            if kind == "blob":
                found[name] = Blob(mode, oid, int(size))
    return found


def blobs(folder: Path, oids: Iterable[str]) -> dict[str, bytes]:
    """The content of objects, all from one process of git's; what it does not have is left out."""
    wanted = list(dict.fromkeys(oids))
    said = _run(folder, ("cat-file", "--batch"), "".join(f"{oid}\n" for oid in wanted).encode())
    out, found, at = said.stdout, {}, 0
    for oid in wanted:
        end = out.find(b"\n", at)
        if end < 0:
            break
        head, at = out[at:end].split(), end + 1
        if len(head) == 3:  # "OID blob SIZE", else "OID missing"
            size = int(head[2])
            found[oid] = out[at : at + size]
            at += size + 1
    return found


def sizes(folder: Path, oids: Iterable[str]) -> dict[str, int]:
    """How many bytes objects have, without reading them; what git does not have is left out."""
    asked = "".join(f"{oid}\n" for oid in dict.fromkeys(oids)).encode()
    said = _run(folder, ("cat-file", "--batch-check=%(objectname) %(objectsize)"), asked).stdout
    rows = (line.split() for line in said.decode("ascii", "replace").splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def ignored(folder: Path) -> tuple[str, ...]:
    """What git is told to ignore below ``folder``; a folder with a slash at its end."""
    asked = ("ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
    said = _git(folder, "-c", "core.fsmonitor=false", *asked, check=False)
    return tuple(name for name in said.split("\0") if name)


def _identity(home: Path) -> list[str]:
    """A name for the commit where the owner has given git none."""
    if _git(home, "config", "user.email", check=False).strip() or os.environ.get(
        "GIT_AUTHOR_EMAIL"
    ):
        return []
    return ["-c", "user.name=books", "-c", "user.email=books@localhost"]


def _git(home: Path, *args: str, check: bool = True) -> str:
    done = _run(home, args)
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    if check and done.returncode:
        raise UserError(f"git {_verb(args)} failed: {(err or out).strip()}", code=EXIT_FAULT)
    return out


def call(home: Path, *args: str, patience: int | None = None) -> tuple[bool, str]:
    """Runs git in ``home``; whether it went well, and what it said.

    It asks nobody for a password, and is ended after ``patience`` seconds.
    """
    try:
        done = _run(home, args, patience=patience)
    except subprocess.TimeoutExpired:
        return False, f"no answer within {patience} seconds"
    said = done.stderr if done.returncode else done.stdout
    return not done.returncode, said.decode("utf-8", "replace").strip()


def identity(home: Path) -> list[str]:
    """Settings that give a commit a name where the owner has given git none."""
    return _identity(home)


def _run(
    home: Path,
    args: Iterable[str],
    given: bytes | None = None,
    more: Mapping[str, str] | None = None,
    patience: int | None = None,
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - a fixed program, arguments are a list
            ["git", "-C", str(home), *args],  # noqa: S607 - the owner's git, wherever it is
            capture_output=True,
            input=given,
            env=_environment(more),
            check=False,
            timeout=patience,
        )
    except FileNotFoundError as error:
        raise UserError("git is not installed", hint="install git and run this again") from error


def _environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What git is given: ours, without another repository's place."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_DIR", "GIT_INDEX"))}
    return {**own, **_PLAIN, **(more or {}), "LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0"}


def hooks(folder: Path) -> Path | None:
    """Where the repository of ``folder`` keeps its hooks; None where there is no repository."""
    said = _git(folder, "rev-parse", "--git-path", "hooks", check=False).strip()
    return (folder / said).resolve() if said else None


def is_bare(folder: Path) -> bool:
    """Whether the repository of ``folder`` has no work tree."""
    return _git(folder, "rev-parse", "--is-bare-repository", check=False).strip() == "true"


def is_shallow(folder: Path) -> bool:
    """Whether the repository of ``folder`` is cut off: it lacks what came before."""
    return _git(folder, "rev-parse", "--is-shallow-repository", check=False).strip() == "true"


def answered(
    folder: Path, args: Iterable[str], more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """What git says, as bytes, for who asks of commits: without grafts, which change what is behind
    a commit. ``more`` is put into its environment."""
    quietly = ("-c", "advice.graftFileDeprecated=false")
    return _run(folder, (*quietly, *args), more={"GIT_GRAFT_FILE": os.devnull, **(more or {})})


def first_records(folder: Path, args: Iterable[str], most: int) -> list[bytes] | None:
    """The records that git says, apart by zeros; None where there are more than ``most``, without
    waiting for the others. Raises UserError when git refuses."""
    words = list(args)
    with subprocess.Popen(  # noqa: S603 - a fixed program, arguments are a list
        ["git", "-C", str(folder), *words],  # noqa: S607 - the owner's git, wherever it is
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    ) as child:
        assert child.stdout  # noqa: S101 - asked for above
        said: list[bytes] = []
        left = b""
        while some := child.stdout.read(1 << 20):
            *whole, left = (left + some).split(b"\0")
            said += whole
            if len(said) > most:
                child.kill()
                return None
        if child.wait():
            raise UserError(f"git cannot tell: {_verb(words)} failed")
    return said


def _verb(args: Iterable[str]) -> str:
    """What git was asked to do: the first word that is neither an option nor a setting."""
    return next(word for word in args if not word.startswith("-") and "=" not in word)
