"""When does a window have numbers, and when does it say why not?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fairlead.analysis import sketch
from fairlead.analysis.performance import Span, performance
from fairlead.analysis.rollup import Part

NOW = datetime(2026, 11, 23, 3, 10, 30, tzinfo=UTC)
SPAN = Span(NOW - timedelta(minutes=5), NOW, NOW)
SECOND = timedelta(seconds=1)


def parts(seconds: int, requests: int = 10, errors: int = 1) -> list[Part]:
    times = sketch.of_times([20.0] * requests)
    return [
        Part("a" * 12, "api", "envoy", 1, SPAN.since + n * SECOND, 1.0, requests, errors,
             20.0 * requests, times)
        for n in range(seconds)
    ]  # fmt: skip


def test_a_whole_window_has_every_number() -> None:
    told = performance(parts(300), SPAN, NOW - SECOND, every_second=True)
    assert (told.samples, told.age_s, told.because) == (3000, 0.0, "3000 requests in 300 s")
    assert (told.mean_ms, told.error_rate, told.requests_per_second) == (20.0, 0.1, 10.0)
    assert told.p99_ms == pytest.approx(20.0, rel=0.02)


@pytest.mark.parametrize(
    ("seen", "newest", "because"),
    [
        ([], None, "nothing was ever measured here"),
        ([], NOW - SECOND, "nothing was measured in these 300 s"),
        (parts(300), NOW - 62 * SECOND, "the newest measurement is 61 s old, older than 60 s"),
        (parts(149), NOW - SECOND, "only 149 of 300 s were seen"),
        (parts(300, requests=0, errors=0), NOW, "nobody asked anything in these 300 s"),
    ],
)
def test_what_is_missing_stale_or_partial_has_none(
    seen: list[Part], newest: datetime | None, because: str
) -> None:
    told = performance(seen, SPAN, newest, every_second=True)
    assert told.because == because
    assert not told.known
    assert {told.mean_ms, told.p50_ms, told.p95_ms, told.p99_ms, told.requests_per_second} == {None}


def test_applications_need_not_tell_every_second() -> None:
    assert performance(parts(3), SPAN, NOW - SECOND, every_second=False).known


def test_a_time_that_comes_a_moment_later_leaves_the_percentiles() -> None:
    late = [replace(part, sketch={}) for part in parts(1)]
    told = performance(parts(10)[1:] + late, SPAN, NOW, every_second=False)
    assert told.p95_ms == pytest.approx(20.0, rel=0.02)
    few = [replace(part, requests=2, sketch={}, component="page") for part in late]
    assert performance(parts(10) + few, SPAN, NOW, every_second=False).p95_ms is not None
    assert performance(parts(3)[1:] + late, SPAN, NOW, every_second=False).p95_ms is None


def test_percentiles_of_some_are_not_those_of_all() -> None:
    (one,) = parts(1)
    untold = Part("a" * 12, "web", "envoy", 1, one.began, 1.0, 5, 0, 5.0, {})
    told = performance([one, untold], SPAN, NOW, every_second=False)
    assert (told.samples, told.p95_ms) == (15, None)
