"""What do users and applications tell us? Measurements at four grains, errors, and who is told."""

from pathlib import Path

from alembic import op

revision = "r0006"
down_revision = "r0005"


def upgrade() -> None:
    """Add the tables of monitoring."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().connection.cursor().execute(statements)
