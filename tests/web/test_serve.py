"""Starting and stopping the server."""

import os
import signal
import socket
import threading
import time
from urllib.request import Request, urlopen

import pytest

from core.findings import UserError
from web.serve import serve


def test_a_free_port_is_found_announced_and_stopped_by_sigterm(books) -> None:
    answers = []
    before = signal.getsignal(signal.SIGTERM)

    def announce(address: str) -> None:
        def visit() -> None:
            try:
                with urlopen(Request(address), timeout=10) as answer:  # noqa: S310
                    answers.append(answer.status)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=visit).start()

    started = time.monotonic()
    serve(books.app(port=0), 0, announce)
    assert answers == [200]
    assert time.monotonic() - started < 10
    assert signal.getsignal(signal.SIGTERM) == before


def test_ctrl_c_stops_it(books) -> None:
    def announce(_address: str) -> None:
        raise KeyboardInterrupt

    serve(books.app(port=0), 0, announce)


def test_a_busy_port_is_said_with_what_to_do(books) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match="--port 0") as error:
            serve(books.app(port), port, lambda _address: None)
    assert str(port) in error.value.message
