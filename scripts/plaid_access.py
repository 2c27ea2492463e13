"""What Plaid knows us by: from the environment, else from the secrets of the home."""

import os

from core.findings import UserError
from core.masked import Secret
from core.secrets import Secrets
from importers.plaid.api import HOSTS, Api, Credentials


def plaid_api(secrets: Secrets) -> Api:
    """The way to Plaid. ``PLAID_CLIENT_ID`` and ``PLAID_SECRET`` go before what ``books secrets
    set`` has stored; ``PLAID_ENV`` is ``production`` unless it says otherwise.

    Raises UserError where one is missing.
    """
    environment = os.environ.get("PLAID_ENV") or "production"
    # An address is for the fake on loopback; Credentials refuses any other.
    host = HOSTS.get(environment, environment)
    found = {}
    for name, variable in (
        ("plaid-client-id", "PLAID_CLIENT_ID"),
        ("plaid-secret", "PLAID_SECRET"),
    ):
        given = os.environ.get(variable)
        secret = Secret(given) if given else secrets.get(name)
        if secret is None:
            raise UserError(
                f"Plaid's {name.removeprefix('plaid-')} is not known",
                hint="docs/banks.md says where to get it; then: books secrets set plaid-client-id, "
                f"books secrets set plaid-secret (or {variable} in the environment)",
            )
        found[name] = secret
    return Api(Credentials(found["plaid-client-id"], found["plaid-secret"], host))
