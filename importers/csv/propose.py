"""A profile for a CSV that no profile knows: proposed from its contents, with what was seen.

What the file cannot decide (a card's sign, the order of day and month, the bank's name) is a
question, never a guess. An answer proposes again with it::

    proposal = propose(raw, "statement.csv")
    proposal.questions            # kind, institution
    proposal = proposal.answered(kind="bank", institution="Citizens")
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from importers.csv.around import Around, around
from importers.csv.contents import without_order
from importers.csv.profile import DATE_ORDERS, Profile
from importers.csv.questions import Answers, Question, questions
from importers.csv.read import read_csv
from importers.csv.roles import Roles, roles_of
from importers.csv.signs import Signs, signs_of
from importers.csv.sniff import Sheet, sniffed
from importers.csv.words import FLAGS, Role, kind_said, plain
from importers.statement import RefusedFileError, StatementLine

_SAMPLES = 5
_CARRIED = re.compile(r"balance|saldo|solde|kontostand", re.IGNORECASE)


@dataclass(frozen=True)
class Proposal:
    """A profile that would read the file, what is still to be asked, and why it looks like this.

    ``samples`` are the first lines as the profile reads them; what a question is about is read by
    its first choice until it is answered.
    """

    profile: Profile
    name: str
    questions: tuple[Question, ...]
    samples: tuple[StatementLine, ...]
    evidence: tuple[str, ...]
    answers: Answers
    _raw: bytes
    _shown: str
    _taken: tuple[str, ...]

    def answered(self, **answers: str) -> "Proposal":
        """The proposal with more answers: ``date_order``, ``sign``, ``kind``, ``institution``.

        Raises RefusedFileError where an answer contradicts the file.
        """
        return propose(self._raw, self._shown, replace(self.answers, **answers), self._taken)


def propose(
    raw: bytes, shown: str, answers: Answers | None = None, taken: Collection[str] = ()
) -> Proposal:
    """The profile for a file that none knows; ``taken`` are the names of those there are.

    Raises RefusedFileError with the reason where none can be proposed.
    """
    answers = answers or Answers()
    sheet = sniffed(raw, shown)
    roles = roles_of(sheet, shown)
    beside = around(sheet, roles)
    words = " ".join((*sheet.header, *(cell for row in sheet.above for cell in row)))
    kind = answers.kind or kind_said(words)
    signs = signs_of(sheet, roles, kind, answers.sign, shown)
    asked = questions(sheet, roles, answers, kind, signs)
    formats = without_order(roles.formats, answers.date_order)
    if not formats:
        raise RefusedFileError(
            f"the dates of “{roles.name('date')}” cannot be read {answers.date_order}",
            file=shown,
            hint=f"leave --date-order {answers.date_order} out",
        )
    provisional = formats
    if len(formats) > 1:
        provisional = without_order(formats, DATE_ORDERS[0])[:1]
    institution = answers.institution or "Unnamed"
    name = _name(institution, kind, taken)
    values = _values(sheet, roles, beside, signs) | {
        "institution": institution,
        "kind": kind or "any",
    }
    try:
        profile = Profile.model_validate({**values, "date_format": formats})
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise RefusedFileError(f"no profile can be made of it: {said}", file=shown) from error
    readable = profile.model_copy(update={"date_format": provisional})
    read = read_csv(Path(shown), raw, readable, name, shown)
    lines = [line for statement in read.statements for line in statement.lines]
    lines.sort(key=lambda line: line.row)
    _check_count(sheet, roles, profile, len(lines), shown)
    return Proposal(
        profile,
        name,
        asked,
        tuple(lines[:_SAMPLES]),
        (*_evidence(sheet, roles, beside), *signs.evidence),
        answers,
        raw,
        shown,
        tuple(taken),
    )


def _check_count(sheet: Sheet, roles: Roles, profile: Profile, read: int, shown: str) -> None:
    """Raises RefusedFileError where the profile would read other rows than were seen."""
    seen = sum(
        not any(cells[i] in words for i, words in roles.pending.items())
        and all(cells[roles.names.index(column)] for column in profile.require)
        for _, cells in sheet.rows
    )
    if read != seen:
        raise RefusedFileError(
            f"of {seen} transactions a profile would read {read}: the table has rows of several "
            "kinds",
            file=shown,
            hint="write a profile by hand: docs/files.md, “A bank that is not known”",
        )


def _name(institution: str, kind: str, taken: Collection[str]) -> str:
    """The file name of the profile, one that no other profile has."""
    base = plain(institution).replace(" ", "-") or "unnamed"
    if kind == "card" and not base.endswith("card"):
        base += "-card"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def _values(sheet: Sheet, roles: Roles, beside: Around, signs: Signs) -> dict[str, Any]:
    """The keys of the profile but for the bank's name, kind and date format."""
    columns = {
        "date": roles.name("date"),
        "transaction_date": roles.name("transaction-date"),
        "payee": roles.name("payee") or roles.name("text") or roles.name("date"),
        "narration": roles.name("text") if roles.name("payee") else "",
        **{
            role: roles.name(role)
            for role in ("amount", "debit", "credit", "balance", "currency", "id", "account")
        },
    }
    identity = ("date", "transaction-date", "payee", "text", "amount", "flag", "debit", "credit")
    values: dict[str, Any] = {
        "header": roles.names,
        "exact": bool(sheet.header),
        "columns": columns,
        "delimiter": sheet.delimiter,
        "encoding": sheet.encoding,
        "decimal": roles.convention[0],
        "grouping": roles.convention[1],
        "skip": [
            {"column": roles.names[i], "values": said} for i, said in sorted(roles.pending.items())
        ],
        "identity": {
            "version": 1,
            "columns": [roles.name(role) for role in identity if role in roles.of],
        },
        "shape": {} if sheet.header else _shape(sheet, roles),
        **{f.name: getattr(signs, f.name) for f in fields(signs) if f.name in Profile.model_fields},
        **{f.name: getattr(beside, f.name) for f in fields(beside) if f.name != "evidence"},
    }
    if not signs.has_balance:
        columns["balance"] = ""
    values["require"] = [roles.name(role) for role in _required(sheet, roles)]
    if "flag" in roles.of:
        values["flag"] = _flag(sheet, roles)
    if sheet.continued:
        values["continues"] = roles.names[sheet.continued[0][1]]
    return values


