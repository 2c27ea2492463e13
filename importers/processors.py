"""Payment processors: an account that is not told by a number, and where its fees are booked.

A processor holds the owner's money until it pays it out, so its account has the role ``bank``, is
proposed as ``Assets:<entity>:Clearing:<processor>`` and never has to be empty. Its ``open`` names
the account of the fees, and that of the tax on them where it is claimed back::

    2026-01-01 open Assets:AcmeIndia:Clearing:Razorpay  INR
      role: "bank"
      account-id: "razorpay-acme-india"
      fees: "Expenses:AcmeIndia:BankFees"
      fee-tax: "Assets:AcmeIndia:GST:Input:IGST"
"""

from collections.abc import Iterable, Mapping, Sequence

from core.entity import Account, Entity
from core.findings import EXIT_FINDINGS, UserError
from importers.draft import Kept
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


# What names where the fees of an account are booked, and the tax on them.
FEES, FEE_TAX = "fees", "fee-tax"


def kept_of(account: Account, accounts: Mapping[str, Account]) -> Kept:
    """The accounts that ``fees`` and ``fee-tax`` on the account's ``open`` name.

    Raises UserError where no such account is open, or it is another entity's.
    """
    return Kept(_named(FEES, account, accounts), _named(FEE_TAX, account, accounts))


def _named(key: str, account: Account, accounts: Mapping[str, Account]) -> str:
    name = account.meta.get(key) or ""
    if not name:
        return ""
    found = accounts.get(str(name))
    if found is None or found.entity != account.entity:
        wrong = "is not opened" if found is None else f"belongs to {found.entity}"
        what, kind = (
            ("its fees", "expense") if key == FEES else ("the tax on its fees", "input tax")
        )
        raise UserError(
            f"{account.name} has {what} in {name}, which {wrong}",
            hint=f"name an {kind} account of {account.entity} in its open directive",
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


def proposed_tax(account: Account, accounts: Iterable[Account], currency: str) -> Account:
    """Where an account that is opened books the tax on its fees: the entity's only account for
    input tax, where it takes the currency, else one of its own. Which of several it is, CGST or
    IGST, only the processor's tax invoice says."""
    start = f"Assets:{account.entity}:GST:Input"
    fitting = [
        a for a in accounts if (a.name == start or a.name.startswith(f"{start}:")) and not a.closed
    ]
    if len(fitting) == 1 and takes(fitting[0], currency):
        return fitting[0]
    leaf = account.name.rpartition(":")[2]
    return Account(f"{start}:{leaf}", account.entity, line="tax-recoverable", opened=account.opened)


def fee_warnings(lines: Sequence[StatementLine], account: Account) -> list[str]:
    """What to tell an owner whose new lines have fees, or tax on them, and no account for it."""
    counts = {
        FEES: sum(1 for line in lines if line.fee),
        FEE_TAX: sum(1 for line in lines if line.fee_tax),
    }
    words = {
        FEES: ("fee waits", "fees wait"),
        FEE_TAX: ("tax on a fee waits", "taxes on fees wait"),
    }
    roots = {FEES: "Expenses:{}:…", FEE_TAX: "Assets:{}:GST:Input:…"}
    return [
        f"{count} {words[key][count > 1]} in suspense; for the next ones add "
        f'{key}: "{roots[key].format(account.entity)}" to the open directive of {account.name}'
        for key, count in counts.items()
        if count and not account.meta.get(key)
    ]
