"""What every gate of every run said."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import DictRow

from fairlead.store.database import Tx, many, one


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate in one stage of one run. `status` is running, passed, failed or unknown."""

    run: str
    stage: int
    gate: str
    status: str
    exit_status: int | None
    because: str
    inputs_digest: str | None
    reused_from: str | None
    started_at: datetime
    finished_at: datetime | None


def begin(tx: Tx, result: GateResult) -> bool:
    """Note that a gate begins; False when it began before."""
    cursor = tx.execute(
        "INSERT INTO gate_results (run, stage, gate, status, inputs_digest, started_at) "
        "VALUES (%s, %s, %s, 'running', %s, %s) ON CONFLICT DO NOTHING",
        (result.run, result.stage, result.gate, result.inputs_digest, result.started_at),
    )
    return cursor.rowcount == 1


def end(tx: Tx, result: GateResult) -> None:
    """Keep how a gate ended; the first ending stays."""
    tx.execute(
        "INSERT INTO gate_results AS old (run, stage, gate, status, exit_status, because, "
        "inputs_digest, reused_from, started_at, finished_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (run, stage, gate) DO UPDATE SET status = EXCLUDED.status, "
        "exit_status = EXCLUDED.exit_status, because = EXCLUDED.because, "
        "reused_from = EXCLUDED.reused_from, finished_at = EXCLUDED.finished_at "
        "WHERE old.status = 'running'",
        (
            result.run,
            result.stage,
            result.gate,
            result.status,
            result.exit_status,
            result.because,
            result.inputs_digest,
            result.reused_from,
            result.started_at,
            result.finished_at,
        ),
    )


def of_stage(tx: Tx, run: str, stage: int) -> dict[str, GateResult]:
    """Return the results of one stage by gate."""
    rows = many(tx, "SELECT * FROM gate_results WHERE run = %s AND stage = %s", run, stage)
    return {row["gate"]: _result(row) for row in rows}


def of_run(tx: Tx, run: str) -> list[GateResult]:
    """Return all results of a run, in the order of its stages."""
    rows = many(tx, "SELECT * FROM gate_results WHERE run = %s ORDER BY stage, gate", run)
    return [_result(row) for row in rows]


def newest_pass(tx: Tx, app: str, gate: str, inputs_digest: str) -> GateResult | None:
    """Return the newest pass of a gate that really ran on exactly these inputs."""
    row = one(
        tx,
        "SELECT g.* FROM gate_results g JOIN runs r ON r.id = g.run WHERE r.app = %s "
        "AND g.gate = %s AND g.inputs_digest = %s AND g.status = 'passed' "
        "AND g.reused_from IS NULL ORDER BY g.finished_at DESC LIMIT 1",
        app,
        gate,
        inputs_digest,
    )
    return _result(row) if row else None


def newest_of_release(tx: Tx, app: str, gate: str, release: str) -> GateResult | None:
    """Return where a gate really ran last on a release, whatever it said."""
    row = one(
        tx,
        "SELECT g.* FROM gate_results g JOIN runs r ON r.id = g.run WHERE r.app = %s "
        "AND g.gate = %s AND r.release = %s AND g.reused_from IS NULL "
        "AND g.finished_at IS NOT NULL ORDER BY g.finished_at DESC LIMIT 1",
        app,
        gate,
        release,
    )
    return _result(row) if row else None


def _result(row: DictRow) -> GateResult:
    return GateResult(**row)
