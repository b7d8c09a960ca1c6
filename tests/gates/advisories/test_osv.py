"""Does what osv-scanner and its like write reach us, with the severity that it was given?"""

import json
from typing import Any

import pytest

from fairlead.errors import Permanent
from fairlead.gates.advisories import osv
from fairlead.gates.finding import Finding, Severity

HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
FOUR = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N"
GHSA = {
    "schema_version": "1.7.0", "id": "GHSA-m5pq-gvj9-9vr8", "aliases": ["CVE-2022-24713"],
    "summary": "Regexes can be slow", "details": "Long\nstory",
    "severity": [{"type": "CVSS_V3", "score": HIGH}],
    "affected": [
        {"package": {"name": "regex", "ecosystem": "crates.io"},
         "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.5.5"}]}]},
        {"package": {"name": "other"}, "ranges": [{"events": [{"fixed": "9.9.9"}]}]},
    ],
    "database_specific": {"severity": "HIGH", "cwe_ids": []},
}  # fmt: skip
RUST = {"id": "RUSTSEC-2022-0013", "summary": "The same", "affected": []}


def report(*advisories: dict[str, Any], groups: Any = (), path: str = "/a/Cargo.lock") -> bytes:
    package = {"name": "regex", "version": "1.5.1", "ecosystem": "crates.io"}
    packages = [{"package": package, "vulnerabilities": advisories, "groups": groups}]
    source = {"path": path, "type": "lockfile"}
    return json.dumps({"results": [{"source": source, "packages": packages}]}).encode()


def only(output: bytes) -> Finding:
    (one,) = osv.read(output).findings
    return one


def test_an_advisory_names_its_package_and_the_version_that_mends_it() -> None:
    one = only(report(GHSA))
    assert (one.rule, one.subject) == ("GHSA-m5pq-gvj9-9vr8", "regex 1.5.1")
    assert (one.severity, one.sentence) == (Severity.HIGH, "Regexes can be slow")
    assert one.help == "fixed in 1.5.5"
    assert one.link == "https://osv.dev/vulnerability/GHSA-m5pq-gvj9-9vr8"


def test_advisories_of_the_same_thing_are_one_finding() -> None:
    group = {"ids": ["RUSTSEC-2022-0013", "GHSA-m5pq-gvj9-9vr8"], "max_severity": "7.5"}
    assert only(report(RUST, GHSA, groups=[group])).rule == "GHSA-m5pq-gvj9-9vr8"
    assert len(osv.read(report(RUST, GHSA)).findings) == 2


@pytest.mark.parametrize(
    ("told", "most", "severity"),
    [
        ({"severity": []}, "", Severity.HIGH),
        ({"severity": [], "database_specific": {"severity": "MODERATE"}}, "", Severity.MODERATE),
        ({"database_specific": {}}, "", Severity.HIGH),
        ({"database_specific": {"severity": "LOW"}}, "", Severity.HIGH),
        ({"database_specific": {}}, "9.8", Severity.CRITICAL),
        ({"severity": [{"type": "CVSS_V4", "score": FOUR}], "database_specific": {}}, "2.1",
         Severity.LOW),
    ],
)  # fmt: skip
def test_the_worst_that_anybody_says_counts(
    told: dict[str, Any], most: str, severity: Severity
) -> None:
    group = {"ids": ["GHSA-m5pq-gvj9-9vr8"], "max_severity": most}
    one = only(report(GHSA | told, groups=[group]))
    assert one.severity is severity
    assert "not known" not in one.sentence


def test_an_unknown_severity_counts_as_high_and_says_so() -> None:
    bare = GHSA | {"severity": [{"type": "CVSS_V4", "score": FOUR}], "database_specific": {}}
    one = only(report(bare))
    assert one.severity is Severity.HIGH
    assert one.sentence.endswith("(its severity is not known, so it counts as high)")


def test_a_withdrawn_advisory_is_dismissed() -> None:
    assert "withdrawn" in only(report(GHSA | {"withdrawn": "2024-01-01T00:00:00Z"})).dismissed
    group = {"ids": ["GHSA-m5pq-gvj9-9vr8", "RUSTSEC-2022-0013"]}
    both = report(GHSA | {"withdrawn": "2024-01-01T00:00:00Z"}, RUST, groups=[group])
    assert only(both).dismissed == ""


def test_the_files_that_were_judged_are_named() -> None:
    assert osv.judged(report(path="/a/b/yarn.lock")) == {"/a/b/yarn.lock"}
    assert osv.read(b'{"results": []}').findings == ()


@pytest.mark.parametrize(
    "output",
    [b"", b"{}", b'{"results": [{}]}', report(GHSA)[:-2], report(GHSA | {"id": "a b"}),
     report(GHSA | {"severity": [{"type": "CVSS_V3", "score": 9.8}]})],
)  # fmt: skip
def test_what_is_no_whole_report_is_refused(output: bytes) -> None:
    with pytest.raises(Permanent, match="its report cannot be read"):
        osv.read(output)
