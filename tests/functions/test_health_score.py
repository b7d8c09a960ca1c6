"""What does the health score of an environment rest on, and what makes it unknown?"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from fairlead.analysis.verdict import Finding, Verdict
from fairlead.errors import Temporary
from fairlead.pipeline.sampling import Sampler
from functions.stand import Functions

NAME = "production-monitoring"


@pytest.fixture
def sampler(functions: Functions) -> Iterator[Sampler]:
    """Give what reads the edge of an environment that is well, read for a minute."""
    functions.loop.counting.fails.clear()
    one = Sampler(functions.loop.house)
    pass_by(functions, one, 61)
    yield one
    functions.loop.counting.fails.clear()
    functions.loop.slots.sick.clear()


def pass_by(functions: Functions, sampler: Sampler, seconds: int) -> None:
    for _ in range(seconds):
        sampler.sample()
        functions.loop.clock.pass_by(1)


def score(functions: Functions, **asked: Any) -> dict[str, Any]:
    return dict(functions.call(NAME, "system_health_score", **asked))


def part(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in told["parts"] if one["name"] == name)


def policy(functions: Functions, **more: Any) -> None:
    """Let the file say more about the environment."""
    with functions.loop.house.database.begin() as tx:
        for key, value in more.items():
            tx.execute(
                "UPDATE runs SET spec = jsonb_set(spec, ARRAY['environments', 'live', %s], %s)",
                (key, json.dumps(value)),
            )


def fault(functions: Functions, first: datetime, last: datetime, **more: str) -> None:
    row = {"fingerprint": "f1", "release": "somebody's name", "severity": "error"} | more
    with functions.loop.house.database.begin() as tx:
        tx.execute(
            "INSERT INTO error_groups (app, environment, fingerprint, component, severity, title, "
            "events, first_seen, first_release, last_seen, last_release) "
            "VALUES (%s, 'live', %s, 'api', %s, 'Oh', 1, %s, %s, %s, %s)",
            (functions.loop.app.name, row["fingerprint"], row["severity"], first, row["release"],
             last, row["release"]),
        )  # fmt: skip


def test_nothing_measured_is_no_score(functions: Functions) -> None:
    told = score(functions)
    assert (told["health_score"], told["verdict"]) == (None, "UNKNOWN")
    assert "nothing was ever measured here" in told["because"]


def test_the_first_release_of_a_place_has_a_score_from_its_first_seconds(
    functions: Functions,
) -> None:
    sampler = Sampler(functions.loop.house)
    pass_by(functions, sampler, 5)
    assert score(functions)["health_score"] == 100.0
    # What nobody saw after that is missing.
    functions.loop.clock.pass_by(50)
    pass_by(functions, sampler, 2)
    assert "s were seen" in score(functions)["because"]


def test_a_place_that_is_well_has_a_full_score_with_every_part(
    functions: Functions, sampler: Sampler
) -> None:
    told = score(functions)
    assert (told["health_score"], told["verdict"]) == (100.0, "HEALTHY")
    scores = {one["name"]: one["score"] for one in told["parts"]}
    assert scores == {
        "errors": 100.0, "latency": 100.0, "slots": 100.0, "new_errors": None,
        "freshness": 100.0, "database": None,
    }  # fmt: skip
    assert part(told, "database")["weight"] == part(told, "new_errors")["weight"] == 0
    functions.loop.clock.pass_by(90)
    assert score(functions)["health_score"] is None
    assert score(functions, time_window="5m")["health_score"] is None


def test_errors_cost_what_they_are_beside_the_limit_of_the_file(
    functions: Functions, sampler: Sampler
) -> None:
    functions.loop.counting.fails[functions.loop.live().live] = 8
    pass_by(functions, sampler, 61)
    told = score(functions)
    assert (told["health_score"], told["verdict"]) == (pytest.approx(76, abs=0.5), "UNHEALTHY")
    assert told["because"].startswith("errors cost")
    policy(functions, watch={"errors": "8%", "mean_latency": "2ms"})
    told = score(functions)
    assert part(told, "errors")["score"] == pytest.approx(50, abs=1)
    assert part(told, "latency")["score"] == 50.0


def test_what_a_release_did_before_it_left_does_not_count(
    functions: Functions, sampler: Sampler
) -> None:
    loop = functions.loop
    loop.counting.fails[loop.live().live] = 100
    pass_by(functions, sampler, 30)
    assert score(functions)["health_score"] < 85
    good = "f" * 12
    with loop.house.database.begin() as tx:
        tx.execute(
            "UPDATE environments SET live = %s, previous = live, weights = %s",
            (good, json.dumps({good: 100, loop.live().live: 0})),
        )
    assert left_out(functions)
    # Nor is it when nothing is left of it: its slots are stopped, and it is no way back.
    with loop.house.database.begin() as tx:
        tx.execute("UPDATE environments SET previous = '', weights = %s", [json.dumps({good: 100})])
        tx.execute("DELETE FROM slots")
    assert left_out(functions)


def left_out(functions: Functions) -> bool:
    """Tell whether nothing of what was measured counts."""
    told = score(functions)
    assert told["health_score"] is None
    return part(told, "errors")["score"] is None


def test_slots_and_the_edge_are_asked(functions: Functions, sampler: Sampler) -> None:
    loop = functions.loop
    live = loop.live().live
    loop.slots.sick[live] = Finding(Verdict.UNHEALTHY, "function api crashed")
    told = score(functions)
    assert (told["health_score"], told["verdict"]) == (80.0, "UNHEALTHY")
    assert "function api crashed" in told["because"]
    loop.slots.sick[live] = Finding(Verdict.UNKNOWN, "it is starting")
    told = score(functions)
    assert (told["health_score"], told["because"]) == (None, "slots: it is starting")


def test_new_faults_count_while_they_go_on(functions: Functions, sampler: Sampler) -> None:
    now, live = functions.loop.clock.now, functions.loop.live().live
    long_ago = now - timedelta(days=2)
    fault(functions, long_ago, now)
    assert part(score(functions), "new_errors")["score"] == 100.0
    fault(functions, long_ago, now, fingerprint="f2", release=live)
    fault(functions, now, now, fingerprint="f3")
    fault(functions, now, now, fingerprint="f4", severity="warning")
    fault(functions, long_ago, now - timedelta(hours=1), fingerprint="f5", release=live)
    told = score(functions)
    assert part(told, "new_errors")["because"] == "2 faults that no release before had"
    assert told["health_score"] == 96.0


def test_the_database_of_the_environment_is_asked(functions: Functions, sampler: Sampler) -> None:
    policy(functions, database={"secret": "shop"})
    functions.full.share = 0.95
    assert part(score(functions), "database")["score"] == 25.0
    functions.full.share = Temporary("shop on db does not answer")
    told = score(functions)
    assert told["health_score"] is None
    assert told["because"] == "database: shop on db does not answer"


def test_a_quiet_place_is_looked_at_for_longer(functions: Functions, sampler: Sampler) -> None:
    policy(functions, metrics={"from": "fairlead"}, watch={"health": 99, "errors": "50%"})
    now = functions.loop.clock.now.timestamp()
    asked = [[now - 5 - 10 * n, 20.0, n == 20] for n in range(25)]
    words = {"release": functions.loop.live().live, "component": "api", "requests": asked}
    functions.call(NAME, "record_requests", **words)
    short = score(functions, time_window="1m")
    assert (short["health_score"], short["time_window"]) == (None, "1m")
    assert "only 6 requests, fewer than 20" in short["because"]
    told = score(functions)
    assert (told["health_score"], told["time_window"]) == (pytest.approx(98.8), None)
    assert "4.00% failed of 25 requests in 300 s" in part(told, "errors")["because"]
    assert (told["healthy_from"], told["verdict"]) == (99.0, "UNHEALTHY")
