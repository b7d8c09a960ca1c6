"""How is an environment's health told in one number, and when is it not told at all?"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis import health_score as scoring
from fairlead.analysis.health_score import (
    Absent,
    HealthScore,
    Limits,
    Seen,
    ServingSlot,
    Unknown,
    health_score,
    nowhere,
)
from fairlead.analysis.performance import Performance
from fairlead.analysis.verdict import Finding, Verdict

LIMITS = Limits()
GOOD = Performance("1000 requests", 1000, 0.5, 40.0, 30.0, 90.0, 120.0, 0.0, 16.7)
SILENT = Performance("nobody asked anything in these 60 s", 0, 0.5)


def slot(component: str, weight: int, verdict: Verdict = Verdict.HEALTHY) -> ServingSlot:
    return ServingSlot(component, weight, Finding(verdict, f"{component} is {verdict.name}"))


WELL = Seen(GOOD, (slot("api", 100), slot("page", 100)), 0, 0.1)


def told(**changes: Any) -> HealthScore:
    return health_score(replace(WELL, **changes), LIMITS)


def part(score: HealthScore, name: str) -> scoring.Part:
    return next(one for one in score.parts if one.name == name)


def test_a_place_that_is_well_has_every_point() -> None:
    score = told()
    assert (score.score, score.verdict) == (100.0, Verdict.HEALTHY)
    assert score.because == "every part is as it should be"
    assert sum(one.weight for one in score.parts) == 100
    assert {one.name for one in score.parts} == scoring.WEIGHTS.keys()


@pytest.mark.parametrize(
    ("performance", "named"),
    [
        (
            Performance("nothing was ever measured here", 0, None),
            "errors and latency and freshness",
        ),
        (Performance("the newest measurement is 90 s old, older than 60 s", 9, 90.0), "90 s old"),
        (SILENT, "errors and latency: nobody asked anything"),
        (replace(GOOD, samples=19), "only 19 requests, fewer than 20"),
    ],
)
def test_without_measurements_there_is_no_score(performance: Performance, named: str) -> None:
    score = told(performance=performance)
    assert (score.score, score.verdict) == (None, Verdict.UNKNOWN)
    assert named in score.because


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"slots": Unknown("the edge does not answer")}, "slots"),
        ({"slots": ()}, "slots"),
        ({"slots": (slot("api", 0),)}, "slots"),
        ({"slots": (slot("api", 100), slot("page", 100, Verdict.UNKNOWN))}, "slots"),
        ({"new_errors": Unknown("they cannot be counted now")}, "new_errors"),
        ({"connections": Unknown("shop on db does not answer")}, "database"),
    ],
)
def test_a_part_of_which_nothing_is_known_leaves_no_score(
    change: dict[str, Any], name: str
) -> None:
    score = told(**change)
    assert score.score is None
    assert part(score, name).score is None
    assert score.because == f"{name.replace('_', ' ')}: {part(score, name).because}"
    others = [one for one in score.parts if one.name != name]
    assert {one.score for one in others} == {100.0}


def test_what_a_place_does_not_have_costs_nothing_and_is_told() -> None:
    score = told(new_errors=Absent("nobody reports errors here"), connections=Absent("none"))
    assert score.score == 100.0
    absent = part(score, "new_errors")
    assert (absent.weight, absent.score) == (0.0, None)
    assert absent.because == "nobody reports errors here"


def test_a_place_where_nothing_is_live_has_no_score() -> None:
    score = nowhere("nothing is live in production", LIMITS)
    assert (score.score, score.because) == (None, "nothing is live in production")
    assert all(one.unknown for one in score.parts)


@pytest.mark.parametrize(
    ("error_rate", "mean_ms", "score"),
    [(0.05, 40.0, 85.0), (0.0, 2000.0, 85.0), (0.1, 40.0, 70.0), (0.0, 4000.0, 70.0),
     (0.01, 500.0, 97.0), (1.0, 90_000.0, 40.0)],
)  # fmt: skip
def test_a_limit_that_is_reached_costs_fifteen(
    error_rate: float, mean_ms: float, score: float
) -> None:
    performance = replace(GOOD, error_rate=error_rate, mean_ms=mean_ms)
    assert told(performance=performance).score == pytest.approx(score)


def test_the_limits_are_the_environments_own() -> None:
    slow = replace(WELL, performance=replace(GOOD, mean_ms=8000.0))
    assert health_score(slow, Limits(mean_ms=8000.0)).score == 85.0
    assert health_score(slow, LIMITS).score == 70.0
    assert health_score(slow, LIMITS).verdict is Verdict.UNHEALTHY
    assert health_score(slow, Limits(healthy=70.0)).verdict is Verdict.HEALTHY


def test_the_worst_component_tells_how_much_traffic_finds_a_healthy_slot() -> None:
    dead = (slot("api", 95), slot("api", 5, Verdict.UNHEALTHY), slot("page", 100))
    assert part(told(slots=dead), "slots").score == 95.0
    live = (slot("api", 100), slot("page", 100, Verdict.UNHEALTHY))
    score = told(slots=live)
    assert (score.score, score.verdict) == (80.0, Verdict.UNHEALTHY)
    assert score.because == "slots cost 20.0 of 20 (page is UNHEALTHY)"


def test_new_faults_old_numbers_and_a_full_database_cost_a_little() -> None:
    assert told(new_errors=1).score == 98.0
    assert told(new_errors=50).score == 90.0
    assert told(connections=0.95).score == 96.25
    assert told(performance=replace(GOOD, age_s=60.0)).score == 95.0
    together = told(new_errors=5, connections=1.0, performance=replace(GOOD, age_s=60.0))
    assert (together.score, together.verdict) == (80.0, Verdict.UNHEALTHY)


shares = st.floats(0, 1)
times = st.floats(0, 1e7)
ages = st.floats(0, 60)
faults = st.integers(0, 1000)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Seen, Seen]:
    """Two that were seen, of which the second is nowhere better."""
    rate, ms, age, taken = (
        sorted((draw(among), draw(among))) for among in (shares, times, ages, shares)
    )
    found = sorted((draw(faults), draw(faults)))
    ill = sorted((draw(st.booleans()), draw(st.booleans())))
    weight = draw(st.integers(1, 100))

    def seen(n: int) -> Seen:
        performance = replace(GOOD, error_rate=rate[n], mean_ms=ms[n], age_s=age[n])
        verdict = Verdict.UNHEALTHY if ill[n] else Verdict.HEALTHY
        slots = (slot("api", weight, verdict), slot("page", 100))
        return Seen(performance, slots, found[n], taken[n])

    return seen(0), seen(1)


@given(pairs())
def test_worse_never_scores_better_and_every_score_is_one(pair: tuple[Seen, Seen]) -> None:
    better, worse = (health_score(seen, LIMITS) for seen in pair)
    assert better.score is not None
    assert worse.score is not None
    assert 0 <= worse.score <= better.score <= 100
    for score in (better, worse):
        assert score.score == pytest.approx(100 - sum(one.cost for one in score.parts), abs=0.02)


@given(pairs())
def test_what_is_not_there_never_scores_worse(pair: tuple[Seen, Seen]) -> None:
    for seen in (
        replace(pair[1], new_errors=Absent("not there")),
        replace(pair[1], connections=Absent("not there")),
    ):
        with_it, without = health_score(pair[1], LIMITS).score, health_score(seen, LIMITS).score
        assert with_it is not None
        assert without is not None
        assert without >= with_it
