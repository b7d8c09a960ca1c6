"""Is the audit table the runbook's own, told once, and closed to whoever would change it?"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from fairlead.store import audit
from fairlead.store.audit import AuditRow
from fairlead.store.database import Tx, many

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
ROW = AuditRow(
    "r1/live", "agentic", "r1", "0a1b2c3d4e5f", "live", "frontend", "0" * 40, "main", "ana",
    "started", NOW,
)  # fmt: skip
# The runbook's statements, "Audit Trail".
RUNBOOK = """
id integer not null default nextval('deployment_audit_id_seq'::regclass)
deployment_id character varying(255) not null
environment character varying(50) not null
deployment_type character varying(50) not null
git_commit_hash character varying(40)
git_branch character varying(255)
deployed_by character varying(255)
deployment_status character varying(50) not null
started_at timestamp with time zone not null
completed_at timestamp with time zone
error_message text
rollback_reason text
health_check_results jsonb
performance_metrics jsonb
created_at timestamp with time zone default now()
"""
OURS = ["app text not null", "run text not null", "release text not null"]
COLUMNS = """
SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') AS told
FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = 'deployment_audit'::regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""


def told(tx: Tx, statement: str) -> list[str]:
    return [str(row["told"]) for row in many(tx, statement)]


def rows(tx: Tx) -> list[dict[str, Any]]:
    return audit.newest(tx, "", "", 100)


def test_the_columns_are_the_runbooks_and_then_ours(tx: Tx) -> None:
    assert told(tx, COLUMNS) == RUNBOOK.strip().split("\n") + OURS


def test_the_indexes_are_the_runbooks(tx: Tx) -> None:
    found = told(
        tx,
        "SELECT replace(pg_get_indexdef(indexrelid), 'fairlead.', '') AS told FROM pg_index "
        "WHERE indrelid = 'deployment_audit'::regclass ORDER BY indexrelid::regclass::text",
    )
    assert [line for line in found if " idx_" in line] == [
        "CREATE INDEX idx_deployment_audit_env_status ON deployment_audit "
        "USING btree (environment, deployment_status)",
        "CREATE INDEX idx_deployment_audit_timestamp ON deployment_audit "
        "USING btree (started_at DESC)",
    ]


def test_the_policies_are_the_runbooks(tx: Tx) -> None:
    found = told(
        tx,
        "SELECT polname || ' ' || polcmd::text || ' ' || polpermissive::text || ' '"
        " || coalesce(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) AS told "
        "FROM pg_policy WHERE polrelid = 'deployment_audit'::regclass ORDER BY polname",
    )
    assert found == ["deployment_audit_insert a true true", "deployment_audit_read r true true"]
    secured = told(
        tx, "SELECT relrowsecurity AS told FROM pg_class WHERE oid = 'deployment_audit'::regclass"
    )
    assert secured == ["True"]


@pytest.mark.parametrize("table", ["deployment_audit", "journal"])
def test_the_servers_role_may_read_and_add_and_nothing_else(tx: Tx, table: str) -> None:
    found = told(
        tx,
        "SELECT privilege_type AS told FROM information_schema.role_table_grants "
        f"WHERE grantee = 'fairlead_server' AND table_name = '{table}' ORDER BY 1",
    )
    assert found == ["INSERT", "SELECT"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM deployment_audit",
        "TRUNCATE deployment_audit",
        "ALTER TABLE deployment_audit DISABLE ROW LEVEL SECURITY",
        "DROP TABLE deployment_audit",
        "ALTER TABLE journal DISABLE TRIGGER journal_append_only",
    ],
)
def test_the_server_may_not_open_what_is_closed(tx: Tx, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tx.execute(statement)


def test_a_row_comes_back_as_it_was_added(tx: Tx) -> None:
    ended = replace(
        ROW,
        status="rolled_back",
        completed_at=NOW + timedelta(seconds=9),
        rollback_reason="3.1% errors",
        health={"because": "ü"},
        performance={"error_rate": None, "requests": 1000},
    )
    audit.add(tx, ended)
    (row,) = rows(tx)
    assert (row["deployment_status"], row["completed_at"]) == ("rolled_back", ended.completed_at)
    assert (row["health_check_results"], row["performance_metrics"]) == (
        ended.health,
        ended.performance,
    )
    assert (row["rollback_reason"], row["error_message"]) == ("3.1% errors", None)
    assert (row["deployed_by"], row["git_commit_hash"], row["run"]) == ("ana", "0" * 40, "r1")


def test_the_same_status_of_the_same_deployment_is_told_once(tx: Tx) -> None:
    audit.add(tx, ROW)
    audit.add(tx, replace(ROW, started_at=NOW + timedelta(seconds=1)))
    assert [row["started_at"] for row in rows(tx)] == [NOW]


@pytest.mark.parametrize(
    "other",
    [
        replace(ROW, status="success"),
        replace(ROW, type="backend"),
        replace(ROW, deployment="r2/live"),
    ],
    ids=["status", "type", "deployment"],
)
def test_every_change_of_status_of_every_type_is_a_row(tx: Tx, other: AuditRow) -> None:
    audit.add(tx, ROW)
    audit.add(tx, other)
    assert len(rows(tx)) == 2


def test_a_status_the_runbook_does_not_know_is_refused(tx: Tx) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        audit.add(tx, replace(ROW, status="pending"))


def test_a_long_branch_and_a_long_name_are_cut_not_refused(tx: Tx) -> None:
    audit.add(tx, replace(ROW, branch="ü" * 300, by="b" * 300))
    assert (len(rows(tx)[0]["git_branch"]), len(rows(tx)[0]["deployed_by"])) == (255, 255)


def test_the_newest_rows_come_first_of_one_place_when_it_is_named(tx: Tx) -> None:
    audit.add(tx, ROW)
    audit.add(tx, replace(ROW, deployment="r1/test", environment="test"))
    audit.add(tx, replace(ROW, deployment="x/live", app="other"))
    assert [row["deployment_id"] for row in rows(tx)] == ["x/live", "r1/test", "r1/live"]
    only = audit.newest(tx, "agentic", "live", 100)
    assert [row["deployment_id"] for row in only] == ["r1/live"]
    assert len(audit.newest(tx, "", "", 1)) == 1


def test_every_kind_of_component_has_the_runbooks_type() -> None:
    assert audit.TYPES == {"static": "frontend", "functions": "backend", "postgres": "database"}
    assert all(re.fullmatch("[a-z]+", kind) for kind in audit.TYPES)
