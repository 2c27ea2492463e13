"""One question over HTTP, for what this program asks by itself: no redirection is followed.

A key is part of most questions. So it goes over TLS, or to this machine; it follows nobody
elsewhere; and no message quotes an address.
"""

import http.client
import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.findings import EXIT_FINDINGS, UserError

_TIMEOUT = 30
_MOST = 32 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """The status of an answer, and its body."""

    status: int
    body: bytes


def asked(
    method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """What the server at ``url`` answers.

    Raises UserError for an address that is not served over TLS, and where there is no answer.
    """
    said = urlsplit(url)
    host = said.hostname or ""
    if said.scheme == "https" and host:
        connection = http.client.HTTPSConnection(
            host, said.port, timeout=_TIMEOUT, context=ssl.create_default_context()
        )
    elif said.scheme == "http" and _is_loopback(host):
        connection = http.client.HTTPConnection(host, said.port, timeout=_TIMEOUT)  # type: ignore[assignment]
    else:
        raise UserError("an address has to begin with https://", code=EXIT_FINDINGS)
    path = (said.path or "/") + (f"?{said.query}" if said.query else "")
    try:
        connection.request(method, path, body, {"User-Agent": "bulkhead-books", **(headers or {})})
        answer = connection.getresponse()
        content = answer.read(_MOST + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UserError(
            f"{host} cannot be reached ({type(error).__name__})",
            hint="run the command again later",
            code=EXIT_FINDINGS,
        ) from error
    finally:
        connection.close()
    if len(content) > _MOST:
        raise UserError(f"{host} answers with more than {_MOST} bytes", code=EXIT_FINDINGS)
    return Answer(answer.status, content)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
