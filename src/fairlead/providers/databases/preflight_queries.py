"""Which questions are asked of a live database? None of them locks a user's relation for long.

No question here opens a relation but SIZES, which spares every one that is locked exclusively, or
about to be, and lets each go at once. Names are quoted by PostgreSQL itself.
"""

from fairlead.migrations.preflight.looked import Check

SEARCH_PATH = "SELECT pg_catalog.current_schemas(false)::text[] AS search_path"

# All of it is local to the transaction, so that it also holds behind a connection pool.
BEGIN = """
BEGIN READ ONLY; SET LOCAL default_transaction_read_only = on;
SET LOCAL lock_timeout = '100ms'; SET LOCAL statement_timeout = '5s';
SET LOCAL idle_in_transaction_session_timeout = '30s'; SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0
"""

# A user's own functions must not stand in for PostgreSQL's, so its own names alone are known.
OWN_NAMES_ONLY = "; SET LOCAL search_path = pg_catalog"

SERVER = """
SELECT d.datname AS database, current_user::text AS role, pg_is_in_recovery() AS standby,
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all,
       age(d.datfrozenxid) AS xid_age, mxid_age(d.datminmxid) AS mxid_age,
       current_setting('autovacuum_freeze_max_age')::bigint AS freeze_max_age,
       current_setting('autovacuum_multixact_freeze_max_age')::bigint AS mxid_freeze_max_age
FROM pg_database d WHERE d.datname = current_database()
"""

RELATIONS = r"""
SELECT c.oid::bigint AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
       quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS place,
       CASE WHEN c.relispartition THEN (SELECT i.inhparent::bigint FROM pg_inherits i
         WHERE i.inhrelid = c.oid LIMIT 1) END AS parent
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""

_MEASURED = r"""
FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE t.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""

# A table is spared when it, its TOAST table or an index of either is locked exclusively, or when
# somebody waits to lock it so: measuring would wait, or make them wait for longer.
_SPARED = """
WITH locked AS MATERIALIZED (
  SELECT DISTINCT l.relation AS oid FROM pg_locks l
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
), parts AS MATERIALIZED (
  SELECT oid FROM locked
  UNION SELECT i.indrelid FROM pg_index i WHERE i.indexrelid IN (SELECT oid FROM locked)
), spared AS MATERIALIZED (
  SELECT oid FROM parts
  UNION SELECT c.oid FROM pg_class c
        WHERE c.reltoastrelid <> 0 AND c.reltoastrelid IN (SELECT oid FROM parts)
)
"""

_ESTIMATE = """
SELECT t.oid::bigint AS oid, t.relkind = 'p' AS exact,
  CASE WHEN t.relkind = 'p' THEN 0 WHEN t.reltuples < 0 THEN NULL ELSE (
    SELECT sum(p.relpages::bigint)::bigint * current_setting('block_size')::bigint FROM pg_class p
    WHERE p.oid IN (t.oid, t.reltoastrelid) OR p.oid IN (
      SELECT i.indexrelid FROM pg_index i WHERE i.indrelid IN (t.oid, t.reltoastrelid))
  ) END AS bytes
"""

SIZES = f"""{_SPARED}
SELECT t.oid::bigint AS oid, true AS exact,
       coalesce(pg_total_relation_size(t.oid), 0) AS bytes
{_MEASURED} AND t.oid NOT IN (SELECT oid FROM spared)
UNION ALL
{_ESTIMATE}{_MEASURED} AND t.oid IN (SELECT oid FROM spared)
"""  # noqa: S608 - put together from what stands above

ESTIMATES = f"{_ESTIMATE}{_MEASURED}"

SESSIONS = """
WITH each AS MATERIALIZED (
  SELECT DISTINCT l.pid, l.relation::bigint AS relation FROM pg_locks l
  WHERE l.locktype = 'relation' AND l.granted AND l.relation::bigint = ANY(%(changed)s::bigint[])
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
), held AS MATERIALIZED (
  SELECT pid, count(*) AS locked, (array_agg(relation))[1:3] AS relations FROM each GROUP BY pid
)
SELECT a.pid, coalesce(a.usename::text, '') AS role,
       coalesce(a.application_name, '') AS application,
       coalesce(a.backend_type, '') AS kind, coalesce(a.state, '') AS state,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS open_s,
       extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS unchanged_s,
       coalesce(a.query, '') AS query,
       coalesce(a.query = '<insufficient privilege>', false) AS hidden,
       (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL) AS has_snapshot,
       coalesce(h.locked, 0) AS locked, coalesce(h.relations, '{}') AS relations
FROM pg_stat_activity a LEFT JOIN held h ON h.pid = a.pid
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
  AND a.backend_type IS DISTINCT FROM 'parallel worker'
  AND a.backend_type IS DISTINCT FROM 'walsender'
"""

WAITS = """
WITH waiting AS MATERIALIZED (SELECT * FROM pg_locks l WHERE NOT l.granted)
SELECT w.pid, pg_blocking_pids(w.pid) AS blockers, w.mode,
       coalesce(extract(epoch FROM clock_timestamp() - w.waitstart)::float8, 0) AS waited_s,
       coalesce(i.indrelid, w.relation)::bigint AS relation,
       CASE WHEN w.locktype = 'transactionid' THEN w.transactionid::text ELSE '' END AS xid
FROM waiting w JOIN pg_stat_activity a ON a.pid = w.pid AND a.datname = current_database()
LEFT JOIN pg_index i ON i.indexrelid = w.relation
"""

