"""What is still to be applied, in which order, and what stands in the way?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import itemgetter

from fairlead.errors import Refused
from fairlead.migrations.change import Change, Phase, classify
from fairlead.migrations.file import MigrationFile, checksum
from fairlead.migrations.fresh import Fresh
from fairlead.migrations.ledger import Applied, Ledger, Step, down_version
from fairlead.migrations.statement import split
from fairlead.migrations.token import Unreadable

_OTHER_ROLES = {("SET", "SESSION", "ROLE"), ("SET", "SESSION", "AUTHORIZATION")}


@dataclass(frozen=True)
class Pending:
    """A file to be applied. `phases` are those of its changes to what is there already.

    `done` is how many of its first statements an interrupted run has finished.
    """

    file: MigrationFile
    changes: tuple[Change, ...]
    phases: tuple[Phase | None, ...]
    done: int = 0

    @property
    def transactional(self) -> bool:
        """Tell whether it is one transaction; else it goes statement by statement."""
        return not any(change.needs_autocommit for change in self.changes)

    @property
    def phase(self) -> Phase:
        """Return `contract` when one of its statements is."""
        return Phase.CONTRACT if Phase.CONTRACT in self.phases else Phase.EXPAND

    @property
    def mixed(self) -> str:
        """Return why expanding and contracting statements cannot go together; empty if none do."""
        if Phase.CONTRACT not in self.phases or Phase.EXPAND not in self.phases:
            return ""
        first, other = (
            self.changes[self.phases.index(phase)].statement
            for phase in (Phase.CONTRACT, Phase.EXPAND)
        )
        return (
            f"{self.file.path}: line {other.line} expands ({other.opening}), line {first.line} "
            f"contracts ({first.opening}): put the contracting part into a later migration of its "
            "own, for when no running release needs the old shape"
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, oldest first; nothing may be done while there are `problems`.

    `unknown` are sentences about what the ledger does not tell.
    """

    pending: tuple[Pending, ...]
    problems: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def plan(files: Sequence[MigrationFile], ledger: Ledger) -> Plan:
    """Return what is still to be applied of `files` (oldest first), and what stands in the way."""
    waiting = [file for file in files if file.version not in ledger.applied]
    changes = {file.version: tuple(map(classify, file.statements)) for file in waiting}
    fresh = Fresh(ledger.relations, changes.values())
    pending = tuple(
        Pending(
            file,
            changes[file.version],
            tuple(map(fresh.phase, changes[file.version])),
            _done(ledger.begun(file.version)),
        )
        for file in waiting
    )
    kept = {
        version: _checksum(row.texts)
        for version, row in ledger.applied.items()
        if not _is_down(row)
    }
    problems = [
        *_missing(files, ledger.applied),
        *_taken_back(files, ledger.applied),
        *_edited(files, kept),
        *_half_back(files, ledger),
        *_out_of_order(waiting, ledger.applied),
        *(problem for file in waiting for problem in changed_since(file, ledger)),
        *(problem for one in pending for problem in lost_settings(one)),
        # Half of a begun file is there already: to stop in between would be worse.
        *(one.mixed for one in pending if one.mixed and not ledger.begun(one.file.version)),
    ]
    return Plan(pending, tuple(problems), tuple(_unknown(files, kept)))


def unhindered(todo: Plan) -> Plan:
    """Return the plan; `Refused` with everything that stands in its way."""
    if todo.problems:
        raise Refused("nothing was applied", todo.problems)
    return todo


def going(todo: Sequence[Pending], ledger: Ledger, *, contract: bool) -> tuple[Pending, ...]:
    """Return the first of the pending files that may go: up to one that contracts.

    With `contract` nobody needs the old shape. What is half done must be finished, whatever it
    does.
    """
    may_go = (
        contract or each.phase is Phase.EXPAND or bool(ledger.begun(each.file.version))
        for each in todo
    )
    return tuple(each for each, _ in takewhile(itemgetter(1), zip(todo, may_go, strict=True)))


