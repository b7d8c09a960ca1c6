"""Which questions tell where personal data may be, who can reach it, and what removes it?

None of them opens a relation of the user; what values look like is asked table by table.
"""

from psycopg import sql

# All of it is local to the transaction. With row_security off a table that this role sees only a
# part of is an error, not a sample of nothing.
BEGIN = """
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = pg_catalog;
SET LOCAL lock_timeout = '100ms'; SET LOCAL idle_in_transaction_session_timeout = '30s';
SET LOCAL row_security = off; SET LOCAL jit = off; SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL max_parallel_workers_per_gather = 0;
"""
CATALOG_TIMEOUT = "SET LOCAL statement_timeout = '5s'"
# Who wants to change the table waits behind a reader, so a reader is never there for long.
SAMPLE_TIMEOUT = "SET LOCAL statement_timeout = '100ms'; SET LOCAL lock_timeout = '50ms'"

_ROLES = """
roles AS MATERIALIZED (
  SELECT rolname::text AS role, oid, rolsuper OR rolbypassrls AS free FROM pg_roles
  WHERE rolname IN ('anon', 'authenticated')
  UNION ALL SELECT 'public', 0, false
)
"""

_THEIRS = r"""
n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'supabase_migrations')
"""

_RELATIONS = f"""
rels AS MATERIALIZED (
  SELECT c.*, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND {_THEIRS}
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
      AND d.objid = c.oid AND d.deptype = 'e')
)
"""  # noqa: S608 - put together from what stands above

RELATIONS = f"""
WITH {_ROLES}, {_RELATIONS}
SELECT c.oid::bigint AS oid, c.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
  c.relrowsecurity AS rls, c.relpages AS pages, c.relispopulated AS populated,
  rn.nspname AS root_schema, rc.relname AS root_name,
  ARRAY(SELECT r.role FROM roles r WHERE r.free OR (r.oid <> 0 AND NOT c.relforcerowsecurity
    AND pg_has_role(r.oid, c.relowner, 'USAGE'))) AS exempt,
  EXISTS (SELECT FROM pg_options_to_table(c.reloptions) o
    WHERE o.option_name = 'security_invoker' AND o.option_value::boolean) AS as_caller
FROM rels c
LEFT JOIN pg_class rc ON c.relispartition AND rc.oid = pg_partition_root(c.oid)
LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
ORDER BY c.nspname, c.relname
"""  # noqa: S608 - put together from what stands above

COLUMNS = f"""
WITH {_ROLES}, {_RELATIONS}
SELECT c.oid::bigint AS relation, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
  coalesce(col_description(c.oid, a.attnum), '') AS comment,
  t.typname IN ('json', 'jsonb') AS is_json,
  a.attgenerated <> 'v' AND (t.typcategory IN ('S', 'D', 'I', 'G')
    OR t.typname IN ('json', 'jsonb', 'xml', 'hstore') OR e.typcategory = 'S') AS is_shaped,
  ARRAY(SELECT r.role || ' ' || v.verb FROM roles r,
      (VALUES ('SELECT', 'read'), ('UPDATE', 'change'), ('DELETE', 'delete')) v (right_, verb)
    WHERE has_schema_privilege(r.role, c.relnamespace, 'USAGE')
      AND CASE v.right_ WHEN 'DELETE' THEN has_table_privilege(r.role, c.oid, 'DELETE')
          ELSE has_column_privilege(r.role, c.oid, a.attnum, v.right_) END) AS granted
FROM rels c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
ORDER BY c.oid, a.attnum
"""  # noqa: S608 - put together from what stands above

POLICIES = f"""
WITH {_ROLES}
SELECT p.polrelid::bigint AS relation, p.polname AS name, p.polcmd::text AS command,
  p.polpermissive AS permissive, pg_get_expr(p.polqual, p.polrelid) AS using,
  ARRAY(SELECT r.role FROM roles r WHERE EXISTS (SELECT FROM unnest(p.polroles) AS o (oid)
    WHERE o.oid = 0 OR (r.oid <> 0 AND pg_has_role(r.oid, o.oid, 'USAGE')))) AS roles
FROM pg_policy p ORDER BY p.polrelid, p.polname
"""  # noqa: S608 - put together from what stands above

READS = """
SELECT DISTINCT r.ev_class::bigint AS relation, n.nspname AS schema, c.relname AS name,
  a.attname AS column
FROM pg_rewrite r
JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
  AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  AND d.refobjsubid IN (0, a.attnum)
"""

FUNCTIONS = f"""
SELECT DISTINCT n.nspname AS schema, p.proname AS name
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND {_THEIRS}
"""  # noqa: S608 - put together from what stands above

TRIGGERS = """
SELECT t.tgname AS name, n.nspname AS schema, p.proname AS function, p.prosrc AS calls
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') ORDER BY t.tgname, t.tgrelid
"""

# pg_cron lives in one database of a server and may work in others.
JOBS_AT = """
SELECT to_regclass('cron.job') IS NOT NULL AS here,
  coalesce(current_setting('cron.database_name', true), '')
    NOT IN ('', current_database()) AS elsewhere
"""
JOBS = """
SELECT coalesce(jobname::text, '') AS name, command AS calls FROM cron.job
WHERE active AND database = current_database() ORDER BY jobid
"""


def sample(table: tuple[str, str], columns: list[str], pages: int, rows: int) -> sql.Composed:
    """Return a query for the first signs of so many rows, of a large table from about 50 pages.

    Without `pages` the rows are the first ones.
    """
    shown = sql.SQL(", ").join(
        sql.SQL("left({}::text, 2000)").format(sql.Identifier(name)) for name in columns
    )
    part: sql.Composable = sql.SQL("")
    if pages:
        part = sql.SQL(" TABLESAMPLE SYSTEM ({})").format(sql.Literal(min(100.0, 5000 / pages)))
    return sql.SQL("SELECT {} FROM ONLY {}{} LIMIT {}").format(
        shown, sql.Identifier(*table), part, sql.Literal(rows)
    )
