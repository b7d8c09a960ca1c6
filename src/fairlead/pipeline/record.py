"""What is kept when a release begins, is promoted or leaves: state, audit and journal at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fairlead.pipeline.preparing import get_release
from fairlead.pipeline.scene import Scene
from fairlead.release import at_horizon
from fairlead.release.release import Release
from fairlead.rollout.strategy import keeps_previous_warm
from fairlead.store import audit, environments, journal, measurements, rollouts, runs, slots
from fairlead.store.audit import AuditRow
from fairlead.store.database import Tx
from fairlead.store.rollouts import Phase, RolloutState


def note(scene: Scene, because: str) -> None:
    """Keep the newest sentence about the stage, for whoever watches."""
    with scene.house.database.begin() as tx:
        runs.note_stage(tx, scene.run.id, scene.stage.planned.index, because)


def asked(scene: Scene, state: RolloutState, because: str) -> None:
    """Keep that the takeover waits for a person, told once a horizon, and their two choices."""
    told = f"{because}; {at_horizon.choices(scene.run.id, state.environment)}"
    note(scene, told)
    began = state.known.began if state.known else state.since
    event = scene.event("person.asked", told, f"asked/{began.isoformat()}")
    with scene.house.database.begin() as tx:
        journal.append(tx, event)


def begin_rollout(scene: Scene, tx: Tx, release: Release) -> RolloutState:
    """Note that the release begins to take over the environment."""
    app, name = scene.run.app, scene.environment
    environments.ensure(tx, app, name, scene.policy.listen, scene.now)
    environments.hold(tx, app, name, scene.run.id)
    if scene.policy.production:
        environments.mark_production(tx, app, name)
    before = environments.get(tx, app, name)
    state = RolloutState(
        run=scene.run.id,
        environment=name,
        release=release.id,
        previous=before.live if before.live != release.id else "",
        phase=Phase.MIGRATING,
        stage=scene.stage.planned.index,
        step=0,
        since=scene.now,
    )
    rollouts.save(tx, state)
    slots.stop_after(tx, app, name, before.live, None)
    told = f"after {before.live}" if before.live else "the first one there"
    because = f"release {release.id} begins in {name}, {told}"
    write_audit(tx, scene, release, "started")
    journal.append(tx, scene.event("release.began", because, "began"))
    return state


def promoted(scene: Scene, state: RolloutState, release: Release, because: str) -> None:
    """Note that the release is live; the one before stays warm or stops after its requests."""
    app, name, policy = scene.run.app, state.environment, scene.policy
    warm = policy.rollback_window if keeps_previous_warm(policy.strategy.value) else policy.drain
    with scene.house.database.begin() as tx:
        environments.set_live(tx, app, name, state.release, state.previous)
        slots.stop_after(tx, app, name, state.release, None)
        until = scene.now + timedelta(seconds=warm)
        slots.stop_after(tx, app, name, state.previous, until)
        write_audit(tx, scene, release, "success", health={"because": because})
        told = f"release {release.id} is live in {name}"
        journal.append(tx, scene.event("release.live", told, "live", previous=state.previous))


def returned(scene: Scene, state: RolloutState, release: Release, ms: float) -> None:
    """Note that the environment is back on the release before; the bad one stops when drained."""
    app, name = scene.run.app, state.environment
    to = state.previous or "nothing: there is no release before it"
    because = f"{name} is back on {to} ({ms:.0f} ms): {state.because}"
    with scene.house.database.begin() as tx:
        rollouts.save(tx, replace(state, phase=Phase.BACK, since=scene.now))
        before = environments.get(tx, app, name)
        if before.live == state.release:
            environments.set_live(tx, app, name, state.previous, "")
        until = scene.now + timedelta(seconds=scene.policy.drain)
        slots.stop_after(tx, app, name, state.release, until)
        write_audit(tx, scene, release, "rolled_back", rollback_reason=state.because)
        journal.append(tx, scene.event("traffic.returned", because, "returned", ms=ms))


def abandoned(scene: Scene, state: RolloutState) -> None:
    """Note that a release goes that never had traffic; users noticed nothing."""
    release = get_release(scene.house, scene.run.app, state.release)
    told = f"release {release.id} leaves {state.environment}, it never had traffic: {state.because}"
    with scene.house.database.begin() as tx:
        rollouts.save(tx, replace(state, phase=Phase.ABANDONED, since=scene.now))
        slots.stop_after(tx, scene.run.app, state.environment, state.release, scene.now)
        write_audit(tx, scene, release, "failed", error=state.because)
        journal.append(tx, scene.event("release.abandoned", told, "abandoned"))


def failed(scene: Scene, release: Release, because: str) -> None:
    """Note that the environment could neither go on nor back."""
    with scene.house.database.begin() as tx:
        write_audit(tx, scene, release, "failed", error=because)
        journal.append(tx, scene.event("rollback.impossible", because, "impossible"))


def write_audit(tx: Tx, scene: Scene, release: Release, status: str, **more: Any) -> None:
    """Write the runbook's audit row for every component of the release."""
    ended = status != "started"
    for artifact in release.artifacts:
        row = AuditRow(
            deployment=f"{scene.run.id}/{scene.environment}",
            app=scene.run.app,
            run=scene.run.id,
            release=release.id,
            environment=scene.environment,
            type=audit.TYPES[artifact.kind.value],
            sha=release.commit.sha,
            branch=release.commit.branch,
            by=scene.run.submitted_by,
            status=status,
            started_at=_began(scene),
            completed_at=scene.now if ended else None,
            performance=_performance(tx, scene, release) if ended else None,
            **more,
        )
        audit.add(tx, row)


def _began(scene: Scene) -> datetime:
    mine = (s.started_at for s in scene.stages if s.planned.environment == scene.environment)
    return min((at for at in mine if at), default=scene.now)


def _performance(tx: Tx, scene: Scene, release: Release) -> dict[str, Any]:
    """Return what was measured of the release; null, never zero, where nothing was."""
    seen = measurements.since(
        tx, scene.run.app, scene.environment, release.id, scene.run.created_at
    )
    requests, errors = sum(m.requests for m in seen), sum(m.errors for m in seen)
    return {
        "requests": requests,
        "errors": errors,
        "error_rate": errors / requests if requests else None,
        "mean_ms": sum(m.total_ms for m in seen) / requests if requests else None,
    }
