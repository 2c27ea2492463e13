"""What is money in and what is out in an unknown table: by its balances, else it is asked.

A running balance proves how a bank account's amounts are signed. It cannot for a card: whether the
balance is what is owed or, with a minus, what is owned, the file does not say.
"""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from importers.csv.balance import parsed_day
from importers.csv.chain import Chain, Step, chain
from importers.csv.contents import number
from importers.csv.parts import ColumnSign
from importers.csv.roles import Roles
from importers.csv.sniff import Sheet
from importers.csv.words import FLAGS, Role
from importers.statement import RefusedFileError

SIGNS = ("charges-negative", "charges-positive")


@dataclass(frozen=True)
class Signs:
    """The profile's signs; ``is_open`` where only the owner knows, with the ``question``.

    ``has_balance`` is false where the balances do not follow from the amounts.
    """

    sign: Literal["as-is", "inverted"] = "as-is"
    balance_sign: Literal["", "as-is", "inverted"] = ""
    debit_sign: ColumnSign = "positive"
    credit_sign: ColumnSign = "positive"
    is_open: bool = False
    question: str = ""
    evidence: tuple[str, ...] = ()
    has_balance: bool = True


def signs_of(sheet: Sheet, roles: Roles, kind: str, answer: str, shown: str) -> Signs:
    """The signs of the table. Raises RefusedFileError where the balances contradict the answer, or
    what the columns are called."""
    found = _signs(sheet, roles, kind, answer, shown)
    links, relation = _relation(_amounts(sheet, roles, found), sheet, roles)
    if relation or not links.moves:
        return found
    left_out = f"“{roles.name('balance')}” does not follow from the amounts: it is not read"
    return replace(found, has_balance=False, evidence=(*found.evidence, left_out))


def _signs(sheet: Sheet, roles: Roles, kind: str, answer: str, shown: str) -> Signs:
    if "amount" not in roles.of or "flag" in roles.of:
        return _by_columns(sheet, roles, kind, shown)
    links, relation = _relation(_amounts(sheet, roles, Signs()), sheet, roles)
    if kind == "card":
        return _of_card(sheet, roles, relation, answer)
    if relation:
        proved = SIGNS[0] if relation == "same" else SIGNS[1]
        if answer and answer != proved:
            raise RefusedFileError(
                f"--sign {answer} is not what its balance column says on {links.agreeing} rows",
                file=shown,
                hint="leave --sign out; for a credit card say --kind card",
            )
        told = links.agreeing if relation == "same" else len(links.opposing)
        evidence = (
            f"the balance column proves the sign on {told} of {len(links.moves)} rows: "
            f"money out is {'negative' if relation == 'same' else 'positive'}",
        )
        return (
            Signs(evidence=evidence)
            if relation == "same"
            else Signs("inverted", "as-is", evidence=evidence)
        )
    amounts = [a for a in _amounts(sheet, roles, Signs()) if a]
    if answer:
        return Signs("as-is" if answer == SIGNS[0] else "inverted")
    if any(a < 0 for a in amounts):
        both = any(a > 0 for a in amounts)
        return Signs(
            evidence=(
                f"“{roles.name('amount')}” is negative on {sum(a < 0 for a in amounts)} and "
                f"positive on {sum(a > 0 for a in amounts)} rows: money out is negative"
                if both
                else f"“{roles.name('amount')}” is never positive: all is money out",
            )
        )
    return Signs(is_open=True, question=_question(sheet, roles, "No amount is negative. "))


def _of_card(sheet: Sheet, roles: Roles, relation: str, answer: str) -> Signs:
    if not answer:
        balances = [
            said
            for cell in (sheet.column(roles.of["balance"]) if "balance" in roles.of else ())
            if (said := number(cell, roles.convention)) is not None
        ]
        note = ""
        if relation and all(b < 0 for b in balances):
            note = "Its balance is below zero on every row. "
        elif relation and all(b > 0 for b in balances):
            note = "Its balance is above zero on every row. "
        turned: Literal["", "inverted"] = "inverted" if relation == "opposite" else ""
        return Signs("as-is", turned, is_open=True, question=_question(sheet, roles, note))
    sign: Literal["as-is", "inverted"] = "as-is" if answer == SIGNS[0] else "inverted"
    if relation != "opposite":
        return Signs(sign)
    return Signs(sign, "inverted" if sign == "as-is" else "as-is")


def _question(sheet: Sheet, roles: Roles, note: str) -> str:
    line, cells = max(sheet.rows, key=lambda row: abs(_number(row[1], roles, "amount")))
    text = cells[roles.of["payee"]] if "payee" in roles.of else ""
    return (
        f"{note}Are charges positive or negative in this file? Line {line}, “{text[:40]}”, says "
        f"{cells[roles.of['amount']]}."
    )


