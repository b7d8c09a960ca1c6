"""Does the file that takes a migration back really do so? Up, down, and up again, compared."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import psycopg

from fairlead.migrations.change import classify
from fairlead.migrations.file import MigrationFile
from fairlead.migrations.order import Pending
from fairlead.migrations.rehearsal.contents import lost
from fairlead.migrations.rehearsal.rehearsal import WayBack
from fairlead.migrations.schema import Schema, difference
from fairlead.migrations.statement import split
from fairlead.providers.databases.migrations import PostgresMigrations, Terms
from fairlead.providers.databases.rehearsal.contents import contents
from fairlead.providers.databases.rehearsal.making import Trial
from fairlead.providers.databases.schemas import schema
from fairlead.providers.databases.session import session

_FORGET = (
    "DELETE FROM supabase_migrations.schema_migrations WHERE version = %s",
    "DELETE FROM supabase_migrations.fairlead_statements WHERE version = %s",
)


def ways_back(
    files: Sequence[MigrationFile],
    pending: Sequence[Pending],
    fresh: Callable[[], AbstractContextManager[Trial]],
) -> tuple[WayBack, ...]:
    """Try the way back of every pending file that has one, oldest first.

    `files` are all of the folder; `fresh` gives a copy without the pending ones, a new one after
    each way back that was not proven, since nobody knows what it left.
    """
    found: list[WayBack] = []
    todo = [each.file for each in pending if each.file.down is not None]
    while todo:
        with fresh() as on:
            proven = True
            while todo and proven:
                file = todo.pop(0)
                found.append(_way_back([one for one in files if one.version <= file.version], on))
                proven = found[-1].proven
    return tuple(found)


def _way_back(files: Sequence[MigrationFile], on: Trial) -> WayBack:
    """Try the way back of the last of some files."""
    file = files[-1]
    path = f"{file.path.removesuffix('.sql')}.down.sql"
    if why := go_up(files[:-1], on):
        return WayBack(path, proven=False, because=why)
    before = schema(on.everything), contents(on.everything)
    if why := go_up(files, on):
        return WayBack(path, proven=False, because=why)
    up = schema(on.everything), contents(on.everything)
    if why := _down(file, on):
        return WayBack(path, proven=False, because=f"it fails: {why}")
    down = schema(on.everything), contents(on.everything)
    gone = (f"{told}, gone since before up" for told in lost(before[1], down[1]))
    proof = _compared((before[0], up[0], down[0]), go_up(files, on), on)
    return replace(proof, path=path, lost=(*lost(up[1], down[1]), *gone))


def _compared(shapes: tuple[Schema, Schema, Schema], failed: str, on: Trial) -> WayBack:
    """Compare the shapes before, up and down with each other and with that after up again."""
    before, up, down = shapes
    if differs := difference(before, down):
        why = "after it the schema is another one than before the migration"
        return WayBack("", proven=False, because=why, difference=differs)
    if failed:
        return WayBack("", proven=False, because=f"up again fails: {failed}")
    if differs := difference(up, schema(on.everything)):
        why = "up again the schema is another one than the first time"
        return WayBack("", proven=False, because=why, difference=differs)
    return WayBack("", proven=True, because="up, down and up again gave equal schemas")


def go_up(files: Sequence[MigrationFile], on: Trial) -> str:
    """Apply files to a copy; return why not all of them were, empty when they were."""
    terms = Terms(contract=True)
    return PostgresMigrations(on.url).migrate(files, terms, lambda _: None).failed


def _down(file: MigrationFile, on: Trial) -> str:
    """Run the file that takes it back, and forget the migration; return why not, empty if done."""
    changes = [classify(statement) for statement in split(file.down or "")]
    together = not any(change.needs_autocommit for change in changes)
    with session(on.url, "fairlead rehearsal") as running:
        try:
            with running.transaction() if together else nullcontext():
                for change in changes:
                    running.execute(change.statement.text.encode(), prepare=True)
        except psycopg.Error as error:
            return error.diag.message_primary or str(error)
    with psycopg.connect(on.everything, autocommit=True) as forgetting:
        for words in _FORGET:
            forgetting.execute(words, [file.version])
    return ""
