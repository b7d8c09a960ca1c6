"""The runbook's deployment_audit: a row for every type of component and every change of status."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from fairlead.store.database import Tx, many

TYPES = {"static": "frontend", "functions": "backend", "postgres": "database"}


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row. `status` is started, success, failed or rolled_back."""

    deployment: str
    app: str
    run: str
    release: str
    environment: str
    type: str
    sha: str
    branch: str
    by: str
    status: str
    started_at: datetime
    completed_at: datetime | None = None
    error: str | None = None
    rollback_reason: str | None = None
    health: dict[str, Any] | None = None
    performance: dict[str, Any] | None = None


def add(tx: Tx, row: AuditRow) -> None:
    """Keep a row; the same status of the same deployment is kept once."""
    tx.execute(
        "INSERT INTO deployment_audit (deployment_id, environment, deployment_type, "
        "git_commit_hash, git_branch, deployed_by, deployment_status, started_at, completed_at, "
        "error_message, rollback_reason, health_check_results, performance_metrics, app, run, "
        "release) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT DO NOTHING",
        (
            row.deployment,
            row.environment,
            row.type,
            row.sha,
            row.branch[:255],
            row.by[:255],
            row.status,
            row.started_at,
            row.completed_at,
            row.error,
            row.rollback_reason,
            Jsonb(row.health) if row.health is not None else None,
            Jsonb(row.performance) if row.performance is not None else None,
            row.app,
            row.run,
            row.release,
        ),
    )


def was_live(tx: Tx, app: str, environment: str, release: str) -> bool:
    """Tell whether a release was once promoted in an environment."""
    found = many(
        tx,
        "SELECT 1 AS found FROM deployment_audit WHERE app = %s AND environment = %s "
        "AND release = %s AND deployment_status = 'success' LIMIT 1",
        app,
        environment,
        release,
    )
    return bool(found)


def newest(tx: Tx, app: str, environment: str, limit: int) -> list[DictRow]:
    """Return the newest rows first, of one app and environment when they are named."""
    return many(
        tx,
        "SELECT * FROM deployment_audit WHERE %s IN ('', app) AND %s IN ('', environment) "
        "ORDER BY id DESC LIMIT %s",
        app,
        environment,
        limit,
    )
