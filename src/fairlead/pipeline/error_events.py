"""Which errors have applications reported lately? Written down for who looks for personal data."""

import json
from pathlib import Path

from fairlead.analysis.error_group import ErrorEvent
from fairlead.gates.ports import Log
from fairlead.pipeline.house import House
from fairlead.pipeline.scene import Scene
from fairlead.store import errors

MOST = 2000
_ENDING = "errors.log"


def logs(scene: Scene, gate: str) -> tuple[Log, ...]:
    """Return the newest events of the environment as logs, one a release; none without events.

    A gate finds the same file however often it is asked for while it runs.
    """
    place = (scene.run.app, scene.environment)
    with scene.house.database.begin() as tx:
        events = errors.newest_of_place(tx, place, MOST)
    releases: dict[str, list[ErrorEvent]] = {}
    for event in reversed(events):
        releases.setdefault(event.release, []).append(event)
    under_test = scene.run.release
    return tuple(
        Log(
            "error events",
            _written(scene, gate, number, told),
            "" if release == under_test else release or "unknown",
        )
        for number, (release, told) in enumerate(sorted(releases.items()))
    )


def forget(house: House) -> None:
    """Let go of what was written down when its events are let go of themselves."""
    oldest = (house.clock() - errors.KEPT).timestamp()
    for file in house.reports.glob(f"*.{_ENDING}"):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)


def _written(scene: Scene, gate: str, number: int, events: list[ErrorEvent]) -> Path:
    name = f"{scene.run.id}.{scene.stage.planned.index}.{gate}.{number}.{_ENDING}"
    file = scene.house.reports / name
    if not file.exists():
        draft = file.with_suffix(".draft")
        draft.touch(mode=0o600)
        draft.write_text("".join(map(_text, events)), "utf-8", errors="replace")
        draft.rename(file)
    return file


def _text(event: ErrorEvent) -> str:
    """Return an event as lines: its message, its stack, and what was told beside it."""
    beside = json.dumps(event.metadata, ensure_ascii=False, sort_keys=True)
    return "\n".join(part for part in (event.message, event.stack, beside) if part) + "\n"