def _by_columns(sheet: Sheet, roles: Roles, kind: str, shown: str) -> Signs:
    """Debit and credit columns, or a flag: their names say what is out, the balances check it."""
    found: list[Signs] = []
    for debit in _signs_in(sheet, roles, "debit"):
        for credit in _signs_in(sheet, roles, "credit"):
            found.append(Signs(debit_sign=debit, credit_sign=credit))
    results = [(_relation(_amounts(sheet, roles, s), sheet, roles), s) for s in found]
    proved = [(links, s) for (links, relation), s in results if relation == "same"]
    named = (
        f"“{roles.name('flag')}” says what is in and what is out"
        if "flag" in roles.of
        else f"“{roles.name('debit')}” is money out, “{roles.name('credit')}” money in"
    )
    if proved:
        links, signs = max(proved, key=lambda pair: pair[0].agreeing)
        proof = f"the balance column proves it on {links.agreeing} of {len(links.moves)} rows"
        return Signs(
            debit_sign=signs.debit_sign,
            credit_sign=signs.credit_sign,
            evidence=(f"{named}; {proof}",),
        )
    if len(found) > 1:
        raise RefusedFileError(
            f"“{roles.name('debit')}” or “{roles.name('credit')}” has amounts of both signs, and "
            "no balance says what they mean",
            file=shown,
            hint="write a profile by hand, with 'debit-sign' and 'credit-sign'",
        )
    (links, relation), signs = results[0]
    if relation == "opposite" and kind == "bank" and len(links.opposing) > 1:
        raise RefusedFileError(
            f"{named}, and its balance moves the other way on {len(links.opposing)} of "
            f"{len(links.moves)} rows",
            file=shown,
            hint="for a credit card say --kind card; else write a profile by hand",
        )
    owed = relation == "opposite" and kind != "bank"
    turned: Literal["", "inverted"] = "inverted" if owed else ""
    return Signs("as-is", turned, signs.debit_sign, signs.credit_sign, evidence=(named,))


def _signs_in(sheet: Sheet, roles: Roles, role: Role) -> list[ColumnSign]:
    """How a column may write its amounts; several where its cells have both signs."""
    if role not in roles.of:
        return ["positive"]
    numbers = [_number(cells, roles, role) for _, cells in sheet.rows]
    if any(n > 0 for n in numbers) and any(n < 0 for n in numbers):
        return ["positive", "negative", "any"]
    return ["negative"] if any(n < 0 for n in numbers) else ["positive"]


def _number(cells: tuple[str, ...], roles: Roles, role: Role) -> Decimal:
    cell = cells[roles.of[role]]
    return number(cell, roles.convention) or Decimal(0) if cell else Decimal(0)


def _amounts(sheet: Sheet, roles: Roles, signs: Signs) -> list[Decimal]:
    """Each row's amount by these signs."""
    out = []
    for _, cells in sheet.rows:
        if "amount" in roles.of:
            amount = _number(cells, roles, "amount")
            if "flag" in roles.of:
                is_out = cells[roles.of["flag"]].casefold() in {pair[0] for pair in FLAGS}
                amount = -abs(amount) if is_out else abs(amount)
            out.append(amount)
            continue
        sides: list[tuple[Role, ColumnSign]] = [
            ("debit", signs.debit_sign),
            ("credit", signs.credit_sign),
        ]
        debit, credit = (
            abs(n) if sign == "any" else -n if sign == "negative" else n
            for role, sign in sides
            for n in [_number(cells, roles, role)]
        )
        out.append(credit - debit)
    return out


def _relation(amounts: list[Decimal], sheet: Sheet, roles: Roles) -> tuple[Chain, str]:
    """How the balances move with the amounts: ``same``, ``opposite``, or empty where they do not
    tell."""
    steps: dict[str, list[Step]] = {}
    pending = {cell for words in roles.pending.values() for cell in words}
    for amount, (line, cells) in zip(amounts, sheet.rows, strict=True):
        if "balance" not in roles.of or pending & set(cells):
            continue
        said = number(cells[roles.of["balance"]], roles.convention)
        day = parsed_day(cells[roles.of["date"]], roles.formats[0]) or dt.date.min
        currency = cells[roles.of["currency"]] if "currency" in roles.of else ""
        steps.setdefault(currency, []).append(Step(line, day, amount, said))
    links = chain(max(steps.values(), key=len, default=[]))
    if links.agreeing * 2 > len(links.moves):
        return links, "same"
    return links, "opposite" if links.contradiction(least=1) else ""
