"""What lets a person send a canary on? One more kind of intention, bound to a weight."""

from pathlib import Path

from alembic import op

revision = "r0003"
down_revision = "r0002"


def upgrade() -> None:
    """Add what a promotion by a person is bound to; intentions written before keep theirs."""
    statements = Path(__file__).with_suffix(".sql").read_text("utf-8")
    op.get_bind().connection.cursor().execute(statements)