# A prepared transaction's locks belong to no session; they share its virtual transaction.
PREPARED = """
WITH orphans AS MATERIALIZED (SELECT * FROM pg_locks l WHERE l.pid IS NULL)
SELECT p.gid, p.owner::text AS owner, p.transaction::text AS xid,
       extract(epoch FROM clock_timestamp() - p.prepared)::float8 AS open_s,
       coalesce(array_agg(l.relation::bigint) FILTER (WHERE l.relation IS NOT NULL), '{}') AS held,
       coalesce(array_agg(l.mode) FILTER (WHERE l.relation IS NOT NULL), '{}') AS modes
FROM pg_prepared_xacts p
LEFT JOIN orphans x ON x.locktype = 'transactionid' AND x.transactionid = p.transaction
LEFT JOIN orphans l ON l.virtualtransaction = x.virtualtransaction AND l.locktype = 'relation'
WHERE p.database = current_database()
GROUP BY p.gid, p.owner, p.transaction, p.prepared
"""

XMIN = """
SELECT * FROM (
  SELECT CASE WHEN r.pid IS NULL THEN 'session' ELSE 'standby' END AS kind, a.pid::text AS name,
         greatest(age(a.backend_xmin), age(a.backend_xid)) AS age
  FROM pg_stat_activity a LEFT JOIN pg_stat_replication r ON r.pid = a.pid
  WHERE a.pid <> pg_backend_pid() AND (a.datname = current_database() OR r.pid IS NOT NULL)
  UNION ALL
  SELECT 'slot', s.slot_name::text, greatest(age(s.xmin), age(s.catalog_xmin))
  FROM pg_replication_slots s
  UNION ALL
  SELECT 'prepared', p.gid, age(p.transaction)
  FROM pg_prepared_xacts p WHERE p.database = current_database()
) held WHERE age IS NOT NULL
"""

CONSTRAINTS = r"""
SELECT quote_ident(c.conname) AS name, c.contype::text AS kind,
       nullif(c.conrelid, 0)::bigint AS relation,
       CASE WHEN c.contypid = 0 THEN '' ELSE (
         SELECT quote_ident(n.nspname) || '.' || quote_ident(t.typname)
         FROM pg_type t WHERE t.oid = c.contypid) END AS domain,
       coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true) AS enforced
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE NOT c.convalidated AND c.conparentid = 0 AND (c.conislocal OR c.coninhcount = 0)
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY c.conrelid, c.conname
"""

INDEXES = r"""
SELECT c.oid::bigint AS oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS place,
       i.indrelid::bigint AS relation, c.relkind = 'I' AS partitioned
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT (i.indisvalid AND i.indisready AND i.indislive)
  AND n.nspname !~ '^pg_(temp|catalog)' AND n.nspname <> 'information_schema'
ORDER BY 2
"""

BUILDS = """
SELECT pid, relid::bigint AS relation, index_relid::bigint AS index,
       coalesce(command, 'a build that is hidden from this role') AS command
FROM pg_stat_progress_create_index WHERE datname = current_database()
"""

SLOTS = """
SELECT slot_name::text AS name, active, coalesce(wal_status, '') AS wal_status,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery()
         THEN coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
         ELSE pg_current_wal_lsn() END, restart_lsn)::bigint AS kept
FROM pg_replication_slots ORDER BY 1
"""

STANDBYS = """
SELECT CASE WHEN coalesce(application_name, '') = '' THEN 'pid ' || pid ELSE application_name END
         AS name,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery()
         THEN coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
         ELSE pg_current_wal_lsn() END,
         coalesce(replay_lsn, flush_lsn, write_lsn, sent_lsn))::bigint AS behind
FROM pg_stat_replication ORDER BY 1
"""

DATA_DIRECTORY = r"""
SELECT current_setting('data_directory') AS folder, current_setting('port') AS port,
       extract(epoch FROM pg_postmaster_start_time())::float8 AS started,
       (SELECT count(*) FROM pg_tablespace WHERE spcname !~ '^pg_') AS tablespaces
"""

HELD = r"""
SELECT n.nspname AS schema, c.relname AS name, c.relkind::text AS kind, ARRAY(
  SELECT a.attname::text FROM pg_attribute a
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind NOT IN ('i', 'I')
) AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = ANY(%(names)s::name[]) AND n.nspname !~ '^pg_'
"""

OF_CHECK = {
    Check.RELATIONS: RELATIONS,
    Check.TRANSACTIONS: SESSIONS,
    Check.BLOCKING: WAITS,
    Check.PREPARED: PREPARED,
    Check.XMIN: XMIN,
    Check.CONSTRAINTS: CONSTRAINTS,
    Check.INDEXES: INDEXES,
    Check.REPLICATION: SLOTS,
    Check.DISK: DATA_DIRECTORY,
    Check.DRIFT: HELD,
}
