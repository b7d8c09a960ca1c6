"""Are minutes kept as they were, once, and let go when they are old?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fairlead.analysis.evidence.burst import Sums
from fairlead.analysis.history import Minute
from fairlead.release.progress import Run
from fairlead.store import environments, history, rollouts
from fairlead.store.database import Tx
from fairlead.store.history import Place
from fairlead.store.rollouts import Phase, RolloutState

KeepRun = Callable[..., Run]
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LIVE = Place("agentic", "live", "aaaaaaaaaaaa")
ONE = Minute(
    "aaaaaaaaaaaa", "api", NOW - timedelta(minutes=1), 59.5, 6000, 30, (0, 5970, 30),
    Sums(60, 30, 90), Sums(6, 30, 300),
)  # fmt: skip


def minutes(tx: Tx) -> list[Minute]:
    early = NOW - timedelta(days=9)
    return history.since(tx, "agentic", "live", early, early)


def test_a_minute_is_kept_as_it_was_and_once(tx: Tx) -> None:
    history.add(tx, LIVE, ONE)
    history.add(tx, LIVE, replace(ONE, requests=1))
    assert minutes(tx) == [ONE]


def test_answer_times_are_told_only_where_asked_for(tx: Tx) -> None:
    history.add(tx, LIVE, ONE)
    (told,) = history.since(tx, "agentic", "live", NOW - timedelta(hours=1), NOW)
    assert told == replace(ONE, buckets=())


def test_what_is_usual_comes_from_the_hour_before_the_moment_asked_about(tx: Tx) -> None:
    for number in range(70):
        history.add(tx, LIVE, replace(ONE, began=NOW - timedelta(minutes=number)))
    found = history.of(tx, LIVE, NOW - timedelta(minutes=5), with_times=True)["api"]
    assert found.requests == 6000 * 60
    assert found.buckets == (0, 5970 * 60, 30 * 60)
    assert found.phi is not None
    assert history.of(tx, LIVE, NOW + timedelta(days=1)) == {}
    assert history.of(tx, Place("agentic", "test", "aaaaaaaaaaaa"), NOW) == {}


def test_old_minutes_are_let_go(tx: Tx) -> None:
    old = replace(ONE, began=NOW - timedelta(days=3))
    history.add(tx, LIVE, ONE)
    history.add(tx, LIVE, old)
    assert history.forget(tx, NOW - timedelta(days=2)) == 1
    assert minutes(tx) == [ONE]


def test_places_that_are_live_are_sampled_and_the_newest_policy_says_which_are_judged(
    tx: Tx, keep_run: KeepRun
) -> None:
    policies: dict[str, Any] = {
        "live": {"judgement": {"by": "limits"}},
        "test": {"judgement": None},
        "new": {"judgement": {"by": "limits"}},
    }
    keep_run("r1", spec={"environments": policies})
    for number, name in enumerate(policies):
        environments.ensure(tx, "agentic", name, f"127.0.0.1:{number + 1}", NOW)
        state = RolloutState("r1", name, "aaaaaaaaaaaa", "", Phase.STEPPING, 2, 1, NOW)
        rollouts.save(tx, state)
        if name != "new":
            environments.set_live(tx, "agentic", name, "aaaaaaaaaaaa", "")
    assert history.places(tx) == [LIVE, replace(LIVE, environment="test", judged=False)]
    # The newest policy counts.
    later = NOW + timedelta(hours=1)
    keep_run("r2", spec={"environments": {"live": {"judgement": None}}}, created_at=later)
    state = RolloutState("r2", "live", "aaaaaaaaaaaa", "", Phase.STEPPING, 2, 1, NOW)
    rollouts.save(tx, state)
    assert not any(place.judged for place in history.places(tx))
