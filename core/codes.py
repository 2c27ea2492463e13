"""What a finding's code stands for: said once, and shown by ``books explain`` and docs/findings.md.

Each room describes the codes that it gives out; ``scripts/codes.py`` puts them together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.findings import Severity


@dataclass(frozen=True)
class Code:
    """One finding code.

    ``meaning`` is what is wrong, ``cure`` what to do about it; ``severity`` is the one it has
    unless policy or the case itself says otherwise; ``reference`` is where a rule comes from.
    """

    code: str
    title: str
    meaning: str
    cure: str
    severity: Severity = Severity.ERROR
    factor: str = ""
    waivable: bool = False
    reference: str = ""


def by_code(codes: Iterable[Code]) -> Mapping[str, Code]:
    """The codes by name, in alphabetical order. Raises ValueError for one that is told twice."""
    table: dict[str, Code] = {}
    for code in sorted(codes, key=lambda c: c.code):
        if code.code in table:
            raise ValueError(f"{code.code} is described twice")
        table[code.code] = code
    return table
