"""Which tables, columns and indexes should be there by now, and which be gone, by the ledger?

Only what the words of the applied statements tell for sure is expected. What a later statement may
have changed unseen (a DO block, a call of a function, CASCADE) is expected no more.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from fairlead.migrations.file import MigrationFile
from fairlead.migrations.ledger import Applied, Ledger
from fairlead.migrations.preflight.known import Origin, Thing
from fairlead.migrations.preflight.reading import Reading
from fairlead.migrations.statement import Statement, split
from fairlead.migrations.token import Unreadable

_LONGEST_NAME = 63


def kept(name: str) -> str:
    """Return as much of a name as PostgreSQL keeps: 63 bytes."""
    return name.encode()[:_LONGEST_NAME].decode("utf-8", "ignore")


@dataclass(frozen=True, slots=True)
class Expected:
    """What should be there and what should not; each with the file that says so last.

    `lost` are the applied files that the folder does not have; empty when none was looked at.
    `unknown` are the files of which neither the ledger nor a folder tells what was applied.
    """

    there: Mapping[Thing, str] = field(default_factory=dict)
    gone: Mapping[Thing, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the relations that have to be looked up, without their schemas."""
        every = {kept(one.relation.parts[-1]) for one in (*self.there, *self.gone)}
        return tuple(sorted(every))


def expected(ledger: Ledger, files: Sequence[MigrationFile] | None = None) -> Expected:
    """Return what the applied statements leave behind; `files` is None when no folder is known.

    The ledger's own texts count, as they were applied; the files where it kept none.
    """
    known = {file.version: file for file in files or ()}
    reading = Reading()
    unknown: list[str] = []
    for version in sorted({*ledger.applied, *ledger.steps}):
        row, file = ledger.applied.get(version), known.get(version)
        name = file.path if file else f"{version}_{row.name if row else ''}".rstrip("_") + ".sql"
        statements = _statements(row, file)
        if statements is None:
            reading.known.forget_everything()
            unknown.append(name)
        for statement in statements or ():
            # Of a file that is not finished nobody knows what it did.
            reading.read(statement, name) if row else reading.doubt(statement)
    lost = () if files is None else tuple(_lost(ledger, known))
    there, gone = _files(reading.known.there), _files(reading.known.gone)
    return Expected(there, gone, lost, tuple(unknown))


def _files(known: Mapping[Thing, Origin]) -> dict[Thing, str]:
    return {thing: origin.file for thing, origin in known.items()}


def _statements(row: Applied | None, file: MigrationFile | None) -> Sequence[Statement] | None:
    """Return what was applied, None when nobody knows."""
    if row and row.texts:
        with suppress(Unreadable):
            return split(";\n".join(row.texts))
    return file.statements if file else None


def _lost(ledger: Ledger, known: Mapping[str, MigrationFile]) -> Iterator[str]:
    for version in sorted(ledger.applied.keys() - known.keys()):
        yield f"{version}_{ledger.applied[version].name}".rstrip("_") + ".sql"
