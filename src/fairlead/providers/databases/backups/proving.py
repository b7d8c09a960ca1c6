"""Can a backup be relied on? It is restored, and compared with what was there, as a whole."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from fairlead import __version__
from fairlead.errors import Permanent, Refused
from fairlead.migrations.backup import Doubt, Manifest, Progress, Proof, Tell
from fairlead.migrations.loss import Loss, losses
from fairlead.providers.databases.address import read
from fairlead.providers.databases.backups import measuring
from fairlead.providers.databases.backups.keep import Keep
from fairlead.providers.databases.backups.restoring import Restoring, refuse_unless_fit
from fairlead.providers.databases.backups.taking import APPLICATION
from fairlead.providers.databases.cluster import nearest
from fairlead.providers.databases.scratch import scratch
from fairlead.providers.databases.session import session

_ELSEWHERE = (
    "restore it into an empty database on a server that has it (`fairlead backup restore NAME "
    "--into URL`), which proves it too"
)


def prove(
    manifest: Manifest, keep: Keep, now: datetime, tell: Tell, room: Path | None = None
) -> Proof | Doubt:
    """Restore a backup on a scratch server and compare it; a proof is written into its manifest.

    `room` is the folder where the server may take room, about as much as the database takes.

    Errors: `Refused` when there is no key for it, `Temporary` when the scratch server goes away.
    """
    if problems := keep.check(manifest):
        found = Doubt(problems)
        _record(Restoring(keep, manifest, "", tell), found, must=False)
        return found
    kept = Restoring(keep, manifest, "", tell).kept()
    with scratch(room, nearest(manifest.server), superuser=kept.superuser) as server:
        work = Restoring(keep, manifest, server.database("restored", kept.encoding), tell)
        if lacking := work.lacking():
            return Doubt(tuple(f"{sentence}: {_ELSEWHERE}" for sentence in lacking))
        where = f"a scratch server, PostgreSQL {server.major}"
        try:
            work.pour(all_roles=True)
        except Permanent as error:
            return Doubt((f"it cannot be restored: {error}",))
        judged = _judged(work, where, now)
        _record(work, judged, must=isinstance(judged, Proof))
        return judged


def refuse_unless_ready(manifest: Manifest, keep: Keep, url: str) -> None:
    """Refuse to restore what was changed, or into a database that is not empty, older or other."""
    if problems := keep.check(manifest):
        raise Refused(f"backup {manifest.name} is damaged: restore another one", problems)
    refuse_unless_fit(Restoring(keep, manifest, url, _nobody))


def restore(manifest: Manifest, keep: Keep, url: str, now: datetime, tell: Tell) -> Proof | Doubt:
    """Restore a backup into the empty database at `url`, and compare it; that proves it too.

    Roles that the server has stay as they are, the others are made without a password.

    Errors: `Refused` as `refuse_unless_ready`; `Permanent` when it cannot be restored, and then
    the database is empty as before.
    """
    refuse_unless_ready(manifest, keep, url)
    work = Restoring(keep, manifest, url, tell)
    work.pour(all_roles=False)
    judged = _judged(work, read(url).shown, now)
    # The database is there, also where the folder can only be read.
    _record(work, judged, must=False)
    return judged


def lost(manifest: Manifest, keep: Keep, url: str, tell: Tell) -> tuple[Loss, ...]:
    """Return which rows of the database at `url` going back to a backup would lose.

    Every row of it is read. It is as the database is at this moment, and others go on writing.

    Errors: `Refused` when there is no key for the backup or a table may not be read.
    """
    kept = Restoring(keep, manifest, url, tell).kept()

    def counted(done: int, of: int) -> None:
        tell(Progress("counting what is there now", tables=done, of=of))

    with session(url, APPLICATION) as open_one:
        return losses(kept, measuring.look(open_one, counted))


def _judged(work: Restoring, where: str, now: datetime) -> Proof | Doubt:
    if found := work.compare():
        return Doubt(found)
    compared = f"{work.kept().told}, the schema and the roles"
    return Proof(now, where, compared, __version__, work.manifest.digest)


def _record(work: Restoring, judged: Proof | Doubt, *, must: bool) -> None:
    """Write a proof into the manifest; a doubt takes an older proof away."""
    proof = judged if isinstance(judged, Proof) else None
    if proof == work.manifest.proof:
        return
    try:
        work.keep.replace(replace(work.manifest, proof=proof))
    except (Refused, Permanent):
        if must:
            raise


def _nobody(_: Progress) -> None:
    """Tell nobody how far it is."""
