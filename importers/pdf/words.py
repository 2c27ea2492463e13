"""The words of a PDF and where they stand; this runs in the sandbox."""

import io
import re
from itertools import islice
from typing import Any

from core.findings import UserError

MAX_PAGES = 100
MAX_WORDS = 100_000
# So wide a gap between letters, in parts of their size, ends a word.
_GAP = 0.2
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
# A font without a table of letters leaves these numbers; a few (of a logo) do no harm.
_NO_LETTER, _MOST_WITHOUT_LETTERS = "(cid:", 0.05


def words_of(raw: bytes) -> list[list[list[Any]]]:
    """For each page its words as ``[text, left, right, top]``, in points from the upper left.

    Raises UserError for a PDF that is locked, too long, or without text.
    """
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        return _words(raw)
    except PdfminerException as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, PDFPasswordIncorrect):
            raise UserError(
                "is locked with a password",
                hint="open it with its password and print it into a new PDF",
            ) from error
        if isinstance(cause, MemoryError):
            raise cause from error
        raise


def _words(raw: bytes) -> list[list[list[Any]]]:
    import pdfplumber
    from pdfminer.pdfpage import PDFPage

    pdf = pdfplumber.open(io.BytesIO(raw))
    # The number that a PDF says of its pages may be a lie, and the list of all of them a bomb.
    if sum(1 for _ in islice(PDFPage.create_pages(pdf.doc), MAX_PAGES + 1)) > MAX_PAGES:
        raise UserError(
            f"has more than {MAX_PAGES} pages", hint="a statement of one period is shorter"
        )
    pages, pictures, count = [], 0, 0
    for page in pdf.pages:
        found = page.dedupe_chars().extract_words(x_tolerance_ratio=_GAP)
        pictures += len(page.images)
        count += len(found)
        if count > MAX_WORDS:
            raise UserError(f"has more than {MAX_WORDS} words", hint="it is no statement")
        pages.append(
            [
                [_CONTROLS.sub("\ufffd", w["text"]), *(round(w[k], 1) for k in ("x0", "x1", "top"))]
                for w in found
            ]
        )
        page.close()
    _check_text(pages, pictures)
    return pages


def _check_text(pages: list[list[list[Any]]], pictures: int) -> None:
    texts = [word[0] for page in pages for word in page]
    if not texts and pictures:
        raise UserError(
            f"has no text on its {len(pages)} pages, only pictures: it seems to be a scan",
            hint="download the statement from the bank as PDF or CSV; a scan is not read",
        )
    if not texts:
        raise UserError(f"has no text on its {len(pages)} pages", hint="download it again")
    if sum(_NO_LETTER in text for text in texts) > _MOST_WITHOUT_LETTERS * len(texts):
        raise UserError(
            "has text whose letters it does not tell",
            hint="print it into a new PDF from another viewer, or export CSV, OFX or QFX",
        )
