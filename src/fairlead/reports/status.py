"""What is live where, and what is going on now?"""

from collections.abc import Iterable
from typing import Any

from fairlead.analysis.verdict import Verdict
from fairlead.errors import Temporary
from fairlead.reports.run import summary, waiting
from fairlead.reports.window import Window
from fairlead.store import environments, runs, slots
from fairlead.store.environments import EnvironmentState
from fairlead.store.slots import KeptSlot


def status(window: Window, app: str = "") -> dict[str, Any]:
    """Return every environment with its releases, and every open run."""
    with window.database.begin() as tx:
        places = environments.everything(tx, app)
        kept = slots.everything(tx)
        going = [
            summary(tx, run) | {"at_horizon": waiting(tx, run, window.clock())}
            for run in runs.open_runs(tx)
            if app in ("", run.app)
        ]
    # Slots are asked after the transaction: one that hangs must not hold a connection.
    told = [_environment(window, kept, place) for place in places]
    return {"at": window.clock(), "environments": told, "runs": going}


def overall(environments: Iterable[dict[str, Any]]) -> str:
    """Return the worst verdict of environments, in small letters; `unknown` when there are none."""
    verdicts = (Verdict[told["verdict"]] for told in environments)
    return max(verdicts, default=Verdict.UNKNOWN).name.lower()


def _environment(window: Window, kept: list[KeptSlot], place: EnvironmentState) -> dict[str, Any]:
    here = [k for k in kept if (k.slot.app, k.slot.environment) == (place.app, place.name)]
    releases: dict[str, Any] = {}
    serving = {release for release, weight in place.weights.items() if weight} or {place.live}
    silent = not place.live or serving - {k.slot.release for k in here}
    verdicts = [Verdict.UNKNOWN] if silent else []
    for slot in here:
        finding = window.target.health(slot.slot)
        if slot.slot.release in serving:
            verdicts.append(finding.verdict)
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
        "production": place.production,
        "url": f"http://{place.listen}",
        "verdict": max(verdicts, default=Verdict.UNKNOWN).name,
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
