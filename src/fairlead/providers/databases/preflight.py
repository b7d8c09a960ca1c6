"""What is going on in a user's live database? Looked at without waiting, and without changing it.

Every look is a short transaction of its own that only reads, waits at most 100 ms for a lock and
ends after 5 s. A look that got no answer is a gap that is told, and the others go on.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg.rows import DictRow, dict_row

from fairlead.errors import Refused, Temporary
from fairlead.migrations.file import MigrationFile
from fairlead.migrations.identifier import Name
from fairlead.migrations.preflight import looked as seen
from fairlead.migrations.preflight.expected import Expected, expected
from fairlead.migrations.preflight.looked import Check, Gap, Looked
from fairlead.migrations.preflight.naming import named
from fairlead.providers.databases import ledger
from fairlead.providers.databases import preflight_queries as queries
from fairlead.providers.databases.address import Address
from fairlead.providers.databases.free_space import free_bytes

OLDEST_VERSION = 150000
CONNECT_TIMEOUT_S = 5
T = TypeVar("T")


def look(
    address: Address,
    names: Sequence[Name] = (),
    files: Sequence[MigrationFile] | None = None,
) -> Looked:
    """Look at a database; `names` are the relations to be changed, none for every one.

    `files` are the migrations of the folder; None when no folder is known, and then the ledger's
    own texts tell what was applied.

    Errors: `Refused` when it is older than PostgreSQL 15 or a name means no relation; `Temporary`
    when it does not answer.
    """
    try:
        with psycopg.connect(
            address.url,
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name="fairlead preflight",
            client_encoding="UTF8",
            # Behind a pool the next statement may go to another server process.
            prepare_threshold=None,
        ) as connection:
            return _Looker(connection, address).everything(names, files)
    except psycopg.Error as error:
        why = address.harmless(_reason(error)[0])
        raise Temporary(f"{address.shown} does not answer: {why}") from None


class _Looker:
    """Asks one question after the other, and remembers which of them got no answer."""

    def __init__(self, connection: psycopg.Connection[DictRow], address: Address) -> None:
        self._connection, self._address = connection, address
        self._gaps: list[Gap] = []

    def everything(self, names: Sequence[Name], files: Sequence[MigrationFile] | None) -> Looked:
        server = self._server()
        relations = {one.oid: one for one in self._all(Check.RELATIONS, seen.Relation)}
        changed = None
        if names and not self._gaps:
            changed = named(names, relations, server.search_path)
        locked = {"changed": list(relations if changed is None else changed)}
        wanted = self._expected(files)
        return Looked(
            server=server,
            changed=changed,
            relations=relations,
            # Waits first: who is blocked must not be missed because its blocker ended meanwhile.
            waits=tuple(_wait(row) for row in self._rows(Check.BLOCKING)),
            sessions=tuple(_session(row) for row in self._rows(Check.TRANSACTIONS, locked)),
            prepared=tuple(_prepared(row) for row in self._rows(Check.PREPARED)),
            sizes=self._sizes(),
            xmin=self._all(Check.XMIN, seen.XminHolder),
            constraints=self._all(Check.CONSTRAINTS, seen.Unvalidated),
            # Indexes first: one whose build ends in between was seen, and is seen no more.
            indexes=self._all(Check.INDEXES, seen.InvalidIndex),
            builds=self._all(Check.INDEXES, seen.Build, queries.BUILDS),
            slots=self._all(Check.REPLICATION, seen.Slot),
            standbys=self._all(Check.REPLICATION, seen.Standby, queries.STANDBYS),
            free_bytes=self._free_bytes(),
            expected=wanted,
            held=self._held(wanted),
            gaps=tuple(self._gaps),
        )

    def _server(self) -> seen.Server:
        version = self._connection.info.server_version
        if version < OLDEST_VERSION:
            raise Refused(
                f"{self._address.shown} is PostgreSQL {version // 10000}: 15 or newer is needed"
            )
        path = self._ask(queries.SEARCH_PATH, own_names="")[0]["search_path"]
        row = self._ask(queries.SERVER)[0]
        return seen.Server(version=version, search_path=tuple(path), **row)

    def _expected(self, files: Sequence[MigrationFile] | None) -> Expected:
        try:
            with self._looking():
                known = ledger.read(self._connection)
        except psycopg.Error as error:
            self._missed(Check.DRIFT, error)
            return Expected()
        return expected(known, files)

    def _held(self, wanted: Expected) -> tuple[seen.Held, ...]:
        if not wanted.names:
            return ()
        rows = self._rows(Check.DRIFT, {"names": list(wanted.names)})
        return tuple(seen.Held(**(row | {"columns": tuple(row["columns"])})) for row in rows)

    def _sizes(self) -> dict[int, seen.Size]:
        try:
            rows = self._ask(queries.SIZES)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
            # Somebody locked a relation after it was spared, or there are very many.
            rows = self._rows(Check.SIZES, query=queries.ESTIMATES)
        except psycopg.Error as error:
            self._missed(Check.SIZES, error)
            rows = []
        return {row["oid"]: seen.Size(row["bytes"], row["exact"]) for row in rows}

    def _free_bytes(self) -> int | None:
        rows = self._rows(Check.DISK)
        if not rows:
            return None
        told = rows[0]
        if told["tablespaces"]:
            why = f"{told['tablespaces']} tablespaces lie elsewhere; their room was not looked at"
            self._gaps.append(Gap(Check.DISK, why, "look where they lie, with df"))
        free = free_bytes(told["folder"], told["port"], told["started"])
        if free is None:
            why = (
                "how much disk is free is not known: the data directory is on another machine, or "
                "only its owner may read it"
            )
            self._gaps.append(Gap(Check.DISK, why, "look there with df, or ask the provider"))
        return free

    def _all(self, check: Check, shape: type[T], query: str = "") -> tuple[T, ...]:
        return tuple(shape(**row) for row in self._rows(check, query=query))

    def _rows(
        self, check: Check, given: Mapping[str, Any] | None = None, query: str = ""
    ) -> list[DictRow]:
        """Return what a look saw; when it failed nothing, and a gap is remembered."""
        try:
            return self._ask(query or queries.OF_CHECK[check], given)
        except psycopg.Error as error:
            self._missed(check, error)
            return []

    def _ask(
        self,
        query: str,
        given: Mapping[str, Any] | None = None,
        own_names: str = queries.OWN_NAMES_ONLY,
    ) -> list[DictRow]:
        with self._looking(own_names):
            return self._connection.execute(query, given).fetchall()

    @contextmanager
    def _looking(self, own_names: str = queries.OWN_NAMES_ONLY) -> Iterator[None]:
        self._connection.execute(queries.BEGIN + own_names)
        try:
            yield
        finally:
            if not self._connection.closed:
                self._connection.execute("ROLLBACK")

    def _missed(self, check: Check, error: psycopg.Error) -> None:
        if self._connection.closed:
            raise error
        why, remedy = _reason(error)
        self._gaps.append(
            Gap(check, f"{check} could not be looked at: {self._address.harmless(why)}", remedy)
        )


def _reason(error: psycopg.Error) -> tuple[str, str]:
    match error:
        case psycopg.errors.LockNotAvailable():
            return (
                "somebody holds a lock on PostgreSQL's own catalog (VACUUM FULL, REINDEX SYSTEM)",
                "look again once that has ended",
            )
        case psycopg.errors.QueryCanceled():
            return "it took longer than 5 s and was ended", "look again when less is going on"
        case psycopg.errors.InsufficientPrivilege():
            return _first_line(error), "look as a role that may: GRANT pg_monitor TO the role"
        case _:
            return _first_line(error), "look again, and tell whoever keeps the database"


def _prepared(row: DictRow) -> seen.Prepared:
    held, modes = row.pop("held"), row.pop("modes")
    return seen.Prepared(**row, locks=tuple(zip(held, modes, strict=True)))


def _wait(row: DictRow) -> seen.Wait:
    return seen.Wait(**(row | {"blockers": tuple(row["blockers"])}))


def _session(row: DictRow) -> seen.Session:
    return seen.Session(**(row | {"relations": tuple(row["relations"])}))


def _first_line(error: psycopg.Error) -> str:
    told = str(error).strip()
    return told.splitlines()[0] if told else type(error).__name__
