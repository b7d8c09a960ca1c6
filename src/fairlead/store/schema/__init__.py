"""How did our own tables come to be? Alembic revisions, run by the owner of the database."""

from pathlib import Path
from threading import Lock

import psycopg

# Alembic keeps what it works on in a global of the process; between processes PostgreSQL locks.
_one_thread = Lock()
_HERE = Path(__file__).parent


def upgrade(url: str) -> None:
    """Bring the schema to the newest revision; nothing happens when it is there already."""
    if _is_current(url):
        return
    # Alembic and what it brings take a third of a second to import; most starts do not need them.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["url"] = url
    with _one_thread:
        command.upgrade(config, "head")


def _is_current(url: str) -> bool:
    """Tell whether the newest revision, the last by its file's name, is the one in force."""
    newest = max(file.stem for file in (_HERE / "versions").glob("r*.py")).split("_")[0]
    with psycopg.connect(url, connect_timeout=10) as connection:
        found = connection.execute("SELECT to_regclass('fairlead.alembic_version')").fetchone()
        if found == (None,):
            return False
        row = connection.execute("SELECT version_num FROM fairlead.alembic_version").fetchone()
        return row == (newest,)
