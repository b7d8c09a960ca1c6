"""How does one come by a key for backups?"""

import os
from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli import terminal
from fairlead.cli.backup.asked import KEY_FILE
from fairlead.errors import Refused

File = Annotated[Path, typer.Argument(help="File to write it to; it must not exist.")]


def key(file: File) -> None:
    """Make a key that encrypts backups, in a file that you alone can read."""
    from fairlead.providers.databases.backups.sealing import new_key

    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}: name a new file") from error
    with os.fdopen(number, "w") as out:
        out.write(new_key())
    terminal.say(
        f"the key is in {file}: set {KEY_FILE} to it, and keep a copy elsewhere; without it an "
        "encrypted backup is lost"
    )
