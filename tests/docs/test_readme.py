"""The README's commands are run, in order, in a clone, as a newcomer would."""

import os
import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def commands(page: str) -> list[str]:
    """The lines of the page's sh blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_every_command_of_the_readme_works(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", CHECKOUT, clone], check=True)
    # This very environment stands in for the one that make would install again.
    environment = Path(sys.executable).parents[1]
    (clone / ".venv").symlink_to(environment)
    lines = commands((CHECKOUT / "README.md").read_text())
    assert "make demo" in lines
    ready = "make -o .venv/.runtime demo ARGS=--no-serve"
    script = "\n".join(ready if line == "make demo" else line for line in lines)
    env = {k: v for k, v in os.environ.items() if k != "BOOKS_HOME"}
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=clone,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "things need you" in done.stdout
    assert "Nothing new" in done.stdout
