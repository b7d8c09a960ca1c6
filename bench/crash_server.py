"""The real server, started so that it can be killed at every boundary it comes past.

`crash.py` keeps this up in place of `fairlead.server`; nothing in the product knows of it. There is
a point where a turn begins (the one before is durable now), after every transaction that wrote, and
after every effect; what is before one of them is after another, for a kill forgets all else. A
point has a name made of where the run stands and what has just happened. The first time a name is
met while kills are allowed, it is noted and this process sends itself SIGKILL.

Files in the folder FAIRLEAD_BENCH_CRASH: `allowed` (how many kills there may be so far), `kills`
and `points` (a name a line), `routes` (every change of traffic as a line of JSON).
"""

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from fairlead import server
from fairlead.gates.job import Job
from fairlead.pipeline import turn
from fairlead.pipeline.house import House
from fairlead.pipeline.workflows import Pipeline
from fairlead.providers.commands.runner import ProcessRunner
from fairlead.providers.objects.local import LocalArtifacts
from fairlead.providers.processes.supervisor import Supervisor
from fairlead.providers.sources.git import GitRepository
from fairlead.providers.targets.local import LocalTarget
from fairlead.providers.traffic.envoy import Envoy
from fairlead.providers.traffic.envoy_files import Document
from fairlead.release.release import Artifact
from fairlead.rollout.slot import Edge, Slot
from fairlead.store import journal
from fairlead.store.database import Database, Tx, one

EFFECTS: dict[type, tuple[str, ...]] = {
    Document: ("replace",),
    Envoy: ("route",),
    GitRepository: ("_check_out", "discard"),
    LocalArtifacts: ("pack",),
    LocalTarget: ("start", "stop"),
    Pipeline: ("start", "nudge"),
    ProcessRunner: ("start", "stop"),
    Supervisor: ("_add", "_end"),
}
FOLDER = Path(os.environ["FAIRLEAD_BENCH_CRASH"])
# Names of runs, releases and digests.
NAMES = re.compile(r"\br[0-9a-f]{8}\b|\b[0-9a-f]{12,64}\b")
LAST = (
    "SELECT kind, effect FROM journal WHERE run = %s AND kind <> 'release.judged' "
    "ORDER BY seq DESC LIMIT 1"
)


def _allowed() -> int:
    try:
        return int((FOLDER / "allowed").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return 0


def _lines(name: str) -> set[str]:
    file = FOLDER / name
    return set(file.read_text("utf-8").splitlines()) if file.exists() else set()


def _note(name: str, line: str) -> None:
    file = os.open(FOLDER / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, f"{line}\n".encode())
    os.close(file)


# How many rows this connection has written lately; a lock writes none.
WROTE = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) AS rows FROM pg_stat_xact_user_tables"


class Whereabouts(threading.local):
    """Where the turn that this thread takes stands: what the record says last of its run."""

    last = ""
    appended = ""


here = Whereabouts()


class Points:
    """Which points were met, and which were places to die."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._killed = _lines("kills")
        self._known = _lines("points")

    def meet(self, what: str) -> None:
        """Come past a point: die there when that is allowed and was never done."""
        name = f"{here.last} | {what}" if here.last else what
        with self._lock:
            if name not in self._known:
                self._known.add(name)
                _note("points", name)
            if name in self._killed or len(self._killed) >= _allowed():
                return
            _note("kills", name)
            os.kill(os.getpid(), signal.SIGKILL)
            # The signal comes to any thread; this one must do nothing more.
            time.sleep(60)


points = Points()


def main() -> None:
    """Put the points in place and serve."""
    turn.take = _watched_turn(turn.take)
    journal.append = _watched_append(journal.append)
    Database.begin = _watched_begin(Database.begin)  # type: ignore[method-assign]
    Envoy.route = _watched_route(Envoy.route)  # type: ignore[method-assign]
    for owner, names in EFFECTS.items():
        for name in names:
            setattr(owner, name, _watched(f"{owner.__name__}.{name}", getattr(owner, name)))
    server.main()


def _watched_turn(take: Callable[[House, str], turn.Next]) -> Any:
    def watched(house: House, run_id: str) -> turn.Next:
        outer = here.last
        with house.database.begin() as tx:
            row = one(tx, LAST, run_id)
        here.last = _stands(row["kind"], row["effect"], run_id) if row else "?"
        try:
            points.meet("a turn begins")
            return take(house, run_id)
        finally:
            here.last = outer

    return watched


def _stands(kind: str, effect: str, run: str) -> str:
    """Return a name that is the same in every run: people's effects carry a random number."""
    place = NAMES.sub("*", effect.removeprefix(f"{run}/"))
    return place if effect.startswith(f"{run}/") else kind


def _watched_append(append: Callable[..., bool]) -> Any:
    def watched(tx: Tx, event: Any) -> bool:
        done = append(tx, event)
        if done and event.kind != "release.judged":
            here.appended = _stands(event.kind, event.effect, event.run)
        return done

    return watched


def _watched_begin(begin: Any) -> Any:
    @contextmanager
    def watched(self: Database) -> Iterator[Tx]:
        before = after = 0
        here.appended = ""
        with begin(self) as tx:
            if here.last:
                before = _written(tx)
            yield tx
            if here.last:
                after = _written(tx)
        if here.appended and here.last:
            here.last = here.appended
        here.appended = ""
        if after > before:
            points.meet(f"after the commit of {_asker()}")

    return watched


def _written(tx: Tx) -> int:
    row = one(tx, WROTE)
    return int(row["rows"] or 0) if row else 0


def _watched_route(route: Any) -> Any:
    def watched(self: Envoy, edge: Edge) -> None:
        told = {"at": time.time(), "environment": edge.environment, "weights": edge.weights()}
        _note("routes", json.dumps(told))
        route(self, edge)

    return watched


def _watched(name: str, perform: Callable[..., Any]) -> Any:
    def watched(self: Any, *arguments: Any, **named: Any) -> Any:
        about = f"{name} {_about((self, *arguments))}".strip()
        if isinstance(self, Pipeline):
            # A run is started by whoever asked for it, and again when the server comes back.
            about += f" for {sys._getframe(1).f_globals['__name__']}"
        done = perform(self, *arguments, **named)
        points.meet(f"after {about}")
        return done

    return watched


def _about(arguments: tuple[Any, ...]) -> str:
    """Return what of the arguments tells places apart and is the same in every run."""
    told = []
    for argument in arguments:
        match argument:
            case Document(path):
                told.append(path.parent.name)
            case Edge():
                told.append(argument.environment)
            case Slot() | Job():
                told.append(argument.id)
            case dict():
                told.extend(key.id for key in argument if isinstance(key, Slot))
            case Artifact():
                told.append(argument.component)
            case str() | int():
                told.append(str(argument))
    return NAMES.sub("*", " ".join(told))


def _asker() -> str:
    """Return the function of the pipeline whose transaction this is."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if "/fairlead/pipeline/" in frame.f_code.co_filename:
            return f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "somebody"


if __name__ == "__main__":
    main()
