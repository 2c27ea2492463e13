"""Which ledger account a statement belongs to. Two matches, or none, is a question, not a guess."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.entity import Account, Entity
from core.findings import UserError
from core.journal.books import Books
from importers.processors import clearing
from importers.statement import Statement

# The account of an investment statement is the one that holds its cash.
_ROLES = {
    "bank": ("bank",),
    "card": ("card",),
    "processor": ("bank", "cash"),
    "investment": ("bank", "cash"),
}


@dataclass(frozen=True)
class Hints:
    """What is known of an account beside the statement itself: the file's name, the bank."""

    file: Path
    institution: str

    @property
    def slug(self) -> str:
        """The institution as ``account-id`` spells it: its first word, in lower case."""
        words = re.findall(r"[a-z0-9]+", self.institution.casefold())
        return words[0] if words else ""


def candidates(statement: Statement, hints: Hints, books: Books) -> list[Account]:
    """The accounts that the statement may belong to, by number, else by bank, kind and file name.

    ``account-id`` is ``<institution>-<last four>``; a file's longer number is compared by its end.
    """
    kinds = _ROLES.get(statement.kind or "", ("bank", "card"))
    known = [
        a for a in books.accounts.values() if a.role in kinds and a.account_id and not a.closed
    ]
    if statement.account_id:
        number = re.sub(r"\W", "", statement.account_id)
        by_number = [a for a in known if _last_four(a) and number.endswith(_last_four(a))]
        return _narrowed(by_number, hints)
    by_bank = [a for a in known if a.account_id.casefold().startswith(f"{hints.slug}-")]
    if statement.kind == "processor":
        return by_bank
    in_name = [a for a in by_bank if _last_four(a) in _digit_runs(hints.file.stem)]
    # A name that says another account's digits is not the only account at that bank.
    return in_name if in_name or digits_of(statement, hints) else by_bank


def digits_of(statement: Statement, hints: Hints) -> str:
    """The last four of the account's number, from the statement or the file's name, or empty."""
    number = re.sub(r"\D", "", statement.account_id or "")
    if len(number) >= 4:
        return number[-4:]
    # Four digits that are not a year: "Chase4411_Activity_20261031.csv" says 4411.
    runs = [run for run in _digit_runs(hints.file.stem) if not run.startswith(("19", "20"))]
    return runs[0] if len(runs) == 1 else ""


def proposed(statement: Statement, hints: Hints, entity: Entity) -> Account:
    """The account to open for a statement of ``entity`` that no account matches.

    Raises UserError when neither the file nor its name says the account's last four digits; a
    processor's has none.
    """
    if statement.kind == "processor":
        currency = statement.currency or entity.currency
        return clearing(hints.institution, hints.slug, currency, entity)
    digits = digits_of(statement, hints)
    institution = "".join(word.capitalize() for word in re.findall(r"\w+", hints.institution)[:2])
    is_card = statement.kind == "card"
    kind = "Broker" if statement.kind == "investment" else "Bank"
    root = f"Liabilities:{entity.name}:Card" if is_card else f"Assets:{entity.name}:{kind}"
    tail = ":Cash" if kind == "Broker" else ""
    if not digits:
        raise UserError(
            "neither the file nor its name says which account this is",
            file=str(hints.file),
            hint=f"name it: --account {root}:{institution or 'Checking'}{tail}, or put the "
            "account's last four digits into the file's name",
            code=1,
        )
    return Account(
        name=f"{root}:{institution or 'Account'}{digits}{tail}",
        entity=entity.name,
        role="card" if is_card else "bank",
        account_id=f"{hints.slug or 'bank'}-{digits}",
        title_holder=entity.legal_name or entity.name,
        line="cards" if is_card else "cash-and-equivalents",
        currencies=(statement.currency or entity.currency,),
    )


def question(found: Sequence[Account], statement: Statement, hints: Hints) -> UserError:
    """The question that two matches are."""
    names = "\n  ".join(f"--account {account.name}" for account in found)
    number = f" {statement.account_id}" if statement.account_id else ""
    return UserError(
        f"the account{number} in this file could be {len(found)} of yours",
        file=str(hints.file),
        hint=f"say which:\n  {names}",
        code=1,
    )


def _narrowed(found: list[Account], hints: Hints) -> list[Account]:
    if len(found) > 1 and hints.slug:
        same_bank = [a for a in found if a.account_id.casefold().startswith(f"{hints.slug}-")]
        return same_bank or found
    return found


def _last_four(account: Account) -> str:
    tail = account.account_id.rpartition("-")[2]
    return tail if len(tail) >= 3 else ""


def _digit_runs(text: str) -> list[str]:
    return [run for run in re.findall(r"\d+", text) if len(run) == 4]
