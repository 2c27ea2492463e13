"""The rules that an entity had at one time: those of the file, and of its versions in git.

An entry says which rule made it, by name. Whether it is still as that rule made it can be told only
by what the rule said then.
"""

from collections.abc import Iterator
from functools import cached_property

from core import git
from core.config import parse_config
from core.entity import Entity
from core.findings import UserError
from core.home import Home
from importers.rules.categorise import (
    CategoriseFile,
    Categoriser,
    RuleText,
    categoriser_of,
    rules_path,
)

# A file of two hundred rules takes a fifth of a second to read, and old entries are old.
VERSIONS = 100


class PastRules:
    """The rules of an entity, now and before. Older versions are read when they are asked for."""

    def __init__(self, home: Home, entity: Entity, present: Categoriser) -> None:
        self._home = home
        self._path = rules_path(home, entity).relative_to(home.path)
        self._read: list[Categoriser] = []
        self._by_name: dict[str, list[RuleText]] = {}
        self._keep(present)

    def versions(self) -> Iterator[Categoriser]:
        """The present rules, then those of each commit, newest first."""
        at = 0
        while at < len(self._read) or self._read_older():
            yield self._read[at]
            at += 1

    def named(self, name: str) -> Iterator[RuleText]:
        """What the rule called ``name`` has said, newest first and each once."""
        said = self._by_name.setdefault(name, [])
        at = 0
        while True:
            while at == len(said):
                if not self._read_older():
                    return
            yield said[at]
            at += 1

    def _read_older(self) -> bool:
        """Reads one version more, if there is one."""
        older = next(self._older, None)
        if older is not None:
            self._keep(older)
        return older is not None

    def _keep(self, version: Categoriser) -> None:
        self._read.append(version)
        for rule, _, _ in version.rules:
            said = self._by_name.setdefault(rule.name, [])
            if rule not in said:
                said.append(rule)

    @cached_property
    def _older(self) -> Iterator[Categoriser]:
        return self._committed()

    def _committed(self) -> Iterator[Categoriser]:
        for content in git.history(self._home.path, self._path, VERSIONS):
            try:
                text = content.decode("utf-8")
                rules = parse_config(text, CategoriseFile, self._path.as_posix()).rules
            except (UserError, UnicodeDecodeError):
                continue  # no import can have used it
            yield categoriser_of(rules)
