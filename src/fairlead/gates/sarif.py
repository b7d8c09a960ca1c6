"""How is what tools found written, so that other tools read it? SARIF 2.1.0.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

import string
from collections.abc import Sequence
from typing import Any

from fairlead.gates.finding import Finding, Scan, fingerprints

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "fairlead/v1"
# RFC 3986: what a path may hold as it is; a colon could be taken for the end of a scheme.
_AS_IT_IS = frozenset((string.ascii_letters + string.digits + "-._~/").encode())


def log(scans: Sequence[Scan]) -> dict[str, Any]:
    """Return a SARIF log with a run for each scan; a scan that could not judge says so in it."""
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(scan) for scan in scans]}


def _run(scan: Scan) -> dict[str, Any]:
    names = sorted({finding.rule for finding in scan.findings})
    rules = {name: index for index, name in enumerate(names)}
    named = fingerprints(scan.tool, scan.findings)
    driver: dict[str, Any] = {"name": scan.tool, "informationUri": scan.about}
    if scan.version:
        driver["version"] = scan.version
    driver["rules"] = [{"id": rule} for rule in names]
    invocation: dict[str, Any] = {"executionSuccessful": not scan.unknown}
    if scan.unknown:
        told = {"level": "error", "message": {"text": scan.unknown}}
        invocation["toolExecutionNotifications"] = [told]
    return {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, rules[finding.rule], fingerprint)
            for finding, fingerprint in zip(scan.findings, named, strict=True)
        ],
    }


def _result(finding: Finding, rule_index: int, fingerprint: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": finding.severity.level.value,
        "message": {"text": "\n".join(filter(None, (finding.sentence, finding.help)))},
        "partialFingerprints": {FINGERPRINT: fingerprint},
        "properties": {"severity": finding.severity.value},
    }
    if location := _location(finding):
        result["locations"] = [location]
    if finding.link:
        result["hostedViewerUri"] = finding.link
    if finding.fix:
        result["properties"]["fix"] = finding.fix
    if finding.dismissed:
        result["suppressions"] = [{"kind": "external", "justification": finding.dismissed}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if place := finding.place:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(place.file)},
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endLine": place.end_line,
                "endColumn": place.end_column,
            },
        }
    if finding.subject:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.subject}]
    return location


def _uri(path: str) -> str:
    told = path.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in _AS_IT_IS else f"%{byte:02X}" for byte in told)
