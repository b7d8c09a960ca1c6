"""What live releases did, minute by minute."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairlead.analysis.evidence.burst import Sums
from fairlead.analysis.history import LOOKED_BACK, RECENT, Learned, Minute, learned
from fairlead.release.spec.metrics import Metrics
from fairlead.release.spec.sources import ASKED
from fairlead.store.database import Tx, many

_COLUMNS = (
    "app, environment, release, component, began, seconds, requests, errors, buckets, "
    "fine_number, fine_total, fine_squares, coarse_number, coarse_total, coarse_squares"
)


@dataclass(frozen=True, slots=True)
class Place:
    """An environment, the release that is live there, and whether measurements are judged.

    `source` is who counts there, as its file says; `every` how often that is asked, in seconds.
    """

    app: str
    environment: str
    live: str
    judged: bool = True
    source: str = "envoy"
    every: float = 1.0


def live(tx: Tx) -> list[tuple[str, str, str]]:
    """Return which release is live where: app, environment and release."""
    rows = many(tx, "SELECT app, name, live FROM environments WHERE live <> '' ORDER BY app, name")
    return [(row["app"], row["name"], row["live"]) for row in rows]


def places(tx: Tx) -> list[Place]:
    """Return every environment with a live release; the newest policy says whether it is judged."""
    rows = many(
        tx,
        "SELECT e.app, e.name AS environment, e.live, coalesce(jsonb_typeof("
        "newest.there -> 'judgement') = 'object', false) AS judged, "
        "newest.there -> 'metrics' AS metrics FROM environments e JOIN LATERAL ("
        "SELECT r.spec -> 'environments' -> e.name AS there FROM rollouts o "
        "JOIN runs r ON r.id = o.run WHERE r.app = e.app AND o.environment = e.name "
        "ORDER BY r.created_at DESC LIMIT 1"
        ") newest ON true WHERE e.live <> '' ORDER BY e.app, e.name",
    )
    return [_place(row) for row in rows]


def _place(row: dict[str, Any]) -> Place:
    metrics = Metrics.model_validate(row.pop("metrics") or {})
    every = metrics.every if metrics.from_ in ASKED else 1.0
    return Place(**row, source=metrics.from_, every=every)


def add(tx: Tx, place: Place, minute: Minute) -> None:
    """Keep one minute; a minute kept before stays."""
    tx.execute(
        f"INSERT INTO traffic_minutes ({_COLUMNS}) VALUES (%s{', %s' * 14}) ON CONFLICT DO NOTHING",
        (
            place.app,
            place.environment,
            minute.release,
            minute.component,
            minute.began,
            minute.seconds,
            minute.requests,
            minute.errors,
            [*minute.buckets],
            *minute.fine,
            *minute.coarse,
        ),
    )


def since(
    tx: Tx, app: str, environment: str, when: datetime, times_since: datetime
) -> list[Minute]:
    """Return the minutes that began after `when`, oldest first; answer times only of newer ones."""
    rows = many(
        tx,
        "SELECT release, component, began, seconds, requests, errors, "
        "CASE WHEN began >= %s THEN buckets ELSE '{}' END AS buckets, "
        "fine_number, fine_total, fine_squares, "
        "coarse_number, coarse_total, coarse_squares "
        "FROM traffic_minutes WHERE app = %s AND environment = %s AND began >= %s "
        "ORDER BY began, component, release",
        times_since,
        app,
        environment,
        when,
    )
    return [_minute(row) for row in rows]


def of(tx: Tx, place: Place, now: datetime, *, with_times: bool = False) -> dict[str, Learned]:
    """Return what each component of a place usually does; answer times only where asked for."""
    times_since = now - RECENT if with_times else now
    minutes = since(tx, place.app, place.environment, now - LOOKED_BACK, times_since)
    return learned([m for m in minutes if m.began < now], place.live, now)


def forget(tx: Tx, before: datetime) -> int:
    """Let go of minutes that began before; return how many."""
    return tx.execute("DELETE FROM traffic_minutes WHERE began < %s", (before,)).rowcount


def _minute(row: dict[str, Any]) -> Minute:
    def sums(size: str) -> Sums:
        return Sums(*(int(row[f"{size}_{what}"]) for what in Sums._fields))

    return Minute(
        row["release"],
        row["component"],
        row["began"],
        row["seconds"],
        row["requests"],
        row["errors"],
        tuple(row["buckets"]),
        sums("fine"),
        sums("coarse"),
    )
