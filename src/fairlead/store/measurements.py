"""What was measured, window by window."""

from collections.abc import Sequence
from datetime import datetime

from psycopg.rows import DictRow

from fairlead.analysis.measurement import Measurement
from fairlead.store.database import Tx, many

_TOLD = (
    "release, component, began, ended, requests, errors, total_ms, "
    "coalesce(buckets, '{}') AS buckets FROM measurements "
    "WHERE app = %s AND environment = %s AND release = %s"
)


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
        f"SELECT {_TOLD} AND ended > %s ORDER BY began, component",
        app,
        environment,
        release,
        when,
    )
    return [_measurement(row) for row in rows]


def during(
    tx: Tx, app: str, environment: str, release: str, span: tuple[datetime, datetime]
) -> list[Measurement]:
    """Return a release's windows that lie between two moments, oldest first."""
    rows = many(
        tx,
        f"SELECT {_TOLD} AND began >= %s AND ended <= %s ORDER BY began, component",
        app,
        environment,
        release,
        *span,
    )
    return [_measurement(row) for row in rows]


def _measurement(row: DictRow) -> Measurement:
    return Measurement(**row | {"buckets": tuple(row["buckets"])})
