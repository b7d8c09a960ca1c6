"""Who takes the turns? DBOS: durable, in order an environment, and alive again after any kill."""

import logging
import threading
import time
from dataclasses import asdict
from typing import Any

from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos import error as dbos_error

from fairlead.pipeline import turn
from fairlead.pipeline.house import House
from fairlead.pipeline.turn import Next
from fairlead.release.progress import Part, open_part
from fairlead.store import runs

log = logging.getLogger("fairlead.pipeline")

# Fixed, so that a newer server resumes the runs of an older one. A turn keeps nothing in DBOS that
# a newer turn could not read: what is known lives in our own tables.
APPLICATION_VERSION = "turns-2"
WAKE = "wake"
BUILDS = "builds"
BUILDS_AT_ONCE = 2
POLL_S = 0.1
# Turns that follow each other at once are one durable step, but none is longer than about this.
STEP_S = 1.0
STEPS_A_SPELL = 50
GIVEN_UP = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class Pipeline:
    """The running loop of one server."""

    def __init__(self, house: House, database_url: str) -> None:
        """Prepare the workflows; `launch` starts them."""
        config: DBOSConfig = {
            "name": "fairlead",
            "system_database_url": f"postgresql+psycopg://{database_url.partition('://')[2]}",
            "application_version": APPLICATION_VERSION,
            "executor_id": "fairlead-1",
            "log_level": "WARNING",
            "max_executor_threads": 128,
            "sys_db_pool_size": 10,
            "notification_listener_polling_interval_sec": 0.05,
        }
        self._house = house
        self._listening: dict[str, str] = {}
        DBOS(config=config)

        # DBOS registers functions by name; bound methods cannot carry the names it writes on them.
        def take(run_id: str, leg: int) -> dict[str, Any]:
            return asdict(self._take_turns(run_id, leg))

        def spell(run_id: str, leg: int) -> dict[str, Any]:
            return self._take_steps(run_id, leg)

        def carry(run_id: str, leg: int) -> None:
            self._carry(run_id, leg)

        self._step = DBOS.step(name="turns")(take)
        self._spell = DBOS.workflow(name="spell", max_recovery_attempts=None)(spell)
        self._part = DBOS.workflow(name="part", max_recovery_attempts=None)(carry)

    def launch(self) -> None:
        """Start the loop; runs that a killed server left are taken up where they were."""
        DBOS.launch()
        DBOS.register_queue(BUILDS, worker_concurrency=BUILDS_AT_ONCE, polling_interval_sec=POLL_S)
        self.take_up()

    def take_up(self) -> None:
        """Begin every open run that was not begun, or was given up."""
        with self._house.database.begin() as tx:
            waiting = [run.id for run in runs.open_runs(tx)]
        for run_id in waiting:
            self.start(run_id)

    def close(self) -> None:
        """Stop the loop; open runs go on when the next server starts."""
        DBOS.destroy()

    def start(self, run_id: str) -> None:
        """Begin a run that is on record, or take it up where it was; asking twice equals once."""
        with self._house.database.begin() as tx:
            part = open_part(runs.stages(tx, run_id))
        self._begin(run_id, part)
        known = DBOS.get_workflow_status(_workflow(run_id, part))
        if known is not None and known.status in GIVEN_UP:
            log.warning("run %s was given up by DBOS (%s): resumed", run_id, known.status)
            DBOS.resume_workflow(known.workflow_id)

    def nudge(self, run_id: str) -> None:
        """Make an open run look at once instead of at its next turn."""
        listening = self._listening.get(run_id)
        if listening is None:
            return  # it waits in a queue, or begins just now: it reads what is new by itself
        try:
            DBOS.send(listening, "look", topic=WAKE)
        except dbos_error.DBOSNonExistentWorkflowError:
            log.info("run %s listens no more; it reads what is new by itself", run_id)

    def _begin(self, run_id: str, part: Part) -> None:
        """Begin a part of a run under a name of its own, so that asking twice equals once."""
        with SetWorkflowID(_workflow(run_id, part)):
            if part.queued:
                DBOS.enqueue_workflow(BUILDS, self._part, run_id, part.leg)
            else:
                DBOS.start_workflow(self._part, run_id, part.leg)

    def _carry(self, run_id: str, leg: int) -> None:
        """Carry a run through one part, spell by spell, and hand it to the next."""
        while True:
            following = _next(self._spell(run_id, leg))
            if following.wait_s is not None:
                continue
            self._wake_others(run_id)
            if following.part is not None:
                self._begin(run_id, following.part)
            if following.part is not None or following.leg is None:
                self._listening.pop(run_id, None)
                return
            leg = following.leg

    def _take_steps(self, run_id: str, leg: int) -> dict[str, Any]:
        """Take some steps; return what follows the last of them.

        A workflow that is resumed first replays what it recorded: a part of thousands of steps
        would replay for many seconds before it looks at users again, so it is cut into spells.
        """
        self._listening[run_id] = str(DBOS.workflow_id)
        kept = self._step(run_id, leg)
        for _ in range(STEPS_A_SPELL):
            if kept["wait_s"] is None:
                break
            if kept["wait_s"] > 0:
                DBOS.recv(WAKE, timeout_seconds=kept["wait_s"])
            kept = self._step(run_id, leg)
        return kept

    def _take_turns(self, run_id: str, leg: int) -> Next:
        """Take the turns that follow each other at once."""
        until = time.monotonic() + STEP_S
        following = turn.take(self._house, run_id, leg)
        while following.wait_s == 0 and time.monotonic() < until:
            following = turn.take(self._house, run_id, leg)
        return following

    def _wake_others(self, run_id: str) -> None:
        """Make those that wait for an environment look at once: it may be their turn now."""
        others = [other for other in [*self._listening] if other != run_id]
        # A thread of its own: what a workflow itself sends would become a recorded step of it.
        if others:
            threading.Thread(target=lambda: [*map(self.nudge, others)], daemon=True).start()


def _next(kept: dict[str, Any]) -> Next:
    part = kept["part"]
    return Next(kept["wait_s"], kept["leg"], Part(**part) if part else None)


def _workflow(run_id: str, part: Part) -> str:
    return f"{run_id}.{part.leg}"
