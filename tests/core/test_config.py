"""Strict YAML: one meaning, and every mistake with its line."""

import pytest

from core.config import Strict, parse_config
from core.findings import UserError


class Small(Strict):
    name: str
    count: int = 0


def refused(text: str) -> str:
    with pytest.raises(UserError) as caught:
        parse_config(text, Small, "rules/small.yaml")
    return str(caught.value)


def test_a_good_file_is_read() -> None:
    assert parse_config("name: office\ncount: 3\n", Small, "x") == Small(name="office", count=3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\nnmae: z\n", "rules/small.yaml:2: unknown key 'nmae'; known here: count, name"),
        ("name: x\nname: y\n", "rules/small.yaml:2: the key 'name' stands here a second time"),
        ("name: NO\n", "rules/small.yaml:1: 'NO' can be read in two ways; put it in quotes"),
        ("name: 010\n", "'010' can be read in two ways"),
        ("name: 1:30\n", "'1:30' can be read in two ways"),
        ("name: &a x\n", "anchors and aliases"),
        ("count: 3\n", "the key 'name' is missing"),
        ("name: x\ncount: many\n", "rules/small.yaml:2: count: "),
        ("name: [x\n", "not valid YAML"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, said: str) -> None:
    assert said in refused(text)


def test_quotes_say_what_is_meant() -> None:
    assert parse_config('name: "NO"\n', Small, "x").name == "NO"


def test_all_mistakes_of_a_file_come_at_once() -> None:
    said = refused("nmae: x\ncuont: 3\n")
    assert "nmae" in said
    assert "cuont" in said
    assert "'name' is missing" in said
