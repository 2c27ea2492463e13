"""Runs one of our functions over a stranger's bytes in a process of its own, within limits.

A statement can be made to eat all memory or all time of whoever reads it, and a library that reads
such files may be wrong in ways nobody has seen. So the reading happens in a child: an isolated
interpreter (``python -I -B``: no PYTHON* variables, no user's packages, no current folder, no
compiled files) with a cleared environment, the bytes on its standard input and its answer as JSON
on its standard output. Memory, processor time, size of files written, number of processes and open
files are limited by the kernel; the wall clock is watched from outside. Inside, an audit hook
refuses to open a file for writing, to start a program and to use the network.

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
from importlib import import_module
from pathlib import Path
from typing import Any

from core.findings import UserError

_MB = 1_000_000
_BOOT = "import sys; sys.path[:0] = {roots!r}; from core.sandbox import answer; answer()"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What the child may not do, by the names of Python's audit events.
_REFUSED = (
    *("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn"),
    *("os.system", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink"),
    *("os.chmod", "os.chown", "os.truncate", "os.kill"),
)


@dataclass(frozen=True)
class Limits:
    """What a child may use: megabytes of address space, seconds of processor and of wall clock."""

    memory: int = 512
    cpu: int = 20
    wall: int = 40


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


def run(function: Callable[[bytes], Any], raw: bytes, limits: Limits | None = None) -> Outcome:
    """What ``function`` makes of ``raw`` in a child process.

    ``function`` stands at the top of a module, and its result can be written as JSON. It refuses
    its input by raising UserError. Nothing it does can end the caller.
    """
    limits = limits or Limits()
    roots = list(dict.fromkeys((_root("core.sandbox"), _root(function.__module__))))
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-c", _BOOT.format(roots=roots)]
    target = (function.__module__, function.__qualname__, json.dumps(asdict(limits)))
    with subprocess.Popen(  # noqa: S603 - our own interpreter, arguments are a list
        [*command, *target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LC_ALL": "C.UTF-8"},
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
    module, name, limits = sys.argv[1:4]
    raw = sys.stdin.buffer.read()
    _limit(Limits(**json.loads(limits)))
    told: dict[str, Any]
    try:
        function = getattr(import_module(module), name)
        sys.addaudithook(_refuse)
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
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        # At the lower limit of time the signal tells why, at the upper one the kernel only kills.
        hard = most + 2 if what == resource.RLIMIT_CPU else most
        # A limit that a kernel does not know, or that is lower already, is no reason to stop.
        with suppress(OSError, ValueError):
            resource.setrlimit(what, (most, hard))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Ends what the child may not do with PermissionError."""
    if (event == "open" and arguments[2] & _WRITING) or event.startswith(_REFUSED):
        raise PermissionError(f"{event} is not allowed here")
