"""How did our own tables come to be? Alembic revisions, run by the owner of the database."""

from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config

# Alembic keeps what it works on in a global of the process; between processes PostgreSQL locks.
_one_thread = Lock()


def upgrade(url: str) -> None:
    """Bring the schema to the newest revision; nothing happens when it is there already."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = url
    with _one_thread:
        command.upgrade(config, "head")
