"""Is a release that performs badly for some windows running noticed, and silence not?"""

from datetime import UTC, datetime, timedelta

from fairlead.analysis.rollup import Part
from fairlead.analysis.tracking import Alarm, Window, alarming, summary, windows

BEGAN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ALARM = Alarm(0.03, 1500.0, 3, 50)


def part(at: int, requests: int = 100, errors: int = 0, component: str = "api") -> Part:
    began = BEGAN + timedelta(seconds=at)
    return Part("new", component, "envoy", 1, began, 1.0, requests, errors, requests * 20.0, {})


def window(rate: float | None = 0.0, mean_ms: float = 20.0, requests: int = 1000) -> Window:
    return Window(BEGAN, 30.0, requests, rate, None if rate is None else mean_ms)


def test_each_second_lies_in_one_window_and_the_open_one_is_left_out() -> None:
    parts = [part(at, errors=at % 2) for at in range(75)] + [part(3, component="web")]
    seen = windows(parts, BEGAN + timedelta(seconds=0.4), BEGAN + timedelta(seconds=75), 30)
    assert [(w.requests, w.began) for w in seen] == [
        (3100, BEGAN),
        (3000, BEGAN + timedelta(seconds=30)),
    ]
    assert seen[1].error_rate == 0.005
    assert seen[1].mean_ms == 20.0


def test_a_window_that_nobody_saw_is_no_window_without_errors() -> None:
    (seen,) = windows([], BEGAN, BEGAN + timedelta(seconds=31), 30)
    assert (seen.requests, seen.error_rate, seen.mean_ms) == (0, None, None)


def test_three_bad_windows_running_are_told_with_their_numbers() -> None:
    bad = window(0.041)
    assert alarming([window(), bad, bad], ALARM) == ""
    assert alarming([window(), bad, window(0.05), window(mean_ms=1501.0), window()], ALARM) == (
        "0.00% errors (limit 3%), 1501 ms mean (limit 1500 ms) over 30 s (1000 requests), "
        "3 windows running"
    )


def test_a_good_window_and_an_unknown_one_break_the_row() -> None:
    bad = window(0.5)
    assert alarming([bad, bad, window(), bad, bad], ALARM) == ""
    assert alarming([bad, bad, window(None, requests=0), bad, bad], ALARM) == ""
    assert alarming([bad, bad, window(0.5, requests=49), bad, bad], ALARM) == ""


def test_the_summary_never_calls_silence_fine() -> None:
    nothing = window(None, requests=0)
    assert summary([nothing, nothing], ALARM) == (
        "nothing can be said: none of 2 windows had enough requests"
    )
    assert summary([window(), nothing], ALARM) == (
        "no degradation in 1 windows, 1 had too few requests"
    )
    assert summary([window(), window(0.5)], ALARM) == "1 of 2 windows were beyond the limits"
