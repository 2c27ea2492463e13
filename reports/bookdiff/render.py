"""The forms of a book diff."""

from reports.bookdiff.as_json import as_json
from reports.bookdiff.markdown import as_markdown
from reports.bookdiff.model import BookDiff
from reports.bookdiff.page import as_html
from reports.bookdiff.text import as_text

_FORMS = {"text": as_text, "md": as_markdown, "json": as_json, "html": as_html}


def render(diff: BookDiff, form: str) -> str:
    """The diff as ``text``, ``md``, ``json`` or ``html``."""
    return _FORMS[form](diff)
