"""Is every tool's SARIF read for what it says, and whatever cannot be read unknown?"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.gates.finding import Finding, Place, Scan, Severity
from fairlead.gates.sarif import log
from fairlead.gates.sarif_reading import MOST_BYTES, read
from made_findings import SCAN

law = settings(deadline=None, max_examples=60)


def result(**more: Any) -> dict[str, Any]:
    return {"ruleId": "no-eval", "message": {"text": "It calls eval."}, **more}


def run(*results: dict[str, Any], rules: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    driver = {"name": "lint", "rules": rules or []}
    return {"tool": {"driver": driver}, "results": [*results], **more}


def document(*runs: Any) -> bytes:
    return json.dumps({"version": "2.1.0", "runs": [*runs]}).encode()


def scanned(*results: dict[str, Any], root: str = "", **more: Any) -> Scan:
    (scan,) = read(document(run(*results, **more)), root)
    return scan


def found(root: str = "", rules: list[dict[str, Any]] | None = None, **more: Any) -> Finding:
    scan = scanned(result(**more), root=root, rules=rules)
    assert not scan.unknown
    (finding,) = scan.findings
    return finding


def at(uri: str, base: str | None = None, **region: int) -> list[dict[str, Any]]:
    artifact = {"uri": uri, **({"uriBaseId": base} if base else {})}
    return [{"physicalLocation": {"artifactLocation": artifact, "region": region}}]


@law
@given(st.lists(SCAN, min_size=1, max_size=3))
def test_what_we_wrote_is_read_as_it_was(scans: list[Scan]) -> None:
    assert read(json.dumps(log(scans)).encode()) == tuple(scans)


@law
@given(st.binary(max_size=200) | st.text().map(str.encode))
def test_bytes_of_any_kind_are_unknown(data: bytes) -> None:
    (scan,) = read(data, tool="lint")
    assert scan.unknown
    assert scan.tool == "lint"


@law
@given(SCAN, st.data())
def test_a_log_that_breaks_off_is_unknown(scan: Scan, data: st.DataObject) -> None:
    whole = json.dumps(log([scan])).encode()
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert all(one.unknown for one in read(part))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@law
@given(SCAN, _JSON, st.data())
def test_a_wrong_value_anywhere_raises_nothing(scan: Scan, wrong: Any, data: st.DataObject) -> None:
    told: Any = json.loads(json.dumps(log([scan])))
    inside = told
    while True:
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if not isinstance(inside[key], dict | list) or data.draw(st.booleans()):
            inside[key] = wrong
            break
        inside = inside[key]
    assert read(json.dumps(told).encode())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "cannot be read: Invalid JSON"),
        (b"[" * 100_000, "recursion limit"),
        (b'{"version": "2.1.0", "runs": []}', "holds no run"),
        (b'{"version": "2.1.0"}', "runs: Field required"),
        (b'{"version": "2.0.0", "runs": [{}]}', "SARIF 2.1.0 is needed, not version 2.0.0"),
        (b'{"version": 2.1, "runs": []}', "version"),
        (b" " * (MOST_BYTES + 1), "larger than 16 MB"),
        (document({"tool": {}}), "tool.driver: Field required"),
        (document({"tool": {"driver": {"name": "lint"}}}), "did not get as far as looking"),
        (document(run(results=None)), "did not get as far as looking"),
        (document(run(result(message={"text": 3}))), "results.0.message.text"),
        (document(run(result(level="dreadful"))), "level"),
        (document(run(result(locations=at("a", startLine=-1)))), "startLine"),
        (document(run(*[result()] * 50_001)), "at most 50000"),
        (document(run(originalUriBaseIds={str(i): 1 for i in range(10_001)})), "10000 entries"),
        (
            document(run(externalPropertyFileReferences={"results": [{"location": {}}]})),
            "lie in other files",
        ),
        (document(run(invocations=[{"executionSuccessful": False}])), "did not run to its end"),
        (document(run(invocations=[{}])), "executionSuccessful"),
    ],
)
def test_what_cannot_be_read_in_full_is_unknown(data: bytes, why: str) -> None:
    (scan,) = read(data)
    assert why in scan.unknown
    assert not scan.is_clean


@pytest.mark.parametrize("kind", ["toolExecutionNotifications", "toolConfigurationNotifications"])
def test_a_tool_that_reports_an_error_of_its_own_is_unknown(kind: str) -> None:
    def scan(level: str) -> Scan:
        said = [{"level": level, "message": {"text": "a.ts is\nnot \x1b[31mread"}}]
        return scanned(result(), invocations=[{"executionSuccessful": True, kind: said}])

    assert scan("error").unknown == "a.ts is not [31mread"
    assert len(scan("error").findings) == 1
    assert not scan("warning").unknown


def test_a_run_that_is_broken_spoils_no_other() -> None:
    first, second = read(document({"tool": 1}, run(result())))
    assert first.unknown
    assert not second.unknown


def test_a_clean_run_is_clean_with_a_byte_order_mark_and_without_invocations() -> None:
    (scan,) = read(b"\xef\xbb\xbf" + document(run()))
    assert scan.is_clean


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        ("9.0", "critical"),
        ("8.9", "high"),
        (7, "high"),
        (6.9, "moderate"),
        ("4", "moderate"),
        ("3.9", "low"),
        (0.1, "low"),
        ("0.0", "note"),
        ("10", "critical"),
        ("10.1", "note"),
        ("-1", "note"),
        ("nan", "note"),
        ("inf", "note"),
        ("dreadful", "note"),
        ([9], "note"),
    ],
)
def test_a_security_severity_is_told_in_the_bands_of_cvss(score: object, severity: str) -> None:
    bag = {"security-severity": score}
    assert found(level="note", properties=bag).severity == severity
    rule = {"id": "no-eval", "properties": bag}
    assert found(level="note", rules=[rule]).severity == severity
    assert found(rules=[rule], properties={"severity": "low"}).severity == "low"


@pytest.mark.parametrize(
    ("level", "of_the_rule", "severity"),
    [
        ("error", None, Severity.HIGH),
        (None, "error", Severity.HIGH),
        ("note", "error", Severity.NOTE),
        (None, None, Severity.MODERATE),
        ("none", None, Severity.NOTE),
    ],
)
def test_a_level_is_the_results_or_the_rules_or_a_warning(
    level: str | None, of_the_rule: str | None, severity: Severity
) -> None:
    more = {"level": level} if level else {}
    rule: dict[str, Any] = {"id": "no-eval"}
    if of_the_rule:
        rule["defaultConfiguration"] = {"level": of_the_rule}
    assert found(rules=[rule], **more).severity is severity


def test_a_rule_is_found_by_its_name_its_number_or_as_the_parent_of_a_part() -> None:
    rules = [{"id": "other"}, {"id": "no-eval", "helpUri": "https://example.org/no-eval"}]
    named: list[dict[str, Any]] = [{"ruleId": "no-eval"}, {"ruleIndex": 1}, {"rule": {"index": 1}}]
    for one in [*named, {"ruleId": "no-eval/direct"}, {"ruleId": "x", "ruleIndex": 1}]:
        scan = scanned({"message": {"text": "It calls."}, **one}, rules=rules)
        assert scan.findings[0].link == "https://example.org/no-eval"
        assert scan.findings[0].rule == one.get("ruleId", "no-eval")


def test_a_rule_of_an_extension_is_found() -> None:
    one = result(rule={"index": 0, "toolComponent": {"index": 0}}, ruleIndex=0)
    extension = {"name": "pack", "rules": [{"id": "no-eval", "helpUri": "https://pack.org/"}]}
    tool = {"driver": {"name": "lint", "rules": [{"id": "x"}]}, "extensions": [extension]}
    ((finding,),) = [scan.findings for scan in read(document(run(one, tool=tool)))]
    assert finding.link == "https://pack.org/"


@pytest.mark.parametrize(
    ("told", "dismissed"),
    [
        ([], ""),
        ([{"kind": "inSource", "justification": "it\nis meant"}], "it is meant"),
        ([{"kind": "external", "status": "accepted", "justification": "ok"}], "ok"),
        ([{"kind": "inSource"}], "the tool was told to leave it out, without a reason"),
        ([{"kind": "external", "status": "rejected", "justification": "no"}], ""),
        ([{"kind": "external", "status": "underReview", "justification": "wait"}], ""),
        ([{"kind": "inSource"}, {"kind": "external", "status": "rejected"}], ""),
    ],
)
def test_only_an_accepted_suppression_dismisses(told: list[Any], dismissed: str) -> None:
    assert found(suppressions=told).dismissed == dismissed


@pytest.mark.parametrize(
    ("uri", "base", "root", "file"),
    [
        ("src/a%20b.ts", None, "", "src/a b.ts"),
        ("./src/a.ts", None, "", "src/a.ts"),
        ("a%FF.ts", None, "", b"a\xff.ts".decode("utf-8", "surrogateescape")),
        ("file:///w/build/src/a.ts", None, "/w/build", "src/a.ts"),
        ("file:///w/build/src/a.ts", None, "/w/build/", "src/a.ts"),
        ("file://localhost/w/build/src/a.ts", None, "/w/build", "src/a.ts"),
        ("/w/build/src/a.ts", None, "/w/build", "src/a.ts"),
        ("file:///w/builder/a.ts", None, "/w/build", "/w/builder/a.ts"),
        ("src/a.ts", "%SRCROOT%", "", "src/a.ts"),
        ("src/a.ts", "%SRCROOT%", "/w/build", "src/a.ts"),
        ("file:///checkout/src/a.ts", None, "/w/build", "src/a.ts"),
        ("a.ts", "SRC", "", "src/a.ts"),
        ("a.ts", "LIB", "/w/build", "lib/a.ts"),
        ("a.ts", "nobody", "", "a.ts"),
        ("a.ts", "LOOP", "", "x/x/x/x/x/x/x/x/x/x/a.ts"),
        ("https://example.org/a.ts", None, "/w", "https://example.org/a.ts"),
    ],
)
def test_a_file_is_told_below_the_checkout(
    uri: str, base: str | None, root: str, file: str
) -> None:
    bases = {
        "%SRCROOT%": {"uri": "file:///checkout/"},
        "SRC": {"uri": "src/", "uriBaseId": "%SRCROOT%"},
        "LIB": {"uri": "file:///w/build/lib/"} if root else {"uri": "lib/"},
        "LOOP": {"uri": "x", "uriBaseId": "LOOP"},
    }
    scan = scanned(result(locations=at(uri, base)), root=root, originalUriBaseIds=bases)
    place = scan.findings[0].place
    assert place is not None
    assert place.file == file


@pytest.mark.parametrize(
    ("region", "place"),
    [
        ({}, (1, 1, 1, 1)),
        ({"startLine": 7}, (7, 1, 7, 1)),
        ({"startLine": 7, "startColumn": 3}, (7, 3, 7, 3)),
        ({"startLine": 7, "startColumn": 3, "endColumn": 5}, (7, 3, 7, 5)),
        ({"startLine": 7, "startColumn": 3, "endLine": 9}, (7, 3, 9, 1)),
        ({"startLine": 0, "startColumn": 0, "endLine": 0, "endColumn": 0}, (1, 1, 1, 1)),
        ({"startLine": 7, "startColumn": 3, "endLine": 2, "endColumn": 9}, (7, 3, 7, 3)),
    ],
)
def test_what_a_region_leaves_out_is_filled_in(
    region: dict[str, int], place: tuple[int, int, int, int]
) -> None:
    assert found(locations=at("a.ts", None, **region)).place == Place("a.ts", *place)


def test_a_file_may_be_named_by_its_number() -> None:
    where = [{"physicalLocation": {"artifactLocation": {"index": 0}}}]
    scan = scanned(result(locations=where), artifacts=[{"location": {"uri": "src/a.ts"}}])
    assert scan.findings[0].place == Place("src/a.ts", 1, 1, 1, 1)
    assert found(locations=where).place is None


def test_text_is_harmless_and_bounded() -> None:
    told = found(ruleId="no\x1beval", message={"text": "x\x1b[31m\u202ey " + "z" * 9000})
    assert told.rule == "no eval"
    assert told.sentence.isprintable()
    assert len(told.sentence) == 1000


def test_further_lines_of_a_message_are_its_help() -> None:
    told = found(message={"text": "\nIt calls eval.\n\nCall it\nby name."})
    assert (told.sentence, told.help) == ("It calls eval.", "Call it by name.")


def test_a_message_by_its_name_is_filled_in() -> None:
    rule = {"id": "no-eval", "messageStrings": {"found": {"text": "{0} calls {1}, {7}."}}}
    told = found(rules=[rule], message={"id": "found", "arguments": ["a()", "ev\x1bal"]})
    assert told.sentence == "a() calls ev al, {7}."


def test_a_result_without_a_word_has_the_rules() -> None:
    rule = {"id": "no-eval", "shortDescription": {"text": "Calls of eval."}}
    assert found(rules=[rule], message={"text": " "}).sentence == "Calls of eval."
    assert found(message={}).sentence == "the tool does not say what is wrong"


@pytest.mark.parametrize("fix", ["-a\n+\x1b[31mb\n", "-a\n" * 40_000, 3, ["-a"]])
def test_a_patch_that_is_not_harmless_or_too_long_is_left_out(fix: object) -> None:
    assert not found(properties={"fix": fix}).fix
    assert found(properties={"fix": "-a\n+b\n"}).fix == "-a\n+b\n"


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a b", "https://a\x1b", "//a"])
def test_only_an_address_of_the_web_is_a_link(link: str) -> None:
    assert not found(rules=[{"id": "no-eval", "helpUri": link}]).link


@pytest.mark.parametrize("kind", ["pass", "notApplicable", "informational"])
def test_what_a_tool_holds_for_right_is_no_finding(kind: str) -> None:
    assert scanned(result(kind=kind, level="none")).is_clean
    assert found(kind="review", level="none").severity is Severity.MODERATE


def test_what_is_gone_is_no_finding() -> None:
    assert scanned(result(baselineState="absent")).is_clean
    assert found(baselineState="new").rule == "no-eval"


def test_ruff_is_read(tmp_path: Path) -> None:
    (tmp_path / "a b.py").write_text("import os\nx = 1; y = 2\n")
    command = [
        str(Path(sys.executable).with_name("ruff")),
        "check",
        "--isolated",
        "--select=F401,E702",
    ]
    told = subprocess.run(
        [*command, "--output-format=sarif"], cwd=tmp_path, capture_output=True, check=False
    )
    (scan,) = read(told.stdout, str(tmp_path.resolve()))
    assert (scan.tool, scan.unknown) == ("ruff", "")
    assert {one.rule for one in scan.findings} == {"F401", "E702"}
    unused = next(one for one in scan.findings if one.rule == "F401")
    assert unused.place == Place("a b.py", 1, 8, 1, 10)
    assert unused.link.startswith("https://docs.astral.sh/")
