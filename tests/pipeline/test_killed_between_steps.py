"""What if the process dies between any two steps? The run goes on, and its record is the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairlead.analysis.verdict import Finding, Verdict
from fairlead.pipeline.turn import Next
from journeys.configurations import at_once, canary
from pipeline.loop import Killer, Loop

Make = Callable[..., Loop]


def gated(app: str, ports: list[int], tally: Path) -> dict[str, Any]:
    """Return a canary behind a gate that counts how often it runs."""
    told = canary(app, ports)
    check = {"run": f"echo ran >> {tally} && test -f fairlead.yaml"}
    stages = [{"stage": "checks", "gates": ["check"]}, *told["pipeline"]]
    return told | {"gates": {"check": check}, "pipeline": stages}


def test_every_turn_taken_twice_leaves_the_same_record(loop_of: Make, tmp_path: Path) -> None:
    once, twice = (loop_of(gated, tally=tmp_path / name) for name in ("once", "twice"))

    def take(run_id: str) -> Next:
        twice.take(run_id)
        return twice.take(run_id)

    for says in ("first", "second"):
        once.app.commit(says)
        twice.app.commit(says)
        usual, again = once.ship(), twice.ship(take)
        assert (usual.status, again.status) == ("succeeded", "succeeded")
        assert again.because.startswith("healthy at 100%")
        assert twice.kinds(again.id) == once.kinds(usual.id)
    assert (tmp_path / "twice").read_text() == "ran\nran\n"


def test_killed_before_every_single_step_a_good_release_arrives_all_the_same(
    loop_of: Make, tmp_path: Path
) -> None:
    once, killed = (loop_of(gated, tally=tmp_path / name) for name in ("once", "killed"))
    for loop in (once, killed):
        loop.app.commit("first")
        assert loop.ship().status == "succeeded"
    new = killed.app.commit("second")
    once.app.commit("second")
    killer = Killer()
    usual, survived = once.ship(), killed.ship(killer.taking(killed))
    assert killer.kills > 60
    assert survived.status == usual.status == "succeeded"
    assert killed.kinds(survived.id) == once.kinds(usual.id)
    state = killed.live()
    assert (state.live, state.weights[new], state.held_by) == (new, 100, "")
    assert killed.edges.weights(killed.app.name, "live") == state.weights
    assert (tmp_path / "killed").read_text() == "ran\nran\n"


def test_killed_before_every_single_step_a_bad_release_comes_back_all_the_same(
    loop_of: Make,
) -> None:
    once, killed = loop_of(), loop_of()
    for loop in (once, killed):
        loop.app.commit("first")
        assert loop.ship().status == "succeeded"
    good = killed.live().live
    for loop in (once, killed):
        loop.counting.fails[loop.app.commit("bad")] = 30
    killer = Killer()
    usual, survived = once.ship(), killed.ship(killer.taking(killed))
    assert killer.kills > 50
    assert survived.status == usual.status == "rolled_back"
    assert "failed 30% of calls" in survived.because
    assert killed.kinds(survived.id) == once.kinds(usual.id)
    state = killed.live()
    assert (state.live, state.weights[good], state.held_by) == (good, 100, "")
    assert killed.edges.weights(killed.app.name, "live")[good] == 100


def test_killed_before_every_single_step_a_failed_start_touches_nobody(loop_of: Make) -> None:
    loop = loop_of(at_once)
    good = loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    bad = loop.app.commit("bad")
    loop.slots.sick[bad] = Finding(Verdict.UNHEALTHY, "it crashed")
    ended = loop.ship(Killer().taking(loop))
    assert (ended.status, ended.because) == ("failed", f"release {bad} did not start: it crashed")
    assert loop.kinds(ended.id)[-2:] == ["release.abandoned", "run.failed"]
    state = loop.live()
    assert (state.live, state.weights) == (good, {good: 100})
