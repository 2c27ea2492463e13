"""Files of the checkout that are made from the program: ``make docs`` writes them.

A test says when they are not up to date.
"""

from collections.abc import Mapping
from pathlib import Path

from scripts.codes import findings_page
from scripts.institutions import institutions_page
from scripts.kinds import schemas
from scripts.shipped import SHIPPED


def generated() -> Mapping[Path, str]:
    """Every made file by its path in the checkout."""
    return {
        Path("docs/findings.md"): findings_page(),
        Path("docs/institutions.md"): institutions_page(),
        **schemas(),
    }


def main() -> None:
    """Writes them all."""
    for path, text in generated().items():
        full = SHIPPED / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
