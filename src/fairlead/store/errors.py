"""Errors that applications report: every event once, grouped by what makes them the same fault."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import DictRow

from fairlead.analysis.error_group import ErrorEvent
from fairlead.analysis.rollup import floored
from fairlead.errors import NotFound, Refused
from fairlead.store.database import Tx, many

Place = tuple[str, str]
"""An app and its environment."""

KEPT = timedelta(days=30)
# So long every event is kept; after that the newest of each fault are.
ALL_KEPT = timedelta(minutes=10)
_MINUTE_S = 60
MOST_RELEASES = 20
_SHORTEST = 4
_OF_PLACE = "app = %(app)s AND environment = %(environment)s AND %(release)s IN ('', release)"
_COUNT = (
    "SELECT (SELECT coalesce(sum(events), 0) FROM error_minutes "
    f"WHERE {_OF_PLACE} AND began >= %(whole)s) + (SELECT count(*) FROM error_events "
    f"WHERE {_OF_PLACE} AND at >= %(since)s AND at < %(whole)s) AS events"
)
_KEEP = """
WITH told AS (
  SELECT * FROM json_to_recordset(%s::json) AS t(
    app text, environment text, id uuid, fingerprint text, title text, release text,
    component text, severity text, at timestamptz, message text, stack text, metadata jsonb)
), kept AS (
  INSERT INTO error_events (app, environment, id, fingerprint, release, component, severity, at,
    message, stack, metadata)
  SELECT app, environment, id, fingerprint, release, component, severity, at, message, stack,
    metadata FROM told
  ON CONFLICT DO NOTHING RETURNING app, environment, id
), fresh AS (
  SELECT t.* FROM told t JOIN kept USING (app, environment, id)
), of_releases AS (
  INSERT INTO error_releases AS known
  SELECT app, environment, fingerprint, release, count(*), min(at), max(at)
  FROM fresh GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (app, environment, fingerprint, release) DO UPDATE SET
    events = known.events + EXCLUDED.events,
    first_seen = least(known.first_seen, EXCLUDED.first_seen),
    last_seen = greatest(known.last_seen, EXCLUDED.last_seen)
), of_minutes AS (
  INSERT INTO error_minutes AS known
  SELECT app, environment, release, date_trunc('minute', at), count(*)
  FROM fresh GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 4, 3
  ON CONFLICT (app, environment, began, release) DO UPDATE SET
    events = known.events + EXCLUDED.events
)
INSERT INTO error_groups AS known (app, environment, fingerprint, component, severity, title,
  events, first_seen, first_release, last_seen, last_release)
SELECT app, environment, fingerprint, (array_agg(component ORDER BY at DESC))[1],
  (array_agg(severity ORDER BY at DESC))[1], (array_agg(title ORDER BY at DESC))[1], count(*),
  min(at), (array_agg(release ORDER BY at))[1], max(at), (array_agg(release ORDER BY at DESC))[1]
FROM fresh GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (app, environment, fingerprint) DO UPDATE SET
  component = EXCLUDED.component, severity = EXCLUDED.severity, title = EXCLUDED.title,
  events = known.events + EXCLUDED.events,
  first_release = CASE WHEN EXCLUDED.first_seen < known.first_seen
    THEN EXCLUDED.first_release ELSE known.first_release END,
  first_seen = least(known.first_seen, EXCLUDED.first_seen),
  last_release = CASE WHEN EXCLUDED.last_seen >= known.last_seen
    THEN EXCLUDED.last_release ELSE known.last_release END,
  last_seen = greatest(known.last_seen, EXCLUDED.last_seen),
  reopened_at = CASE WHEN EXCLUDED.last_seen > known.resolved_at
    THEN EXCLUDED.last_seen ELSE known.reopened_at END,
  resolved_by = CASE WHEN EXCLUDED.last_seen > known.resolved_at THEN '' ELSE known.resolved_by END,
  resolved_at = CASE WHEN EXCLUDED.last_seen > known.resolved_at
    THEN NULL ELSE known.resolved_at END
"""
_GROUP = (
    "g.fingerprint, g.component, g.severity, g.title, g.events, g.first_seen, g.first_release, "
    "g.last_seen, g.last_release, g.resolved_at, g.resolved_by, g.reopened_at, "
    "(SELECT coalesce(jsonb_object_agg(release, events), '{}') FROM (SELECT release, events "
    "FROM error_releases r WHERE r.app = g.app AND r.environment = g.environment "
    "AND r.fingerprint = g.fingerprint ORDER BY last_seen DESC LIMIT "
    f"{MOST_RELEASES}) newest) AS releases"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which groups are asked for; an empty word and None leave nothing out."""

    since: datetime | None = None
    component: str = ""
    severity: str = ""
    release: str = ""
    resolved: bool | None = None
    first_in: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Group:
    """One fault. `releases` are the newest releases that had it, with how often."""

    fingerprint: str
    component: str
    severity: str
    title: str
    events: int
    first_seen: datetime
    first_release: str
    last_seen: datetime
    last_release: str
    resolved_at: datetime | None
    resolved_by: str
    reopened_at: datetime | None
    releases: dict[str, int]


