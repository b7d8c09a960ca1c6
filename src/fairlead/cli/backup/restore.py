"""How does a backup become a database again, and what would be lost by that?"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import terminal
from fairlead.cli.backup import asked
from fairlead.cli.backup.progress import shown
from fairlead.cli.database.asked import Json

if TYPE_CHECKING:
    from fairlead.migrations.backup import Manifest
    from fairlead.migrations.loss import Loss
    from fairlead.providers.databases.backups.keep import Keep

INTO = "FAIRLEAD_RESTORE_URL"
_SHOWN = 20

Into = Annotated[
    str,
    typer.Option(
        "--into",
        envvar=INTO,
        show_envvar=False,
        help=f"Address of the empty database [{INTO}].",
        show_default=False,
    ),
]
Compare = Annotated[
    str,
    typer.Option(
        "--compare",
        help="Address of the database as it is now: tells the rows that would be lost.",
        show_default=False,
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")]


def restore(  # noqa: PLR0913 - each is an option of the command
    name: asked.Name = "",
    *,
    into: Into = "",
    compare: Compare = "",
    folder: asked.Folder = asked.FOLDER,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Restore a backup into an empty database, in one transaction, and compare all of it."""
    from fairlead.clock import utc_now
    from fairlead.errors import Refused
    from fairlead.providers.databases.address import read
    from fairlead.providers.databases.backups import proving

    if not into:
        raise Refused(f"no database to restore into was named: add --into, or set {INTO}")
    terminal.need_somebody("backup restore", yes=yes)
    where = asked.keep(folder)
    manifest = asked.one(where, name)
    target = read(into).shown
    proving.refuse_unless_ready(manifest, where, into)
    if compare:
        _tell_losses(manifest, where, compare, as_json=as_json)
    question = f"restore backup {manifest.name} of {manifest.database} into {target}?"
    terminal.confirm(question, yes=yes)
    undone = f"look whether {target} is empty; until the last moment nothing was committed"
    with asked.interruptible(undone), shown() as bar:
        judged = proving.restore(manifest, where, into, utc_now(), bar)
    opening = f"backup {manifest.name} is restored into {target}; new roles have no password yet"
    asked.tell(where.find(manifest.name), judged, as_json=as_json, opening=opening)


def _tell_losses(manifest: "Manifest", where: "Keep", url: str, *, as_json: bool) -> None:
    from fairlead.migrations.loss import total
    from fairlead.providers.databases.backups.proving import lost

    with shown() as bar:
        found = lost(manifest, where, url, bar)
    if as_json:
        terminal.tell_json_line({"rows_lost": [_as_data(one) for one in found]})
        return
    terminal.say(total(found))
    for one in found[:_SHOWN]:
        terminal.say(f"  {one.told}")
    if len(found) > _SHOWN:
        terminal.say(f"  and {len(found) - _SHOWN} tables more")


def _as_data(one: "Loss") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(one)
