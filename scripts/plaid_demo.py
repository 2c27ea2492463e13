"""The demo's banks: connected and synced as real ones are, by a Plaid of our own on loopback."""

import click

from core.findings import UserError
from core.home import Home
from core.masked import Secret
from core.sealing_keys import Keys, new_key
from core.secrets import Secrets
from importers.feed import connections
from importers.feed.night import Night
from importers.plaid import link
from importers.plaid.api import Api, Credentials
from importers.plaid.fake import story
from importers.plaid.fake.plaid import CLIENT_ID, SECRET, FakePlaid
from importers.plaid.fake.server import served
from importers.plaid.feed import PlaidFeed
from importers.plaid.run import run
from importers.unattended.history import named
from scripts.commands.sync import told
from scripts.connecting import Answers, connect_accounts


def simulated(home: Home) -> None:
    """Connects the made-up banks, and syncs their nights into the home."""
    fake = FakePlaid(*story.banks())
    # A key for these minutes: nothing of the demo belongs into anybody's keyring.
    secrets = Secrets(home, Keys(home, only=new_key()))
    with served(fake) as address:
        api = Api(Credentials(Secret(CLIENT_ID), Secret(SECRET), address))
        click.echo("   Connected made-up banks by a Plaid of our own on this machine:")
        for bank_id in fake.banks:
            _connect(home, secrets, api, fake, bank_id)
        newest = ""
        for number, (day, happens) in enumerate(story.nights(), start=1):
            happens(fake.banks)
            click.echo(f"   Night of {day}:")
            run_id = named()
            if _night(home, secrets, api, fake, number, run_id):
                newest = run_id
    click.echo(
        "   The made-up banks are gone now: 'books sync' would reach nobody. To look at what they\n"
        f"   brought: books bank list, books inbox, books history --run {newest}"
    )


def _connect(home: Home, secrets: Secrets, api: Api, fake: FakePlaid, bank_id: str) -> None:
    page = link.opened(api, home)
    fake.chosen(page.token.reveal(), bank_id)
    permitted = link.awaited(api, page, 1)
    if permitted is None:
        raise UserError(f"nobody permitted {bank_id}")
    made = link.connected(home, api, secrets, permitted)
    token = secrets.get(made.secret)
    if token is None:
        raise UserError(f"the token of {bank_id} was not kept")
    click.echo(f"   {made.institution} ({made.scope})")
    accounts = PlaidFeed(home, api, token, made).item().accounts
    connect_accounts(home, made, accounts, Answers(story.ANSWERS), indent="     ")


def _night(
    home: Home, secrets: Secrets, api: Api, fake: FakePlaid, number: int, run_id: str
) -> bool:
    """Every bank once; the one that asks for the login gets it, and is synced after the others.
    Whether anything was committed."""
    stuck = [login for login in fake.logins if (number, login.bank.id) == story.STUCK]
    for login in stuck:
        login.error = "ITEM_LOGIN_REQUIRED"
    done: list[Night] = []
    for connection in connections.connections(home):
        night = run(home, connection, secrets, api, run_id=run_id)
        _show(told(night))
        done.append(night)
    for night in [each for each in done if each.repair_url]:
        fake.chosen(night.repair_url.rpartition("/")[2], "")
        click.echo(f"     its owner logs in again at {night.connection.institution}:")
        again = run(home, night.connection, secrets, api, run_id=run_id)
        _show(told(again))
        done.append(again)
    return any(each.synced and each.synced.applied.commit for each in done)


def _show(lines: list[str]) -> None:
    for line in lines:
        for part in line.splitlines():
            click.echo(f"     {part}")
