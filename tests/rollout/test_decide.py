"""Does a takeover only go forward on evidence, and back without hesitation?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.verdict import Finding, Verdict
from fairlead.rollout.decide import (
    Advance,
    AskHuman,
    Decision,
    Finish,
    Horizon,
    Move,
    RollBack,
    Rollout,
    Wait,
    next_move,
)
from fairlead.rollout.strategy import Step

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
STEPS = (Step(5, 300.0), Step(25, 300.0), Step(100, 300.0))
HEALTHY = Finding(Verdict.HEALTHY, "0.1% errors")
UNKNOWN = Finding(Verdict.UNKNOWN, "nothing was measured")
UNHEALTHY = Finding(Verdict.UNHEALTHY, "functions failed 9% of calls")
law = settings(deadline=None, max_examples=80)


def at_step(step: int, held_s: float = 0.0, unknown_s: float | None = None) -> Rollout:
    unknown = None if unknown_s is None else NOW - timedelta(seconds=unknown_s)
    return Rollout(STEPS, step, NOW - timedelta(seconds=held_s), unknown, deadline_s=600.0)


def move(rollout: Rollout, finding: Finding) -> Move:
    return next_move(rollout, finding, NOW).move


def test_the_first_step_needs_no_hold_but_a_healthy_release() -> None:
    assert next_move(at_step(0), HEALTHY, NOW) == Decision(
        Advance(5), "healthy before step 1 of 3, on to 5%: 0.1% errors"
    )


@pytest.mark.parametrize(("held_s", "next_one"), [(299.9, Wait()), (300.0, Advance(25))])
def test_a_step_is_held_to_the_end_of_its_time(held_s: float, next_one: Move) -> None:
    assert move(at_step(1, held_s), HEALTHY) == next_one


def test_the_last_step_is_held_too_before_the_release_is_promoted() -> None:
    assert move(at_step(3, 299.0), HEALTHY) == Wait()
    assert next_move(at_step(3, 301.0), HEALTHY, NOW) == Decision(
        Finish(), "healthy at 100% (step 3 of 3): 0.1% errors"
    )


@pytest.mark.parametrize("step", [0, 1, 2, 3])
@pytest.mark.parametrize("held_s", [-60.0, 0.0, 300.0, 9000.0])
def test_an_unhealthy_release_goes_back_at_any_step_and_any_time(step: int, held_s: float) -> None:
    decision = next_move(at_step(step, held_s), UNHEALTHY, NOW)
    assert decision.move == RollBack()
    assert UNHEALTHY.because in decision.because


@pytest.mark.parametrize("step", [0, 1, 2, 3])
@pytest.mark.parametrize("unknown_s", [None, 0.0, 599.0])
def test_an_unknown_release_waits_however_long_it_was_held(
    step: int, unknown_s: float | None
) -> None:
    assert move(at_step(step, 9000.0, unknown_s), UNKNOWN) == Wait()


def at_horizon(gathered_s: float, *, holds: bool, sent_on: str = "", step: int = 1) -> Rollout:
    horizon = Horizon(NOW - timedelta(seconds=gathered_s), 1800.0, holds)
    return replace(at_step(step), horizon=horizon, sent_on=sent_on)


def test_at_its_horizon_a_release_goes_back_or_asks_a_person() -> None:
    told = "the evidence of 1800 s is not enough at 5% (step 1 of 3): nothing was measured"
    back = next_move(at_horizon(1800, holds=False), UNKNOWN, NOW)
    assert back == Decision(RollBack(), told)
    asks = next_move(at_horizon(1800, holds=True), UNKNOWN, NOW)
    assert asks == Decision(AskHuman(), f"waits for a person: {told}")


def test_a_person_sends_it_on_only_from_a_horizon_that_holds() -> None:
    word = "bo sends it on (quiet)"
    on = next_move(at_horizon(1800, holds=True, sent_on=word), UNKNOWN, NOW)
    assert on.move == Advance(25)
    assert on.because.startswith(f"{word}, on to 25%: the evidence of 1800 s is not enough at 5%")
    assert move(at_horizon(1799, holds=True, sent_on=word), UNKNOWN) == Wait()
    assert move(at_horizon(1800, holds=False, sent_on=word), UNKNOWN) == RollBack()
    assert move(at_horizon(1800, holds=True, sent_on=word, step=3), UNKNOWN) == Finish()


@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_no_word_of_a_person_keeps_an_unhealthy_release(step: int) -> None:
    asked = at_horizon(9000, holds=True, sent_on="bo sends it on (sure)", step=step)
    assert move(asked, UNHEALTHY) == RollBack()


def test_an_unknown_release_goes_back_at_the_deadline_and_says_why() -> None:
    assert next_move(at_step(2, 9000.0, 600.0), UNKNOWN, NOW) == Decision(
        RollBack(),
        "no usable measurements for 600 s at 25% (step 2 of 3), limit 600 s: nothing was measured",
    )


def test_a_clock_set_back_prolongs_the_hold_and_never_shortens_it() -> None:
    assert move(at_step(1, held_s=-3600.0), HEALTHY) == Wait()


@pytest.mark.parametrize("finding", [HEALTHY, UNKNOWN, UNHEALTHY])
@pytest.mark.parametrize(
    ("step", "place"),
    [(0, "before step 1 of 3"), (1, "5% (step 1 of 3)"), (3, "100% (step 3 of 3)")],
)
def test_every_decision_names_its_step_and_its_evidence(
    finding: Finding, step: int, place: str
) -> None:
    for held_s in (0.0, 9000.0):
        because = next_move(at_step(step, held_s, held_s), finding, NOW).because
        assert place in because
        assert because.endswith(finding.because)


@dataclass(frozen=True)
class Turn:
    """One look of the simulated loop: what was known, and what was decided."""

    rollout: Rollout
    finding: Finding
    now: datetime
    decision: Decision


plans = st.tuples(
    st.lists(st.integers(1, 99), unique=True, max_size=4).map(sorted), st.floats(0, 60)
).map(lambda drawn: tuple(Step(weight, drawn[1]) for weight in (*drawn[0], 100)))
looks = st.lists(
    st.tuples(st.floats(-5, 40), st.sampled_from([HEALTHY, HEALTHY, HEALTHY, UNKNOWN, UNHEALTHY])),
    max_size=40,
)


def loop(plan: tuple[Step, ...], seen: list[tuple[float, Finding]]) -> Iterator[Turn]:
    """Play the pipeline: look, decide, do, until the takeover has ended."""
    now, step, since, unknown_since = NOW, 0, NOW, None
    for passed_s, finding in seen:
        now += timedelta(seconds=passed_s)
        unknown = finding.verdict is Verdict.UNKNOWN
        unknown_since = (unknown_since or now) if unknown else None
        rollout = Rollout(plan, step, since, unknown_since, deadline_s=90.0)
        decision = next_move(rollout, finding, now)
        yield Turn(rollout, finding, now, decision)
        if isinstance(decision.move, Finish | RollBack):
            return
        if isinstance(decision.move, Advance):
            step, since, unknown_since = step + 1, now, None


@law
@given(plans, looks)
def test_weights_only_grow_until_a_decision_and_none_is_skipped(
    plan: tuple[Step, ...], seen: list[tuple[float, Finding]]
) -> None:
    weights = [
        t.decision.move.weight for t in loop(plan, seen) if isinstance(t.decision.move, Advance)
    ]
    assert weights == [step.weight for step in plan][: len(weights)]
    assert weights == sorted(set(weights))


@law
@given(plans, looks)
def test_nothing_goes_forward_without_a_healthy_finding_after_the_hold(
    plan: tuple[Step, ...], seen: list[tuple[float, Finding]]
) -> None:
    for turn in loop(plan, seen):
        if isinstance(turn.decision.move, Advance | Finish):
            taken = turn.rollout.step
            held = (turn.now - turn.rollout.since).total_seconds()
            assert turn.finding.verdict is Verdict.HEALTHY
            assert taken == 0 or held >= plan[taken - 1].hold_s
        if isinstance(turn.decision.move, Finish):
            assert turn.rollout.step == len(plan)


@law
@given(plans, looks)
def test_unhealthy_always_goes_back_and_unknown_exactly_at_its_deadline(
    plan: tuple[Step, ...], seen: list[tuple[float, Finding]]
) -> None:
    for turn in loop(plan, seen):
        back = isinstance(turn.decision.move, RollBack)
        since = turn.rollout.unknown_since
        late = since is not None and (turn.now - since).total_seconds() >= 90.0
        assert back == (turn.finding.verdict is Verdict.UNHEALTHY or late)