def keep(tx: Tx, told: Iterable[tuple[Place, ErrorEvent]]) -> None:
    """Keep events that are not kept yet, and count them in their groups.

    A resolved group that happens again after it was resolved is open again.
    """
    once = {(place, event.id): (place, event) for place, event in told}
    rows = [_row(place, event) for place, event in once.values()]
    tx.execute(_KEEP, [json.dumps(rows, ensure_ascii=False, allow_nan=False)])


def count(tx: Tx, place: Place, span: tuple[datetime, datetime], release: str = "") -> int:
    """Return how many events there were since a moment, of one release when it is named.

    `span` is that moment and now. Minutes tell it; a minute at the beginning that lies within in
    part counts whole when its single events may be let go of already.
    """
    since, now = span
    if since < now - ALL_KEPT:
        since = floored(since, _MINUTE_S)
    whole = floored(since + timedelta(seconds=_MINUTE_S, microseconds=-1), _MINUTE_S)
    asked = {"app": place[0], "environment": place[1], "release": release}
    row = tx.execute(_COUNT, asked | {"since": since, "whole": whole}).fetchone()
    return int(row["events"]) if row else 0


def groups(tx: Tx, place: Place, wanted: Wanted) -> list[Group]:
    """Return the groups that are wanted, the one that happened last first."""
    rows = many(
        tx,
        f"SELECT {_GROUP} FROM error_groups g WHERE g.app = %s AND g.environment = %s "
        "AND (%s::timestamptz IS NULL OR g.last_seen >= %s) "
        "AND %s IN ('', g.component) AND %s IN ('', g.severity) AND %s IN ('', g.first_release) "
        "AND (%s::boolean IS NULL OR (g.resolved_at IS NOT NULL) = %s) "
        "AND (%s = '' OR EXISTS (SELECT FROM error_releases r WHERE r.app = g.app "
        "AND r.environment = g.environment AND r.fingerprint = g.fingerprint AND r.release = %s)) "
        "ORDER BY g.last_seen DESC, g.fingerprint LIMIT %s",
        *place,
        *(wanted.since, wanted.since),
        *(wanted.component, wanted.severity, wanted.first_in),
        *(wanted.resolved, wanted.resolved),
        *(wanted.release, wanted.release),
        wanted.limit,
    )
    return [Group(**row) for row in rows]


def named(tx: Tx, place: Place, beginning: str) -> Group:
    """Return the group that is meant by its fingerprint, or by how it begins.

    Errors: `NotFound` when there is none, `Refused` when more than one may be meant.
    """
    if len(beginning) < _SHORTEST:
        raise Refused(f"say at least {_SHORTEST} signs of the fingerprint")
    rows = many(
        tx,
        f"SELECT {_GROUP} FROM error_groups g WHERE g.app = %s AND g.environment = %s "
        "AND starts_with(g.fingerprint, %s) ORDER BY g.fingerprint LIMIT 2",
        *place,
        beginning,
    )
    if not rows:
        raise NotFound(
            f"{place[1]} of {place[0]} has no error {beginning}: `fairlead errors` tells them"
        )
    if len(rows) > 1:
        raise Refused(f"more than one error begins with {beginning}: say more of it")
    return Group(**rows[0])


def newest(tx: Tx, place: Place, group: Group, limit: int) -> list[ErrorEvent]:
    """Return the newest events of a group."""
    rows = many(
        tx,
        "SELECT id::text AS id, at, release, component, severity, fingerprint, message, stack, "
        "metadata FROM error_events WHERE app = %s AND environment = %s AND fingerprint = %s "
        "ORDER BY at DESC LIMIT %s",
        *place,
        group.fingerprint,
        limit,
    )
    return [ErrorEvent(title=group.title, **row) for row in rows]


def newest_of_place(tx: Tx, place: Place, limit: int) -> list[ErrorEvent]:
    """Return the newest events of an environment, whatever their group."""
    rows = many(
        tx,
        "SELECT id::text AS id, at, release, component, severity, fingerprint, '' AS title, "
        "message, stack, metadata FROM error_events WHERE app = %s AND environment = %s "
        "ORDER BY at DESC LIMIT %s",
        *place,
        limit,
    )
    return [ErrorEvent(**row) for row in rows]


def resolve(tx: Tx, place: Place, fingerprint: str, by: str, now: datetime) -> bool:
    """Say that a fault is mended; False when it was said already."""
    return bool(
        tx.execute(
            "UPDATE error_groups SET resolved_at = %s, resolved_by = %s WHERE app = %s "
            "AND environment = %s AND fingerprint = %s AND resolved_at IS NULL",
            (now, by, *place, fingerprint),
        ).rowcount
    )


def _row(place: Place, event: ErrorEvent) -> DictRow:
    return {
        "app": place[0],
        "environment": place[1],
        "id": event.id,
        "fingerprint": event.fingerprint,
        "title": event.title,
        "release": event.release,
        "component": event.component,
        "severity": event.severity,
        "at": event.at.isoformat(),
        "message": event.message,
        "stack": event.stack,
        "metadata": event.metadata,
    }
