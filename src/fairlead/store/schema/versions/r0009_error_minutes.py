"""Errors are counted by the minute, so that of a fault that happens all the time few are kept."""

from pathlib import Path

from alembic import op

revision = "r0009"
down_revision = "r0008"


def upgrade() -> None:
    """Add the counts, with those of the events that are there."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().connection.cursor().execute(statements)
