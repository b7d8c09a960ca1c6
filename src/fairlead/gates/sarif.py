"""How is what tools found written, so that other tools read it? SARIF 2.1.0.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

import string
from collections.abc import Sequence
from typing import Any

from fairlead.gates.finding import Finding, Place, Scan

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# RFC 3986: what a path may hold as it is; a colon could be taken for the end of a scheme.
_AS_IT_IS = frozenset((string.ascii_letters + string.digits + "-._~/").encode())


def log(scans: Sequence[Scan]) -> dict[str, Any]:
    """Return a SARIF log with a run for each scan; a scan that could not judge says so in it."""
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(scan) for scan in scans]}


def _run(scan: Scan) -> dict[str, Any]:
    rules = sorted({finding.rule for finding in scan.findings})
    driver: dict[str, Any] = {"name": scan.tool, "informationUri": scan.about}
    if scan.version:
        driver["version"] = scan.version
    driver["rules"] = [{"id": rule} for rule in rules]
    invocation: dict[str, Any] = {"executionSuccessful": not scan.unknown}
    if scan.unknown:
        told = {"level": "error", "message": {"text": scan.unknown}}
        invocation["toolExecutionNotifications"] = [told]
    return {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules.index(finding.rule)) for finding in scan.findings],
    }


def _result(finding: Finding, rule_index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": finding.level.value,
        "message": {"text": "\n".join(filter(None, (finding.sentence, finding.help)))},
        "locations": [{"physicalLocation": _location(finding.place)}],
    }
    if finding.dismissed:
        result["suppressions"] = [{"kind": "external", "justification": finding.dismissed}]
    return result


def _location(place: Place) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(place.file)},
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    }


def _uri(path: str) -> str:
    told = path.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in _AS_IT_IS else f"%{byte:02X}" for byte in told)
