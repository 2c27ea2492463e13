"""Does one thing to a home, again and again from the same state, so that it can be killed in it.

A process that has imported everything waits for lines of JSON on its input, forks a child for each,
and the child stops until it is traced. ``os.getppid`` marks where the door is entered and left; its
children's calls before the mark do not count.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import crash_deeds

import scripts.commands.import_
import scripts.commands.init
from core.findings import UserError
from scripts.main import cli


def marked(deed: Callable[..., Any]) -> Callable[..., Any]:
    """The deed between two marks."""

    def call(*args: Any, **named: Any) -> Any:
        os.getppid()
        try:
            return deed(*args, **named)
        finally:
            os.getppid()

    return call


def do(task: dict[str, str]) -> int:
    where = Path(task["home"])
    os.environ.pop("BOOKS_HOME", None)
    os.chdir(where)
    try:
        if task["deed"] == "import":
            scripts.commands.import_.apply = marked(scripts.commands.import_.apply)
            cli.main(
                ["import", "chase-4411.csv", "--entity", "acme", "--yes", "--key", "k"],
                standalone_mode=False,
            )
        elif task["deed"] == "init":
            start = marked(scripts.commands.init.found)
            scripts.commands.init.found = start
            cli.main(["init", "new", "--person", "Jane", "--llc", "Acme"], standalone_mode=False)
        else:
            crash_deeds.apply = marked(crash_deeds.apply)
            print(*crash_deeds.post(where, task["deed"]).remarks)
    except UserError as error:
        print(f"refused: {error}")
        return error.code
    return 0


def main() -> None:
    crash_deeds.warm()
    print("ready", flush=True)
    for line in sys.stdin:
        task = json.loads(line)
        child = os.fork()
        if child == 0:
            out = os.open(task["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(out, 1)
            os.dup2(out, 2)
            sys.stdin.close()
            os.kill(os.getpid(), signal.SIGSTOP)
            code = 70
            try:
                code = do(task)
            finally:
                sys.stdout.flush()
                if code == 70:
                    import traceback

                    traceback.print_exc()
                os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(status, flush=True)


if __name__ == "__main__":
    main()
