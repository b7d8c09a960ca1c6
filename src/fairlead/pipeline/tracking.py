"""What is told while a monitor stage watches a release, and what is reported at its end?"""

from dataclasses import asdict
from datetime import datetime, timedelta

from fairlead.analysis import tracking
from fairlead.analysis.rollup import KEPT, floored
from fairlead.analysis.tracking import Alarm, Window
from fairlead.pipeline.scene import Scene
from fairlead.release.plan import StageKind
from fairlead.release.spec.watched import DEPLOYMENTS
from fairlead.store import journal, outbox, rollups
from fairlead.store.rollouts import RolloutState

# A second is kept to be told a moment after it is over.
SETTLED = timedelta(seconds=2)


def look(scene: Scene, state: RolloutState, *, ended: bool) -> None:
    """Look at a release in a monitor stage: tell what is bad, and report when the stage `ended`."""
    if scene.stage.planned.kind is not StageKind.MONITOR or not state.previous:
        return
    _tell(scene, state)
    if ended:
        _report(scene, state)


def _tell(scene: Scene, state: RolloutState) -> None:
    """Tell, once, that so many of the newest windows running are beyond what the file allows."""
    alert = scene.policy.alert
    began, step = _began(scene), timedelta(seconds=alert.window)
    over = (scene.now - SETTLED - began) // step
    if over < alert.windows:
        return
    newest = began + (over - alert.windows) * step
    because = tracking.alarming(_windows(scene, state, newest), _alarm(scene))
    if because:
        _alert(scene, state, because)


def _report(scene: Scene, state: RolloutState) -> None:
    """Keep how the whole time went, window by window."""
    seen, alarm = _windows(scene, state, _began(scene)), _alarm(scene)
    if not seen:
        return
    told = f"release {state.release} in {state.environment}: {tracking.summary(seen, alarm)}"
    windows = [asdict(window) | {"began": window.began.isoformat()} for window in seen]
    limits = {"error_rate": alarm.error_rate, "mean_ms": alarm.mean_ms}
    event = scene.event("performance.told", told, "performance", windows=windows, limits=limits)
    with scene.house.database.begin() as tx:
        journal.append(tx, event)


def _began(scene: Scene) -> datetime:
    """Return when the stage began, or since when its seconds are kept if that was longer ago."""
    began = scene.stage.started_at or scene.now
    return floored(max(began, scene.now - KEPT[1] + SETTLED), 1)


def _alarm(scene: Scene) -> Alarm:
    asked, judgement = scene.policy.alert, scene.policy.judgement
    least = judgement.min_samples if judgement else 1
    return Alarm(asked.errors, asked.mean_latency * 1000, asked.windows, least)


def _windows(scene: Scene, state: RolloutState, since: datetime) -> list[Window]:
    until = scene.now - SETTLED
    place, metrics = (scene.run.app, state.environment), scene.policy.metrics
    source = metrics.from_ if metrics else "envoy"
    with scene.house.database.begin() as tx:
        parts = rollups.seconds(tx, place, (since, until), source, state.release)
    return tracking.windows(parts, since, until, scene.policy.alert.window)


def _alert(scene: Scene, state: RolloutState, because: str) -> None:
    told = f"release {state.release} performs badly in {state.environment}: {because}"
    event = scene.event("performance.degraded", told, "performance/degraded")
    channel = scene.spec.channels.get(DEPLOYMENTS)
    run = scene.run
    with scene.house.database.begin() as tx:
        if channel:
            way_back = f"`fairlead rollback {state.environment}` ends it"
            text = f"{run.app}: {told}. `fairlead watch {run.id}` shows it, {way_back}."
            facts = {"Environment": state.environment, "Release": state.release, "Run": run.id}
            message = outbox.Message(
                event.effect, DEPLOYMENTS, channel.webhook, text, "danger", facts
            )
            outbox.add(tx, message, event.at)
        journal.append(tx, event)
