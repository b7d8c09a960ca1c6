"""Which tables does the main job need?"""

from pathlib import Path

from alembic import op

revision = "r0001"
down_revision = None


def upgrade() -> None:
    """Create every table of the first version; SQL is SQL, so the driver runs the file as it is."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().connection.cursor().execute(statements)
