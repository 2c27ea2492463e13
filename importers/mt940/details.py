"""What field :86: says of a line: who, what for, and the payment's reference.

Three ways of writing it are known: numbered fields behind a posting code (``166?00GUTSCHRIFT?20…``,
German banks), codes between slashes (``/EREF/…/NAME/…``, Dutch banks), and free text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Lines are 65 characters long: one that is full runs on into the next one.
_FULL = 64
_NUMBERED = re.compile(r"\s*[0-9]{3}([^0-9A-Za-z\s])(?=[0-9]{2})")
_SEPA = ("EREF", "KREF", "MREF", "CRED", "DEBT", "COAM", "OAMT", "SVWZ", "ABWA", "ABWE", "IBAN")
# Some banks write an untagged text of their own behind MTLG: (Mitteilung, a message).
_SEPA_CODE = re.compile(rf"(?:({'|'.join((*_SEPA, 'BIC'))})\+|(MTLG):)")
_SLASHED = (
    "EREF|KREF|MARF|CSID|NAME|REMI|IBAN|BIC|CNTP|BENM|ORDP|TRTP|TRCD|ISDT|PREF|RTRN|ULTC|ULTD"
    "|ADDR|PURP|SVCL|ACCW|EXCH|CHGS"
)
_SLASHED_CODE = re.compile(rf"/({_SLASHED})/")
_NO_REFERENCE = frozenset(("", "NOTPROVIDED", "NONREF", "NOREF", "NOT PROVIDED"))


@dataclass(frozen=True)
class Details:
    """What is said of a line; each part is empty where it is not said."""

    payee: str = ""
    narration: str = ""
    reference: str = ""
    account: str = ""


def details_of(lines: Sequence[str]) -> Details:
    """The parts of a field :86:."""
    joined = "".join(lines)
    numbered = _NUMBERED.match(joined)
    if numbered:
        return _numbered(joined[numbered.end() - 1 :], numbered[1])
    if _SLASHED_CODE.match(joined):
        return _slashed(joined)
    return Details(narration=squeezed(_unwrapped(lines)))


def given(reference: str) -> str:
    """A reference, empty where it only says that there is none."""
    bare = squeezed(reference)
    return "" if bare.upper() in _NO_REFERENCE or not bare.strip("0") else bare


def squeezed(text: str) -> str:
    """The text on one line, with single blanks."""
    return " ".join(text.split())


def _unwrapped(lines: Sequence[str]) -> str:
    return "".join(line if len(line) >= _FULL else f"{line} " for line in lines)


def _numbered(text: str, separator: str) -> Details:
    """?00 posting text, ?20-?29 and ?60-?63 purpose, ?31 account, ?32 and ?33 name."""
    parts: dict[int, str] = {}
    for part in text.split(separator):
        code, said = part[:2], part[2:]
        if re.fullmatch("[0-9]{2}", code):
            parts[int(code)] = parts.get(int(code), "") + said
        elif parts:  # the separator stood in a text
            parts[max(parts)] += separator + part
    purpose = "".join(parts.get(code, "") for code in (*range(20, 30), *range(60, 64)))
    texts = _SEPA_CODE.split(purpose)
    names = [sepa or other for sepa, other in zip(texts[1::3], texts[2::3], strict=True)]
    codes = dict(zip(names, map(squeezed, texts[3::3]), strict=True))
    return Details(
        payee=squeezed(parts.get(32, "") + parts.get(33, "")),
        narration=codes.get("SVWZ")
        or codes.get("MTLG")
        or squeezed(texts[0])
        or squeezed(parts.get(0, "")),
        reference=given(codes.get("EREF", "")),
        account=squeezed(parts.get(31, "")) or codes.get("IBAN", ""),
    )


def _slashed(text: str) -> Details:
    texts = _SLASHED_CODE.split(text)
    codes: dict[str, str] = {}
    for code, said in zip(texts[1::2], texts[2::2], strict=True):
        codes.setdefault(code, said.strip("/ "))
    other = [squeezed(part) for part in codes.get("CNTP", "").split("/")]  # account/BIC/name/place
    return Details(
        payee=squeezed(codes.get("NAME", "")) or "".join(other[2:3]),
        narration=squeezed(codes.get("REMI", "")) or squeezed(codes.get("TRTP", "")),
        reference=given(codes.get("EREF", "")),
        account=squeezed(codes.get("IBAN", "")) or other[0],
    )
