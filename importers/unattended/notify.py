"""Telling the owner, by whatever apprise knows: mail, push, chat; once for each condition."""

import logging
from collections.abc import Callable, Mapping

from core.findings import EXIT_FINDINGS, UserError
from core.masked import Secret

# Given a title and a text; whether it went out.
Send = Callable[[str, str], bool]


def sender(urls: Secret) -> Send:
    """Sends to every address, which are apprise's, with blanks or commas between them.

    Raises UserError for an address that apprise does not know.
    """
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it quotes addresses with their keys
    ways = apprise.Apprise()
    for number, url in enumerate(urls.reveal().replace(",", " ").split(), start=1):
        if not ways.add(url):
            raise UserError(
                f"address {number} of those to be notified is none that apprise knows",
                hint="docs/unattended.md shows some; then: books secrets set notify-urls",
                code=EXIT_FINDINGS,
            )

    def send(title: str, text: str) -> bool:
        return bool(ways.notify(body=text, title=title))

    return send


def tell(
    conditions: Mapping[str, str], told: Mapping[str, str], send: Send | None, title: str
) -> tuple[dict[str, str], bool]:
    """Sends what is new among the ``conditions``; those that somebody knows of now, and whether
    sending went well.

    A condition that is no more is forgotten, so that it is told again when it comes back. What
    could not be sent is new again next time.
    """
    known = {key: text for key, text in told.items() if key in conditions}
    fresh = {key: text for key, text in conditions.items() if key not in known}
    if not fresh or send is None:
        return known, True
    if not send(title, "\n\n".join(fresh.values())):
        return known, False
    return {**known, **fresh}, True
