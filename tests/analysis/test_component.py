"""Does a component's evidence grow against a bad release alone, and never for one not measured?"""

import random
from dataclasses import replace
from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.evidence.burst import Burst
from fairlead.analysis.evidence.component import LEAST_LOG, ODDS, PRIOR, Arm, Evidence, Poll, after
from fairlead.analysis.evidence.rules import ERRORS_SHARE, HELD_BACK, LATENCY_SHARE, Rules
from fairlead.analysis.evidence.wealth import unspent_at

law = settings(deadline=None, max_examples=40)
RULES = Rules()
BUCKETS = 8
QUIET = (0, 0, 60, 30, 8, 2, 0, 0)


def counted(n: int, rate: float, chance: random.Random) -> int:
    return sum(chance.random() < rate for _ in range(n))


def arm(n: int, rate: float, chance: random.Random, later: int = 0) -> Arm:
    buckets = [0] * BUCKETS
    for at in chance.choices(range(BUCKETS), QUIET, k=n):
        buckets[min(BUCKETS - 1, at + later)] += 1
    return Arm(n, counted(n, rate, chance), tuple(buckets))


def warm(chance: random.Random) -> Evidence:
    """Return what is known when stable was watched for ten minutes before."""
    known = Evidence()
    for _ in range(600):
        block = arm(19, 0.005, chance)
        known = replace(known, baseline=known.baseline.after(1.0, block.n, block.x, block.buckets))
    return known


def course(rate: float, later: int = 0, looks: int = 400, seed: int = 1) -> Evidence:
    """Return the evidence after some looks, or when it sufficed to roll back."""
    chance = random.Random(seed)
    known = warm(chance)
    for look in range(looks):
        unspent = unspent_at(float(look), RULES.horizon_s)
        canary, stable = arm(5, rate, chance, later), arm(95, 0.005, chance)
        known = after(known, Poll(canary, stable, 1.0), RULES, unspent)
        if known.total >= 1 / RULES.alpha:
            break
    return known


def test_nothing_looked_at_proves_nothing() -> None:
    assert (
        Evidence().total
        == pytest.approx(ERRORS_SHARE + LATENCY_SHARE + HELD_BACK)
        == pytest.approx(1)
    )
    assert Evidence().as_good == ()
    assert sum(PRIOR) == pytest.approx(1)
    assert len(PRIOR) == len(ODDS)


def test_a_release_that_fails_more_is_rolled_back() -> None:
    known = course(0.105)
    assert known.total >= 1 / RULES.alpha
    assert known.as_good[0] < log(1 / RULES.beta)
    assert known.excess > 0


def test_a_release_that_answers_late_is_rolled_back() -> None:
    known = course(0.005, later=3)
    assert known.total >= 1 / RULES.alpha
    assert min(known.as_good[1:]) < 0


def test_a_healthy_release_is_promoted_and_not_rolled_back() -> None:
    known = course(0.005)
    assert known.total < 1 / RULES.alpha
    assert course(0.005, looks=1500).as_good > (log(1 / RULES.beta),) * 4
    assert len(known.as_good) == 4


def test_one_bucket_slower_is_within_the_tolerance() -> None:
    assert course(0.005, later=1).total < 1 / RULES.alpha


@law
@given(st.integers(0, 40), st.booleans())
def test_one_release_alone_leaves_the_evidence_as_it_was(n: int, canary_alone: bool) -> None:
    chance = random.Random(n)
    known, nobody = course(0.005, looks=20), Arm(0, 0, (0,) * BUCKETS)
    some = arm(n, 0.5, chance)
    canary, stable = (some, nobody) if canary_alone else (nobody, some)
    now = after(known, Poll(canary, stable, 1.0), RULES, known.errors.unspent)
    assert now.total == pytest.approx(known.total)
    assert now.as_good == known.as_good


