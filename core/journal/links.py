"""The links that tools give: the halves of a crossing share one that begins with ``ic-``."""

import datetime as dt
import secrets

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def new_link(day: dt.date, kind: str = "ic") -> str:
    """A link that two branches never both choose: ``ic-26-`` and six random characters."""
    return f"{kind}-{day:%y}-" + "".join(secrets.choice(_BASE32) for _ in range(6))
