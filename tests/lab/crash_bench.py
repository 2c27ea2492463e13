"""The bench for crashes: traces a deed once, then lets it die, or its disk refuse, at any call."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import crash_deeds

from core.home import Home

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
_CALL = re.compile(r"(?:\d+ +)?(\w+)\(")
# Memory, threads and signals: calls that leave no trace on the disk and differ from run to run.
_UNSEEN = {"brk", "mmap", "munmap", "mremap", "madvise", "futex", "rt_sigaction", "rt_sigprocmask",
           "getrandom", "getppid", "getpid", "sched_yield", "clock_gettime", "clock_nanosleep",
           "exit_group", "restart_syscall", "kill", "SIGCHLD"}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """The n-th call of this name since the tracer came, and the line of the trace."""

    call: str
    n: int
    line: str


@dataclass(frozen=True)
class Ended:
    """How a run ended: the exit code, or minus the signal; what it said; the calls it made."""

    code: int
    said: str
    trace: list[str]


class Bench:
    """A warm process that does deeds in copies of one home."""

    def __init__(self, where: Path) -> None:
        self.where = where
        self.count = 0
        self.template = where / "template"
        crash_deeds.new_home(self.template)
        (self.template / "chase-4411.csv").write_text(crash_deeds.EXPORT)
        shutil.rmtree(self.template / ".git/hooks", ignore_errors=True)
        environment = os.environ | {
            "PYTHONPATH": f"{HERE}:{CHECKOUT}",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "BOOKS_NO_CACHE": "1",  # what the door does is counted, not what a reader keeps
        }
        self.child = subprocess.Popen(
            [sys.executable, HERE / "crash_child.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=where,
        )
        assert self._line() == "ready"

    def close(self) -> None:
        assert self.child.stdin
        self.child.stdin.close()
        self.child.wait(timeout=30)

    def fresh(self, name: str) -> Home:
        """A copy of the home as it was before any deed.

        Each has a folder of its own: a git that a killed parent left may still write in the last.
        """
        self.count += 1
        path = self.where / f"{name}-{self.count}"
        shutil.rmtree(self.where / f"{name}-{self.count - 5}", ignore_errors=True)
        shutil.copytree(self.template, path, symlinks=True)
        return Home(path)

    def run(self, home: Home, deed: str, *options: str) -> Ended:
        """The deed in ``home``, under strace with these options."""
        assert self.child.stdin
        out, trace = self.where / "out", self.where / "trace"
        task = {"home": str(home.path), "deed": deed, "out": str(out)}
        self.child.stdin.write(json.dumps(task) + "\n")
        self.child.stdin.flush()
        pid = int(self._line())
        _wait_until_stopped(pid)
        tracer = subprocess.Popen(
            ["strace", "-y", "-s", "4096", "-o", trace, *options, "-p", str(pid)],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert tracer.stderr
        said = tracer.stderr.readline()
        assert "attached" in said, said
        os.kill(pid, signal.SIGCONT)
        status = int(self._line())
        tracer.wait(timeout=60)
        tracer.stderr.close()
        text = out.read_text() if out.exists() else ""
        return Ended(os.waitstatus_to_exitcode(status), text, trace.read_text().splitlines())

    def points(self, deed: str) -> list[Point]:
        """Every call between the door's entry and its return, from one traced run."""
        ended = self.run(self.fresh("traced"), deed)
        assert ended.code == 0, ended.said
        return list(_within(ended.trace))

    def _line(self) -> str:
        assert self.child.stdout
        return self.child.stdout.readline().strip()


def between_marks(trace: list[str]) -> list[str]:
    """The lines between the door's entry and its return."""
    marks = [index for index, line in enumerate(trace) if "getppid(" in line]
    return trace[marks[0] + 1 : marks[-1]]


def _within(trace: list[str]) -> list[Point]:
    marks = [index for index, line in enumerate(trace) if "getppid(" in line]
    seen: Counter[str] = Counter()
    points = []
    for index, line in enumerate(trace):
        match = _CALL.match(line)
        if not match:
            continue
        seen[match[1]] += 1
        if marks[0] < index < marks[-1] and match[1] not in _UNSEEN:
            points.append(Point(match[1], seen[match[1]], line))
    return points


def _wait_until_stopped(pid: int) -> None:
    for _ in range(2000):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "T":
            return
        time.sleep(0.001)
    raise AssertionError(f"process {pid} did not stop")
