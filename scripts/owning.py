"""``CODEOWNERS`` from ``rules/people.yaml``: whom a forge asks for which folder."""

from collections.abc import Iterable

from core.entity import Registry
from core.people import APPROVING, People, Person, Role

_HEAD = """\
# Made by 'books review codeowners' from rules/people.yaml: change it there.
# Of several lines that fit a file the last one counts.
"""


def codeowners(people: People, registry: Registry, prefix: str) -> str:
    """The file. Folders of entities belong to those who approve there, all else to the owners;
    ``prefix`` is the way from the top of the repository to the home."""
    owners = _named(person for person in people.people if person.is_owner)
    everywhere = _named(
        p for p in people.people if any(role in APPROVING for role in p.roles.values())
    )
    lines = [f"* {owners}"]
    lines += [
        f"/{prefix}ledger/{name}.beancount {everywhere}" for name in ("prices", "commodities")
    ]
    for entity in sorted(registry.entities.values(), key=lambda each: each.folder):
        if entity.books:
            named = _named(people.with_role(entity.name, APPROVING)) or owners
            lines.append(f"/{prefix}ledger/{_escaped(entity.folder)}/ {named}")
    return _HEAD + "".join(f"{line}\n" for line in lines)


def _named(some: Iterable[Person]) -> str:
    people = sorted(some, key=lambda p: (Role.OWNER not in p.roles.values(), p.name))
    return " ".join(f"@{person.login}" if person.login else person.emails[0] for person in people)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace(" ", "\\ ").replace("#", "\\#")
