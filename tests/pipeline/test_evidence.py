"""Does a canary go on by proof and back by proof, and is what is known kept through any kill?"""

from collections.abc import Callable
from typing import Any

from fairlead.analysis.verdict import Verdict
from fairlead.store import journal, rollouts
from journeys.configurations import JUDGEMENT
from pipeline.loop import Killer, Loop

Make = Callable[..., Loop]
ASKED = {"mde": "2%", "horizon": "2m", "latency": {"p50": "15%", "p90": "10%", "p99": "5%"}}


def judged(loop: Loop, run: str) -> list[dict[str, Any]]:
    with loop.house.database.begin() as tx:
        entries = [e.event for e in journal.entries(tx, 0, run)]
    return [dict(e.data) for e in entries if e.kind == "release.judged"]


def by_evidence(loop_of: Make, **asked: Any) -> Loop:
    judgement = JUDGEMENT | {"by": "evidence", "evidence": ASKED | asked}
    loop = loop_of(judgement=judgement)
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    return loop


def test_a_good_release_goes_on_as_soon_as_it_is_proven_and_every_look_is_told(
    loop_of: Make,
) -> None:
    loop = by_evidence(loop_of)
    loop.app.commit("second")
    run = loop.ship()
    assert run.status == "succeeded"
    looks = judged(loop, run.id)
    unknown = [look["verdict"] for look in looks].count("UNKNOWN")
    assert looks[unknown]["verdict"] == "HEALTHY"
    assert unknown > 0
    asked = [look["evidence"]["functions"]["canary"][0] for look in looks]
    assert asked == [100 * (number + 1) for number in range(len(looks))]
    assert all(look["value"] < 1000 for look in looks)


def test_a_bad_release_goes_back_by_proof_and_says_against_what(loop_of: Make) -> None:
    loop = by_evidence(loop_of)
    loop.counting.fails[loop.app.commit("bad")] = 30
    run = loop.ship()
    assert run.status == "rolled_back"
    assert run.because.startswith(
        "the new release is unhealthy at 50% (step 1 of 1): functions: more errors than in the "
        "release before, 30 of 100 answers bad, beside 0 of 100, evidence "
    )


def test_an_outage_of_both_is_not_the_new_releases_fault(loop_of: Make) -> None:
    loop = by_evidence(loop_of, horizon="30s")
    for release in (loop.live().live, loop.app.commit("second")):
        loop.counting.fails[release] = 60
    run = loop.ship()
    looks = judged(loop, run.id)
    assert looks
    assert Verdict.UNHEALTHY.name not in {look["verdict"] for look in looks}


def test_without_answer_times_nothing_is_proven_and_the_horizon_takes_it_back(
    loop_of: Make,
) -> None:
    loop = by_evidence(loop_of, horizon="10s")
    loop.counting.tells_times = False
    loop.app.commit("second")
    run = loop.ship()
    assert run.status == "rolled_back"
    assert run.because.startswith("the evidence of 10 s is not enough at 50% (step 1 of 1): ")
    assert "0% of the proof that its answer times are as good" in run.because


def test_a_killed_server_goes_on_with_the_same_evidence(loop_of: Make) -> None:
    loop = by_evidence(loop_of)
    loop.counting.fails[loop.app.commit("a little worse")] = 7
    killer = Killer()
    run = loop.ship(killer.taking(loop))
    assert killer.kills > 50
    assert run.status == "rolled_back"
    looks = judged(loop, run.id)
    # The evidence of one look stands on all looks before it: nothing began anew.
    asked = [look["evidence"]["functions"]["canary"][0] for look in looks]
    assert asked == sorted(asked)
    assert looks[-1]["verdict"] == "UNHEALTHY"
    with loop.house.database.begin() as tx:
        kept = rollouts.find(tx, run.id, "live")
    assert kept is not None
    assert kept.known is not None
    assert kept.known.components["functions"].canary[0] == asked[-1]
    assert kept.known.rolled_back in run.because
