"""What would a migration cost the database that it is for? It is tried on a copy, and watched."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from fairlead.migrations.file import MigrationFile
from fairlead.migrations.order import Pending, plan, unhindered
from fairlead.migrations.rehearsal.blocking import Blocks
from fairlead.migrations.rehearsal.observed import Observed, Traffic
from fairlead.migrations.rehearsal.rehearsal import Rehearsal
from fairlead.providers.databases.cluster import nearest
from fairlead.providers.databases.migrations import Outcome, PostgresMigrations, Terms
from fairlead.providers.databases.rehearsal import target as targets
from fairlead.providers.databases.rehearsal import traffic
from fairlead.providers.databases.rehearsal.contents import contents
from fairlead.providers.databases.rehearsal.copying import Copied, Sizes, copy
from fairlead.providers.databases.rehearsal.killing import Killer, killed
from fairlead.providers.databases.rehearsal.making import Trial, trial
from fairlead.providers.databases.rehearsal.observing import Observer
from fairlead.providers.databases.rehearsal.relations import relations
from fairlead.providers.databases.rehearsal.taking_back import ways_back
from fairlead.providers.databases.rehearsal.target import Target
from fairlead.providers.databases.rehearsal.warming import warm
from fairlead.providers.databases.schemas import schema
from fairlead.providers.databases.scratch import Scratch, scratch
from fairlead.providers.databases.watching import watched

Tell = Callable[[str], None]
# A row that refers to one outside the sample.
_NO_PARENT = "23503"
_NOTE = (
    "times were measured on this machine, with the tables in memory; at the target they hold to "
    "about a factor of two"
)


def rehearse(
    url: str,
    files: Sequence[MigrationFile],
    room: Path | None,
    tell: Tell,
    sizes: Sizes = Sizes(),  # noqa: B008 - it is frozen
) -> Rehearsal:
    """Apply what is pending to a copy of the database on a server that is thrown away.

    The database itself is only read; `room` is the folder where the copy may take room, `tell`
    gets a sentence for every step.

    Errors: `Refused` when something stands in the migrations' way; `Temporary` when the database
    does not answer, a table is locked or somebody waited for the copying; `Permanent` when it may
    not be read as a whole.
    """
    began = time.monotonic()
    pending = unhindered(plan(files, PostgresMigrations(url).ledger())).pending
    target = targets.look(url)
    if not pending:
        return replace(_blank(target), fingerprint=schema(url).fingerprint)

    def all_of_it(server: Scratch, result: Rehearsal) -> Rehearsal:
        return _Rehearsing(server, target, (tuple(files), pending), tell).all_of_it(result)

    result = on_a_copy(url, target, (room, sizes), tell, all_of_it)
    return replace(result, seconds=time.monotonic() - began)


def on_a_copy(
    url: str,
    target: Target,
    place: tuple[Path | None, Sizes],
    tell: Tell,
    work: Callable[[Scratch, Rehearsal], Rehearsal],
) -> Rehearsal:
    """Copy the target to a server that is thrown away, and return what `work` has seen there.

    Errors: those of `rehearse`.
    """
    room, sizes = place
    result = _blank(target)
    tell(f"starts a scratch server of version {result.major}")
    with scratch(room, result.major, _settings(target)) as server:
        tell(f"copies {target.shown}, {target.bytes / 1e6:,.0f} MB")
        copied = copy(url, target, server, sizes)
        first = traffic.count(url)
        result = work(server, _with_copy(result, target, copied))
        return replace(result, traffic=traffic.traffic(url, first))


def _blank(target: Target) -> Rehearsal:
    major = nearest(target.major)
    return Rehearsal(target.shown, target.major, major, target.bytes, Traffic(0, 0))


def observed(
    on: Trial, result: Rehearsal, count: Callable[[int], None], work: Callable[[], Outcome]
) -> Rehearsal:
    """Return the result with all that was seen while `work` ran; `count` hears how many have."""
    observer = Observer(on.everything, relations(on.everything), count)
    with watched(observer.watch):
        outcome = work()
    gaps = result.gaps
    if outcome.failed and result.factors and observer.sqlstate == _NO_PARENT:
        gaps = (*gaps, "a statement needs rows that the sample lacks")
    return replace(result, statements=observer.statements, failed=outcome.failed, gaps=gaps)


def _settings(target: Target) -> Mapping[str, str]:
    # Its own vacuum would lock tables and take time while statements are measured; what a change
    # writes must be written here, too, and reach the disk.
    return {"autovacuum": "off", "fsync": "on", **target.settings}


def _with_copy(result: Rehearsal, target: Target, copied: Copied) -> Rehearsal:
    notes = [_NOTE, *copied.notes]
    if target.major != result.major:
        notes.append(
            f"the target is PostgreSQL {target.major}, the scratch server is {result.major}: what "
            "they do may differ"
        )
    return replace(result, factors=copied.factors, gaps=copied.gaps, notes=tuple(notes))


class _Rehearsing:
    """One rehearsal: everything that is tried on copies of the copy."""

    def __init__(
        self,
        server: Scratch,
        target: Target,
        files: tuple[Sequence[MigrationFile], Sequence[Pending]],
        tell: Tell,
    ) -> None:
        self._server, self._target, self._tell = server, target, tell
        self._files, self._pending = files
        self._count = sum(len(each.changes) - each.done for each in self._pending)

    def all_of_it(self, result: Rehearsal) -> Rehearsal:
        """Run, kill, go there and back."""
        with trial(self._server, self._target, "observed") as on:
            warm(on.everything)
            migrate = partial(
                PostgresMigrations(on.url).migrate, self._files, Terms(contract=True), _unheard
            )
            result = observed(on, replace(result, pending=self._count), self._told, migrate)
            if result.failed:
                return result
            end = schema(on.everything)
            result = replace(result, fingerprint=end.fingerprint)
            stepwise = any(not each.transactional for each in self._pending)
            expected = (end, contents(on.everything)) if stepwise else None
        if expected:
            self._tell("kills it at every statement that is a step of its own, and lets it go on")
            with trial(self._server, self._target, "killed") as on:
                killer = Killer(on.everything, *_measured(result.statements))
                result = replace(result, kills=killed(self._files, on, killer, expected))
        if any(each.file.down is not None for each in self._pending):
            self._tell("goes up, down and up again")
            fresh = partial(trial, self._server, self._target, "back")
            result = replace(result, ways_back=ways_back(self._files, self._pending, fresh))
        return result

    def _told(self, done: int) -> None:
        self._tell(f"{done} of {self._count} statements")


def _unheard(_: str) -> None:
    """Tell nobody: what is told of a run at the target does not fit one on a copy."""


def _measured(
    statements: Sequence[Observed],
) -> tuple[dict[tuple[str, int], float], dict[tuple[str, int], list[str]]]:
    """Return how long each statement took, and the tables that it locked without blocking."""
    return (
        {(one.path, one.number): one.seconds for one in statements},
        {
            (one.path, one.number): sorted(
                {lock.table for lock in one.locks if lock.blocks is Blocks.NOBODY}
            )
            for one in statements
            if not one.in_transaction
        },
    )
