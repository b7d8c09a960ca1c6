"""Counts of answer times take as few bytes as they need: most rows become a third as long."""

from array import array
from typing import Any

import psycopg
from alembic import op
from psycopg import sql

revision = "r0010"
down_revision = "r0009"

_COUNTS = {1: "B", 2: "H", 4: "I", 8: "Q"}
_MANY = 2_000


def upgrade() -> None:
    """Write every sketch anew: a server that waits for it is not ready."""
    connection = op.get_bind().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    for table in ("rollups", "told_series"):
        of = sql.Identifier("fairlead", table)
        connection.execute("CREATE TEMP TABLE anew (id tid, sketch bytea) ON COMMIT DROP")
        with connection.cursor(name="sketches") as read, connection.cursor() as write:
            read.execute(sql.SQL("SELECT ctid::text, sketch FROM {}").format(of))
            while rows := read.fetchmany(_MANY):
                with write.copy("COPY anew FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(_anew(row))
        write_anew = "UPDATE {} AS old SET sketch = anew.sketch FROM anew WHERE old.ctid = anew.id"
        connection.execute(sql.SQL(write_anew).format(of))
        connection.execute("DROP TABLE anew")


def _anew(row: tuple[Any, ...]) -> tuple[str, bytes]:
    """Return where a row is, and its sketch as it is stored from now on.

    It was the numbers of buckets as 16 bits, then their counts as 64 bits. Now a byte tells how
    many bytes a count has, with a bit beside where no bucket is left out: then of the numbers the
    first one alone is there.
    """
    place, stored = row
    end = len(stored) // 10 * 2
    numbers, counts = array("h", stored[:end]), array("Q", stored[end:])
    is_whole = bool(numbers) and numbers[-1] - numbers[0] < len(numbers)
    width = next(width for width in _COUNTS if max(counts, default=0) < 1 << 8 * width)
    told = array("h", numbers[:1]) if is_whole else numbers
    short = array(_COUNTS[width], counts)
    return place, bytes([width | 0x80 * is_whole]) + told.tobytes() + short.tobytes()
