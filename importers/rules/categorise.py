"""Rules that decide what a bank line was: ``rules/categorise/<entity>.yaml``.

The first rule that matches wins. Patterns are regular expressions, matched anywhere and without
regard to case; amounts are absolute. A rule may classify a crossing between entities by naming
``transfer`` and ``counterparty``::

    version: 1
    rules:
      - name: hosting
        when: {payee: "AWS|Amazon Web Services", direction: out}
        then: {account: Expenses:Acme:Hosting}
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from core.config import Strict, Versioned, load_config
from core.entity import Entity
from core.findings import UserError
from core.home import Home
from core.journal.books import Books
from core.money import parse_decimal
from importers.statement import StatementLine


class When(Strict):
    """What a line must look like; every condition that is given must hold."""

    payee: str = ""
    text: str = ""
    amount_min: str = Field("", alias="amount-min")
    amount_max: str = Field("", alias="amount-max")
    account: str = ""
    direction: Literal["", "in", "out"] = ""

    @field_validator("payee", "text")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"'{pattern}' is not a regular expression: {error}") from error
        return pattern

    @field_validator("amount_min", "amount_max")
    @classmethod
    def _is_amount(cls, text: str) -> str:
        if text:
            parse_decimal(text)
        return text

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.payee, self.text, self.amount_min, self.amount_max, self.account)):
            raise ValueError("needs a payee, text, amount or account; this would match every line")
        return self


class Then(Strict):
    """What a matching line becomes. Without ``account`` it goes to suspense, for review."""

    account: str = ""
    payee: str = ""
    narration: str = ""
    tags: tuple[str, ...] = ()
    transfer: str = ""
    counterparty: str = ""
    review: str = ""


class RuleText(Strict):
    """One rule as it is written."""

    name: str
    when: When
    then: Then


class CategoriseFile(Versioned):
    """A whole file of rules for one entity."""

    # `rules:` with nothing beneath it is a file that has no rule yet
    rules: tuple[RuleText, ...] = Field((), json_schema_extra={"type": ["array", "null"]})

    @field_validator("rules", mode="before")
    @classmethod
    def _none_yet(cls, rules: object) -> object:
        return () if rules is None else rules

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [rule.name for rule in self.rules]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"two rules are called '{twice}'; the name says which rule decided")
        return self


@dataclass(frozen=True)
class Categoriser:
    """The rules of one entity, ready to run."""

    rules: tuple[tuple[RuleText, re.Pattern[str] | None, re.Pattern[str] | None], ...] = ()

    def decide(self, line: StatementLine, account: str) -> RuleText | None:
        """The first rule that matches a line of the ledger account ``account``."""
        raw = None
        for rule, payee, text in self.rules:
            if payee and not payee.search(line.payee):
                continue
            if text:
                raw = raw if raw is not None else " ".join(line.cells.values())
                if not text.search(raw):
                    continue
            if holds(rule.when, line.amount, account):
                return rule
        return None


def holds(when: When, amount: Decimal, account: str) -> bool:
    """Whether a condition's amounts, direction and account hold; the patterns are not looked at."""
    if when.direction and (when.direction == "in") != (amount > 0):
        return False
    if when.account and when.account != account:
        return False
    if when.amount_min and abs(amount) < parse_decimal(when.amount_min):
        return False
    return not (when.amount_max and abs(amount) > parse_decimal(when.amount_max))


def rules_path(home: Home, entity: Entity) -> Path:
    """Where the rules of an entity stand, whether or not the file exists."""
    return home.rules / "categorise" / f"{entity.folder}.yaml"


def load_categoriser(home: Home, entity: Entity, books: Books) -> Categoriser:
    """The entity's rules; none where there is no file.

    Raises UserError for mistakes in the file, an account that the books do not open included.
    """
    path = rules_path(home, entity)
    if not path.is_file():
        return Categoriser()
    shown = path.relative_to(home.path).as_posix()
    config = load_config(path, CategoriseFile, shown=shown)
    _check_accounts(config.rules, entity, books.accounts, shown)
    return categoriser_of(config.rules)


def categoriser_of(rules: Iterable[RuleText]) -> Categoriser:
    """The rules, ready to run."""
    return Categoriser(
        tuple((rule, _pattern(rule.when.payee), _pattern(rule.when.text)) for rule in rules)
    )


def _pattern(text: str) -> re.Pattern[str] | None:
    return re.compile(text, re.IGNORECASE) if text else None


def _check_accounts(
    rules: Iterable[RuleText], entity: Entity, accounts: Mapping[str, object], shown: str
) -> None:
    for rule in rules:
        account = rule.then.account
        if account and account not in accounts:
            raise UserError(
                f"rule '{rule.name}': the account {account} is not opened in the books",
                file=shown,
                hint=f"open it in ledger/{entity.folder}/accounts.beancount, or correct the name",
            )
        if account and account.split(":")[1] != entity.name:
            raise UserError(
                f"rule '{rule.name}': {account} does not belong to {entity.name}",
                file=shown,
                hint="a crossing books this entity's side; use its due-from, due-to or equity "
                "account with 'transfer' and 'counterparty'",
            )
