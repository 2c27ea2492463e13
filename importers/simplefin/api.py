"""SimpleFIN's two questions: claiming an access address, once, and asking it for accounts.

The access address holds a name and a password; it is the secret, and goes nowhere but there.
"""

import base64
import binascii
import datetime as dt
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from core.findings import EXIT_FINDINGS, UserError
from core.https import asked
from core.masked import Secret
from importers.feed.contract import FeedError

GONE = "403"


def claimed(setup_token: Secret) -> Secret:
    """The access address for a setup token, which works once.

    Raises UserError for a token that is none, and for one that was used before.
    """
    try:
        url = base64.b64decode(setup_token.reveal().strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise UserError(
            "that is no setup token of SimpleFIN's",
            hint="it is one long word, which the bridge shows once",
            code=EXIT_FINDINGS,
        ) from error
    answer = asked("POST", url, {"Content-Length": "0"})
    if answer.status != 200:
        raise UserError(
            f"SimpleFIN does not take the setup token ({answer.status})",
            hint="each works once; if it was not you who used it, disable it at the bridge",
            code=EXIT_FINDINGS,
        )
    access = answer.body.decode("utf-8", "replace").strip()
    said = urlsplit(access)
    if not (said.username and said.password and said.hostname):
        raise UserError("SimpleFIN's answer is no access address", code=EXIT_FINDINGS)
    return Secret(access)


@dataclass(frozen=True)
class Access:
    """An access address; ``bank`` is whom errors speak of."""

    url: Secret
    bank: str = ""

    def accounts(self, first: dt.date, last: dt.date) -> bytes:
        """The accounts, with their lines from ``first`` to ``last``, pending ones with them.

        Raises FeedError where that is refused.
        """
        said = urlsplit(self.url.reveal())
        name, word = unquote(said.username or ""), unquote(said.password or "")
        key = base64.b64encode(f"{name}:{word}".encode()).decode()
        Secret(word).reveal()  # known from now on, so that no message shows it
        Secret(key).reveal()
        host = said.netloc.rpartition("@")[2]
        # The last day counts whole: the address takes the moment before which lines are.
        query = {
            "start-date": str(_moment(first)),
            "end-date": str(_moment(last + dt.timedelta(days=1))),
            "pending": "1",
        }
        place = f"{said.path.rstrip('/')}/accounts"
        url = urlunsplit((said.scheme, host, quote(place, safe="/%"), urlencode(query), ""))
        try:
            answer = asked("GET", url, {"Authorization": f"Basic {key}"})
        except UserError as error:
            raise FeedError(
                f"{self.bank}: {error.message}; nothing was written", hint=error.hint, passes=True
            ) from error
        if answer.status in {401, 403}:
            raise FeedError(
                f"{self.bank}: SimpleFIN no longer gives access (403)",
                GONE,
                "renew it at the bridge; then: books bank remove, books bank add --simplefin",
            )
        if answer.status != 200:
            raise FeedError(
                f"{self.bank}: SimpleFIN answers {answer.status}; nothing was written",
                str(answer.status),
                "the bridge says more where it is 402; else run the command again later",
                passes=answer.status >= 500 or answer.status == 429,
            )
        return answer.body


def _moment(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC).timestamp())
