"""Payment processors: an account that is not told by a number, and where its fees are booked.

A processor holds the owner's money until it pays it out, so its account has the role ``bank``, is
proposed as ``Assets:<entity>:Clearing:<processor>`` and never has to be empty. Its ``open`` names
the account of the fees::

    2026-01-01 open Assets:Acme:Clearing:Stripe  USD
      role: "bank"
      account-id: "stripe-acme"
      fees: "Expenses:Acme:BankFees"
"""

from collections.abc import Iterable, Mapping

from core.entity import Account, Entity
from core.findings import EXIT_FINDINGS, UserError
from importers.statement import StatementLine


def clearing(institution: str, slug: str, currency: str, entity: Entity) -> Account:
    """The account to open for a processor; its id has the entity's name, since another entity may
    be paid by the same processor and no number tells them apart."""
    name = "".join(word[:1].upper() + word[1:] for word in institution.split()) or "Processor"
    return Account(
        name=f"Assets:{entity.name}:Clearing:{name}",
        entity=entity.name,
        role="bank",
        account_id=f"{slug or 'processor'}-{entity.folder}",
        title_holder=entity.legal_name or entity.name,
        line="cash-and-equivalents",
        currencies=(currency,),
    )


def fees_of(account: Account, accounts: Mapping[str, Account]) -> str:
    """The account that ``fees`` on the account's ``open`` names; empty where it names none.

    Raises UserError where no such account is open, or it is another entity's.
    """
    name = account.meta.get("fees") or ""
    if not name:
        return ""
    found = accounts.get(str(name))
    if found is None or found.entity != account.entity:
        wrong = "is not opened" if found is None else f"belongs to {found.entity}"
        raise UserError(
            f"{account.name} has its fees in {name}, which {wrong}",
            hint=f"name an expense account of {account.entity} in its open directive",
            code=EXIT_FINDINGS,
        )
    return found.name


def takes(account: Account, currency: str) -> bool:
    """Whether the account's open directive lets it hold the currency; it may list none."""
    return not (account.currencies and currency) or currency in account.currencies


def proposed_fees(account: Account, accounts: Iterable[Account], currency: str) -> Account:
    """Where an account that is opened books its fees: the entity's only account for fees, where it
    takes the currency, else one of its own."""
    start = f"Expenses:{account.entity}:"
    fitting = [
        a for a in accounts if a.name.startswith(start) and a.name.endswith("Fees") and not a.closed
    ]
    if len(fitting) == 1 and takes(fitting[0], currency):
        return fitting[0]
    leaf = account.name.rpartition(":")[2]
    return Account(
        f"{start}Fees:{leaf}", account.entity, line="operating-expenses", opened=account.opened
    )


def fee_warning(lines: Iterable[StatementLine], account: Account) -> str:
    """What to tell an owner whose new lines have fees and no account for them; empty for none."""
    count = sum(1 for line in lines if line.fee)
    if not count or account.meta.get("fees"):
        return ""
    return (
        f"{count} {'fee waits' if count == 1 else 'fees wait'} in suspense; for the next ones add "
        f'fees: "Expenses:{account.entity}:…" to the open directive of {account.name}'
    )
