"""Findings as SARIF 2.1.0 and as GitHub's workflow commands: what marks lines in a review.

``prefix`` is the way from the top of the checkout to the folder that finding paths count from,
because reviewers' tools count from the top.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from core.codes import Code
from core.findings import Finding, Severity
from core.show import by_severity

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_FINGERPRINT = "bulkheadFinding/v1"


def as_sarif(
    findings: Sequence[Finding], codes: Mapping[str, Code], *, version: str, prefix: str = ""
) -> str:
    """The findings as one SARIF run, with every code as a rule of the tool."""
    index = {code: number for number, code in enumerate(codes)}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Bulkhead",
                        "version": version,
                        "semanticVersion": version,
                        "rules": [_rule(code) for code in codes.values()],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(f, index, prefix) for f in by_severity(findings)],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: Code) -> dict[str, Any]:
    reference = f"\n\nReference: {code.reference}." if code.reference else ""
    return {
        "id": code.code,
        "name": "".join(word[:1].upper() + word[1:] for word in _words(code.title)),
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": f"{_sentence(code.meaning)}"},
        "help": {"text": f"{_sentence(code.cure)}{reference}"},
        "defaultConfiguration": {"level": _LEVEL[code.severity]},
        "properties": {"tags": [code.factor]} if code.factor else {},
    }


def _words(title: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in title).split()


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _result(finding: Finding, index: Mapping[str, int], prefix: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVEL[finding.severity],
        "message": {"text": _whole(finding)},
        "partialFingerprints": {_FINGERPRINT: finding.fingerprint},
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    if finding.file:
        place: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.file, prefix)}}
        if finding.line > 0:
            place["region"] = {"startLine": finding.line}
        result["locations"] = [{"physicalLocation": place}]
    if finding.waived:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.waived}]
    return result


def _uri(file: str, prefix: str) -> str:
    if PurePosixPath(file).is_absolute():
        return PurePosixPath(file).as_uri()
    return quote(f"{prefix}{file}")


def _whole(finding: Finding) -> str:
    return finding.message + (f"\n\nTo mend it:\n{finding.fix}" if finding.fix else "")


def as_github(findings: Sequence[Finding], codes: Mapping[str, Code], *, prefix: str = "") -> str:
    """One workflow command for each finding: GitHub shows it at its line of the pull request."""
    return "".join(f"{_command(f, codes, prefix)}\n" for f in by_severity(findings))


def _command(finding: Finding, codes: Mapping[str, Code], prefix: str) -> str:
    known = codes.get(finding.code)
    title = f"{finding.code} {known.title}" if known else finding.code
    file = finding.file if PurePosixPath(finding.file).is_absolute() else f"{prefix}{finding.file}"
    properties = {
        "file": file if finding.file else "",
        "line": str(finding.line or ""),
        "title": title,
    }
    said = ",".join(f"{name}={_property(text)}" for name, text in properties.items() if text)
    return f"::{_COMMAND[finding.severity]} {said}::{_data(_whole(finding))}"


def _data(text: str) -> str:
    """Text that cannot end the command or begin another one."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
