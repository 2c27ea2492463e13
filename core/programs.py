"""Programs of the system, and no others: systemctl and crontab, with which a schedule is made, and
gpg, which keeps the keys that git looks at signatures with.
"""

import subprocess
from typing import Literal

_PATIENCE = 30


def called(
    name: Literal["systemctl", "crontab", "gpg"], *args: str, given: str | None = None
) -> tuple[bool, str]:
    """Runs the program with ``given`` on its standard input; whether it went well, and what it
    said. One that is not installed has not gone well."""
    try:
        done = subprocess.run(  # noqa: S603 - one of three fixed programs, arguments are a list
            [name, *args],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
    except FileNotFoundError:
        return False, f"{name} is not installed"
    except subprocess.TimeoutExpired:
        return False, f"{name} does not answer"
    said = done.stderr if done.returncode else done.stdout
    return not done.returncode, said.strip() if done.returncode else said
