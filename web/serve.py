"""Serve an app on this machine, until somebody stops it."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from wsgiref.types import WSGIApplication

from cheroot import wsgi

from core.findings import UserError

ADDRESS = "127.0.0.1"
_BODY_LIMIT = 64 * 1024  # nothing that we answer reads a body


def serve(app: WSGIApplication, port: int, announce: Callable[[str], None]) -> None:
    """Serve ``app`` on 127.0.0.1 until Ctrl-C or SIGTERM; port 0 takes a free one.

    ``announce`` is called with the address once it answers. Raises UserError when the port is
    taken or not ours to take.
    """
    server = wsgi.Server((ADDRESS, port), app, numthreads=4, shutdown_timeout=1)
    server.max_request_body_size = _BODY_LIMIT
    try:
        server.prepare()
    except OSError as error:
        raise UserError(
            f"port {port} cannot be served",
            hint="another 'books serve' may be running: stop it, or take another port with "
            "--port 0, which finds a free one",
        ) from error
    previous = _on_terminate()
    try:
        announce(f"http://{ADDRESS}:{server.bind_addr[1]}/")
        server.serve()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
        if previous is not None:
            signal.signal(signal.SIGTERM, previous)


def _on_terminate() -> signal.Handlers | Callable[[int, FrameType | None], object] | int | None:
    """Make SIGTERM stop us as Ctrl-C does; only the main thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        return None

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    return signal.signal(signal.SIGTERM, stop)
