"""How does a database change with a proven way back? Look, rehearse, back up, apply, compare."""

import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from fairlead.errors import Refused
from fairlead.migrations.backup import Doubt, Manifest, Progress
from fairlead.migrations.file import MigrationFile
from fairlead.migrations.ledger import Promise
from fairlead.migrations.order import going, held_up, plan, unhindered
from fairlead.migrations.preflight import judge as preflight
from fairlead.migrations.rehearsal.rehearsal import Rehearsal
from fairlead.migrations.rehearsal.verdict import Judged, Verdict, judge
from fairlead.migrations.retention import Retention
from fairlead.providers.databases.address import read
from fairlead.providers.databases.backups import proving, taking
from fairlead.providers.databases.backups.keep import Keep
from fairlead.providers.databases.backups.retiring import retire
from fairlead.providers.databases.migrations import Outcome, PostgresMigrations, Terms
from fairlead.providers.databases.one_runner import Tell
from fairlead.providers.databases.preflight import look
from fairlead.providers.databases.rehearsing import rehearse
from fairlead.providers.databases.schemas import schema

# What is in the way may pass.
LOOK_AGAIN_S = 1.0

_OTHER_SHAPE = (
    "the database has another shape than the rehearsal of its last change came to: look for who "
    "else changes it, with `fairlead db preflight`; to take it as it is, say --take-shape to "
    "`fairlead db migrate`"
)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Care:
    """What is done before anything is applied.

    The backup goes to `keep`; None takes none. `release` says that all that expands has to go:
    a release is about to need it. `room` is where scratch servers may take room. `takes_shape` says
    that a person has looked at a shape that no rehearsal came to, and takes it.
    """

    keep: Keep | None
    rehearses: bool = True
    release: bool = False
    room: Path | None = None
    takes_shape: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of it, and what was found out before."""

    outcome: Outcome = field(default_factory=Outcome)
    verdict: Verdict | None = None
    rehearsal: Rehearsal | None = None
    backup: Manifest | None = None


class Changing:
    """Changes one database; `tell` gets a sentence for every step, `clock` says what time it is."""

    def __init__(self, url: str, clock: Clock, tell: Tell) -> None:
        """Take the address; nothing is asked yet."""
        self._url, self._clock, self._tell = url, clock, tell

    def change(self, files: Sequence[MigrationFile], terms: Terms, care: Care) -> Changed:
        """Apply what may go of `files`, after all that `care` asks for.

        Errors: `Refused` when anything speaks against it, and then nothing was applied; `Temporary`
        when the database goes away.
        """
        known = PostgresMigrations(self._url).ledger()
        self._keep_promise(known.due, care)
        planned = unhindered(plan(files, known))
        todo = planned.pending
        goes = going(todo, known, contract=terms.contract)
        waiting = tuple(each.file.path for each in todo[len(goes) :])
        if care.release and (sentence := held_up(todo[len(goes) :])):
            raise Refused(f"nothing was applied: {sentence}")
        if not goes:
            for sentence in planned.unknown:
                self._tell(sentence)
            return Changed(Outcome(waiting=waiting))
        left = set(waiting)
        now = [file for file in files if file.path not in left]
        self.wait_for_a_clear_way(now, terms.patience.retry_for_s)
        before = Changed()
        if care.rehearses:
            before = self._rehearsed(now, terms, care)
        if care.keep is not None:
            before = replace(before, backup=self.backed_up(care.keep, care.room))
        versions = known.applied.keys() | {each.file.version for each in goes}
        terms = promising(terms, versions, before.rehearsal)
        outcome = PostgresMigrations(self._url).migrate(now, terms, self._tell)
        outcome = replace(outcome, waiting=(*outcome.waiting, *waiting))
        return replace(before, outcome=self.compared(outcome, before.rehearsal))

    def _keep_promise(self, due: str, care: Care) -> None:
        """Compare what an earlier run has changed, when it was killed before or found another."""
        if not due:
            return
        if not care.takes_shape and schema(self._url).fingerprint != due:
            raise Refused(f"nothing was changed: {_OTHER_SHAPE}")
        PostgresMigrations(self._url).settle(due)
        told = "is taken as it is" if care.takes_shape else "has the shape that was rehearsed"
        self._tell(f"after its last change the database {told}")

    def wait_for_a_clear_way(self, files: Sequence[MigrationFile], patience_s: float) -> None:
        """Wait until nothing is in the way. Errors: `Refused` with what still is."""
        deadline = time.monotonic() + patience_s
        while found := preflight.in_the_way(preflight.findings(look(read(self._url), (), files))):
            if time.monotonic() + LOOK_AGAIN_S < deadline:
                time.sleep(LOOK_AGAIN_S)
                continue
            reasons = tuple(f"{one.place}: {one.sentence}; {one.remedy}" for one in found)
            raise Refused("nothing was changed: something is in the way", reasons)

    def _rehearsed(self, files: Sequence[MigrationFile], terms: Terms, care: Care) -> Changed:
        rehearsal = rehearse(self._url, files, care.room, self._tell)
        verdict = judge(rehearsal, terms.patience.budget_s)
        if verdict.judged is not Judged.WITHIN:
            raise Refused(
                f"nothing was applied: the rehearsal says {verdict.judged}: {verdict.because}; "
                "mend the migration, raise the budget, or apply it by hand with --not-rehearsed"
            )
        self._tell(f"rehearsed in {rehearsal.seconds:.0f} s: {verdict.because}")
        return Changed(verdict=verdict, rehearsal=rehearsal)

    def backed_up(self, keep: Keep, room: Path | None) -> Manifest:
        """Take a backup and prove it. Errors: `Refused` when it is not proven."""
        manifest = taking.create(self._url, keep, self._clock(), _nobody)
        judged = proving.prove(manifest, keep, self._clock(), _nobody, room)
        if isinstance(judged, Doubt):
            raise Refused(
                f"nothing was changed: backup {manifest.name} is not proven", judged.reasons
            )
        self._tell(f"backup {manifest.name} is proven: {judged.compared} are the same")
        retire(keep, keep.find(manifest.name), Retention())
        return manifest

    def compared(self, outcome: Outcome, rehearsal: Rehearsal | None) -> Outcome:
        """Compare what the database has become with what the rehearsal came to."""
        if outcome.failed or rehearsal is None:
            return outcome
        if rehearsal.major != rehearsal.target_major:
            self._tell(f"its shape was not compared: it was rehearsed on {rehearsal.major}")
            return outcome
        if schema(self._url).fingerprint != rehearsal.fingerprint:
            return replace(outcome, failed=f"everything was done, but {_OTHER_SHAPE}")
        PostgresMigrations(self._url).settle(rehearsal.fingerprint)
        self._tell("the database has the shape that was rehearsed")
        return outcome


def promising(terms: Terms, versions: Set[str], rehearsal: Rehearsal | None) -> Terms:
    """Return the terms with the shape that the database has to have with these versions.

    Another major version writes the same shape differently, so nothing is promised there.
    """
    if rehearsal is None or rehearsal.major != rehearsal.target_major:
        return terms
    return replace(terms, promise=Promise(frozenset(versions), rehearsal.fingerprint))


def _nobody(_: Progress) -> None:
    """Tell nobody how far it is."""
