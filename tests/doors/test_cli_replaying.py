"""What would today's judge have said of what a past run left on record?"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from doors.canned_fairlead import Answer, Canned, canned_fairlead, entry, say
from doors.test_cli_explaining import BEGAN, WORSE
from fairlead.analysis.measurement import Unusable
from fairlead.cli.recorded import Canary, canaries
from fairlead.cli.replaying import replayed
from fairlead.release.spec.judgement import Evidence

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "agentic" / "fairlead.yaml"
REPLAY = ("analysis", "replay", "r1", "--file", str(EXAMPLE))
NEW, OLD = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
SEED = {"api": {"requests": 360_000, "errors": 360, "buckets": {"60": 360_000}, "phi": 1.0}}
USUAL = Evidence()


@pytest.fixture
def fairlead() -> Iterator[Canned]:
    with canned_fairlead() as canned:
        yield canned


def at(second: float) -> str:
    return (BEGAN + timedelta(seconds=second)).isoformat()


def measured(
    seconds: range, fails: int, place: str = "production", bucket: int = 60
) -> dict[str, Any]:
    """Return what was measured, a poll a second: 5 requests to the new release, 95 beside it."""
    windows = []
    for second in seconds:
        ends = {"began": at(second), "ended": at(second + 1), "component": "api", "total_ms": 1.0}
        bad = 1 if fails and second % fails == 0 else 0
        canary = {"requests": 5, "errors": bad, "buckets": {str(bucket): 5}}
        beside = {"requests": 95, "errors": 0, "buckets": {"60": 95}}
        windows.append(ends | {"release": NEW} | canary)
        windows.append(ends | {"release": OLD} | beside)
    return {"environment": place, "release": NEW, "previous": OLD, "windows": windows}


def journal(*more: dict[str, Any], seed: bool = True, **changes: Any) -> list[dict[str, Any]]:
    """Return the journal of a canary at 5 percent from the beginning on."""
    weights = {"weights": {NEW: 5, OLD: 95}}
    told = [
        entry(1, "traffic.decided", "on to 5%", at=at(0), data=weights, **changes),
        entry(2, "traffic.shifted", "serves 5%", at=at(0), data=weights, **changes),
    ]
    if seed:
        data = {"began": at(0), "known": SEED}
        told.append(entry(3, "judging.began", "judged", at=at(0), data=data, **changes))
    return [*told, *more]


def only(place: dict[str, Any], entries: list[dict[str, Any]]) -> Canary:
    (found,) = canaries({"run": "r1", "environments": [place]}, entries)
    return found


def went_back(second: int) -> list[dict[str, Any]]:
    data = {"verdict": "UNHEALTHY", "evidence": {}}
    return [
        entry(4, "release.judged", WORSE, at=at(second), data=data),
        entry(5, "rollback.decided", "it is worse", at=at(second)),
    ]


def serve(
    fairlead: Canned, entries: list[dict[str, Any]], *places: dict[str, Any], times: int = 1
) -> None:
    fairlead.on("GET runs/r1/measurements", Answer({"run": "r1", "environments": [*places]}))
    fairlead.on("GET journal", *[Answer(entries), Answer([])] * times)


def test_a_bad_release_would_have_gone_back_again(fairlead: Canned, tmp_path: Path) -> None:
    serve(fairlead, journal(*went_back(300)), measured(range(300), fails=2), times=2)
    result = say(tmp_path, fairlead.url, *REPLAY)
    assert result.exit_code == 0, result.stderr
    then, today, left_out = result.stdout.splitlines()
    assert then == f"production: then: rolled back: {WORSE}"
    assert today.startswith("production: today's judge would have sent it back at 2026-01-31 12:0")
    assert "api: more errors than in the release before" in today
    assert today.endswith("evidence 4,295 to 1 (e-value 4,295)")
    assert left_out == "(the evidence alone: fixed limits and guard-rails are not judged again)"
    (told,) = json.loads(say(tmp_path, fairlead.url, *REPLAY, "--json").stdout)["environments"]
    assert told["today"]["verdict"] == "UNHEALTHY"
    assert told["today"]["seconds"] < 200
    assert told["today"]["value"] >= 1000


def test_slower_answers_are_found_although_no_more_of_them_fail() -> None:
    again = replayed(only(measured(range(400), fails=0, bucket=75), journal()), USUAL)
    assert again["today"]["verdict"] == "UNHEALTHY"
    assert "slower answers" in again["today"]["because"]


def test_a_good_release_would_have_been_proven(fairlead: Canned, tmp_path: Path) -> None:
    live = entry(4, "release.live", "it has all traffic", at=at(900))
    serve(fairlead, journal(live), measured(range(900), fails=0))
    then, today, _ = say(tmp_path, fairlead.url, *REPLAY).stdout.splitlines()
    assert then == "production: then: promoted: nothing was judged"
    assert "today's judge would have called it as good at 2026-01-31 12:" in today


def test_what_was_known_before_is_missed_where_it_was_not_recorded(
    fairlead: Canned, tmp_path: Path
) -> None:
    serve(fairlead, journal(seed=False), measured(range(20), fails=0))
    _, today, unseeded, _ = say(tmp_path, fairlead.url, *REPLAY).stdout.splitlines()
    assert "would not have known" in today
    assert unseeded == (
        "production: what the release before did until then was not recorded: today's judge starts "
        "from nothing"
    )


def test_every_environment_that_the_file_judges_by_evidence_is_told(
    fairlead: Canned, tmp_path: Path
) -> None:
    told = EXAMPLE.read_text("utf-8").replace(
        "  staging:\n", "  staging:\n    judgement: {by: evidence}\n", 1
    )
    file = tmp_path / "fairlead.yaml"
    file.write_text(told, "utf-8")
    places = [measured(range(30), fails=0, place=name) for name in ("qa", "staging", "production")]
    every = [e for p in places for e in journal(environment=p["environment"])]
    serve(fairlead, every, *places)
    result = say(tmp_path, fairlead.url, *REPLAY[:-1], str(file), "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)["environments"]
    assert [one["environment"] for one in found] == ["staging", "production"]


def test_a_share_that_never_arrived_and_numbers_that_stopped_are_not_known() -> None:
    place = measured(range(140), fails=0)
    for one in place["windows"]:
        if one["release"] == NEW:
            one["requests"], one["buckets"] = 1, {"60": 1}
    lost = replayed(only(place, journal()), USUAL)["today"]
    assert lost["verdict"] == "UNKNOWN"
    assert "requests at a weight of 5%: look for requests that hang or are lost" in lost["because"]
    ends = entry(4, "rollback.decided", "no usable measurements", at=at(140))
    silent = replayed(only(measured(range(60), fails=0), journal(ends)), USUAL)["today"]
    assert silent["because"] == "nothing usable for 80 s: nothing was recorded any more"
    assert silent["at"] == at(140)


def test_what_the_release_before_lacks_and_all_traffic_are_not_compared() -> None:
    place = measured(range(40), fails=0)
    place["windows"] = [one for one in place["windows"] if one["release"] == NEW]
    all_of_it = {"weights": {NEW: 100, OLD: 0}}
    told = journal(entry(4, "traffic.shifted", "serves 100%", at=at(30), data=all_of_it))
    canary = only(place, told)
    assert len(canary.moments) == 30
    assert all(isinstance(one.blocks, Unusable) for one in canary.moments)
    assert replayed(canary, USUAL)["today"]["verdict"] == "UNKNOWN"


def test_a_person_s_word_counts_from_the_step_that_it_brought() -> None:
    told = journal(
        entry(4, "promote.wanted", "bo sends it on", at=at(20), data={"weight": 5}),
        entry(5, "traffic.decided", "on", at=at(21), data={"weights": {NEW: 25, OLD: 75}}),
        entry(6, "traffic.shifted", "at 25%", at=at(21), data={"weights": {NEW: 25, OLD: 75}}),
        entry(7, "traffic.decided", "on", at=at(31), data={"weights": {NEW: 50, OLD: 50}}),
    )
    canary = only(measured(range(40), fails=0), told)
    sent = {one.at.isoformat(): one.sent_on for one in canary.moments if one.sent_on}
    assert sent == {at(22): BEGAN + timedelta(seconds=21)}
    assert [one.weight for one in canary.moments[20:22]] == [0.05, 0.25]


def test_a_run_that_was_not_compared_there_is_refused(fairlead: Canned, tmp_path: Path) -> None:
    serve(fairlead, journal(environment="qa"), measured(range(9), fails=0, place="qa"))
    result = say(tmp_path, fairlead.url, *REPLAY)
    assert result.exit_code == 2
    assert "run r1 has no recorded canary in production, which" in result.stderr
    assert "fairlead journal --run r1" in result.stderr
