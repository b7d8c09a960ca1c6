"""What is live where, and what is going on now?"""

from typing import Any

from fairlead.errors import Temporary
from fairlead.reports.run import summary
from fairlead.reports.window import Window
from fairlead.store import environments, runs, slots
from fairlead.store.database import Tx
from fairlead.store.environments import EnvironmentState


def status(window: Window, app: str = "") -> dict[str, Any]:
    """Return every environment with its releases, and every open run."""
    with window.database.begin() as tx:
        places = environments.everything(tx, app)
        told = [_environment(window, tx, place) for place in places]
        going = [summary(tx, run) for run in runs.open_runs(tx) if app in ("", run.app)]
    return {"at": window.clock(), "environments": told, "runs": going}


def _environment(window: Window, tx: Tx, place: EnvironmentState) -> dict[str, Any]:
    kept = slots.of_environment(tx, place.app, place.name)
    releases: dict[str, Any] = {}
    for slot in kept:
        finding = window.target.health(slot.slot)
        release = releases.setdefault(slot.slot.release, {"slots": [], "stops_at": slot.stop_after})
        release["slots"].append(
            {
                "component": slot.slot.component,
                "verdict": finding.verdict.name,
                "because": finding.because,
            }
        )
    return {
        "app": place.app,
        "name": place.name,
        "url": f"http://{place.listen}",
        "live": place.live,
        "previous": place.previous,
        "weights": _weights(window, place),
        "wanted_weights": place.weights,
        "held_by": place.held_by,
        "releases": releases,
    }


def _weights(window: Window, place: EnvironmentState) -> dict[str, int] | None:
    """Return what the edge does now; None when it does not answer."""
    try:
        return window.router.weights(place.app, place.name)
    except Temporary:
        return None
