"""Every release is kept with what it is made of."""

from pathlib import Path

from alembic import op

revision = "r0007"
down_revision = "r0006"


def upgrade() -> None:
    """Add the table of bills of materials."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().connection.cursor().execute(statements)
