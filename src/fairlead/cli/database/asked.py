"""Which database and which folder of migrations are meant?"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.migrations.file import MigrationFile
    from fairlead.providers.databases.migrations import PostgresMigrations

DATABASE_URL = "FAIRLEAD_APP_DATABASE_URL"
FOLDER = Path("supabase/migrations")

Url = Annotated[
    str,
    typer.Option("--url", help=f"Address of the database [{DATABASE_URL}].", show_default=False),
]
UrlFile = Annotated[
    Path | None,
    typer.Option("--url-file", help="File that holds the address.", show_default=False),
]
Report = Annotated[
    Path | None,
    typer.Option("--report", help="Also write what came of it there, as JSON.", show_default=False),
]
Folder = Annotated[Path, typer.Option("--folder", help="Folder of the migration files.")]
Json = Annotated[bool, typer.Option("--json", help="Tell it as JSON.")]


def database(url: str) -> "PostgresMigrations":
    """Return the database that is meant; the address may hold a password and is not told."""
    from fairlead.providers.databases.migrations import PostgresMigrations

    return PostgresMigrations(address(url))


def address(url: str, file: Path | None = None) -> str:
    """Return the address that was given, by option, file or variable; it may hold a password."""
    if file and not url:
        try:
            return file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{file} cannot be read: {error}: name a file with --url-file") from error
    if not (given := url or os.environ.get(DATABASE_URL, "")):
        raise Refused(f"no database was named: add --url, or set {DATABASE_URL}")
    return given


def is_named(url: str) -> bool:
    """Tell whether a database was named, by option or variable."""
    return bool(url or os.environ.get(DATABASE_URL))


def migrations(folder: Path) -> "tuple[MigrationFile, ...]":
    """Return the migrations in a folder, oldest first."""
    from fairlead.migrations.file import read_all

    try:
        files = {
            path.name: path.read_bytes()
            for path in folder.iterdir()
            if path.suffix == ".sql" and path.is_file()
        }
    except OSError as error:
        raise Refused(
            f"the folder {folder} cannot be read: {error.strerror}: name it with --folder"
        ) from error
    return read_all(files)
