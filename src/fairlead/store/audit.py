"""The runbook's deployment_audit: a row for every type of component and every change of status."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from fairlead.analysis.delivery import Deployment
from fairlead.store.database import Tx, many, one

TYPES = {"static": "frontend", "functions": "backend", "postgres": "database"}
STATUSES = ("started", "success", "failed", "rolled_back")


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


def add(tx: Tx, row: AuditRow) -> bool:
    """Keep a row; the same status of the same deployment is kept once, then False is returned."""
    added = tx.execute(
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
    return added.rowcount == 1


def began(tx: Tx, place: tuple[str, str], deployment: str) -> datetime | None:
    """Return when a deployment that others have done began; None when nobody has said."""
    row = one(
        tx,
        "SELECT min(started_at) AS at FROM deployment_audit WHERE app = %s AND environment = %s "
        "AND deployment_id = %s AND run = '' AND deployment_status = 'started'",
        *place,
        deployment,
    )
    return row["at"] if row else None


def deployments(tx: Tx, since: datetime, app: str, environment: str) -> list[Deployment]:
    """Return every deployment and rollback that has come to something since then, each once.

    Without an environment they are those of every production environment: the ones that a file
    calls so, and the ones of that name.
    """
    rows = many(
        tx,
        "SELECT a.app, a.environment, a.deployment_id AS id, max(a.release) AS release, "
        "bool_and(a.run = '') AS external, "
        "min(a.started_at) FILTER (WHERE a.deployment_status = 'started') AS began, "
        "min(a.completed_at) FILTER (WHERE a.deployment_status = 'success') AS live, "
        "min(a.completed_at) FILTER (WHERE a.deployment_status = 'failed') AS failed, "
        "min(a.completed_at) FILTER (WHERE a.deployment_status = 'rolled_back') AS back "
        "FROM deployment_audit a LEFT JOIN environments e "
        "ON e.app = a.app AND e.name = a.environment WHERE %s IN ('', a.app) "
        "AND (a.environment = %s OR %s = '' AND (e.production OR a.environment = 'production')) "
        "GROUP BY 1, 2, 3 HAVING max(a.completed_at) >= %s ORDER BY max(a.completed_at)",
        app,
        environment,
        environment,
        since,
    )
    return [Deployment(**row) for row in rows]


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


def first_live(tx: Tx, place: tuple[str, str]) -> datetime | None:
    """Return when the first release of ours was live in an environment; None when none ever was."""
    row = one(
        tx,
        "SELECT min(completed_at) AS at FROM deployment_audit WHERE app = %s AND environment = %s "
        "AND deployment_status = 'success' AND run <> ''",
        *place,
    )
    return row["at"] if row else None


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
