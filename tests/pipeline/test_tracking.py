"""Does a monitor stage tell of a release that performs badly, and report how it all went?"""

from collections.abc import Callable
from typing import Any

from fairlead.cli.watch.performance import plot
from fairlead.pipeline.sampling import Sampler
from fairlead.reports import run as report
from fairlead.store import outbox
from journeys.configurations import JUDGEMENT, canary
from pipeline.loop import Loop

Make = Callable[..., Loop]


def monitored(app: str, ports: list[int], **policy: Any) -> dict[str, Any]:
    """Return an app whose judge allows more than is told of."""
    lax = {"error_rate": "50%", "mean_latency": "2s"}
    told = canary(
        app,
        ports,
        judgement=JUDGEMENT | {"promoted": lax, "canary": lax},
        monitor_for="12s",
        alert={"window": "2s", "errors": "3%", "windows": 3},
        **policy,
    )
    told["channels"] = {"deployments": {"webhook": "chat"}}
    told["pipeline"].append({"stage": "monitoring", "monitor": "live"})
    return told


def shipped(loop: Loop, fails: int) -> str:
    """Ship a second release that fails so many of a hundred, sampled all the while."""
    loop.app.commit("first")
    assert loop.ship().status == "succeeded"
    release = loop.app.commit("second")
    sampler = Sampler(loop.house)
    run = loop.submit()
    loop.counting.fails[release] = fails
    last = loop.clock.now

    def take(run_id: str) -> Any:
        nonlocal last
        if (loop.clock.now - last).total_seconds() >= 1:
            sampler.sample()
            last = loop.clock.now
        return loop.take(run_id)

    loop.carry(run.id, take)
    assert loop.run(run.id).status == "succeeded", loop.run(run.id).because
    return run.id


def performance(loop: Loop, run: str) -> dict[str, Any]:
    with loop.house.database.begin() as tx:
        (told,) = report.performance(tx, run)
    return told


def messages(loop: Loop) -> list[outbox.Message]:
    with loop.house.database.begin() as tx:
        return [due.message for due in outbox.due(tx, loop.clock.now, 100)]


def test_three_bad_windows_are_told_once_and_reported(loop_of: Make) -> None:
    loop = loop_of(monitored)
    run = shipped(loop, fails=10)
    degraded = [e for e in loop.events(run) if e.kind == "performance.degraded"]
    assert len(degraded) == 1
    assert "performs badly in live: 10.00% errors (limit 3%)" in degraded[0].because
    assert degraded[0].because.endswith("3 windows running")
    (message,) = messages(loop)
    assert (message.channel, message.secret) == ("deployments", "chat")
    assert f"`fairlead watch {run}` shows it, `fairlead rollback live` ends it." in message.text
    told = performance(loop, run)
    assert len(told["windows"]) >= 4
    sentence, errors, mean = plot(told)
    assert "windows were beyond the limits" in sentence
    assert "█" in errors
    assert errors.endswith("10.00% at worst, limit 3.00%")
    assert mean.endswith("2 ms at worst, limit 1500 ms")


def test_a_good_release_is_reported_and_nobody_is_told(loop_of: Make) -> None:
    loop = loop_of(monitored)
    run = shipped(loop, fails=0)
    assert "performance.degraded" not in loop.kinds(run)
    assert messages(loop) == []
    assert "no degradation in " in performance(loop, run)["because"]
