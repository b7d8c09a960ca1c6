"""Does a canary that is replayed from its record get the verdicts that it got then?"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from fairlead.analysis.evidence.replay import Decision, decisions, replay
from fairlead.analysis.verdict import Verdict
from fairlead.cli.recorded import Canary, canaries
from fairlead.cli.replaying import replayed
from fairlead.pipeline.sampling import Sampler
from fairlead.release import judging
from fairlead.release.spec.judgement import Evidence
from fairlead.reports import measured, record
from journeys.configurations import JUDGEMENT
from pipeline.loop import Killer, Loop
from pipeline.test_at_horizon import asks, send_on, waits
from pipeline.test_evidence import ASKED

Make = Callable[..., Loop]
WIDE = {"error_rate": "99%", "mean_latency": "10s"}


@dataclass(frozen=True)
class Told:
    """What the API tells of a run, as plain data."""

    measured: dict[str, Any]
    journal: list[dict[str, Any]]

    def canary(self) -> Canary:
        (one,) = canaries(self.measured, self.journal)
        return one

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [entry for entry in self.journal if entry["kind"] == kind]


def by_evidence_alone(loop_of: Make) -> Loop:
    loop = loop_of(judgement=JUDGEMENT | {"by": "evidence", "evidence": ASKED, "canary": WIDE})
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    return loop


def told(loop: Loop, run: str) -> Told:
    window = loop.window()
    found = measured.measured(window, run), record.entries(window, 0, run, 1000)
    return Told(*json.loads(json.dumps(found, default=lambda at: at.isoformat())))


def again(canary: Canary, asked: dict[str, Any]) -> list[Decision]:
    rules = judging.rules(Evidence.model_validate(asked))
    return [*decisions(canary.known(rules), canary.moments, rules)]


def the_same(loop: Loop, run: str, asked: dict[str, Any]) -> Decision:
    """Compare every look with what was stored then; return what is decided again."""
    seen = told(loop, run)
    canary = seen.canary()
    ends = canary.moments[-1].at.isoformat()
    stored = {
        entry["at"]: (entry["data"]["verdict"], entry["because"], entry["data"]["value"])
        for entry in seen.of("release.judged")
        if entry["at"] <= ends
    }
    looks = {
        one.at.isoformat(): (one.finding.verdict.name, one.finding.because, one.value)
        for one in again(canary, asked)
    }
    # A judge that stays blind tells it once, and the looks of a promoted release are no canary's.
    assert len(stored) > 1
    assert stored.items() <= looks.items()
    rules = judging.rules(Evidence.model_validate(asked))
    decided = replay(canary.known(rules), canary.moments, rules)
    assert decided is not None
    assert decided.at.isoformat() in stored
    return decided


def test_a_good_release_is_proven_again_at_the_same_look(loop_of: Make) -> None:
    loop = by_evidence_alone(loop_of)
    loop.app.commit("second")
    run = loop.ship()
    assert run.status == "succeeded"
    assert the_same(loop, run.id, ASKED).finding.verdict is Verdict.HEALTHY
    one = told(loop, run.id).canary()
    assert (one.outcome, one.because[:8]) == ("promoted", "as good ")


def test_a_bad_release_is_worse_again_at_the_same_look(loop_of: Make) -> None:
    loop = by_evidence_alone(loop_of)
    for release, fails in ((loop.live().live, 2), (loop.app.commit("a little worse"), 9)):
        loop.counting.fails[release] = fails
    run = loop.ship()
    assert run.status == "rolled_back"
    decided = the_same(loop, run.id, ASKED)
    assert decided.finding.verdict is Verdict.UNHEALTHY
    assert decided.finding.because in run.because


def test_what_was_held_and_sent_on_is_told_again_look_by_look(loop_of: Make) -> None:
    loop, run = waits(loop_of)
    release = loop.run(run).release
    send_on(loop, run)
    loop.carry(run, until=lambda: loop.live().weights[release] == 50)
    loop.carry(run, until=lambda: asks(loop, run))
    loop.counting.fails[release] = 3
    send_on(loop, run)
    loop.carry(run)
    assert loop.run(run).status == "succeeded"
    decided = the_same(loop, run, {"horizon": "10s"})
    assert decided.finding.verdict is Verdict.UNKNOWN
    sent = [one.sent_on for one in told(loop, run).canary().moments if one.sent_on]
    assert len(sent) == 1


def test_what_was_known_beforehand_is_on_record_once_whatever_is_killed(loop_of: Make) -> None:
    loop = by_evidence_alone(loop_of)
    sampler = Sampler(loop.house)
    for second in range(200):
        loop.counting.fails[loop.live().live] = 40 if second % 10 == 0 else 0
        sampler.sample()
        loop.clock.pass_by(1)
    loop.app.commit("second")
    killer = Killer()
    run = loop.ship(killer.taking(loop))
    assert run.status == "succeeded"
    seen = told(loop, run.id)
    (began,) = seen.of("judging.began")
    known = began["data"]["known"]["functions"]
    assert set(known) == {"requests", "errors", "buckets", "phi"}
    assert sum(known["buckets"].values()) == known["requests"] > 0
    assert began["because"].startswith(f"release {run.release} is judged from here on; of release ")


def test_with_other_settings_it_is_decided_otherwise(loop_of: Make) -> None:
    loop = by_evidence_alone(loop_of)
    loop.counting.fails[loop.app.commit("bad")] = 12
    run = loop.ship()
    canary = told(loop, run.id).canary()
    lenient = Evidence.model_validate({"alpha": "0.000001%", "max_bad": 10})
    today = replayed(canary, lenient)["today"]
    assert today["verdict"] == "UNKNOWN"
    assert "limit 10: no more traffic before that is understood" in today["because"]


@pytest.mark.parametrize(("fails", "verdict"), [(0, "HEALTHY"), (30, "UNHEALTHY")])
def test_a_run_judged_by_limits_is_replayed_by_evidence(
    loop_of: Make, fails: int, verdict: str
) -> None:
    loop = loop_of(hold="30s")
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    loop.counting.fails[loop.app.commit("second")] = fails
    run = loop.ship()
    told_again = replayed(told(loop, run.id).canary(), Evidence.model_validate(ASKED))
    assert told_again["then"]["outcome"] == ("rolled back" if fails else "promoted")
    assert told_again["today"]["verdict"] == verdict
    assert told_again["seeded"]


def test_windows_end_with_the_run(loop_of: Make) -> None:
    loop = by_evidence_alone(loop_of)
    loop.app.commit("second")
    run = loop.ship()
    before = told(loop, run.id).measured
    loop.app.commit("third")
    assert loop.ship().status == "succeeded"
    assert told(loop, run.id).measured == before
