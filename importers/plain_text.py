"""The lines of a statement that is plain text: MT940 and QIF."""

from importers.ofx.tokenizer import decoded
from importers.statement import RefusedFileError

MAX_BYTES = 10_000_000


def lines_of(raw: bytes, shown: str) -> list[str]:
    """The lines of a file without their ends, from its first; the last one is empty where the file
    ends with a line end.

    Raises RefusedFileError for a file that is too large, or no text.
    """
    if len(raw) > MAX_BYTES:
        raise RefusedFileError(
            "is larger than 10 MB; ask the bank for a shorter period", file=shown
        )
    lines = decoded(raw).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if "\0" in line:
            raise RefusedFileError(
                "holds NUL bytes: this is no text",
                file=shown,
                line=number,
                hint="download it from the bank again",
            )
    return lines


def beginning(head: bytes) -> str:
    """The first bytes of a file as text to recognise a format by, whatever their encoding."""
    return decoded(head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe"))
