"""What takes something away from an app's database waits, and goes as a run of its own."""

from pathlib import Path

from alembic import op

revision = "r0005"
down_revision = "r0004"


def upgrade() -> None:
    """Add the kind of run, and what an environment's database waits for."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().connection.cursor().execute(statements)
