"""How well is an environment just now, in one number, and what does each part of it say?"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fairlead.analysis.health_score import (
    LEAST_REQUESTS,
    Absent,
    HealthScore,
    Limits,
    Seen,
    ServingSlot,
    Unknown,
    health_score,
    nowhere,
)
from fairlead.analysis.performance import Performance, Span, performance
from fairlead.analysis.rollup import kept_from
from fairlead.errors import FairleadError
from fairlead.release.spec import quantity
from fairlead.reports.performance import EVERY_SECOND, policy_of, since_live, source_in
from fairlead.reports.window import Window
from fairlead.store import environments, new_errors, releases, rollups, slots
from fairlead.store.database import Tx
from fairlead.store.environments import EnvironmentState
from fairlead.store.rollups import Place
from fairlead.store.slots import KeptSlot

WINDOWS_S = (60, 300)
"""Health is that of now: the last minute is looked at, and more where that is too quiet to tell."""
# A new fault counts for so long after it happened last.
FAULTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What our database says of a place; `secret` leads to its own database, empty for none."""

    limits: Limits
    secret: str
    slots: list[KeptSlot]
    performance: Performance
    new_errors: int | Absent


def health(window: Window, place: Place, seconds: int | None = None) -> HealthScore:
    """Return the health score of an environment over the last seconds.

    Without `seconds` it is over the last minute, or five minutes where too little was asked in it.
    It is that of the releases in traffic: what another one did before it left does not count.
    Errors: `NotFound` when nothing was ever deployed there; `Temporary` when our database is away.
    """
    now = window.clock()
    with window.database.begin() as tx:
        state = environments.get(tx, *place)
    known = _kept(window, state, WINDOWS_S if seconds is None else (seconds,), now)
    if not state.live:
        return nowhere(f"nothing is live in {state.name}", known.limits)
    # Slots and databases are asked after the transaction: they must not hold a connection.
    seen = Seen(
        known.performance,
        _slots(window, state, known.slots),
        known.new_errors,
        _connections(window, known.secret),
    )
    return health_score(seen, known.limits)


def told(score: HealthScore) -> dict[str, Any]:
    """Return the score in the words of the runbook; null for UNKNOWN, and where a part is not."""
    return {
        "health_score": score.score,
        "verdict": score.verdict.name,
        "healthy_from": score.healthy,
        "parts": [asdict(part) | {"cost": round(part.cost, 2)} for part in score.parts],
        "because": score.because,
    }


def _kept(window: Window, state: EnvironmentState, windows: Sequence[int], now: datetime) -> _Kept:
    place, serving = (state.app, state.name), [*_serving(state.weights)]
    with window.database.begin() as tx:
        policy = policy_of(tx, place)
        here = slots.of_environment(tx, *place)
        source = source_in(policy)
        seen = _performed(tx, place, (source, windows[0], now), serving)
        for seconds in windows[1:]:
            if seen.samples < LEAST_REQUESTS:
                longer = _performed(tx, place, (source, seconds, now), serving)
                seen = longer if longer.known else seen
        found: int | Absent = Absent("no application has ever reported an error here")
        if new_errors.any_reported(tx, place):
            found = new_errors.count(tx, place, serving, (now - FAULTS, state.changed_at))
    database = str((policy.get("database") or {}).get("secret", ""))
    return _Kept(limits_of(policy), database, here, seen, found)


def _performed(
    tx: Tx, place: Place, asked: tuple[str, int, datetime], serving: Sequence[str]
) -> Performance:
    """Return what one source tells of the last seconds, without releases that left the traffic.

    A name that is none of our releases is what an application calls itself: it counts.
    """
    source, seconds, now = asked
    since = kept_from(now - timedelta(seconds=seconds), now)
    newest = rollups.newest(tx, place, source)
    parts = rollups.within(tx, place, (since, now), source)
    left = releases.built(tx, place[0], {part.release for part in parts}.difference(serving))
    mine = [part for part in parts if part.release not in left]
    span = since_live(tx, (place, source), Span(since, now, now), mine)
    return performance(mine, span, newest, every_second=source in EVERY_SECOND)


def limits_of(policy: dict[str, Any]) -> Limits:
    """Return what the file allows an environment that is watched; the runbook's limits else."""
    asked = policy.get("watch") or {}
    limits = Limits()
    if "errors" in asked:
        limits = replace(limits, error_rate=quantity.share(asked["errors"]))
    if "health" in asked:
        limits = replace(limits, healthy=float(asked["health"]))
    if "mean_latency" in asked:
        limits = replace(limits, mean_ms=quantity.seconds(asked["mean_latency"]) * 1000)
    return limits


def _slots(
    window: Window, state: EnvironmentState, kept: Iterable[KeptSlot]
) -> list[ServingSlot] | Unknown:
    try:
        weights = _serving(window.router.weights(state.app, state.name))
        here = [one.slot for one in kept if one.slot.release in weights]
        missing = weights.keys() - {slot.release for slot in here}
        if missing:
            return Unknown(f"no slot of release {', '.join(sorted(missing))} is known")
        return [
            ServingSlot(slot.component, weights[slot.release], window.target.health(slot))
            for slot in here
        ]
    except FairleadError as error:
        return Unknown(str(error))


def _connections(window: Window, secret: str) -> float | Absent | Unknown:
    if not secret:
        return Absent("fairlead.yaml names no database for this environment")
    try:
        return window.connections.taken(secret)
    except FairleadError as error:
        return Unknown(str(error))


def _serving(weights: dict[str, int]) -> dict[str, int]:
    return {release: weight for release, weight in weights.items() if weight}
