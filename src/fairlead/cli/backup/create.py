"""How is a backup taken by hand?"""

from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import terminal
from fairlead.cli.backup import asked
from fairlead.cli.backup.progress import shown
from fairlead.cli.database.asked import Json, Url, address

if TYPE_CHECKING:
    from fairlead.migrations.backup import Doubt, Proof

Unproven = Annotated[bool, typer.Option("--unproven", help="Do not restore and compare it.")]
Newest = Annotated[int, typer.Option("--newest", min=1, help="Keep at least that many.")]
Days = Annotated[float, typer.Option("--days", min=0, help="Keep all that are younger.")]


def create(  # noqa: PLR0913 - each is an option of the command
    *,
    url: Url = "",
    folder: asked.Folder = asked.FOLDER,
    room: asked.Room = None,
    unproven: Unproven = False,
    newest: Newest = 10,
    days: Days = 30.0,
    as_json: Json = False,
) -> None:
    """Take a backup, restore it on a scratch server and compare it; nobody waits for it.

    Of each database the newest ones and the younger ones stay, and always the newest proven one.
    """
    from fairlead.clock import utc_now
    from fairlead.migrations.contents import tables_with_rows
    from fairlead.migrations.preflight.words import size
    from fairlead.migrations.retention import Retention
    from fairlead.providers.databases.backups import proving, taking
    from fairlead.providers.databases.backups.retiring import retire

    where = asked.keep(folder)
    source = address(url)
    judged: Proof | Doubt | None = None
    with asked.interruptible("what was not complete is gone"), shown() as bar:
        manifest = taking.create(source, where, utc_now(), bar)
        if not unproven:
            judged = proving.prove(manifest, where, utc_now(), bar, room)
    kept = where.find(manifest.name)
    for old in retire(where, kept, Retention(newest, days)):
        terminal.warn(f"backup {old} is removed: it is old, and newer ones are there")
    asked.tell(
        kept,
        judged,
        as_json=as_json,
        opening=(
            f"backup {kept.name} of {kept.database} is taken: "
            f"{tables_with_rows(kept.tables, kept.rows)}, {size(kept.size)} in {kept.seconds:g} s"
            f"{', encrypted' if kept.encrypted else ''}"
        ),
    )
