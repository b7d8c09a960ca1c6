"""Measurements are rolled up to tens of minutes and quarters of a day as well."""

from pathlib import Path

from alembic import op

revision = "r0008"
down_revision = "r0007"


def upgrade() -> None:
    """Allow the new grains, and let what has none of them yet be rolled up anew."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().connection.cursor().execute(statements)
