"""Does what `npm audit --json` writes reach us whole, and is a part of it refused?"""

import json
from typing import Any

import pytest

from fairlead.errors import Permanent
from fairlead.gates.advisories import npm
from fairlead.gates.finding import Finding, Severity

LOCK = {
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "a", "version": "1.0.0"},
        "node_modules/lodash": {"version": "4.17.15"},
        "node_modules/mkdirp": {"version": "0.5.1"},
        "node_modules/mkdirp/node_modules/minimist": {"version": "1.2.0"},
        "node_modules/minimist": {"version": "1.2.5"},
    },
}
URL = "https://github.com/advisories/GHSA-xvch-5gv4-984h"
ADVISORY = {
    "source": 1097678, "name": "minimist", "dependency": "minimist",
    "title": "Prototype Pollution in minimist", "url": URL, "severity": "critical",
    "cwe": ["CWE-1321"], "cvss": {"score": 9.8, "vectorString": "CVSS:3.1/AV:N"},
    "range": ">=1.0.0 <1.2.6",
}  # fmt: skip
BAD = {
    "name": "minimist", "severity": "critical", "isDirect": False, "via": [ADVISORY],
    "effects": ["mkdirp"], "range": "1.2.0 - 1.2.5",
    "nodes": ["node_modules/minimist", "node_modules/mkdirp/node_modules/minimist"],
    "fixAvailable": True,
}  # fmt: skip
NEEDS = {
    "name": "mkdirp", "severity": "critical", "isDirect": True, "via": ["minimist"], "effects": [],
    "range": "0.4.1 - 0.5.1", "nodes": ["node_modules/mkdirp"], "fixAvailable": True,
}  # fmt: skip


def report(*bad: dict[str, Any], total: int | None = None, dependencies: int = 4) -> bytes:
    counts = {"total": len(bad) if total is None else total}
    metadata = {"vulnerabilities": counts, "dependencies": {"total": dependencies}}
    told = {each["name"]: each for each in bad}
    return json.dumps(
        {"auditReportVersion": 2, "vulnerabilities": told, "metadata": metadata}
    ).encode()


def read(output: bytes) -> tuple[Finding, ...]:
    return npm.read(output, json.dumps(LOCK).encode()).findings


def test_an_advisory_is_told_once_for_each_version_that_is_installed() -> None:
    first, second = read(report(BAD, NEEDS))
    assert (first.rule, first.subject) == ("GHSA-xvch-5gv4-984h", "minimist 1.2.0")
    assert second.subject == "minimist 1.2.5"
    assert (first.severity, first.link) == (Severity.CRITICAL, URL)
    assert first.sentence == "Prototype Pollution in minimist"
    assert first.help == "fixed in 1.2.6; `npm audit fix` mends it"


def test_a_report_without_advisories_has_no_findings() -> None:
    assert read(report()) == ()


@pytest.mark.parametrize(
    ("word", "severity"),
    [("info", Severity.NOTE), ("low", Severity.LOW), ("moderate", Severity.MODERATE),
     ("high", Severity.HIGH), ("critical", Severity.CRITICAL)],
)  # fmt: skip
def test_severities_are_kept(word: str, severity: Severity) -> None:
    (one, _) = read(report(BAD | {"via": [ADVISORY | {"severity": word}]}))
    assert one.severity is severity
    assert "severity" not in one.sentence


def test_an_unknown_severity_counts_as_high_and_says_so() -> None:
    (one, _) = read(report(BAD | {"via": [ADVISORY | {"severity": "awful"}]}))
    assert one.severity is Severity.HIGH
    assert one.sentence.endswith("(its severity is not known, so it counts as high)")


def test_what_a_fix_would_change_is_told() -> None:
    major = {"name": "mkdirp", "version": "1.0.0", "isSemVerMajor": True}
    (one, _) = read(report(BAD | {"fixAvailable": major}))
    assert "`npm install mkdirp@1.0.0` mends it (a major change)" in one.help
    (one, _) = read(report(BAD | {"fixAvailable": False}))
    assert "npm knows no fix" in one.help


def test_a_range_without_an_upper_end_names_no_good_version() -> None:
    (one, _) = read(report(BAD | {"via": [ADVISORY | {"range": "<=1.2.5"}]}))
    assert one.help.startswith("bad versions: <=1.2.5; ")
    (one, _) = read(report(BAD | {"via": [ADVISORY | {"range": "<0.2.4 || >=1.0.0 <1.2.6"}]}))
    assert one.help.startswith("bad versions: ")


def test_words_and_links_of_others_are_made_harmless() -> None:
    hostile = {"title": "a\u001b[2J\nb", "url": "javascript:alert(1)//a/b c"}
    (one, _) = read(report(BAD | {"via": [ADVISORY | hostile]}))
    assert (one.sentence, one.link, one.rule) == ("a [2J b", "", "advisory-without-a-name")


@pytest.mark.parametrize(
    ("output", "why"),
    [
        (b"", "its report cannot be read: Invalid JSON"),
        (b"[]", "its report cannot be read"),
        (b"{}", "its report cannot be read: auditReportVersion: Field required"),
        (report(BAD)[:-9], "its report cannot be read: Invalid JSON"),
        (report(BAD).replace(b'Version": 2', b'Version": 1'), "auditReportVersion"),
        (report(BAD, total=2), "does not hold as many packages as it counts"),
        (report(dependencies=3), "leaves out packages of package-lock.json"),
        (report(NEEDS), "names a package that it does not tell of"),
        (report(BAD | {"nodes": []}), "names a package that package-lock.json does not"),
        (report(BAD | {"nodes": ["node_modules/x"]}), "that package-lock.json does not"),
        (report(BAD | {"via": []}), "cannot be read: vulnerabilities.minimist.via"),
        (b'{"message": "405 Method Not Allowed\\n", "error": {"summary": ""}}',
         "it has no report: 405 Method Not Allowed"),
        (b'{"error": {"code": "ENOLOCK", "summary": "This command requires a lockfile."}}',
         "it has no report: This command requires a lockfile."),
    ],
)  # fmt: skip
def test_what_is_no_whole_report_is_refused(output: bytes, why: str) -> None:
    with pytest.raises(Permanent, match=why):
        read(output)


def test_a_lock_file_of_the_first_version_is_refused() -> None:
    with pytest.raises(Permanent, match="--package-lock-only"):
        npm.read(report(), b'{"lockfileVersion": 1, "dependencies": {}}')
