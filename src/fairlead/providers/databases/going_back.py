"""How does a database lose a migration again? Prove it on a copy, back up, take back, compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import Refused
from fairlead.migrations.file import MigrationFile
from fairlead.migrations.rehearsal.rehearsal import Rehearsal, WayBack
from fairlead.migrations.rehearsal.verdict import Judged, Verdict, judge
from fairlead.migrations.undo import undo, way_left
from fairlead.providers.databases.address import read
from fairlead.providers.databases.backups.keep import Keep
from fairlead.providers.databases.changing import Changed, Changing, Clock, promising
from fairlead.providers.databases.migrations import PostgresMigrations, Terms
from fairlead.providers.databases.one_runner import Tell
from fairlead.providers.databases.rehearsing_back import rehearse_back
from fairlead.providers.databases.schemas import schema


@dataclass(frozen=True, slots=True)
class Proven:
    """A way back that was proven on a copy of the database whose schema was `of` (SHA-256).

    `way.lost` are sentences on what it takes away; `notes` are what the proof does not tell.
    """

    versions: tuple[str, ...]
    way: WayBack
    rehearsal: Rehearsal
    verdict: Verdict
    of: str
    notes: tuple[str, ...]


class GoingBack:
    """Takes migrations of one database back; `tell` gets a sentence for every step."""

    def __init__(self, url: str, keep: Keep, clock: Clock, tell: Tell) -> None:
        """Take the address and where backups are; nothing is asked yet."""
        self._url, self._keep, self._tell = url, keep, tell
        self._changing = Changing(url, clock, tell)

    def prove(
        self,
        files: Sequence[MigrationFile],
        versions: Sequence[str],
        terms: Terms,
        room: Path | None,
    ) -> Proven:
        """Try on a copy whether their down files take `versions` back; the database is only read.

        Errors: `Refused` with the way that is left when they are not proven to, or others would
        wait longer than the budget allows; `Temporary` when the database goes away.
        """
        todo = undo(files, PostgresMigrations(self._url).ledger(), versions)
        if todo.unprovable:
            raise Refused(self._way_left(todo.unprovable))
        todo.refused_unless_clear()
        of = schema(self._url).fingerprint
        rehearsal = rehearse_back(self._url, files, versions, room, self._tell)
        verdict = judge(rehearsal, terms.patience.budget_s)
        if verdict.judged is Judged.FAILED:
            raise Refused(self._way_left((verdict.because,)))
        if verdict.judged is not Judged.WITHIN:
            raise Refused(
                f"nothing was taken back: the rehearsal says {verdict.judged}: {verdict.because}"
            )
        (way,) = rehearsal.ways_back
        if not way.proven:
            told = "; ".join((f"{way.path} is not proven: {way.because}", *way.difference))
            raise Refused(self._way_left((told,)))
        self._tell(f"{way.path} is proven: {way.because}; {verdict.because}")
        return Proven(tuple(versions), way, rehearsal, verdict, of, todo.notes)

    def go(
        self, files: Sequence[MigrationFile], proven: Proven, terms: Terms, room: Path | None
    ) -> Changed:
        """Take back what was proven, after a proven backup, and compare the schema.

        Errors: `Refused` when something is in the way or the database has another shape by now,
        and then nothing was taken back; `Temporary` when the database goes away: the next run goes
        on exactly there.
        """
        self._changing.wait_for_a_clear_way(files, terms.patience.retry_for_s)
        backup = self._changing.backed_up(self._keep, room)
        if schema(self._url).fingerprint != proven.of:
            raise Refused(
                "nothing was taken back: the database has another shape than when the way back was "
                "proven: somebody else changes it; run it again"
            )
        database = PostgresMigrations(self._url)
        left = database.ledger().applied.keys() - set(proven.versions)
        terms = promising(terms, left, proven.rehearsal)
        outcome = database.take_back(files, proven.versions, terms, self._tell)
        outcome = self._changing.compared(outcome, proven.rehearsal)
        return Changed(outcome, proven.verdict, proven.rehearsal, backup)

    def _way_left(self, why: Sequence[str]) -> str:
        name = read(self._url).shown
        backups = self._keep.listed().backups
        known = [one.name for one in backups if one.database == name and one.is_proven]
        return way_left(why, known[0] if known else "")
