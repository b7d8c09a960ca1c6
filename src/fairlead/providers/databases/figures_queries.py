"""Which questions tell how a live database is used? Beside sizes, none opens a user's relation."""

from psycopg import sql

from fairlead.providers.databases.preflight_queries import ESTIMATES, SIZES

# All of it is local to the transaction, so that it also holds behind a connection pool.
BEGIN = """
BEGIN READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL lock_timeout = '100ms';
SET LOCAL statement_timeout = {timeout_ms}; SET LOCAL jit = off;
SET LOCAL idle_in_transaction_session_timeout = '10s'; SET LOCAL max_parallel_workers_per_gather = 0
"""
MOST_TABLES = 200
_THEIRS = r"n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
_PLACE = "quote_ident(n.nspname) || '.' || quote_ident({}.relname)"

CONNECTIONS = """
WITH clients AS MATERIALIZED (
  SELECT * FROM pg_stat_activity
  WHERE usesysid IS NOT NULL AND datid IS NOT NULL AND pid <> pg_backend_pid()
    AND coalesce(backend_type, 'client backend') = 'client backend'
), states AS (
  SELECT coalesce(state, 'not told') AS state, count(*) AS sessions FROM clients
  WHERE query IS DISTINCT FROM '<insufficient privilege>' GROUP BY 1
)
SELECT count(*) AS used, count(*) FILTER (WHERE datname = current_database()) AS here,
  current_setting('max_connections')::int AS most,
  current_setting('superuser_reserved_connections')::int
    + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
  (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
    AS database_most,
  (SELECT coalesce(jsonb_object_agg(state, sessions), '{}') FROM states) AS states,
  count(*) FILTER (WHERE query = '<insufficient privilege>') AS hidden,
  max(extract(epoch FROM clock_timestamp() - xact_start))::float8 AS longest_transaction_s,
  (max(extract(epoch FROM clock_timestamp() - state_change))
    FILTER (WHERE state LIKE 'idle in transaction%'))::float8 AS longest_idle_in_transaction_s
FROM clients
"""

TOTAL = "SELECT pg_database_size(current_database())::bigint AS bytes"


def _summed(sizes: str) -> str:
    return f"""
WITH sized AS ({sizes})
SELECT {_PLACE.format("r")} AS table, sum(s.bytes)::bigint AS bytes, bool_and(s.exact) AS exact,
  CASE WHEN min(c.reltuples) FILTER (WHERE c.relkind <> 'p') < 0 THEN NULL
    ELSE sum(c.reltuples) FILTER (WHERE c.relkind <> 'p') END::bigint AS rows
FROM sized s JOIN pg_class c ON c.oid = s.oid
JOIN pg_class r ON r.oid = coalesce(pg_partition_root(c.oid)::oid, c.oid)
JOIN pg_namespace n ON n.oid = r.relnamespace
GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 1 LIMIT {MOST_TABLES}
"""  # noqa: S608 - put together from what stands above


TABLES, ESTIMATED_TABLES = _summed(SIZES), _summed(ESTIMATES)

STATEMENTS_AT = """
SELECT n.nspname AS schema, to_regclass(quote_ident(n.nspname) || '.pg_stat_statements_info')
  IS NOT NULL AS has_info
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
"""

# Other words than these are kept by PostgreSQL with their values, a new password among them.
STATEMENTS = r"""
WITH mine AS MATERIALIZED (
  SELECT query, calls, total_exec_time, mean_exec_time, max_exec_time, rows
  FROM {schema}.pg_stat_statements
  WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT left(query, 2000) AS query, calls, total_exec_time AS total_ms, mean_exec_time AS mean_ms,
  max_exec_time AS max_ms, rows,
  total_exec_time / nullif((SELECT sum(total_exec_time) FROM mine), 0) AS share
FROM mine WHERE query ~* '^\s*(/\*.*?\*/\s*)*(select|insert|update|delete|merge|with)\M'
ORDER BY total_exec_time DESC LIMIT 20
"""
STATEMENTS_HIDDEN = """
SELECT count(*) AS hidden FROM {schema}.pg_stat_statements
WHERE query = '<insufficient privilege>'
  AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
STATEMENTS_SINCE = "SELECT stats_reset AS since FROM {schema}.pg_stat_statements_info"

# After a crash statistics begin again, and the database's own moment is not told then.
COUNTED = """
SELECT extract(epoch FROM clock_timestamp() - greatest(d.stats_reset, b.stats_reset))::float8
  AS counted_s, pg_is_in_recovery() AS standby
FROM pg_stat_database d, pg_stat_bgwriter b WHERE d.datname = current_database()
"""

UNUSED = f"""
WITH used AS (
  SELECT coalesce(pg_partition_root(i.indexrelid)::oid, i.indexrelid) AS root,
    sum(coalesce(pg_stat_get_numscans(i.indexrelid), 0)) AS scans,
    sum(x.relpages::bigint) * current_setting('block_size')::bigint AS bytes
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid GROUP BY 1
)
SELECT {_PLACE.format("x")} AS index,
  (SELECT quote_ident(tn.nspname) || '.' || quote_ident(t.relname) FROM pg_class t
    JOIN pg_namespace tn ON tn.oid = t.relnamespace WHERE t.oid = i.indrelid) AS table,
  u.bytes::bigint AS bytes
