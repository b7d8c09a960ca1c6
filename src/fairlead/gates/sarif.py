"""How is what tools found written, so that other tools read it? SARIF 2.1.0.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

import string
from collections.abc import Mapping, Sequence, Set
from typing import Any

from fairlead.gates.comparing import Comparison, Named, named
from fairlead.gates.finding import Finding, Scan

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FINGERPRINT = "fairlead/v1"
# RFC 3986: what a path may hold as it is; a colon could be taken for the end of a scheme.
_AS_IT_IS = frozenset((string.ascii_letters + string.digits + "-._~/").encode())


def log(scans: Sequence[Scan], comparison: Comparison | None = None) -> dict[str, Any]:
    """Return a SARIF log with a run for each scan; a scan that could not judge says so in it.

    With a comparison of the same scans each result says whether it is new or was known, and those
    that are gone are told as absent, in the first run of their tool.
    """
    gone: dict[str, list[Named]] = {}
    for one in comparison.gone if comparison else ():
        gone.setdefault(one.tool, []).append(one)
    known = {one.fingerprint for one in comparison.known} if comparison else None
    runs = [_run(scan, known, gone.pop(scan.tool, [])) for scan in scans]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}


def _run(scan: Scan, known: Set[str] | None, gone: Sequence[Named]) -> dict[str, Any]:
    here = [*named([scan])]
    names = sorted({one.finding.rule for one in (*here, *gone)})
    rules = {name: index for index, name in enumerate(names)}
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
            *(_result(one, rules, _baseline(one, known)) for one in here),
            *(_result(one, rules, {"baselineState": "absent"}) for one in gone),
        ],
    }


def _baseline(one: Named, known: Set[str] | None) -> dict[str, str]:
    if known is None:
        return {}
    return {"baselineState": "unchanged" if one.fingerprint in known else "new"}


def _result(one: Named, rules: Mapping[str, int], baseline: Mapping[str, str]) -> dict[str, Any]:
    finding = one.finding
    result: dict[str, Any] = {
        **baseline,
        "ruleId": finding.rule,
        "ruleIndex": rules[finding.rule],
        "level": finding.severity.level.value,
        "message": {"text": "\n".join(filter(None, (finding.sentence, finding.help)))},
        "partialFingerprints": {FINGERPRINT: one.fingerprint},
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
