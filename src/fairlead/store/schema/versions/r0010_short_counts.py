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
    """Write every sketch anew."""
    connection = op.get_bind().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    for table in ("rollups", "told_series"):
        with connection.cursor(name="sketches") as read, connection.cursor() as write:
            of = sql.Identifier("fairlead", table)
            read.execute(sql.SQL("SELECT ctid::text, sketch FROM {}").format(of))
            statement = sql.SQL("UPDATE {} SET sketch = %s WHERE ctid = %s::tid").format(of)
            while rows := read.fetchmany(_MANY):
                write.executemany(statement, [_anew(row) for row in rows])


def _anew(row: tuple[Any, ...]) -> tuple[bytes, str]:
    """Return a row's sketch as it is stored from now on, and where the row is.

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
    return bytes([width | 0x80 * is_whole]) + told.tobytes() + short.tobytes(), place
