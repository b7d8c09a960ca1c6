"""What does `production-monitoring` tell, and when does it say that it does not know?"""

from datetime import timedelta
from typing import Any

import pytest

from fairlead.pipeline.sampling import Sampler
from fairlead.store import rolling, rollups
from functions.stand import Functions

NAME = "production-monitoring"


def from_the_application(functions: Functions) -> None:
    """Let the environment's numbers come from the application itself."""
    with functions.loop.house.database.begin() as tx:
        tx.execute(
            "UPDATE runs SET spec = jsonb_set(spec, '{environments,live,metrics}', "
            '\'{"from": "fairlead"}\')'
        )


def record(functions: Functions, samples: list[Any]) -> dict[str, Any]:
    words = {"release": "aaaaaaaaaaaa", "component": "api", "requests": samples}
    return dict(functions.call(NAME, "record_requests", **words))


def test_nothing_measured_is_null_with_its_reason_never_zero(functions: Functions) -> None:
    told = functions.call(NAME, "performance_metrics", time_window="5m")
    assert told["because"] == "nothing was ever measured here"
    assert {told[name] for name in ("avg_response_time", "error_rate", "p99", "p50")} == {None}
    assert (told["samples"], told["requests_per_second"]) == (0, None)


def test_what_the_edge_counts_is_told(functions: Functions) -> None:
    loop, sampler = functions.loop, Sampler(functions.loop.house)
    loop.counting.fails[loop.live().live] = 3
    for _ in range(61):
        sampler.sample()
        loop.clock.pass_by(1)
    told = functions.call(NAME, "performance_metrics", time_window="1m")
    assert (told["error_rate"], told["avg_response_time"]) == (pytest.approx(3.0), 2.0)
    assert told["requests_per_second"] == pytest.approx(100, rel=0.04)
    assert told["p50"] <= told["p95"] <= told["p99"]
    loop.clock.pass_by(90)
    stale = functions.call(NAME, "performance_metrics", time_window="5m")
    assert (stale["error_rate"], stale["because"][:23]) == (None, "the newest measurement ")


def test_a_window_begins_when_the_first_release_was_live_and_hides_nothing_after(
    functions: Functions,
) -> None:
    loop, sampler = functions.loop, Sampler(functions.loop.house)
    for _ in range(21):
        sampler.sample()
        loop.clock.pass_by(1)
    for action in ("performance_metrics", "performance_report"):
        told = functions.call(NAME, action, time_window="10m")
        told = told.get("total", told)
        assert (told["error_rate"], told["because"]) == (0, f"{told['samples']} requests in 21 s")
        assert told["requests_per_second"] == pytest.approx(100, rel=0.1)
    assert functions.call("error-tracking", "get_error_rate", time_window="5m")["error_rate"] == 0
    # Whatever nobody saw since then is missing, as everywhere.
    loop.clock.pass_by(60)
    sampler.sample()
    loop.clock.pass_by(1)
    sampler.sample()
    loop.clock.pass_by(1)
    told = functions.call(NAME, "performance_metrics", time_window="5m")
    assert (told["error_rate"], told["because"][:14]) == (None, "only 21 of 83 ")


def test_what_applications_record_is_told_as_soon_as_it_is_acknowledged(
    functions: Functions,
) -> None:
    from_the_application(functions)
    now = functions.loop.clock.now.timestamp()
    samples = [[now - n / 10, 10.0 + n, n % 10 == 0] for n in range(100)]
    assert record(functions, samples) == {"recorded": 100}
    functions.loop.clock.pass_by(2)
    told = functions.call(NAME, "performance_metrics", time_window="1m")
    assert (told["samples"], told["error_rate"]) == (100, pytest.approx(10.0))
    assert told["avg_response_time"] == pytest.approx(59.5)
    assert told["p50"] == pytest.approx(59.5, rel=0.02)
    assert told["p95"] == pytest.approx(104.5, rel=0.02)
    one = functions.call(NAME, "performance_metrics", time_window="1m", release="bbbbbbbbbbbb")
    assert (one["error_rate"], one["samples"]) == (None, 0)


@pytest.mark.parametrize(
    "samples",
    [[["x", 1.0, False]], [[0, 1.0, False]], [[-1e99, 1.0, False]], [5], [[1, 2]], [], "x",
     [[None, 1.0, True]]],
)  # fmt: skip
def test_samples_that_make_no_sense_are_refused_and_nothing_is_kept(
    functions: Functions, samples: Any
) -> None:
    body = {"action": "record_requests", "release": "a", "component": "b", "requests": samples}
    answer = functions.post(NAME, body)
    assert (answer.status_code, answer.json()["success"]) == (422, False)
    place = (functions.loop.app.name, "live")
    with functions.loop.house.database.begin() as tx:
        assert rollups.newest(tx, place, "fairlead") is None


@pytest.mark.parametrize("ms", ["-1.0", "NaN", "Infinity", "1e400"])
def test_times_that_are_none_are_refused(functions: Functions, ms: str) -> None:
    now = functions.loop.clock.now.timestamp()
    words = '{"action": "record_requests", "release": "a", "component": "b", "requests": '
    headers = {"Authorization": f"Bearer {functions.token}"}
    raw = f"{words}[[{now}, {ms}, false]]}}"
    answer = functions.request("POST", f"/functions/v1/{NAME}", headers=headers, content=raw)
    assert (answer.status_code, answer.json()["error"][:9]) == (422, "sample 0:")


@pytest.mark.parametrize("window", ["", "5", "m", "0m", "-5m", "5 m", "5m; drop", "401d", "1e3s"])
def test_a_window_that_is_none_is_refused(functions: Functions, window: str) -> None:
    asked = {"action": "performance_metrics", "time_window": window}
    assert functions.post(NAME, asked).status_code == 422


def test_a_month_is_told_too(functions: Functions) -> None:
    from_the_application(functions)
    now = functions.loop.clock.now.timestamp()
    record(functions, [[now, 10.0, False]] * 10)
    with functions.loop.house.database.begin() as tx:
        while rolling.roll(tx, functions.loop.clock.now + timedelta(days=2)):
            pass
    told = functions.call(NAME, "performance_metrics", time_window="30d")
    assert told["samples"] in (0, 10)  # the day that is not over is told once it is
