"""Versions of YAML files: a newer one is refused, an older one is brought up to date as text."""

from pathlib import Path
from typing import ClassVar

import pytest

from core.config import Versioned, parse_config
from core.findings import UserError
from core.home import Home
from core.journal.change import ChangeSet
from core.journal.write import apply
from core.migrate import Kind, current, migrated


class Pets(Versioned):
    """The form of today: version 1 said ``cats``, version 2 ``animals``, version 3 ``pets``."""

    current_version: ClassVar[int] = 3
    pets: tuple[str, ...] = ()


KIND = Kind(
    "pets",
    "rules/pets/*.yaml",
    Pets,
    {
        1: lambda text: text.replace("cats:", "animals:"),
        2: lambda text: text.replace("animals:", "pets:"),
    },
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("version: 1\ncats: [Tom]\n", "version: 3\npets: [Tom]\n"),
        ('# why\nversion: "2"  # old\nanimals: [Tom]\n', "# why\nversion: 3  # old\npets: [Tom]\n"),
        (
            "# no version\ncats:\n  - Tom # grey\n",
            "# no version\nversion: 3\npets:\n  - Tom # grey\n",
        ),
        ("cats: [Tom]\r\n", "version: 3\r\npets: [Tom]\r\n"),
        ("cats: [Tom]\nversion: 1\n", "pets: [Tom]\nversion: 3\n"),
        ("{version: 1, cats: [Tom]}\n", "{version: 3, pets: [Tom]}\n"),
    ],
)
def test_an_old_file_becomes_a_new_one_and_keeps_its_comments(before: str, after: str) -> None:
    assert current(before, KIND, "x.yaml") == after
    assert parse_config(after, Pets, "x.yaml").pets == ("Tom",)


def test_a_file_of_today_stays_as_it_is_to_the_byte() -> None:
    text = "version: 3\npets:   [Tom]   # grey\n"
    assert current(text, KIND, "x.yaml") == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# one\nversion: 4\n", "x.yaml:2: is of version 4, and this program reads version 3"),
        ("version: 2\nanimals: []\n", "'books migrate' does it"),
        ("animals: []\n", "is of version 1, and this program reads version 3"),
        ("version: soon\n", "'soon' is no version"),
        ("version: 0\n", "'0' is no version"),
    ],
)
def test_another_version_is_refused_before_its_unknown_keys_are(text: str, said: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_config(text + "unheard-of: 1\n", Pets, "x.yaml")
    assert said in str(caught.value)
    assert "unheard-of" not in str(caught.value)


def test_a_newer_file_is_not_migrated_and_an_impossible_result_is_refused() -> None:
    with pytest.raises(UserError, match="is of version 4"):
        current("version: 4\n", KIND, "x.yaml")
    with pytest.raises(UserError, match="unknown key 'dogs'"):
        current("version: 1\ndogs: [Rex]\n", KIND, "x.yaml")
    with pytest.raises(UserError, match="which nothing leads on from"):
        current("version: 1\n", Kind("pets", "", Pets, {2: str}), "x.yaml")


def test_a_migration_goes_through_the_door(home: Home) -> None:
    path = home.rules / "pets" / "jane.yaml"
    path.parent.mkdir()
    path.write_text("# hers\ncats: [Tom]\n")
    (change,) = migrated(home, [KIND])
    assert change.path == Path("rules/pets/jane.yaml")
    done = apply(home, ChangeSet("Migrate", (change,)), key="k", commit=False)
    assert done.files == (change.path,)
    assert path.read_text() == "# hers\nversion: 3\npets: [Tom]\n"
    assert migrated(home, [KIND]) == []
