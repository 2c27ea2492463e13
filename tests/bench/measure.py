"""Two commands side by side: alternated runs, medians, and what the largest process held."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One run of a command: seconds by the clock, seconds of CPU, peak memory in MiB."""

    wall: float
    cpu: float
    peak: float
    said: str = ""


@dataclass(frozen=True)
class Side:
    """All runs of one command."""

    name: str
    runs: tuple[Run, ...]

    def median(self, what: str) -> float:
        """The median of ``wall``, ``cpu`` or ``peak``."""
        return statistics.median(getattr(run, what) for run in self.runs)

    def spread(self, what: str) -> str:
        """Median, and the smallest and largest figure."""
        figures = [getattr(run, what) for run in self.runs]
        return f"{statistics.median(figures):.2f} ({min(figures):.2f}–{max(figures):.2f})"


def command(*args: str | os.PathLike[str], before: Callable[[], None] | None = None) -> "Job":
    """A job that runs a program and fails loudly when it does; ``before`` is not measured."""

    def run() -> Run:
        if before:
            before()
        began = time.perf_counter()
        child = subprocess.Popen(
            args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
        )
        assert child.stdout
        said = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise RuntimeError(f"{args} ended with {child.returncode}:\n{said}")
        return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said)

    return run


Job = Callable[[], Run]


def _environment() -> dict[str, str]:
    """Ours, without what would have every start of Python compile its modules again."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def side_by_side(
    jobs: Sequence[tuple[str, Job]], rounds: int, told: Callable[[str], None] = lambda _: None
) -> list[Side]:
    """Each job once to warm up, then all in turn, ``rounds`` times."""
    for name, job in jobs:
        told(f"warming up: {name}")
        job()
    runs: dict[str, list[Run]] = {name: [] for name, _ in jobs}
    for number in range(rounds):
        for name, job in jobs:
            told(f"round {number + 1} of {rounds}: {name}")
            runs[name].append(job())
    return [Side(name, tuple(found)) for name, found in runs.items()]


def ratio(ours: Side, theirs: Side, what: str) -> float:
    """The median over the pairs of ours to theirs."""
    pairs = zip(ours.runs, theirs.runs, strict=True)
    return statistics.median(getattr(a, what) / getattr(b, what) for a, b in pairs)
