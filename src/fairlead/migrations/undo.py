"""Which migrations go back by their down files, in which order, and what is in the way?"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from fairlead.errors import Refused
from fairlead.migrations.change import Act, Does, Mark, classify
from fairlead.migrations.file import MigrationFile
from fairlead.migrations.ledger import Ledger, down_version
from fairlead.migrations.order import Pending, changed_since, lost_settings, plan
from fairlead.migrations.relation import Name
from fairlead.migrations.statement import split

_HOLD_ROWS = {"table", "column", "schema"}
_CHANGE_VALUES = {Does.CHANGE_ROWS, Does.CHANGE_TYPE}


@dataclass(frozen=True, slots=True)
class Undo:
    """What goes back, newest first: every `Pending` is a down file, of a version of its own.

    `problems` can be cleared away. With one `unprovable` no down file is the way back. `notes`
    are sentences on what a proof does not tell.
    """

    pending: tuple[Pending, ...]
    problems: tuple[str, ...] = ()
    unprovable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_half_done(self) -> bool:
        """Tell whether an interrupted run has done some of it."""
        return any(each.done for each in self.pending)

    def refused_unless_clear(self) -> "Undo":
        """Return it; `Refused` with everything that is in the way."""
        if found := (*self.problems, *self.unprovable):
            raise Refused("nothing was taken back", found)
        return self


def wanted(
    files: Sequence[MigrationFile], ledger: Ledger, *, to: str = "", name: str = ""
) -> tuple[str, ...]:
    """Return the versions that are to go back: the newest applied one, unless more is said.

    With `to` those that are newer than that version, with `name` that file alone; empty when they
    are gone already.

    Errors: `Refused` for a version or a file that is not known.
    """
    applied = sorted(ledger.applied)
    if name:
        found = [file.version for file in files if name in (file.path, file.version)]
        if not found:
            raise Refused(f"{name} is not in the folder: `fairlead db status` tells what is")
        return tuple(version for version in found if version in ledger.applied)
    if to and to not in ledger.applied:
        raise Refused(
            f"{to} is no migration that this database has: `fairlead db status` tells which it has"
        )
    return tuple(version for version in applied if version > to) if to else tuple(applied[-1:])


def undo(files: Sequence[MigrationFile], ledger: Ledger, versions: Collection[str]) -> Undo:
    """Return what takes back those of `versions` that are applied, and what is in the way."""
    goes = {version for version in versions if version in ledger.applied}
    back = [file for file in reversed(files) if file.version in goes]
    pending = tuple(_down(file, ledger) for file in back if file.down is not None)
    now = plan(back[::-1], Ledger({file.version: ledger.applied[file.version] for file in back}))
    return Undo(
        pending,
        (
            *_begun(ledger),
            *_later(ledger, goes),
            *chain.from_iterable(changed_since(each.file, ledger) for each in pending),
            *chain.from_iterable(map(lost_settings, pending)),
        ),
        (
            *_absent(ledger, goes - {file.version for file in back}),
            *now.problems,
            *now.unknown,
            *(f"{file.path} has no down file" for file in back if file.down is None),
            *chain.from_iterable(map(_took_away, back)),
        ),
        tuple(chain.from_iterable(map(_changed_values, back))),
    )


def way_left(why: Sequence[str], backup: str) -> str:
    """Return why no down file is the way back, and which way is left.

    `backup` is the newest proven backup of that database, empty when there is none.
    """
    restore = (
        f"else `fairlead backup restore {backup} --into URL`, which with --compare URL counts "
        "first what would be lost"
        if backup
        else "for there is no proven backup of this database in --keep"
    )
    return (
        f"nothing was taken back: {'; '.join(why)}: the way that is left is a new migration that "
        f"mends it, {restore}"
    )


def _down(file: MigrationFile, ledger: Ledger) -> Pending:
    path = f"{file.path.removesuffix('.sql')}.down.sql"
    statements = tuple(split(file.down or ""))
    down = replace(
        file, version=down_version(file.version), path=path, statements=statements, down=None
    )
    changes = tuple(map(classify, statements))
    done = sum(1 for step in ledger.begun(down.version) if step.ended_at)
    return Pending(down, changes, (None,) * len(changes), done)


def _begun(ledger: Ledger) -> Iterator[str]:
    for version in sorted(ledger.steps):
        if ledger.begun(version) and version.isdecimal():
            yield f"{version} is half applied: finish it first with `fairlead db migrate`"


def _later(ledger: Ledger, goes: Collection[str]) -> Iterator[str]:
    later = sorted(version for version in ledger.applied if version > min(goes, default=version))
    for version in later:
        if version not in goes:
            yield f"{version} was applied later and stays: take that back first, or say --to"


def _absent(ledger: Ledger, versions: Collection[str]) -> Iterator[str]:
    for version in sorted(versions):
        name = f"{version}_{ledger.applied[version].name}".rstrip("_")
        yield f"{name}.sql is not in the folder"


def _took_away(file: MigrationFile) -> Iterator[str]:
    """Tell what no file can bring back: rows and values that a migration removed."""
    made: set[Name | None] = set()
    for change in map(classify, file.statements):
        if any(_removes(act, made) for act in change.acts):
            yield (
                f"{file.path}:{change.statement.line} took rows or values away "
                f"({change.statement.opening}), which no down file brings back"
            )
        made |= {act.name for act in change.acts if act.mark is Mark.MADE}


def _removes(act: Act, made: Collection[Name | None]) -> bool:
    table = Name(act.name.parts[:-1]) if act.name and act.what == "column" else act.name
    if act.name is not None and (act.name in made or table in made):
        return False
    return act.does is Does.REMOVE_ROWS or (act.does is Does.DROP and act.what in _HOLD_ROWS)


def _changed_values(file: MigrationFile) -> Iterator[str]:
    acts = {act.does for statement in file.statements for act in classify(statement).acts}
    if acts & _CHANGE_VALUES:
        yield (
            f"{file.path} changed values: whether its down file makes them what they were is not "
            "proven"
        )
