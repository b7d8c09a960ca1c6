"""Do a release's minutes tell what it usually does, and does what was not seen stay missing?"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.evidence.burst import Sums
from fairlead.analysis.history import Learned, Minute, Running, after, closed, learned, usual
from fairlead.analysis.measurement import Measurement

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
law = settings(deadline=None, max_examples=40)


def second(number: int, errors: int = 0, release: str = "a", lasts: float = 1.0) -> Measurement:
    began = NOW + number * SECOND
    ended = began + timedelta(seconds=lasts)
    return Measurement(release, "api", began, ended, 100, errors, 200.0, (60, 40))


def folded(seen: Sequence[Measurement]) -> list[Minute]:
    known: Running | None = None
    minutes = []
    for one in seen:
        known, over = after(known, one)
        minutes += [over] if over else []
    assert known is not None
    return [*minutes, closed(known)]


def hour(count: Callable[[random.Random, int], int], seed: int = 1) -> list[Minute]:
    chance = random.Random(seed)
    return folded([second(number, count(chance, number)) for number in range(3700)])


def poisson(chance: random.Random, mean: float) -> int:
    arrived, at = 0, chance.expovariate(mean)
    while at < 1:
        arrived, at = arrived + 1, at + chance.expovariate(mean)
    return arrived


def phi(minutes: list[Minute]) -> float | None:
    return learned(minutes, "a", minutes[-1].began)["api"].phi


def test_seconds_become_minutes_that_hold_every_request() -> None:
    minutes = folded([second(number, number % 3) for number in range(150)])
    assert [m.began for m in minutes] == [NOW + timedelta(minutes=n) for n in range(3)]
    assert sum(m.requests for m in minutes) == 15_000
    assert sum(m.errors for m in minutes) == 150
    assert sum(m.seconds for m in minutes) == 150
    assert minutes[1].buckets == (3600, 2400)
    assert minutes[1].fine == Sums(60, 60, 100)
    # A second belongs to the minute in which it ended, so the first minute has but 59.
    assert (minutes[0].fine.number, minutes[0].coarse.number) == (59, 5)
    assert minutes[1].coarse.number == 6


@law
@given(st.sets(st.integers(0, 119), max_size=60))
def test_what_was_not_seen_is_missing_and_never_zero(missing: set[int]) -> None:
    seen = [second(number, 7) for number in range(120) if number not in missing]
    minutes = folded(seen)
    assert sum(m.seconds for m in minutes) == len(seen)
    assert sum(m.fine.number for m in minutes) == len(seen)
    # Were a missing second taken for a silent one, the same count each second would spread.
    assert all(m.fine.spread == 0 and m.coarse.spread == 0 for m in minutes)


@pytest.mark.parametrize("lasts", [0.2, 1.7, 30.0])
def test_a_window_that_is_no_second_is_a_gap(lasts: float) -> None:
    minutes = folded([second(1, 3), second(2, 500, lasts=lasts), second(40, 3)])
    assert sum(m.errors for m in minutes) == 6
    assert sum(m.coarse.number for m in minutes) == 0


def test_another_release_begins_a_minute_of_its_own() -> None:
    minutes = folded([second(1), second(2), second(3, release="b")])
    assert [(m.release, m.requests) for m in minutes] == [("a", 200), ("b", 100)]


def test_failures_that_have_nothing_to_do_with_each_other_are_no_bursts() -> None:
    for seed in range(4):
        assert phi(hour(lambda chance, _: poisson(chance, 0.8), seed)) == 1


def test_bursts_of_three_are_measured_as_about_three() -> None:
    for seed in range(4):
        measured = phi(hour(lambda chance, _: 3 * poisson(chance, 0.3), seed))
        assert measured is not None
        assert 2.5 < measured < 4.5


def test_a_trend_is_no_burst() -> None:
    for seed in range(4):
        assert phi(hour(lambda chance, at: poisson(chance, 0.2 + at / 600), seed)) == 1


def test_missing_seconds_do_not_change_what_is_measured() -> None:
    chance = random.Random(3)
    every = [second(number, 3 * poisson(chance, 0.5)) for number in range(9000)]
    some = [one for number, one in enumerate(every) if number % 47]
    whole, holed = phi(folded(every)), phi(folded(some))
    assert whole is not None
    assert holed is not None
    assert holed == pytest.approx(whole, rel=0.2)


def test_less_than_an_hour_tells_nothing_of_bursts_and_less_than_ten_minutes_nothing() -> None:
    minutes = hour(lambda chance, _: 3 * poisson(chance, 0.3))
    now = minutes[-1].began
    assert learned(minutes[-50:], "a", now)["api"].phi is None
    assert learned(minutes[-9:], "a", now) == {}


def test_only_the_newest_hour_tells_how_much_arrives() -> None:
    minutes = hour(lambda *_: 1)
    early = [replace(m, began=m.began - timedelta(hours=3), requests=1) for m in minutes]
    found = learned([*early, *minutes], "a", minutes[-1].began)["api"]
    assert found.requests / found.seconds == pytest.approx(100)


def test_a_young_release_is_told_by_the_others_of_its_component() -> None:
    minutes = hour(lambda *_: 1)
    young = [replace(m, release="b", errors=60) for m in minutes[-8:]]
    now = minutes[-1].began
    mixed = learned([*minutes[:-8], *young], "b", now)["api"]
    assert mixed.errors / mixed.requests < 0.1
    old_enough = [replace(m, release="b", errors=6000) for m in minutes[-12:]]
    own = learned([*minutes[:-12], *old_enough], "b", now)["api"]
    assert own.errors == 12 * 6000


def test_an_environment_adds_its_components_up() -> None:
    api = Learned(3600.0, 360_000, 3600, (), 4.0)
    page = Learned(1800.0, 18_000, 0, (), None)
    found = usual({"api": api, "page": page})
    assert found is not None
    assert found.requests_per_second == pytest.approx(110)
    assert found.error_rate == pytest.approx(3600 / 378_000, rel=0.01)
    assert (found.phi, found.requests) == (4.0, 378_000)
    assert usual({}) is None