def held_up(waiting: Sequence[Pending]) -> str:
    """Return why a release cannot have what it needs: it waits behind what contracts."""
    behind = [each for each in waiting if each.phase is Phase.EXPAND]
    if not behind:
        return ""
    return (
        f"{behind[0].file.path} expands, but comes after {waiting[0].file.path}, which contracts "
        "and waits until no other release runs: deploy again when that is applied, or give it an "
        "older timestamp"
    )


def _done(steps: Sequence[Step]) -> int:
    return sum(1 for step in steps if step.ended_at)


def _missing(files: Sequence[MigrationFile], applied: Mapping[str, Applied]) -> Iterator[str]:
    known = {file.version for file in files}
    for version in sorted(applied.keys() - known):
        name = f"{version}_{applied[version].name}".rstrip("_")
        yield (
            f"{name}.sql was applied to this database but is not in the folder: bring it back from "
            "version control, or take the folder that belongs to this database"
        )


def _is_down(row: Applied) -> bool:
    """Tell whether the Supabase CLI took a file that takes back for a migration."""
    return row.name.endswith(".down")


def _taken_back(files: Sequence[MigrationFile], applied: Mapping[str, Applied]) -> Iterator[str]:
    for file in files:
        if (row := applied.get(file.version)) and _is_down(row):
            yield (
                f"{file.version}_{row.name}.sql was run as a migration, as `supabase db push` does "
                f"it, and {file.path} was not: run `supabase migration repair --status reverted "
                f"{file.version}`, then migrate with `fairlead db migrate`"
            )


def _edited(files: Sequence[MigrationFile], kept: Mapping[str, str]) -> Iterator[str]:
    for file in files:
        if kept.get(file.version) not in (None, "", file.checksum):
            yield (
                f"{file.path} was changed after it was applied to this database: restore it, and "
                "write the change as a new migration"
            )


def _unknown(files: Sequence[MigrationFile], kept: Mapping[str, str]) -> Iterator[str]:
    paths = [file.path for file in files if kept.get(file.version) == ""]
    if paths:
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        yield (
            f"unknown: the ledger does not hold readably what was applied of {', '.join(paths[:3])}"
            f"{more}, so nobody can tell whether that was changed since: compare it with version "
            "control"
        )


def _checksum(texts: Sequence[str] | None) -> str:
    """Return the checksum of texts that anybody may have split; empty when they cannot be read."""
    try:
        return checksum(split(";\n".join(texts))) if texts else ""
    except Unreadable:
        return ""


def _half_back(files: Sequence[MigrationFile], ledger: Ledger) -> Iterator[str]:
    for file in files:
        if file.version in ledger.applied and ledger.begun(down_version(file.version)):
            yield (
                f"{file.path} is half taken back: finish that with `fairlead db rollback "
                f"{file.path}`"
            )


def _out_of_order(waiting: Sequence[MigrationFile], applied: Iterable[str]) -> Iterator[str]:
    newest = max(applied, default="", key=str)
    for file in waiting:
        if newest and file.version < newest:
            yield (
                f"{file.path} is older than {newest}, which was applied already: give it a new "
                "timestamp, so that every database gets the files in the same order"
            )


def changed_since(file: MigrationFile, ledger: Ledger) -> Iterator[str]:
    """Refuse a file whose begun statements are no longer those that were begun."""
    for step in ledger.begun(file.version):
        now = file.statements[step.number - 1 : step.number]
        if not now or now[0].checksum != step.checksum:
            state = "was applied" if step.ended_at else "was begun"
            yield (
                f"{file.path}: statement {step.number} {state} by an interrupted run and is "
                "another one now: restore it; only statements that were not begun may change"
            )
            return


def lost_settings(pending: Pending) -> Iterator[str]:
    """Refuse settings that would be lost where there is no transaction around the file."""
    if pending.transactional:
        return
    for change in pending.changes:
        said, line = change.statement.words[:3], change.statement.line
        where = f"{pending.file.path}:{line}: {' '.join(said[:2])} in a file that goes statement by"
        if said[:2] == ("SET", "LOCAL"):
            yield f"{where} statement does nothing: write SET, which ends with the file"
        if said[:2] == ("SET", "ROLE") or said in _OTHER_ROLES:
            yield f"{where} statement would hide the ledger: put it into a migration of its own"
