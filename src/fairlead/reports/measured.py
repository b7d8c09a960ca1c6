"""What was measured while a run took over, window by window, of both releases?"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fairlead.analysis.histogram import sparse
from fairlead.analysis.measurement import Measurement
from fairlead.release.progress import Run
from fairlead.reports.run import taken_over
from fairlead.reports.window import Window
from fairlead.store import measurements, runs
from fairlead.store.database import Tx
from fairlead.store.rollouts import RolloutState


def measured(window: Window, run_id: str) -> dict[str, Any]:
    """Return every window between the run's begin and its end, by environment, oldest first.

    `buckets` counts the answers by the number of their bucket, those above 0 alone; null where no
    answer times were told.
    """
    now = window.clock()
    with window.database.begin() as tx:
        found = runs.get(tx, run_id)
        states = taken_over(tx, run_id, runs.stages(tx, run_id))
        return {"run": run_id, "environments": [_place(tx, found, one, now) for one in states]}


def _place(tx: Tx, found: Run, state: RolloutState, now: datetime) -> dict[str, Any]:
    span = (found.created_at, found.finished_at or now)
    releases = dict.fromkeys(name for name in (state.release, state.previous) if name)
    windows = [
        _window(one)
        for name in releases
        for one in measurements.during(tx, found.app, state.environment, name, span)
    ]
    return {
        "environment": state.environment,
        "release": state.release,
        "previous": state.previous,
        "windows": sorted(windows, key=lambda one: one["began"]),
    }


def _window(one: Measurement) -> dict[str, Any]:
    return asdict(one) | {"buckets": sparse(one.buckets)}