def test_answers_without_times_are_judged_by_their_errors() -> None:
    known = Evidence()
    for _ in range(200):
        known = after(known, Poll(Arm(5, 0), Arm(95, 1), 1.0), RULES, 0.2)
    assert known.latency.total == pytest.approx(1)
    assert known.as_good[1:] == (0.0, 0.0, 0.0)
    assert known.as_good[0] > 0


@law
@given(st.integers(0, 4), st.integers(0, 95), st.integers(0, 3))
def test_one_more_bad_answer_never_makes_promotion_likelier(x_c: int, x_b: int, at: int) -> None:
    """Nor does one slower answer; both bring the rollback nearer."""
    known = course(0.005, looks=30)
    stable = Arm(95, x_b, (0, 0, 57, 29, 7, 2, 0, 0))
    buckets = [0, 1, 1, 1, 1, 1, 0, 0]
    one = after(known, Poll(Arm(5, x_c, tuple(buckets)), stable, 1.0), RULES, 0.1)
    more = after(known, Poll(Arm(5, x_c + 1, tuple(buckets)), stable, 1.0), RULES, 0.1)
    buckets[at + 1], buckets[at + 2] = buckets[at + 1] - 1, buckets[at + 2] + 1
    later = after(known, Poll(Arm(5, x_c, tuple(buckets)), stable, 1.0), RULES, 0.1)
    for worse in (more, later):
        assert worse.total >= one.total * (1 - 1e-12)
        pairs = zip(worse.as_good, one.as_good, strict=True)
        assert all(w <= o + 1e-9 for w, o in pairs)


def outcomes(rate: float) -> list[tuple[float, Poll]]:
    """Return every outcome of one answer of each release, both alike, with its chance."""
    times = {2: 0.7, 4: 0.3}
    arms = [
        ((rate if bad else 1 - rate) * share, Arm(1, bad, tuple(int(j == at) for j in range(8))))
        for bad in (0, 1)
        for at, share in times.items()
    ]
    return [(p * q, Poll(one, other, 60.0)) for p, one in arms for q, other in arms]


@pytest.mark.parametrize("rates", [(0.5, 0.01, 0.2), (0.01, 0.5, 0.2), (0.2, 0.01, 0.5)])
def test_evidence_is_fair_over_every_course_in_any_order(rates: tuple[float, float, float]) -> None:
    """Three blocks of an outage both share: bets learn from each, the mean total stays within 1."""
    known = Evidence(baseline=Evidence().baseline.after(1.0, 1000, 5, QUIET))
    exact = replace(RULES, buckets=0)
    courses = [(1.0, known)]
    for number, rate in enumerate(rates):
        unspent = (0.1, 0.05, 0.0)[number]
        courses = [
            (chance * p, after(one, poll, exact, unspent))
            for chance, one in courses
            for p, poll in outcomes(rate)
        ]
    assert sum(chance for chance, _ in courses) == pytest.approx(1)
    assert sum(chance * one.total for chance, one in courses) <= 1 + 1e-9


def test_shared_trouble_is_not_blamed_on_the_canary() -> None:
    chance = random.Random(8)
    known = warm(chance)
    for look in range(300):
        unspent = unspent_at(float(look), RULES.horizon_s)
        known = after(
            known, Poll(arm(5, 0.6, chance, 2), arm(95, 0.6, chance, 2), 1.0), RULES, unspent
        )
        assert known.total < 1 / RULES.alpha


def test_a_burst_in_the_past_makes_the_same_failures_count_less() -> None:
    calm, bursty = Evidence(), replace(Evidence(), burst=Burst(phi=4.8))
    block = Arm(20, 8), Arm(380, 2)
    found = [after(k, Poll(*block, 1.0), RULES, 0.2).errors.total for k in (calm, bursty)]
    assert found[0] > found[1] > 1


def test_disproof_has_a_floor_so_that_a_release_can_recover() -> None:
    known = Evidence()
    for _ in range(20):
        known = after(known, Poll(Arm(100, 90), Arm(1900, 5), 1.0), RULES, 0.2)
    assert known.as_good[0] == LEAST_LOG
    assert exp(LEAST_LOG) < 1e-20
