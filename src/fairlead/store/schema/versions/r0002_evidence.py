"""What does the judge keep? Histograms of answer times, and its evidence with the takeover."""

from pathlib import Path

from alembic import op

revision = "r0002"
down_revision = "r0001"


def upgrade() -> None:
    """Add what a judge by evidence needs; rows written before keep no histogram."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().connection.cursor().execute(statements)
