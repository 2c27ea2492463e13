"""What a reader of files might do in the sandbox, well or badly (for tests of core.sandbox)."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from core.findings import UserError


def count(raw: bytes) -> Any:
    return {"bytes": len(raw), "half": len(raw) / 2}


def surroundings(raw: bytes) -> Any:
    return {"environment": sorted(os.environ), "folder": str(Path.cwd())}


def refuse(raw: bytes) -> Any:
    raise UserError("is no statement", hint="ask the bank", line=7)


def spin(raw: bytes) -> Any:
    while True:
        pass


def sleep(raw: bytes) -> Any:
    time.sleep(600)


def eat(raw: bytes) -> Any:
    return len(b"x" * 3_000_000_000)


def eat_little_by_little(raw: bytes) -> Any:
    kept = []
    while True:
        kept.append(bytes(1_000_000))


def recurse(raw: bytes) -> Any:
    return recurse(raw)


def secret_error(raw: bytes) -> Any:
    raise RuntimeError("4111 1111 1111 1111")


def die(raw: bytes) -> Any:
    os.abort()


def leave(raw: bytes) -> Any:
    os._exit(9)


def no_json(raw: bytes) -> Any:
    return {b"bytes": object()}


def write_file(raw: bytes) -> Any:
    Path(raw.decode()).write_text("x")


def write_by_descriptor(raw: bytes) -> Any:
    os.open(raw, os.O_WRONLY | os.O_CREAT)


def remove_file(raw: bytes) -> Any:
    Path(raw.decode()).unlink()


def start_program(raw: bytes) -> Any:
    subprocess.run(["true"], check=True)


def fork(raw: bytes) -> Any:
    os.fork()


def connect(raw: bytes) -> Any:
    socket.create_connection(("127.0.0.1", int(raw)))


def kill_parent(raw: bytes) -> Any:
    os.kill(os.getppid(), signal.SIGTERM)
