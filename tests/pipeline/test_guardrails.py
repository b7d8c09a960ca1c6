"""Does a release go back by its people's own limits, and wait where they cannot be asked?"""

from collections.abc import Callable
from typing import Any

import pytest

from fairlead.store import journal, rollouts
from journeys.configurations import JUDGEMENT, canary
from pipeline.loop import Killer, Loop

Make = Callable[..., Loop]
ASKED = {"mde": "2%", "horizon": "2m", "latency": {"p50": "15%", "p90": "10%", "p99": "5%"}}
SLOW = 104  # the bucket of answer times around two seconds


def watched(app: str, ports: list[int], **policy: Any) -> dict[str, Any]:
    told = canary(app, ports, **policy)
    return told | {"pipeline": [*told["pipeline"], {"stage": "watching", "monitor": "live"}]}


def guarded(loop_of: Make, by: str, **rail: Any) -> Loop:
    judgement = JUDGEMENT | {"by": by, "evidence": ASKED, "guardrails": {"tail": rail}}
    loop = loop_of(watched, judgement=judgement)
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    return loop


def judged(loop: Loop, run: str) -> list[dict[str, Any]]:
    with loop.house.database.begin() as tx:
        entries = [e.event for e in journal.entries(tx, 0, run)]
    return [dict(e.data) for e in entries if e.kind == "release.judged"]


def verdicts(loop: Loop, run: str) -> set[str]:
    return {look["verdict"] for look in judged(loop, run)}


def slow_for_both(loop: Loop, release: str) -> None:
    # The judge of the evidence compares: only a guard-rail sees what both have in common.
    for one in (loop.live().live, release):
        loop.counting.bucket[one] = SLOW


@pytest.mark.parametrize("by", ["evidence", "limits"])
def test_a_slow_release_goes_back_by_a_guardrail_on_its_answer_times(
    loop_of: Make, by: str
) -> None:
    loop = guarded(loop_of, by, unhealthy_if="p99_ms > 1500 and stable.p99_ms < 9000")
    slow_for_both(loop, loop.app.commit("slow"))
    run = loop.ship()
    assert run.status == "rolled_back"
    assert "guard-rail tail: functions over " in run.because
    assert ": p99_ms 2046.23, stable.p99_ms 2046.23; unhealthy if p99_ms > 1500" in run.because
    assert run.because.endswith(", 2 windows running")


@pytest.mark.parametrize("by", ["evidence", "limits"])
def test_a_release_within_its_guardrail_goes_all_the_way(loop_of: Make, by: str) -> None:
    text = "p99_ms > 1500 or error_rate > 2 * stable.error_rate + 0.2"
    loop = guarded(loop_of, by, unhealthy_if=text)
    loop.app.commit("second")
    run = loop.ship()
    assert run.status == "succeeded"
    # Nothing is passed before the guard-rail was asked, and its numbers are in the record.
    passed = [look for look in judged(loop, run.id) if look["verdict"] == "HEALTHY"]
    assert passed
    assert "error_rate 0, stable.error_rate 0" in passed[0]["guardrails"]["tail"]


@pytest.mark.parametrize("by", ["evidence", "limits"])
def test_what_cannot_be_known_holds_the_release_until_the_deadline(loop_of: Make, by: str) -> None:
    loop = guarded(loop_of, by, unhealthy_if="requests / errors < 2")
    loop.app.commit("second")
    run = loop.ship()
    assert run.status == "rolled_back"
    assert run.because.startswith("no usable measurements for ")
    assert "it divides by zero or its numbers are out of range" in run.because
    assert "at 50% (step 1 of 1)" in run.because
    assert "HEALTHY" not in verdicts(loop, run.id)


def test_what_cannot_be_known_can_send_it_back_at_once(loop_of: Make) -> None:
    loop = guarded(loop_of, "limits", unhealthy_if="requests / errors < 2", unknown="back")
    loop.app.commit("second")
    run = loop.ship()
    assert run.status == "rolled_back"
    assert run.because.startswith("the new release is unhealthy at 50% (step 1 of 1): ")
    assert run.because.endswith("; UNKNOWN 2 windows running")


@pytest.mark.parametrize("by", ["evidence", "limits"])
def test_an_outage_of_both_is_not_the_new_releases_fault(loop_of: Make, by: str) -> None:
    loop = guarded(loop_of, by, unhealthy_if="p99_ms > 1500", windows=1)
    slow_for_both(loop, loop.app.commit("second"))
    run = loop.ship()
    assert "UNHEALTHY" not in verdicts(loop, run.id)
    assert run.because.startswith("no usable measurements for ")
    assert run.because.endswith("and so is the release before")


@pytest.mark.parametrize("by", ["evidence", "limits"])
def test_it_holds_after_promotion_too(loop_of: Make, by: str) -> None:
    loop = guarded(loop_of, by, unhealthy_if="p99_ms > 1500", windows=1)
    release = loop.app.commit("slow when everybody comes")
    run = loop.submit()
    for _ in range(500):
        following = loop.take(run.id)
        if following.wait_s is None:
            break
        loop.clock.pass_by(following.wait_s)
        if loop.live().weights.get(release) == 100:
            loop.counting.bucket[release] = SLOW
    ended = loop.run(run.id)
    assert ended.status == "rolled_back"
    assert "guard-rail tail: functions over " in ended.because


def test_a_killed_server_counts_the_same_windows(loop_of: Make) -> None:
    loop = guarded(loop_of, "evidence", unhealthy_if="p99_ms > 1500 and stable.p99_ms > 0")
    slow_for_both(loop, loop.app.commit("slow"))
    killer = Killer()
    run = loop.ship(killer.taking(loop))
    assert killer.kills > 20
    assert run.status == "rolled_back"
    with loop.house.database.begin() as tx:
        kept = rollouts.find(tx, run.id, "live")
    assert kept is not None
    assert kept.known is not None
    assert kept.known.guardrails["tail"].over == 2
    assert kept.known.rolled_back in run.because
