"""Where may a database hold personal data? Its catalog is read, and some values are looked at.

Only what values look like is counted; the values themselves are let go at once. It reads in short
transactions that wait at most 100 ms for a lock, and what it could not see is a gap that is told.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from fairlead.privacy import shape
from fairlead.privacy.inventory import (
    PG_CRON,
    TRIGGER,
    Column,
    Holding,
    Inventory,
    Policy,
    Schedule,
    Table,
    Verb,
)
from fairlead.privacy.place import Place, quoted
from fairlead.privacy.shape import Sample
from fairlead.providers.databases import personal_data_queries as queries
from fairlead.providers.databases.address import read
from fairlead.providers.databases.session import Session, session

APPLICATION = "fairlead privacy"
# A table with wide rows is tried once more with few of them.
ROWS, FEW_ROWS = 200, 20
LARGE_PAGES = 200
Row = Mapping[str, Any]
_HOLDINGS = {
    "r": Holding.TABLE,
    "p": Holding.PARTITIONED,
    "v": Holding.VIEW,
    "m": Holding.MATERIALISED,
    "f": Holding.FOREIGN,
}
_VERBS = {
    "r": {Verb.READ},
    "w": {Verb.CHANGE},
    "d": {Verb.DELETE},
    "*": {*Verb},
}


def inventory(url: str) -> Inventory:
    """Read what a database holds, who can reach it, and what some of its values look like.

    Errors: `Refused` when the address is none or PostgreSQL is older than 15; `Temporary` when
    it does not answer, or its catalog is locked; `Permanent` for everything else that it says.
    """
    with session(url, APPLICATION) as connection:
        return _Reader(connection, read(url).shown).everything()


class _Reader:
    """Asks for the catalog at once, and then for values table by table."""

    def __init__(self, connection: Session, shown: str) -> None:
        self._connection, self._shown = connection, shown
        self._gaps: list[str] = []

    def everything(self) -> Inventory:
        with self._looking(queries.CATALOG_TIMEOUT):
            relations = self._rows(queries.RELATIONS)
            columns = _by_relation(self._rows(queries.COLUMNS))
            policies = _by_relation(self._rows(queries.POLICIES))
            reads = _by_relation(self._rows(queries.READS))
            functions = self._rows(queries.FUNCTIONS)
            triggers = self._rows(queries.TRIGGERS)
            jobs_at = self._rows(queries.JOBS_AT)[0]
        jobs = self._jobs() if jobs_at["here"] else ([] if not jobs_at["elsewhere"] else None)
        tables = [
            self._table(row, columns[row["oid"]], policies[row["oid"]], reads[row["oid"]])
            for row in relations
        ]
        return Inventory(
            self._shown,
            tuple(tables),
            frozenset((row["schema"], row["name"]) for row in functions),
            (*(jobs or []), *map(_trigger, triggers)),
            jobs_known=jobs is not None,
            gaps=tuple(self._gaps),
        )

    def _jobs(self) -> list[Schedule] | None:
        try:
            with self._looking(queries.CATALOG_TIMEOUT):
                rows = self._rows(queries.JOBS)
        except psycopg.Error:
            if self._connection.closed:
                raise
            return None
        return [Schedule(PG_CRON, row["name"], row["calls"]) for row in rows]

    def _table(
        self, row: Row, columns: Sequence[Row], policies: Sequence[Row], reads: Sequence[Row]
    ) -> Table:
        samples = self._samples(row, [one for one in columns if one["is_shaped"]])
        return Table(
            row["schema"],
            row["name"],
            _HOLDINGS[row["kind"]],
            tuple(_column(one, samples.get(one["name"])) for one in columns),
            rls=row["rls"],
            exempt=frozenset(row["exempt"]),
            policies=tuple(map(_policy, policies)),
            root=(row["root_schema"], row["root_name"]) if row["root_name"] else None,
            as_caller=row["as_caller"],
            reads=frozenset(Place(one["schema"], one["name"], one["column"]) for one in reads),
        )

    def _samples(self, row: Row, columns: Sequence[Row]) -> dict[str, Sample]:
        """Return what the values of a table look like; when nobody may look, a gap is told."""
        if row["kind"] not in ("r", "m") or not row["populated"] or not columns:
            return {}
        try:
            values = self._values(row, [one["name"] for one in columns])
        except psycopg.Error as error:
            if self._connection.closed:
                raise
            at = f"{quoted(row['schema'])}.{quoted(row['name'])}"
            self._gaps.append(f"the values of {at} could not be looked at: {_reason(error)}")
            return {}
        return {
            one["name"]: shape.sample(
                (text for value in values if (text := value[at]) is not None),
                is_json=one["is_json"],
            )
            for at, one in enumerate(columns)
        }

    def _values(self, row: Row, names: list[str]) -> list[tuple[str | None, ...]]:
        table = (row["schema"], row["name"])
        pages = row["pages"] if row["pages"] > LARGE_PAGES else 0
        try:
            found = self._some(queries.sample(table, names, pages, ROWS))
        except psycopg.errors.QueryCanceled:
            return self._some(queries.sample(table, names, pages, FEW_ROWS))
        # The pages that were drawn may all have been empty.
        return found or (self._some(queries.sample(table, names, 0, ROWS)) if pages else found)

    def _some(self, query: psycopg.sql.Composed) -> list[tuple[str | None, ...]]:
        with self._looking(queries.SAMPLE_TIMEOUT):
            return self._connection.cursor(row_factory=tuple_row).execute(query).fetchall()

    def _rows(self, query: str) -> list[dict[str, Any]]:
        return self._connection.execute(query).fetchall()

    @contextmanager
    def _looking(self, timeout: str) -> Iterator[None]:
        self._connection.execute(queries.BEGIN + timeout)
        try:
            yield
        finally:
            if not self._connection.closed:
                self._connection.execute("ROLLBACK")


def _by_relation(rows: Sequence[Row]) -> defaultdict[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["relation"]].append(row)
    return found


def _column(row: Row, sample: Sample | None) -> Column:
    granted = (told.split(" ") for told in row["granted"])
    rights = frozenset((role, Verb(verb)) for role, verb in granted)
    return Column(row["name"], row["type"], row["comment"], rights, sample)


def _policy(row: Row) -> Policy:
    verbs = frozenset(_VERBS.get(row["command"], ()))
    return Policy(row["name"], verbs, row["permissive"], frozenset(row["roles"]), row["using"])


def _trigger(row: Row) -> Schedule:
    return Schedule(TRIGGER, row["name"], row["calls"], (row["schema"], row["function"]))


def _reason(error: psycopg.Error) -> str:
    """Return why nothing was seen. PostgreSQL's own words may hold values, so they are not told."""
    match error:
        case psycopg.errors.LockNotAvailable():
            return "somebody holds a lock on it; look again once that has ended"
        case psycopg.errors.QueryCanceled():
            return "it took longer than 100 ms; look again when less is going on"
        case psycopg.errors.InsufficientPrivilege():
            return "this role may not read all of it; look as one that may"
        case _:
            return f"PostgreSQL told {type(error).__name__}; look as the owner of the table"