FROM used u JOIN pg_index i ON i.indexrelid = u.root JOIN pg_class x ON x.oid = u.root
JOIN pg_namespace n ON n.oid = x.relnamespace
WHERE u.scans = 0 AND i.indisvalid AND NOT i.indisunique AND NOT i.indisexclusion
  AND NOT i.indisreplident AND {_THEIRS}
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = u.root)
ORDER BY bytes DESC, 1 LIMIT 50
"""  # noqa: S608 - put together from what stands above

READ_THROUGH = """
SELECT quote_ident(schemaname) || '.' || quote_ident(relname) AS table, n_live_tup AS rows,
  seq_scan AS scans, (seq_tup_read / seq_scan::float8) AS rows_a_scan,
  coalesce(idx_scan, 0) AS index_scans
FROM pg_stat_user_tables
WHERE n_live_tup >= 10000 AND seq_scan >= 100 AND seq_scan > coalesce(idx_scan, 0) / 10
  AND seq_tup_read >= 0.1 * n_live_tup * seq_scan
ORDER BY seq_tup_read DESC LIMIT 20
"""

UNINDEXED_KEYS = f"""
SELECT quote_ident(k.conname) AS constraint, {_PLACE.format("t")} AS table,
  ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS o (attnum, at)
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.attnum ORDER BY o.at)
    AS columns, k.confrelid::regclass::text AS references
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND {_THEIRS} AND NOT EXISTS (
  SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
    AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
ORDER BY t.reltuples DESC, 1 LIMIT 50
"""  # noqa: S608 - put together from what stands above

# A row is its columns as wide as they are on average, 24 bytes before them and 4 that point to it.
BLOAT = f"""
WITH tables AS MATERIALIZED (
  SELECT c.oid, n.nspname, c.relname, {_PLACE.format("c")} AS place, c.reltuples,
    c.relpages::bigint AS pages, current_setting('block_size')::int AS block,
    coalesce((SELECT substring(o FROM 12)::int FROM unnest(c.reloptions) AS o
      WHERE o LIKE 'fillfactor=%' LIMIT 1), 100) AS fill,
    (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
      AND NOT a.attisdropped) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND {_THEIRS} ORDER BY c.relpages DESC, c.oid LIMIT 50
), wide AS (
  SELECT t.oid, count(*) AS seen, sum((1 - s.null_frac) * s.avg_width) AS width,
    CASE WHEN bool_or(s.null_frac > 0) THEN ceil(t.columns / 64.0) * 8 ELSE 0 END AS bitmap
  FROM tables t JOIN pg_stats s ON s.schemaname = t.nspname AND s.tablename = t.relname
    AND NOT s.inherited GROUP BY t.oid, t.columns
)
SELECT t.place AS table, t.pages * t.block AS bytes,
  CASE WHEN t.reltuples < 0 OR w.seen IS DISTINCT FROM t.columns THEN NULL ELSE greatest(0,
    t.pages - ceil(t.reltuples / greatest(1, floor((t.block - 24) * t.fill / 100.0
      / (28 + w.bitmap + ceil(w.width / 8) * 8)))))::bigint * t.block END AS wasted_bytes,
  coalesce(st.n_live_tup, 0) AS live_rows, coalesce(st.n_dead_tup, 0) AS dead_rows,
  greatest(st.last_vacuum, st.last_autovacuum) AS vacuumed_at,
  greatest(st.last_analyze, st.last_autoanalyze) AS analyzed_at,
  CASE WHEN t.reltuples < 0 OR w.seen IS NULL
    THEN 'it was never analyzed, it is empty, or this role may not read it'
    WHEN w.seen <> t.columns THEN 'not all of its columns were analyzed, or may be seen'
    ELSE '' END AS because
FROM tables t LEFT JOIN wide w ON w.oid = t.oid LEFT JOIN pg_stat_all_tables st ON st.relid = t.oid
ORDER BY wasted_bytes DESC NULLS LAST, t.pages DESC, 1
"""  # noqa: S608 - put together from what stands above

WAITING = """
WITH waiting AS MATERIALIZED (
  SELECT l.* FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    AND a.datname = current_database()
  WHERE NOT l.granted ORDER BY l.waitstart NULLS LAST LIMIT 100
)
SELECT w.pid, pg_blocking_pids(w.pid) AS blocked_by, w.locktype AS lock, w.mode,
  coalesce(extract(epoch FROM clock_timestamp() - w.waitstart)::float8, 0) AS waited_s,
  (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = w.relation) AS table
FROM waiting w ORDER BY w.waitstart NULLS LAST
"""
BLOCKERS = """
SELECT pid, nullif(application_name, '') AS application, state,
  extract(epoch FROM clock_timestamp() - xact_start)::float8 AS transaction_s
FROM pg_stat_activity WHERE pid = ANY(%(pids)s) ORDER BY xact_start NULLS LAST, pid
"""


def in_schema(statement: str, schema: str) -> sql.Composed:
    """Return a question for the schema that an extension lies in."""
    return sql.SQL(statement).format(schema=sql.Identifier(schema))
