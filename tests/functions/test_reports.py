"""What do `system_status` and `performance_report` tell, and when do they say they do not know?"""

from collections.abc import Iterator

import httpx
import pytest

from fairlead.analysis.verdict import Finding, Verdict
from fairlead.pipeline.sampling import Sampler
from functions.stand import Functions

NAME = "production-monitoring"


@pytest.fixture
def sampler(functions: Functions) -> Iterator[Sampler]:
    """Give what reads an edge behind which nothing fails."""
    functions.loop.counting.fails.clear()
    yield Sampler(functions.loop.house)
    functions.loop.counting.fails.clear()
    functions.loop.slots.sick.clear()


def pass_by(functions: Functions, sampler: Sampler, seconds: int) -> None:
    for _ in range(seconds):
        sampler.sample()
        functions.loop.clock.pass_by(1)


def test_the_status_tells_what_is_live_and_the_worst_of_it(functions: Functions) -> None:
    loop = functions.loop
    live = loop.live().live
    told = functions.call(NAME, "system_status")
    assert told["status"] == "healthy"
    (place,) = told["environments"]
    assert (place["live"], place["weights"], place["verdict"]) == (live, {live: 100}, "HEALTHY")
    assert [slot["component"] for slot in place["releases"][live]["slots"]] == ["functions"]
    assert told["runs"] == []
    loop.slots.sick[live] = Finding(Verdict.UNKNOWN, "it is starting")
    assert functions.call(NAME, "system_status", environment="live")["status"] == "unknown"
    loop.slots.sick[live] = Finding(Verdict.UNHEALTHY, "it crashed")
    assert functions.call(NAME, "system_status", app=loop.app.name)["status"] == "unhealthy"
    loop.slots.sick.clear()
    run = loop.submit()
    assert [one["id"] for one in functions.call(NAME, "system_status")["runs"]] == [run.id]
    for wrong in ({"app": "other"}, {"environment": "nowhere"}):
        assert functions.post(NAME, {"action": "system_status"} | wrong).status_code == 404


def test_a_report_compares_a_time_with_the_one_before(
    functions: Functions, sampler: Sampler
) -> None:
    live = functions.loop.live().live
    pass_by(functions, sampler, 61)
    functions.loop.counting.fails[live] = 4
    pass_by(functions, sampler, 60)
    told = functions.call(NAME, "performance_report", time_window="1m")
    assert (told["total"]["error_rate"], told["before"]["error_rate"]) == (
        pytest.approx(4, abs=0.2), pytest.approx(0, abs=0.2),
    )  # fmt: skip
    assert told["change"]["avg_response_time"] == pytest.approx(0, abs=0.1)
    (row,) = told["components"]
    assert (row["release"], row["component"]) == (live, "functions")
    assert told["slowest"] == row
    assert told["live"] == live
    assert told["errors"] == []
    assert told["summary"].startswith(f"live of {functions.loop.app.name} in 1m: ")
    assert "Just as long before: " in told["summary"]
    assert f"Most fails in functions of release {live}" in told["summary"]


def test_a_report_of_what_is_not_known_has_no_numbers(
    functions: Functions, sampler: Sampler
) -> None:
    told = functions.call(NAME, "performance_report")
    assert told["summary"].endswith("is not known: nothing was ever measured here.")
    assert (told["components"], told["slowest"]) == ([], None)
    assert set(told["change"].values()) == {None}
    functions.loop.clock.pass_by(60)
    pass_by(functions, sampler, 20)
    told = functions.call(NAME, "performance_report", time_window="1m")
    assert "of 60 s were seen" in told["total"]["because"]
    (row,) = told["components"]
    assert (row["error_rate"], row["avg_response_time"]) == (None, None)
    assert row["samples"] > 0
    assert told["before"]["error_rate"] is None


def get(functions: Functions, path: str, **asked: str) -> httpx.Response:
    there = f"/api/v1/apps/{functions.loop.app.name}/environments/live/{path}"
    headers = {"Authorization": f"Bearer {functions.token}"}
    return functions.request("GET", there, headers=headers, params=asked)


def test_the_numbers_come_with_their_course(functions: Functions, sampler: Sampler) -> None:
    live = functions.loop.live().live
    pass_by(functions, sampler, 61)
    functions.loop.counting.fails[live] = 10
    pass_by(functions, sampler, 60)
    told = get(functions, "metrics", time_window="2m").json()
    same = functions.call(NAME, "performance_metrics", time_window="2m")
    assert {name: told[name] for name in same} == same
    course = told["course"]
    assert len(course) == 30
    assert [one["began"] for one in course] == sorted(one["began"] for one in course)
    assert course[14]["error_rate"] == 0
    assert course[-1]["error_rate"] == pytest.approx(10)
    assert course[-1]["avg_response_time"] == pytest.approx(2.0)
    assert course[-2]["requests_per_second"] == pytest.approx(100, rel=0.3)
    quiet = get(functions, "metrics", time_window="2m", release="nobody").json()
    assert (quiet["error_rate"], quiet["release"]) == (None, "nobody")
    assert {one["requests_per_second"] for one in quiet["course"]} == {None}
    longer = get(functions, "metrics", time_window="10m").json()
    assert longer["course"][0] == longer["course"][0] | {
        "error_rate": None, "avg_response_time": None, "requests_per_second": None,
    }  # fmt: skip


@pytest.mark.parametrize("window", ["10s", "2h", "3h", "8d", "400d"])
def test_every_time_has_a_course(functions: Functions, sampler: Sampler, window: str) -> None:
    pass_by(functions, sampler, 12)
    told = get(functions, "metrics", time_window=window).json()
    assert len(told["course"]) == (10 if window == "10s" else 30)
    assert told["course"][-1]["error_rate"] == 0


def test_the_health_is_told_over_http_too(functions: Functions, sampler: Sampler) -> None:
    pass_by(functions, sampler, 61)
    told = get(functions, "health").json()
    assert (told["health_score"], told["verdict"], told["time_window"]) == (100.0, "HEALTHY", None)
    assert get(functions, "health", time_window="no").status_code == 422
    assert get(functions, "metrics", time_window="no").status_code == 422
    for path in ("health", "metrics"):
        there = f"/api/v1/apps/other/environments/live/{path}"
        headers = {"Authorization": f"Bearer {functions.token}"}
        assert functions.request("GET", there, headers=headers).status_code == 404
        assert functions.request("GET", there).status_code == 401
