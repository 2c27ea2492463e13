"""Keys from a terminal, one at a time, for as long as a session lasts.

``click.getchar`` changes the terminal's mode for every key and throws away what was typed in
between; who decides fifty lines types ahead.
"""

import codecs
import contextlib
import os
import re
import sys
import termios
import tty
from collections.abc import Callable, Iterator

# An arrow and its like are several characters; everything else is one.
_KEY = re.compile(r"\x1b\[[0-9;?]*[@-~]|\x1bO.|.", re.DOTALL)
INTERRUPT, END = "\x03", "\x04"

Keys = Callable[[], str]


@contextlib.contextmanager
def keyboard() -> Iterator[Keys]:
    """Gives what returns the next key: a character, an arrow's sequence, ``INTERRUPT`` for Ctrl-C,
    ``END`` where nobody is there any more. The terminal is as it was afterwards."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    typed = ""

    def key() -> str:
        nonlocal typed
        try:
            while not typed:
                read = os.read(terminal, 1024)
                if not read:
                    return END
                typed = decoder.decode(read)
        except KeyboardInterrupt:
            return INTERRUPT
        except OSError:  # the terminal was closed
            return END
        match = _KEY.match(typed)
        found = match[0] if match else typed
        typed = typed[len(found) :]
        return found

    tty.setcbreak(terminal, termios.TCSANOW)
    try:
        yield key
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
