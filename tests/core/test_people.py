"""Who is meant: at a forge by what is theirs alone, in the house by a first name as well."""

import pytest

from core.people import parse_people

FILE = b"""
version: 1
people:
  - {name: Jane, emails: [jane@example.org], login: janeroe, roles: {"*": owner}}
  - {name: Joe Roe, emails: [joe@example.org], roles: {Acme: accountant}}
  - {name: Kim, emails: [kim@example.org], roles: {Acme: preparer}}
  - {name: kim, emails: [kim@acme.example], roles: {Acme: auditor}}
"""


@pytest.mark.parametrize(
    ("text", "at_a_forge", "in_the_house"),
    [
        ("jane@example.org", "Jane", "Jane"),
        ("@JaneRoe", "Jane", "Jane"),
        ("joe roe", "Joe Roe", "Joe Roe"),
        ("jane", "", "Jane"),  # anybody may have this login at a forge
        ("Kim", "", ""),  # two are called so
        ("Joe", "", ""),
    ],
)
def test_who_is_meant(text: str, at_a_forge: str, in_the_house: str) -> None:
    people = parse_people(FILE)
    named, called = people.named(text), people.called(text)
    assert (named.name if named else "") == at_a_forge
    assert (called.name if called else "") == in_the_house
