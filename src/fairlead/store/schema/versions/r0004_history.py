"""What does the live release usually do? One row a minute, kept for two days."""

from pathlib import Path

from alembic import op

revision = "r0004"
down_revision = "r0003"


def upgrade() -> None:
    """Add the minutes that are sampled while the server runs."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().connection.cursor().execute(statements)
