"""A terminal with a person at it: a command on a pty, keys pressed once something is read."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
# What moves the cursor, clears and colours is no text.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_PATIENCE = 120  # a machine may be busy; nobody waits so long where all is well


@dataclass
class Terminal:
    """``seen`` is everything that the command has written so far, without control sequences."""

    fd: int
    process: subprocess.Popen
    seen: str = ""
    read: int = 0

    def expect(self, wanted: str) -> str:
        """Waits until ``wanted`` is read after what was expected before; what came until then."""
        deadline = time.monotonic() + _PATIENCE
        while (found := self.seen.find(wanted, self.read)) < 0:
            if not self._more(deadline):
                raise AssertionError(f"{wanted!r} was not read:\n{self.seen[self.read :]}")
        start, self.read = self.read, found + len(wanted)
        return self.seen[start : self.read]

    def press(self, keys: str) -> None:
        """Presses keys, all at once."""
        os.write(self.fd, keys.encode())

    def end(self) -> str:
        """Waits for the command's end, which must be a good one; what it wrote since the last
        expectation."""
        deadline = time.monotonic() + _PATIENCE
        while self._more(deadline):
            pass
        assert self.process.wait(timeout=_PATIENCE) == 0, self.seen
        return self.seen[self.read :]

    def _more(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.fd], [], [], max(deadline - time.monotonic(), 0))
        try:
            read = os.read(self.fd, 65536) if ready else b""
        except OSError:  # the other end is closed
            read = b""
        self.seen += _CONTROL.sub("", read.decode("utf-8", "replace")).replace("\r\n", "\n")
        return bool(read)


@contextmanager
def terminal(*words: str) -> Iterator[Terminal]:
    """``books`` with these words on a terminal of 200 columns."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "200", "LINES": "60"}
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.main", *words],
        cwd=CHECKOUT,
        env=environment,
        # Ctrl-C comes from a terminal of one's own; the tests have no threads.
        preexec_fn=partial(os.login_tty, theirs),  # noqa: PLW1509
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        os.close(ours)