def _required(sheet: Sheet, roles: Roles) -> list[Role]:
    """What a row must have to be a transaction: rows that carry a balance on have no amount, or
    no date."""
    required: list[Role] = []
    at = roles.of["date"]
    if any(len(cells) <= at or not cells[at] for cells in sheet.undated):
        required.append("date")
    if "amount" in roles.of:
        empty = [cells for _, cells in sheet.rows if not cells[roles.of["amount"]]]
        if empty and all(_CARRIED.search(" ".join(cells)) for cells in empty):
            required.append("amount")
    return required


def _flag(sheet: Sheet, roles: Roles) -> dict[str, Any]:
    """What the flag says for out and in; a word that this file lacks is its usual counterpart."""
    said = {cell.casefold(): cell for cell in sheet.column(roles.of["flag"])}
    out, into = next(pair for pair in FLAGS if set(said) <= set(pair))
    style = str.upper if next(iter(said.values())).isupper() else str
    return {
        "column": roles.name("flag"),
        "out": [said.get(out, style(out))],
        "in": [said.get(into, style(into))],
    }


def _shape(sheet: Sheet, roles: Roles) -> dict[str, str]:
    """Patterns of the dates and amounts, for a file without a header."""
    shape = {}
    for role in ("date", "amount", "balance"):
        if role not in roles.of:
            continue
        forms = {_form(cell) for cell in sheet.column(roles.of[role])}
        shape[roles.name(role)] = (
            forms.pop() if role == "date" and len(forms) == 1 else r"[^A-Za-z]*"
        )
    return shape


def _form(text: str) -> str:
    """A pattern of texts that are written like this one: digits and letters may differ."""
    parts = re.findall(r"\d+|[A-Za-z]+|[^\dA-Za-z]+", text)
    return "".join(
        r"\d+" if part[0].isdigit() else "[A-Za-z]+" if part[0].isalpha() else re.escape(part)
        for part in parts
    )


def _evidence(sheet: Sheet, roles: Roles, beside: Around) -> list[str]:
    said = [
        f"{len(sheet.rows)} rows of {len(roles.names)} columns, divided by "
        + {",": "commas", ";": "semicolons", "\t": "tabs"}.get(sheet.delimiter, sheet.delimiter)
        + ("" if sheet.header else ", without a header"),
        f"“{roles.name('date')}” holds dates like {sheet.column(roles.of['date'])[0]}",
    ]
    if roles.convention[0] != ".":
        said.append(f"amounts are written with “{roles.convention[0]}” before the decimals")
    said += [
        f"rows with “{', '.join(words)}” in “{roles.names[i]}” are not booked yet: left out"
        for i, words in sorted(roles.pending.items())
    ]
    if sheet.continued:
        name = roles.names[sheet.continued[0][1]]
        said.append(f"{len(sheet.continued)} rows only go on with the “{name}” above them")
    return [*said, *beside.evidence]
