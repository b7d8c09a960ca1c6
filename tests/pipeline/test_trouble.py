"""What if something outside fails for a while? The loop waits, and knows when to give up."""

from collections.abc import Callable

import pytest

from fairlead.analysis.verdict import Finding, Verdict
from fairlead.errors import Permanent, Temporary
from fairlead.pipeline import housekeeping
from fairlead.pipeline.turn import Next
from journeys.configurations import at_once, canary
from pipeline.loop import Loop

Make = Callable[..., Loop]


def shipped(loop: Loop) -> str:
    release = loop.app.commit("good")
    assert loop.ship().status == "succeeded"
    return release


def heals_after(loop: Loop, looks: int, what: Callable[[], None]) -> Callable[[str], Next]:
    """Return how to take turns so that after some of them the world is well again."""
    left = [looks]

    def take(run_id: str) -> Next:
        left[0] -= 1
        if left[0] == 0:
            what()
        return loop.take(run_id)

    return take


def test_trouble_that_passes_holds_a_release_up_and_no_more(loop_of: Make) -> None:
    loop = loop_of(at_once)
    shipped(loop)
    new = loop.app.commit("new")
    loop.slots.trouble = lambda: Temporary("supervisord does not answer")

    def heal() -> None:
        with loop.house.database.begin() as tx:
            told = tx.execute("SELECT because FROM stages WHERE trouble_since IS NOT NULL")
            assert [row["because"] for row in told] == ["supervisord does not answer"]
        loop.slots.trouble = None

    ended = loop.ship(heals_after(loop, 60, heal))
    assert ended.status == "succeeded"
    assert loop.live().live == new


def test_trouble_that_lasts_two_minutes_ends_the_run_and_says_how_long(loop_of: Make) -> None:
    loop = loop_of(at_once)
    good = shipped(loop)
    loop.app.commit("new")
    loop.slots.trouble = lambda: Temporary("supervisord does not answer")
    ended = loop.ship()
    assert (ended.status, ended.because) == (
        "failed",
        "supervisord does not answer (for 121 s)",
    )
    assert (loop.live().live, loop.live().held_by) == (good, "")


def test_what_can_never_work_ends_the_run_at_once(loop_of: Make) -> None:
    loop = loop_of(at_once)
    good = shipped(loop)
    loop.app.commit("new")
    loop.slots.trouble = lambda: Permanent("its artifact has no file index.ts")
    before = loop.clock()
    ended = loop.ship()
    assert (ended.status, ended.because) == ("failed", "its artifact has no file index.ts")
    assert (loop.clock() - before).total_seconds() < 10
    assert loop.live().weights == {good: 100}


@pytest.mark.parametrize("trouble", [Temporary, Permanent, OSError])
def test_a_way_back_is_never_given_up(loop_of: Make, trouble: type[Exception]) -> None:
    """An edge that takes no change for an hour still gets the good release's weights in the end."""
    loop = loop_of(canary)
    good = shipped(loop)
    bad = loop.app.commit("bad")
    loop.counting.fails[bad] = 50
    minutes = 0

    def take(run_id: str) -> Next:
        nonlocal minutes
        if loop.edges.weights(loop.app.name, "live").get(bad) == 50:
            minutes += 1
            loop.edges.trouble = (lambda: trouble("no room")) if minutes <= 60 else None
            loop.clock.pass_by(60)
        return loop.take(run_id)

    ended = loop.ship(take)
    assert minutes > 60
    assert ended.status == "rolled_back"
    assert loop.edges.weights(loop.app.name, "live")[good] == 100


def test_without_a_healthy_release_to_return_to_a_person_is_told(loop_of: Make) -> None:
    loop = loop_of(canary)
    good = shipped(loop)
    bad = loop.app.commit("bad")
    loop.counting.fails[bad] = 50
    loop.slots.sick[good] = Finding(Verdict.UNHEALTHY, "it crashed as well")

    def take(run_id: str) -> Next:
        loop.clock.pass_by(1)
        return loop.take(run_id)

    ended = loop.ship(take)
    assert ended.status == "failed"
    assert ended.because == (
        f"live cannot go back to {good}: it crashed as well; traffic stays as it is; "
        "deploy a good commit, or `fairlead rollback live --to RELEASE`"
    )
    assert "rollback.impossible" in loop.kinds(ended.id)
    assert loop.edges.weights(loop.app.name, "live") == {bad: 50, good: 50}
    assert loop.live().held_by == ""


def test_slots_stop_when_their_window_has_passed_and_not_before(loop_of: Make) -> None:
    loop = loop_of(at_once, rollback_window="10m")
    old = shipped(loop)
    new = loop.app.commit("new")
    assert loop.ship().status == "succeeded"
    slots = {r: f"{loop.app.name}.live.{r}.functions" for r in (old, new)}
    loop.clock.pass_by(590)
    housekeeping.tidy(loop.house)
    assert {slots[old], slots[new]} <= loop.slots.up
    loop.clock.pass_by(20)
    housekeeping.tidy(loop.house)
    assert slots[old] not in loop.slots.up
    assert slots[new] in loop.slots.up
    assert old not in loop.edges.weights(loop.app.name, "live")
    assert loop.edges.weights(loop.app.name, "live") == {new: 100}


def test_a_stray_slot_is_stopped_and_a_missing_one_is_started_again(loop_of: Make) -> None:
    loop = loop_of(at_once)
    live = shipped(loop)
    stray = "forgotten.live.0123456789ab.functions"
    loop.slots.up = {stray}
    housekeeping.mend(loop.house)
    assert loop.slots.up == {f"{loop.app.name}.live.{live}.functions"}


def test_a_slot_that_cannot_be_mended_keeps_no_other_from_it(loop_of: Make) -> None:
    """The bytes of one app are gone; the other app's slot is started all the same."""
    gone, other = loop_of(at_once), loop_of(at_once)
    gone.app.commit("other bytes")
    gone.ship()
    live = shipped(other)
    other.slots.up.clear()
    housekeeping.mend(other.house)
    assert other.slots.up == {f"{other.app.name}.live.{live}.functions"}


def test_after_a_restart_everything_runs_and_the_edge_is_as_it_was(loop_of: Make) -> None:
    loop = loop_of(at_once)
    live = shipped(loop)
    loop.slots.up.clear()
    loop.edges.now.clear()
    housekeeping.adopt(loop.house)
    assert loop.slots.up == {f"{loop.app.name}.live.{live}.functions"}
    assert loop.edges.weights(loop.app.name, "live") == {live: 100}
