"""How does a database get from the migrations that it has to those in a folder?"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from fairlead.migrations.cost import Cost
from fairlead.migrations.file import MigrationFile
from fairlead.migrations.ledger import Ledger, Promise
from fairlead.migrations.order import Pending, going, plan, unhindered
from fairlead.migrations.patience import Patience
from fairlead.migrations.undo import undo
from fairlead.providers.databases import ledger, promises
from fairlead.providers.databases.applying import Applying, Finish
from fairlead.providers.databases.failure import Failed
from fairlead.providers.databases.one_runner import Tell, one_runner
from fairlead.providers.databases.session import Session, session
from fairlead.providers.databases.trying import Trying
from fairlead.providers.databases.watchdog import watchdog


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a database is migrated: `contract` when nobody needs the old shape.

    `promise` is the shape that it comes to, kept until `settle`.
    """

    wait_s: float = 0.0
    contract: bool = False
    patience: Patience = field(default_factory=Patience)
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: file names. `failed` is a sentence, empty when nothing did.

    `costs` is what each file that was applied or tried has cost.
    """

    applied: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    failed: str = ""
    costs: Mapping[str, Cost] = field(default_factory=dict)


class PostgresMigrations:
    """The migrations of one PostgreSQL, 15 or newer."""

    def __init__(self, url: str) -> None:
        """Take the address; nothing is asked yet."""
        self._url = url

    def ledger(self) -> Ledger:
        """Return what the database remembers; nothing is changed, and nobody waits.

        Errors: `Refused` for an address that is none, `Temporary` when nobody answers there.
        """
        with session(self._url, "fairlead db") as open_one:
            open_one.execute("SET default_transaction_read_only = on")
            open_one.execute("SET default_transaction_isolation = 'repeatable read'")
            with open_one.transaction():
                return ledger.read(open_one)

    def major(self) -> int:
        """Return the PostgreSQL version, as in 17. Errors: those of `ledger`."""
        with session(self._url, "fairlead db") as open_one:
            return open_one.info.server_version // 10000

    def settle(self, fingerprint: str) -> None:
        """Forget that the shape of this fingerprint was promised. Errors: those of `ledger`."""
        with session(self._url, "fairlead db") as open_one:
            promises.settle(open_one, fingerprint)

    def migrate(self, files: Sequence[MigrationFile], terms: Terms, tell: Tell) -> Outcome:
        """Apply what is pending of `files`, oldest first; doing it twice equals once.

        It stops before a file that contracts, unless the terms allow it, and at the first that
        fails.

        Errors: `Refused` when something stands in the way, and then nothing was done, also when
        nobody would see who waits for it; `Temporary`
        when the connection is lost: the next run goes on exactly there.
        """
        with (
            session(self._url, "fairlead db migrate") as open_one,
            one_runner(open_one, terms.wait_s, tell),
        ):
            ledger.refuse_our_own(open_one)
            known = ledger.read(open_one)
            todo = unhindered(plan(files, known))
            for sentence in todo.unknown:
                tell(sentence)
            if not todo.pending:
                return Outcome()
            goes = going(todo.pending, known, contract=terms.contract)
            waiting = tuple(each.file.path for each in todo.pending)
            with self._applying(open_one, terms, tell, ledger.finish) as apply:
                return _applied(apply, (goes, waiting), known, tell)

    def take_back(
        self, files: Sequence[MigrationFile], versions: Collection[str], terms: Terms, tell: Tell
    ) -> Outcome:
        """Take back those of `versions` that are applied, newest first, by their down files.

        Each file and its rows in the ledger go together; doing it twice equals once.

        Errors: those of `migrate`.
        """
        with (
            session(self._url, "fairlead db rollback") as open_one,
            one_runner(open_one, terms.wait_s, tell),
        ):
            ledger.refuse_our_own(open_one)
            known = ledger.read(open_one)
            goes = undo(files, known, versions).refused_unless_clear().pending
            if not goes:
                return Outcome()
            waiting = tuple(each.file.path for each in goes)
            with self._applying(open_one, terms, tell, ledger.take_back) as apply:
                return _applied(apply, (goes, waiting), known, tell)

    @contextmanager
    def _applying(
        self, open_one: Session, terms: Terms, tell: Tell, finish: Finish
    ) -> Iterator[Applying]:
        with watchdog(self._url, open_one, terms.patience.budget_s) as dog:
            ledger.prepare(open_one)
            if terms.promise is not None:
                promises.make(open_one, terms.promise)
            trying = Trying(open_one, dog, terms.patience, tell)
            yield Applying(open_one, trying, tell, finish)


def _applied(
    applying: Applying,
    todo: tuple[Sequence[Pending], tuple[str, ...]],
    known: Ledger,
    tell: Tell,
) -> Outcome:
    goes, waiting = todo
    outcome = Outcome(waiting=waiting)
    for pending in goes:
        path = pending.file.path
        try:
            cost = applying.apply(pending, known.begun(pending.file.version))
        except Failed as error:
            return replace(outcome, failed=str(error), costs={**outcome.costs, path: error.cost})
        tell(f"{path} applied: {cost.sentence}")
        outcome = Outcome(
            applied=(*outcome.applied, path),
            waiting=outcome.waiting[1:],
            costs={**outcome.costs, path: cost},
        )
    return outcome
