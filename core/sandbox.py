"""Runs one of our functions over a stranger's bytes in a process of its own, within limits.

A statement can be made to eat all memory or all time of whoever reads it, and a library that reads
such files may be wrong in ways nobody has seen. So the reading happens in a child: an isolated
interpreter (``python -I -B``: no PYTHON* variables, no user's packages, no current folder, no
compiled files) with a cleared environment, the bytes on its standard input and its answer as JSON
on its standard output. Memory, processor time, size of files written, number of processes and open
files are limited by the kernel; the wall clock is watched from outside. Inside, an audit hook
refuses to open a file for writing, to start a program and to use the network.

What needs files is given a folder to read and one to write in, and nothing else: with bubblewrap
(where it is there and works) no other file of the machine but the interpreter's exists for it, and
no network; else the limits and the hook stand alone. ``walls`` says which.

The hook stops a Python library that does what it should not; it does not stop machine code. On
macOS the kernel does not keep ``RLIMIT_AS``: there, only the limits of time end a child that eats
memory.
Why no container is used: docs/decisions/0022-sandbox.md.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from shutil import which
from typing import Any

from core.findings import UserError

_MB = 1_000_000
_BOOT = "import sys; sys.path[:0] = {roots!r}; from core.sandbox import answer; answer()"
_LOOKED_UP = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime")
# What the hook lets a child do below the folder it may write in.
_IN_SCRATCH = ("open", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.truncate")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What the child may not do, by the names of Python's audit events.
_REFUSED = (
    *("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn"),
    *("os.system", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink"),
    *("os.chmod", "os.chown", "os.truncate", "os.kill"),
)


@dataclass(frozen=True)
class Limits:
    """What a child may use: megabytes of address space, seconds of processor and of wall clock,
    megabytes in a file that it writes."""

    memory: int = 512
    cpu: int = 20
    wall: int = 40
    written: int = 0


@dataclass(frozen=True)
class Place:
    """The folder that a child reads, and the one that it may write in."""

    read: Path
    scratch: Path


class Ending(StrEnum):
    """How a child ended."""

    OK = "ok"
    REFUSED = "refused"
    TOO_SLOW = "too slow"
    TOO_MUCH_MEMORY = "too much memory"
    CRASHED = "crashed"


@dataclass(frozen=True)
class Outcome:
    """The ending, and the function's ``value`` when it is OK.

    ``reason``, ``hint`` and ``line`` are those of the UserError with which the function refused its
    input; for a crash ``reason`` names the exception or signal.
    """

    ending: Ending
    value: Any = None
    reason: str = ""
    hint: str = ""
    line: int = 0


def walls() -> str:
    """What stands around a child with a place: words for whoever reads its answer."""
    if _bubblewrap():
        return "bubblewrap (no network, no other file), limits, an empty environment"
    return "limits and an empty environment; bubblewrap is not at hand"


@cache
def _bubblewrap() -> str:
    """The program, where there is one that may make its namespaces here."""
    program = which("bwrap")
    if not program:
        return ""
    trial = [program, "--unshare-all", "--ro-bind", "/", "/", "true"]
    try:
        done = subprocess.run(trial, capture_output=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else program


def _walled(command: list[str], roots: list[str], place: Place) -> list[str]:
    """The command within bubblewrap: the interpreter, our code, and the place."""
    program = _bubblewrap()
    if not program:
        return command
    # Not sys.path: it may name the folder that somebody stands in, where the child looks for
    # nothing.
    seen = dict.fromkeys((*_LOOKED_UP, sys.prefix, sys.base_prefix, *roots))
    walls = [program, "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    walls += [
        "--setenv",
        "LC_ALL",
        "C.UTF-8",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--tmpfs",
        "/tmp",  # noqa: S108
    ]
    for way in sorted(seen):  # what lies below another comes after it
        walls += ["--ro-bind-try", way, way]
    walls += ["--ro-bind", str(place.read), str(place.read)]
    walls += ["--bind", str(place.scratch), str(place.scratch), "--chdir", "/"]
    walls += ["--setenv", "BOOKS_NO_CACHE", "1"]
    return [*walls, "--", *command]


def run(
    function: Callable[[bytes], Any],
    raw: bytes,
    limits: Limits | None = None,
    place: Place | None = None,
) -> Outcome:
    """What ``function`` makes of ``raw`` in a child process; with a ``place`` within walls.

    ``function`` stands at the top of a module, and its result can be written as JSON. It refuses
    its input by raising UserError. Nothing it does can end the caller.
    """
    limits = limits or Limits()
    roots = list(dict.fromkeys((_root("core.sandbox"), _root(function.__module__))))
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-c", _BOOT.format(roots=roots)]
    environment = {"LC_ALL": "C.UTF-8"}
    if place:
        command = _walled(command, roots, place)
        environment["BOOKS_NO_CACHE"] = "1"  # what it would keep goes with it
    scratch = str(place.scratch) if place else ""
    target = (function.__module__, function.__qualname__, json.dumps(asdict(limits)), scratch)
    with subprocess.Popen(  # noqa: S603 - our own interpreter, arguments are a list
        [*command, *target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
        start_new_session=True,  # an interrupt at the keyboard is for the parent to handle
    ) as child:
        try:
            said, _ = child.communicate(raw, timeout=limits.wall)
        except subprocess.TimeoutExpired:
            return Outcome(Ending.TOO_SLOW)
        finally:
            child.kill()
    return _outcome(child.returncode, said)


def _root(module: str) -> str:
    """The folder from which ``module`` is imported."""
    file = sys.modules[module].__file__
    if not file:
        raise ValueError(f"{module} has no file")
    path = Path(file).resolve()
    depth = module.count(".") + (path.name == "__init__.py")
    return str(path.parents[depth])


def _outcome(status: int, said: bytes) -> Outcome:
    if status == -signal.SIGXCPU:
        return Outcome(Ending.TOO_SLOW)
    if status == -signal.SIGKILL:  # the kernel ends a process so where memory runs out
        return Outcome(Ending.TOO_MUCH_MEMORY)
    if status < 0:
        return Outcome(Ending.CRASHED, reason=signal.Signals(-status).name)
    try:
        told = json.loads(said)
        return Outcome(**{**told, "ending": Ending(told["ending"])})
    except (ValueError, KeyError, TypeError):
        return Outcome(Ending.CRASHED, reason=f"exit status {status}")


def answer() -> None:
    """The child's side: limits itself, calls the function, writes the outcome."""
    module, name, limits, scratch = sys.argv[1:5]
    raw = sys.stdin.buffer.read()
    _limit(Limits(**json.loads(limits)))
    told: dict[str, Any]
    try:
        function = getattr(import_module(module), name)
        sys.addaudithook(_hook(scratch))
        told = {"ending": Ending.OK, "value": function(raw)}
        text = json.dumps(told)
    except UserError as error:
        told = {"ending": Ending.REFUSED, "reason": error.message}
        text = json.dumps({**told, "hint": error.hint, "line": error.line})
    except MemoryError:
        text = json.dumps({"ending": Ending.TOO_MUCH_MEMORY})
    # Whatever a library raises at a damaged file: its name is told, and nothing of the file.
    except BaseException as error:
        text = json.dumps({"ending": Ending.CRASHED, "reason": type(error).__name__})
    sys.stdout.write(text)
    sys.stdout.flush()


def _limit(limits: Limits) -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits.memory * _MB),
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_FSIZE, limits.written * _MB),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        # At the lower limit of time the signal tells why, at the upper one the kernel only kills.
        hard = most + 2 if what == resource.RLIMIT_CPU else most
        # A limit that a kernel does not know, or that is lower already, is no reason to stop.
        with suppress(OSError, ValueError):
            resource.setrlimit(what, (most, hard))


def _hook(scratch: str) -> Callable[[str, tuple[Any, ...]], None]:
    """Ends what the child may not do with PermissionError."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if (event == "open" and arguments[2] & _WRITING) or event.startswith(_REFUSED):
            if scratch and event in _IN_SCRATCH and _is_below(scratch, arguments):
                return
            raise PermissionError(f"{event} is not allowed here")

    return refuse


def _is_below(folder: str, arguments: tuple[Any, ...]) -> bool:
    """Whether every path among the arguments of an event lies below ``folder``."""
    paths = [os.fsdecode(each) for each in arguments if isinstance(each, str | bytes | os.PathLike)]
    named = [path for path in paths if path not in {"r", "w", "rb", "wb", "x", "a"}]
    return bool(named) and all(f"{os.path.realpath(p)}/".startswith(f"{folder}/") for p in named)
