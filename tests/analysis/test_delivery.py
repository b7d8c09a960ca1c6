"""Is every deployment counted once, and every way back beside what it took away?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.analysis.delivery import Deployment, statistics

SINCE = datetime(2026, 11, 1, tzinfo=UTC)


def at(minutes: float | None) -> datetime | None:
    return None if minutes is None else SINCE + timedelta(minutes=minutes)


def one(name: str, release: str = "", **times: float) -> Deployment:
    told = {key: at(times.get(key)) for key in ("began", "live", "failed", "back")}
    return Deployment("shop", "production", name, release, not release, **told)


def test_nothing_is_no_rate_and_no_time() -> None:
    told = statistics([], SINCE)
    assert (told.deployments, told.rollbacks) == (0, 0)
    assert (told.success_rate, told.minutes) == (None, None)


def test_what_went_live_and_stayed_succeeded() -> None:
    known = [
        one("r1", "a", began=0, live=10),
        one("r2", "b", began=20, live=40, back=50),
        one("r3", "c", began=60, failed=70),
        one("20261101_080000", began=80, live=85),
    ]
    told = statistics(known, SINCE)
    assert (told.deployments, told.succeeded, told.rollbacks, told.external) == (4, 2, 1, 1)
    assert told.success_rate == 50.0
    assert told.minutes == pytest.approx((10 + 20 + 5) / 3)


def test_a_way_back_is_a_rollback_and_no_deployment_and_undoes_the_newest_of_its_release() -> None:
    known = [
        one("r1", "a", began=0, live=10),
        one("r2", "b", began=20, live=30),
        one("r4", "b", began=60, live=70),
        one("r3", "b", back=40),
    ]
    told = statistics(known, SINCE)
    assert (told.deployments, told.succeeded, told.rollbacks) == (3, 2, 1)


@pytest.mark.parametrize(
    ("times", "counted"),
    [
        ({"began": -20, "live": -10}, (0, 0, 0)),
        ({"began": -20, "live": 10}, (1, 1, 0)),
        ({"began": -20, "live": -10, "back": 5}, (0, 0, 1)),
        ({"live": 10}, (1, 1, 0)),
        ({"began": 0}, (0, 0, 0)),
    ],
)
def test_it_counts_when_it_came_to_something(
    times: dict[str, float], counted: tuple[int, int, int]
) -> None:
    told = statistics([one("r1", "a", **times)], SINCE)
    assert (told.deployments, told.succeeded, told.rollbacks) == counted


moments = st.none() | st.integers(-100, 100)


@given(st.lists(st.tuples(moments, moments, moments, moments, st.sampled_from(["", "a", "b"]))))
def test_rates_are_rates(rows: list[Any]) -> None:
    known = [
        Deployment("shop", "production", str(n), release, not release, *map(at, times))
        for n, (*times, release) in enumerate(rows)
    ]
    told = statistics(known, SINCE)
    assert 0 <= told.succeeded <= told.deployments <= len(known)
    assert told.rollbacks <= len(known)
    assert told.success_rate is None or 0 <= told.success_rate <= 100
