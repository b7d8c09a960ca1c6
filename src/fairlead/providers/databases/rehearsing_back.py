"""Do down files take migrations back? Tried on a copy of the database as it is now, and compared.

Proven means: the down files run; what they change is what the folder's own files change on an
empty database; and the migrations, applied again, give the shape that is there now.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from fairlead.errors import Refused
from fairlead.migrations.file import MigrationFile
from fairlead.migrations.ledger import Ledger
from fairlead.migrations.rehearsal.contents import lost
from fairlead.migrations.rehearsal.rehearsal import Rehearsal, WayBack
from fairlead.migrations.schema import Schema, difference, other_change
from fairlead.migrations.undo import undo
from fairlead.providers.databases.migrations import PostgresMigrations, Terms
from fairlead.providers.databases.one_runner import Tell
from fairlead.providers.databases.rehearsal import target as targets
from fairlead.providers.databases.rehearsal.contents import contents
from fairlead.providers.databases.rehearsal.copying import Sizes
from fairlead.providers.databases.rehearsal.making import EMPTY, Trial, trial
from fairlead.providers.databases.rehearsal.taking_back import go_up
from fairlead.providers.databases.rehearsal.target import Target
from fairlead.providers.databases.rehearsing import observed, on_a_copy
from fairlead.providers.databases.schemas import schema
from fairlead.providers.databases.scratch import Scratch


def rehearse_back(
    url: str, files: Sequence[MigrationFile], versions: Sequence[str], room: Path | None, tell: Tell
) -> Rehearsal:
    """Take `versions` back on a copy; `ways_back` of what is returned is the one proof, or none.

    The database itself is only read; `fingerprint` is that of the schema after it.

    Errors: those of `rehearsing.rehearse`.
    """
    target = targets.look(url)
    trying = _Back(files, versions, PostgresMigrations(url).ledger(), tell)
    work = partial(trying.all_of_it, target)
    return on_a_copy(url, target, (room, Sizes()), tell, work)


class _Back:
    """One rehearsal of the way back."""

    def __init__(
        self, files: Sequence[MigrationFile], versions: Sequence[str], known: Ledger, tell: Tell
    ) -> None:
        self._files = [file for file in files if file.version in known.applied]
        self._versions, self._tell = versions, tell
        self._todo = undo(self._files, known, versions).refused_unless_clear()
        self._count = sum(len(each.changes) - each.done for each in self._todo.pending)

    def all_of_it(self, target: Target, server: Scratch, result: Rehearsal) -> Rehearsal:
        """Take back on a copy, go up again, and do the same on an empty database."""
        with trial(server, target, "back") as on:
            now, had = schema(on.everything), contents(on.everything)
            self._tell("goes down and up again")
            result = self._down(on, result)
            if result.failed:
                return result
            down, has = schema(on.everything), contents(on.everything)
            failed = _up(self._files, on)
            again = schema(on.everything)
        path = ", ".join(each.file.path for each in self._todo.pending)
        way = WayBack(path, proven=False, because="", lost=lost(had, has))
        if failed:
            way = replace(way, because=f"up again fails: {failed}")
        else:
            self._tell("compares it with what the folder's files do on an empty database")
            with trial(server, target, "empty", EMPTY) as on:
                way = self._compared(way, (now, down, again), on)
        return replace(result, fingerprint=down.fingerprint, ways_back=(way,))

    def _down(self, on: Trial, result: Rehearsal) -> Rehearsal:
        take_back = partial(
            PostgresMigrations(on.url).take_back,
            self._files,
            self._versions,
            Terms(),
            lambda _: None,
        )
        counted = replace(result, pending=self._count)
        return observed(on, counted, lambda _: None, take_back)

    def _compared(self, way: WayBack, seen: tuple[Schema, Schema, Schema], on: Trial) -> WayBack:
        now, down, again = seen
        # What is half gone is no shape that the files come to.
        differs = () if self._todo.is_half_done else difference(now, again)
        if differs:
            why = "down and up again gives another schema than there is now"
            return replace(way, because=why, difference=differs)
        stays = [file for file in self._files if file.version not in self._versions]
        failed = _up(stays, on)
        before = schema(on.everything)
        if failed := failed or _up(self._files, on):
            why = f"what the folder's files come to is not known, on an empty database: {failed}"
            return replace(way, because=why)
        after = schema(on.everything)
        differs = other_change((before, after), (down, again))
        if not differs and after == now:
            differs = difference(before, down)
        if differs:
            why = "it does not come to what the folder's files before it come to"
            return replace(way, because=why, difference=differs)
        because = "down comes to what the files before it do, up again to what there is now"
        return replace(way, proven=True, because=because)


def _up(files: Sequence[MigrationFile], on: Trial) -> str:
    try:
        return go_up(files, on)
    except Refused as error:
        return "; ".join((str(error), *error.problems))
