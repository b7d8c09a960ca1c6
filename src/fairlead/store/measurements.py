"""What was measured, window by window."""

from collections.abc import Sequence
from datetime import datetime

from fairlead.analysis.measurement import Measurement
from fairlead.store.database import Tx, many


def add(tx: Tx, app: str, environment: str, window: Sequence[Measurement]) -> None:
    """Keep one window; a window kept before stays."""
    for m in window:
        tx.execute(
            "INSERT INTO measurements (app, environment, release, component, began, ended, "
            "requests, errors, total_ms, buckets) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            (
                app,
                environment,
                m.release,
                m.component,
                m.began,
                m.ended,
                m.requests,
                m.errors,
                m.total_ms,
                [*m.buckets] or None,
            ),
        )


def since(tx: Tx, app: str, environment: str, release: str, when: datetime) -> list[Measurement]:
    """Return a release's windows that ended after `when`, oldest first."""
    rows = many(
        tx,
        "SELECT release, component, began, ended, requests, errors, total_ms, "
        "coalesce(buckets, '{}') AS buckets FROM measurements "
        "WHERE app = %s AND environment = %s AND release = %s AND ended > %s "
        "ORDER BY began, component",
        app,
        environment,
        release,
        when,
    )
    return [Measurement(**row | {"buckets": tuple(row["buckets"])}) for row in rows]
