"""Can a backup be relied on?"""

from fairlead.cli.backup import asked
from fairlead.cli.backup.progress import shown
from fairlead.cli.database.asked import Json


def verify(
    name: asked.Name = "",
    folder: asked.Folder = asked.FOLDER,
    room: asked.Room = None,
    as_json: Json = False,
) -> None:
    """Restore a backup on a scratch server and compare all of it; status 1 when it differs."""
    from fairlead.clock import utc_now
    from fairlead.providers.databases.backups.proving import prove

    where = asked.keep(folder)
    manifest = asked.one(where, name)
    with asked.interruptible("nothing was found out"), shown() as bar:
        judged = prove(manifest, where, utc_now(), bar, room)
    opening = f"backup {manifest.name} of {manifest.database}, taken {manifest.taken_at:%F %T} UTC"
    asked.tell(where.find(manifest.name), judged, as_json=as_json, opening=opening)
