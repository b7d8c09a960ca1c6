"""Which backups are meant, with which key, and what came of looking at one?"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import terminal
from fairlead.cli.exits import Exit
from fairlead.errors import NotFound, Refused

if TYPE_CHECKING:
    from fairlead.migrations.backup import Doubt, Manifest, Proof
    from fairlead.providers.databases.backups.keep import Keep

KEY = "FAIRLEAD_BACKUP_KEY"
KEY_FILE = "FAIRLEAD_BACKUP_KEY_FILE"
FOLDER = Path(".fairlead/backups")

Folder = Annotated[Path, typer.Option("--keep", help="Folder of the backups.")]
Name = Annotated[
    str, typer.Argument(help="Name of a backup; without it the newest.", show_default=False)
]
Room = Annotated[
    Path | None,
    typer.Option(
        "--room",
        help="Folder where the scratch server may take room [that for temporary files].",
        show_default=False,
    ),
]


def keep(folder: Path) -> "Keep":
    """Return the folder of backups, with the key that a variable holds or names."""
    from fairlead.providers.databases.backups.keep import Keep
    from fairlead.providers.databases.backups.sealing import read_key

    given = os.environ.get(KEY, "")
    if file := os.environ.get(KEY_FILE, ""):
        try:
            given = Path(file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{KEY_FILE} names a file that cannot be read: {error}") from error
    return Keep(folder, read_key(given) if given else None)


def one(where: "Keep", name: str) -> "Manifest":
    """Return the backup of that name, the newest when there is none."""
    if name:
        return where.find(name)
    found = where.listed().backups
    if not found:
        raise NotFound(f"there is no backup in {where.folder}: `fairlead backup create` takes one")
    return found[0]


def as_data(manifest: "Manifest") -> dict[str, Any]:
    """Return what is known of a backup as plain data; sizes in bytes."""
    proof = manifest.proof if manifest.is_proven else None
    return {
        "name": manifest.name,
        "taken_at": manifest.taken_at.isoformat(),
        "seconds": manifest.seconds,
        "database": manifest.database,
        "server": manifest.server,
        "tables": manifest.tables,
        "rows": manifest.rows,
        "bytes": manifest.size,
        "encrypted": manifest.encrypted,
        "fingerprint": manifest.fingerprint,
        "proven": proof is not None,
        "proven_at": proof.at.isoformat() if proof else None,
        "proven_on": proof.where if proof else None,
        "compared": proof.compared if proof else None,
    }


@contextmanager
def interruptible(sentence: str) -> Iterator[None]:
    """Say the sentence when somebody interrupts the block, and end with the status for that.

    To be asked to end is the same: a scratch server with people's data must not stay behind.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt as error:
        terminal.warn(f"interrupted: {sentence}")
        raise typer.Exit(Exit.INTERRUPTED) from error
    finally:
        signal.signal(signal.SIGTERM, before)


def tell(
    manifest: "Manifest", judged: "Proof | Doubt | None", *, as_json: bool, opening: str
) -> None:
    """Tell a backup and what came of proving it; a doubt ends the command with status 1."""
    from fairlead.migrations.backup import Doubt

    doubts = judged.reasons if isinstance(judged, Doubt) else ()
    if as_json:
        terminal.tell_json(as_data(manifest) | {"doubts": [*doubts]})
    else:
        terminal.say(opening)
        if judged is not None and not doubts:
            assert manifest.proof is not None
            terminal.say(
                f"proven on {manifest.proof.where}: {manifest.proof.compared} are the same"
            )
    if doubts:
        terminal.warn(f"backup {manifest.name} is not proven:")
        for reason in doubts:
            terminal.warn(f"  {reason}")
        raise typer.Exit(Exit.RUN_FAILED)
