"""What an unknown file leaves open, and the answers."""

from dataclasses import dataclass
from typing import Literal

from importers.csv.balance import parsed_day
from importers.csv.contents import without_order
from importers.csv.profile import DATE_ORDERS
from importers.csv.roles import Roles
from importers.csv.signs import SIGNS, Signs
from importers.csv.sniff import Sheet

KINDS = ("bank", "card")


@dataclass(frozen=True)
class Answers:
    """What its owner says of a file; empty where nothing is said."""

    date_order: str = ""
    sign: str = ""
    kind: str = ""
    institution: str = ""


@dataclass(frozen=True)
class Question:
    """One thing that the file does not decide. ``choices`` is empty for a free text; ``option`` is
    what answers it on the command line."""

    about: Literal["date_order", "kind", "sign", "institution"]
    text: str
    choices: tuple[str, ...]

    @property
    def option(self) -> str:
        """``--kind bank|card`` and the like."""
        return f"--{self.about.replace('_', '-')} {'|'.join(self.choices) or 'NAME'}"


def questions(
    sheet: Sheet, roles: Roles, answers: Answers, kind: str, signs: Signs
) -> tuple[Question, ...]:
    """The questions that are left after the answers."""
    found = []
    if len(without_order(roles.formats, answers.date_order)) > 1:
        found.append(Question("date_order", _about_the_order(sheet, roles), DATE_ORDERS))
    if not kind:
        found.append(
            Question("kind", "Is it the file of a bank account or of a credit card?", KINDS)
        )
    elif signs.is_open:
        found.append(Question("sign", signs.question, SIGNS))
    if not answers.institution:
        found.append(Question("institution", "Which bank is it from?", ()))
    return tuple(found)


def _about_the_order(sheet: Sheet, roles: Roles) -> str:
    cells = sheet.column(roles.of["date"])
    shown = cells[0]
    days = [
        f"{day:%d %B %Y} ({order})"
        for order in DATE_ORDERS
        for fmt in without_order(roles.formats, order)[:1]
        if (day := parsed_day(shown, fmt))
    ]
    return f"Is {shown} {' or '.join(days)}? Every date in the file can be read both ways."
