"""``rules/people.yaml``: who the people are, and what each may do in which entity's books.

people:
  - name: Jane Roe
    emails: [jane@example.com]
    login: janeroe
    roles: {"*": owner}
  - name: Ann Lee, CPA
    emails: [ann@example.com]
    roles: {Acme: accountant}
approval-limits: {Acme: "10000.00"}
compensating-control: "Ann Lee, CPA, reviews every month."
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from core.config import Strict, Versioned, load_config, parse_config
from core.findings import UserError
from core.money import parse_decimal

PEOPLE = Path("rules", "people.yaml")
EVERY = "*"


class Role(StrEnum):
    """What a person is in an entity's books (DOMAIN D6)."""

    OWNER = "owner"
    PREPARER = "preparer"
    ACCOUNTANT = "accountant"
    AUDITOR = "auditor"
    ADMIN = "admin"


WRITING = frozenset((Role.OWNER, Role.PREPARER, Role.ACCOUNTANT))
APPROVING = frozenset((Role.OWNER, Role.ACCOUNTANT))
RULING = frozenset((Role.OWNER, Role.ADMIN))


_BLOCK = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}")
_SSH = re.compile(r"(?:sk-)?(?:ssh|ecdsa)-[\w@.-]+ \S+(?: [^\n]*)?")


def _limit(text: str) -> str:
    if parse_decimal(text) < 0:
        raise ValueError("a limit is not negative")
    return text


def is_block(key: str) -> bool:
    """Whether a key is a public key of OpenPGP as ``gpg --armor --export`` writes it."""
    return key.strip().startswith(_BLOCK) and key.strip().endswith(_BLOCK.replace("BEGIN", "END"))


def is_fingerprint(key: str) -> bool:
    """Whether a key is the fingerprint of one of OpenPGP, with or without blanks."""
    return _FINGERPRINT.fullmatch("".join(key.split())) is not None


def _key(text: str) -> str:
    if is_block(text) or is_fingerprint(text) or _SSH.fullmatch(text.strip()):
        return text.strip()
    raise ValueError(
        "a key is one of ssh's ('ssh-ed25519 AAAA…'), an OpenPGP fingerprint (40 hex digits), or "
        "the block that 'gpg --armor --export' writes"
    )


class Person(Strict):
    """Someone: the e-mail addresses of their commits, their keys (``ssh-ed25519 AAAA…``, or of
    OpenPGP the fingerprint or the armoured block), their login at the forge, and a role for each
    entity (``*``: every one)."""

    name: Annotated[str, Field(min_length=1)]
    emails: Annotated[tuple[str, ...], Field(min_length=1)]
    keys: tuple[Annotated[str, AfterValidator(_key)], ...] = ()
    login: str = ""
    roles: Mapping[str, Role]

    def role(self, entity: str) -> Role | None:
        """What the person is in an entity's books; ``*`` asks for what holds everywhere."""
        found = {name.casefold(): role for name, role in self.roles.items()}
        return found.get(entity.casefold(), found.get(EVERY))

    @property
    def known_as(self) -> tuple[str, ...]:
        """What names the person and nobody else."""
        names = (self.name if " " in self.name.strip() else "", self.login, *self.emails)
        return tuple(name for name in names if name)

    @property
    def is_owner(self) -> bool:
        """Whether the person owns something here: rules and registry are the owners'."""
        return Role.OWNER in self.roles.values()


class People(Versioned):
    """The whole file. ``approval_limits``: an amount in the entity's currency above which two
    people approve (``*``: every entity). ``compensating_control``: what stands in for the second
    person where there is none."""

    people: tuple[Person, ...]
    approval_limits: Annotated[
        Mapping[str, Annotated[str, AfterValidator(_limit)]], Field(alias="approval-limits")
    ] = {}
    compensating_control: Annotated[str, Field(alias="compensating-control")] = ""

    @model_validator(mode="after")
    def _is_told_apart(self) -> "People":
        names: dict[str, str] = {}
        for person in self.people:
            for name in {each.casefold() for each in person.known_as}:
                if name in names:
                    raise ValueError(f"'{name}' is of both {names[name]} and {person.name}")
                names[name] = person.name
        if not any(person.is_owner for person in self.people):
            raise ValueError("nobody is an owner; rules and registry would be nobody's to change")
        return self

    def named(self, text: str) -> Person | None:
        """The person with this e-mail, login or name. A name of one word is none here: at a forge
        it could be a stranger's login."""
        wanted = text.strip().removeprefix("@").casefold()
        return next(
            (person for person in self.people if wanted in {n.casefold() for n in person.known_as}),
            None,
        )

    def called(self, text: str) -> Person | None:
        """The person whom somebody of the house means: also by a name of one word that only one
        person has."""
        wanted = text.strip().casefold()
        found = [person for person in self.people if person.name.strip().casefold() == wanted]
        return self.named(text) or (found[0] if len(found) == 1 else None)

    def with_role(self, entity: str, roles: Iterable[Role]) -> list[Person]:
        """Those who have one of the roles in an entity's books."""
        wanted = set(roles)
        return [person for person in self.people if person.role(entity) in wanted]

    def limit(self, entity: str) -> Decimal | None:
        """The amount above which two people approve; None where there is none."""
        found = {name.casefold(): text for name, text in self.approval_limits.items()}
        text = found.get(entity.casefold(), found.get(EVERY))
        return None if text is None else parse_decimal(text)


def parse_people(raw: bytes) -> People:
    """The people of a file's content. Raises UserError for a mistake."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError("is not UTF-8 text", file=PEOPLE.as_posix()) from error
    return parse_config(text, People, PEOPLE.as_posix())


def people_in(rules: Path) -> People | None:
    """The people of a folder of rules; None where it names none. Raises UserError for a mistake."""
    path = rules / PEOPLE.name
    return load_config(path, People, shown=PEOPLE.as_posix()) if path.is_file() else None


def allowed_signers(people: People) -> str:
    """The file by which git tells whose signature of ssh a commit has."""
    return "".join(
        f'{",".join(person.emails)} namespaces="git" {key}\n'
        for person in people.people
        for key in person.keys
        if _SSH.fullmatch(key)
    )
