"""Who takes the turns? DBOS: durable, in order an environment, and alive again after any kill."""

import logging
import threading
import time
from itertools import chain, count

from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos import error as dbos_error

from fairlead.pipeline import turn
from fairlead.pipeline.house import House
from fairlead.store import runs

log = logging.getLogger("fairlead.pipeline")

# Fixed, so that a newer server resumes the runs of an older one. A turn keeps nothing in DBOS that
# a newer turn could not read: what is known lives in our own tables.
APPLICATION_VERSION = "turns-2"
WAKE = "wake"
# Turns that follow each other at once are one durable step, but none is longer than about this.
STEP_S = 1.0
STEPS_A_SPELL = 50
GIVEN_UP = ("CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
LOST_SPELL_RETRY_S = 1.0


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
        self._closing = False
        DBOS(config=config)

        # DBOS registers functions by name; bound methods cannot carry the names it writes on them.
        def take(run_id: str) -> float | None:
            return self._take_turns(run_id)

        def spell(run_id: str) -> float | None:
            return self._take_steps(run_id)

        def carry(run_id: str) -> None:
            self._carry(run_id)

        self._step = DBOS.step(name="turns")(take)
        self._spell = DBOS.workflow(name="spell", max_recovery_attempts=None)(spell)
        self._run = DBOS.workflow(name="run", max_recovery_attempts=None)(carry)

    def launch(self) -> None:
        """Start the loop; runs that a killed server left are taken up where they were."""
        DBOS.launch()
        self.take_up()

    def take_up(self) -> None:
        """Begin every open run that was not begun, or was given up."""
        with self._house.database.begin() as tx:
            waiting = [run.id for run in runs.open_runs(tx)]
        for run_id in waiting:
            self.start(run_id)

    def close(self) -> None:
        """Stop the loop; open runs go on when the next server starts."""
        self._closing = True
        DBOS.destroy()

    def start(self, run_id: str) -> None:
        """Begin a run that is on record, or take it up where it was; asking twice equals once."""
        name = self._workflow_of(run_id)
        with SetWorkflowID(name):
            DBOS.start_workflow(self._run, run_id)
        known = DBOS.get_workflow_status(name)
        if known is not None and known.status in GIVEN_UP:
            log.warning("run %s was given up by DBOS (%s): resumed", run_id, known.status)
            DBOS.resume_workflow(name)

    @staticmethod
    def _workflow_of(run_id: str) -> str:
        """Return which workflow carries a run: DBOS never resumes one that ended in an error."""
        for name in chain([run_id], (f"{run_id}.{again}" for again in count(2))):
            known = DBOS.get_workflow_status(name)
            if known is None or known.status != "ERROR":
                return name
        raise AssertionError

    def nudge(self, run_id: str) -> None:
        """Make an open run look at once instead of at its next turn."""
        listening = self._listening.get(run_id)
        if listening is None:
            return  # it begins just now, or has ended: it reads what is new by itself
        try:
            DBOS.send(listening, "look", topic=WAKE)
        except dbos_error.DBOSNonExistentWorkflowError:
            log.info("run %s listens no more; it reads what is new by itself", run_id)

    def _carry(self, run_id: str) -> None:
        """Carry a run to its end, spell by spell."""
        while True:
            try:
                if self._spell(run_id) is None:
                    break
            except Exception:
                # DBOS lost its database and the spell with it: what a run has come to is in our
                # own tables, so another spell goes on from there.
                if self._closing:
                    raise
                log.warning("run %s lost a spell and begins another", run_id, exc_info=True)
                time.sleep(LOST_SPELL_RETRY_S)
        self._listening.pop(run_id, None)

    def _take_steps(self, run_id: str) -> float | None:
        """Take some steps; return the seconds until the next one is due, None at the end.

        A workflow that is resumed first replays what it recorded: a run of thousands of steps would
        replay for many seconds before it looks at users again, so it is cut into short spells.
        """
        self._listening[run_id] = str(DBOS.workflow_id)
        wait_s = self._step(run_id)
        for _ in range(STEPS_A_SPELL):
            if wait_s is None:
                break
            if wait_s > 0:
                DBOS.recv(WAKE, timeout_seconds=wait_s)
            wait_s = self._step(run_id)
        return wait_s

    def _take_turns(self, run_id: str) -> float | None:
        """Take the turns that follow each other at once; return when the next one is due."""
        until = time.monotonic() + STEP_S
        while True:
            following = turn.take(self._house, run_id)
            if following.freed or following.wait_s is None:
                self._wake_others(run_id)
            if following.wait_s != 0 or time.monotonic() >= until:
                return following.wait_s

    def _wake_others(self, run_id: str) -> None:
        """Make those that wait for their turn look at once: it may be theirs now."""
        others = [other for other in [*self._listening] if other != run_id]
        # A thread of its own: what a workflow itself sends would become a recorded step of it.
        if others:
            threading.Thread(target=lambda: [*map(self.nudge, others)], daemon=True).start()
