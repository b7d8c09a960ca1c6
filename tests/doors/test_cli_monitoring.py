"""What do `metrics` and `health` tell, and with which status does `health` end?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doors.canned_fairlead import Answer, Canned, canned_fairlead, place_of, say, status_of

METRICS, HEALTH = (
    f"GET apps/shop/environments/production/{what}" for what in ("metrics", "health")
)


@pytest.fixture
def fairlead() -> Iterator[Canned]:
    with canned_fairlead() as canned:
        yield canned.on("GET status", status_of(place_of(production=True)))


def slices(*numbers: float | None) -> list[dict[str, Any]]:
    names = ("requests_per_second", "error_rate", "avg_response_time")
    return [{"began": "2026-01-31T12:00:00Z"} | dict.fromkeys(names, one) for one in numbers]


def metrics_of(**changes: Any) -> Answer:
    told: dict[str, Any] = {
        "app": "shop", "environment": "production", "release": "", "time_window": "5m",
        "avg_response_time": 41.6, "p50": 9.96, "p95": 90.0, "p99": 120.0, "error_rate": 0.5,
        "requests_per_second": 16.7, "samples": 5000, "newest_sample_age_s": 0.7,
        "because": "5000 requests in 300 s", "course": slices(1.0, None, 5.0),
    }  # fmt: skip
    return Answer(told | changes)


def unknown(because: str) -> dict[str, Any]:
    names = ("avg_response_time", "p50", "p95", "p99", "error_rate", "requests_per_second")
    return {"because": because, "course": slices(None, None), **dict.fromkeys(names)}


def part(name: str, weight: float, score: float | None, because: str) -> dict[str, Any]:
    cost = 0.0 if score is None else weight * (100 - score) / 100
    return {"name": name, "weight": weight, "score": score, "because": because, "cost": cost}


def health_of(score: float | None, verdict: str, *parts: dict[str, Any]) -> Answer:
    told = {"app": "shop", "environment": "production", "time_window": "1m"}
    return Answer(
        told | {"health_score": score, "verdict": verdict, "parts": [*parts], "because": "it is so"}
    )


def test_the_numbers_are_told_with_their_course(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on(METRICS, metrics_of())
    told = say(tmp_path, fairlead.url, "metrics", "--app", "shop").stdout
    for seen in ("production of shop", "the last 5m", "16.7 a second", "0.50%", "42 ms", "10.0 ms",
                 "▂·█", "5000 requests in 300 s, the newest 1 s old"):  # fmt: skip
        assert seen in told
    assert max(map(len, told.splitlines())) <= 80


def test_the_release_and_the_time_are_asked_for(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on(METRICS, metrics_of(release="aaaaaaaaaaaa"))
    words = ("--window", "2h", "--release", "aaaaaaaaaaaa", "--app", "shop", "--json")
    told = say(tmp_path, fairlead.url, "metrics", "production", *words)
    assert json.loads(told.stdout)["samples"] == 5000
    asked = [path for _, path, _, _ in fairlead.asked]
    assert asked == [
        "apps/shop/environments/production/metrics?time_window=2h&release=aaaaaaaaaaaa"
    ]


def test_what_is_unknown_is_never_a_number(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on(METRICS, metrics_of(**unknown("nothing was ever measured here")))
    told = say(tmp_path, fairlead.url, "metrics").stdout
    assert told.count("not known") == 6
    assert "nothing was ever measured here" in told
    assert "··" in told
    assert "0.00" not in told


@pytest.mark.parametrize(
    ("score", "verdict", "code"),
    [(98.5, "HEALTHY", 0), (62.0, "UNHEALTHY", 1), (None, "UNKNOWN", 4), (99.0, "a new word", 4)],
)
def test_the_status_of_health_is_its_verdict(
    fairlead: Canned, tmp_path: Path, score: float | None, verdict: str, code: int
) -> None:
    parts = (
        part("errors", 30, 95.0 if score else None, "0.25% failed"),
        part("new_errors", 10, 100.0, "none that is new"),
        part("database", 0, None, "there is none"),
    )
    fairlead.on(HEALTH, health_of(score, verdict, *parts))
    result = say(tmp_path, fairlead.url, "health")
    assert result.exit_code == code
    told = result.stdout
    assert ("not known" in told) is (score is None)
    assert (f"{score or 0:g} of 100" in told) is (score is not None)
    for seen in (verdict, "new errors", "there is none", "it is so"):
        assert seen in told
    assert max(map(len, told.splitlines())) <= 80
    plain = say(tmp_path, fairlead.url, "health", "--json")
    assert (plain.exit_code, json.loads(plain.stdout)["health_score"]) == (code, score)


def test_which_environment_is_meant_must_be_clear(fairlead: Canned, tmp_path: Path) -> None:
    both = (place_of(name="one", production=False), place_of(name="two", production=False))
    fairlead.on("GET status", status_of(*both))
    result = say(tmp_path, fairlead.url, "health")
    assert (result.exit_code, "There are one, two" in result.stderr) == (2, True)
    fairlead.on("GET status", status_of(place_of(name="one", production=False)))
    fairlead.on("GET apps/shop/environments/one/health", health_of(100.0, "HEALTHY"))
    assert say(tmp_path, fairlead.url, "health").exit_code == 0


def test_what_comes_from_outside_cannot_steer_the_terminal(
    fairlead: Canned, tmp_path: Path
) -> None:
    evil = "\x1b]0;owned\x07[bold]x[/bold]\nfake"
    fairlead.on(HEALTH, health_of(50.0, "UNHEALTHY", part(evil, 30, 50.0, evil)))
    fairlead.on(METRICS, metrics_of(because=evil, release=evil))
    for command in ("health", "metrics"):
        told = say(tmp_path, fairlead.url, command).stdout
        assert "\x1b" not in told
        assert "\nfake" not in told
