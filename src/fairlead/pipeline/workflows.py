"""Who takes the turns? DBOS: durable, in order an environment, and alive again after any kill."""

import logging
from dataclasses import asdict
from typing import Any

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID
from dbos import error as dbos_error

from fairlead.pipeline import turn
from fairlead.pipeline.house import House
from fairlead.pipeline.turn import Next, Queue
from fairlead.release.progress import StageState
from fairlead.store import runs

log = logging.getLogger("fairlead.pipeline")

# Fixed, so that a newer server resumes the runs of an older one. A turn keeps nothing in DBOS that
# a newer turn could not read: what is known lives in our own tables.
APPLICATION_VERSION = "turns-1"
WAKE = "wake"
BUILDS, ENVIRONMENTS = "builds", "environments"
BUILDS_AT_ONCE = 2
POLL_S = 0.1
TURNS_A_SPELL = 50
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
            "max_executor_threads": 64,
            "sys_db_pool_size": 10,
            "notification_listener_polling_interval_sec": 0.05,
        }
        self._house = house
        self._listening: dict[str, str] = {}
        DBOS(config=config)

        # DBOS registers functions by name; bound methods cannot carry the names it writes on them.
        def take(run_id: str, leg: int) -> dict[str, Any]:
            return asdict(turn.take(house, run_id, leg))

        def spell(run_id: str, leg: int) -> dict[str, Any]:
            return self._take_turns(run_id, leg)

        def carry(run_id: str, leg: int) -> None:
            self._carry(run_id, leg)

        self._take = DBOS.step(name="turn")(take)
        self._spell = DBOS.workflow(name="spell", max_recovery_attempts=None)(spell)
        self._leg = DBOS.workflow(name="leg", max_recovery_attempts=None)(carry)

    def launch(self) -> None:
        """Start the loop; runs that a killed server left are taken up where they were."""
        DBOS.launch()
        DBOS.register_queue(BUILDS, worker_concurrency=BUILDS_AT_ONCE, polling_interval_sec=POLL_S)
        DBOS.register_queue(ENVIRONMENTS, partition_concurrency=1, polling_interval_sec=POLL_S)
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
            run, stages = runs.get(tx, run_id), runs.stages(tx, run_id)
        leg = _open_leg(stages)
        self._enqueue(run_id, leg, turn.queue_of(run, stages, leg))
        known = DBOS.get_workflow_status(_workflow(run_id, leg))
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

    def _carry(self, run_id: str, leg: int) -> None:
        """Carry a run through one leg, spell by spell, and hand it to the next."""
        while True:
            following = _next(self._spell(run_id, leg))
            if following.leg is not None and following.queue is not None:
                self._enqueue(run_id, following.leg, following.queue)
                return
            if following.wait_s is None:
                return

    def _take_turns(self, run_id: str, leg: int) -> dict[str, Any]:
        """Take some turns; return what follows the last of them.

        A workflow that is resumed first replays what it recorded: a leg of thousands of turns would
        replay for many seconds before it looks at users again, so it is cut into short spells.
        """
        self._listening[run_id] = str(DBOS.workflow_id)
        kept = self._take(run_id, leg)
        for _ in range(TURNS_A_SPELL):
            if kept["wait_s"] is None:
                break
            if kept["wait_s"] > 0:
                DBOS.recv(WAKE, timeout_seconds=kept["wait_s"])
            kept = self._take(run_id, leg)
        return kept

    def _enqueue(self, run_id: str, leg: int, queue: Queue) -> None:
        """Queue a leg under a name of its own, so that asking twice equals once."""
        # Who waits for a person waits for nobody else: a partition of its own, as each queue more
        # that is polled costs the idle server a twentieth of a core.
        alone = f"people/{run_id}" if queue.asks_people else None
        partition = f"{queue.app}/{queue.environment}" if queue.environment else alone
        name = ENVIRONMENTS if partition else BUILDS
        with (
            SetWorkflowID(_workflow(run_id, leg)),
            SetEnqueueOptions(queue_partition_key=partition),
        ):
            DBOS.enqueue_workflow(name, self._leg, run_id, leg)


def _next(kept: dict[str, Any]) -> Next:
    queue = kept["queue"]
    return Next(kept["wait_s"], kept["leg"], Queue(**queue) if queue else None)


def _workflow(run_id: str, leg: int) -> str:
    return f"{run_id}.{leg}"


def _open_leg(stages: tuple[StageState, ...]) -> int:
    open_legs = [s.leg for s in stages if s.status in ("pending", "running")]
    return min(open_legs, default=0)
