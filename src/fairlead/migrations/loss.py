"""What would be lost by going back to a backup? Rows that are there now and were not then."""

from collections.abc import Sequence
from dataclasses import dataclass

from fairlead.migrations.contents import Contents, Table


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows of one table that the backup does not have, as they are now.

    Counts give `at_least`; a changed row has no trace in them, so `at_most` is all rows. `about`
    is what the server's statistics say was written since, None when they were reset.
    """

    table: str
    at_least: int
    at_most: int
    about: int | None

    @property
    def told(self) -> str:
        """Return it in a few words."""
        if self.at_least == self.at_most:
            return f"{self.table}: {self.at_least:,}"
        about = "" if self.about is None else f", about {self.about:,}"
        return f"{self.table}: {self.at_least:,} to {self.at_most:,}{about}"


def losses(then: Contents, now: Contents) -> tuple[Loss, ...]:
    """Return what each table would lose, the most first; tables that lose nothing are left out."""
    found = [
        loss
        for name, table in now.tables.items()
        if (loss := _loss(name, then.tables.get(name), table)).at_most
    ]
    return tuple(sorted(found, key=lambda loss: (-(loss.about or loss.at_least), loss.table)))


def total(found: Sequence[Loss]) -> str:
    """Return how many rows all tables together would lose, in a sentence."""
    if not found:
        return "no row would be lost: everything that is there now is in the backup"
    least, most = sum(one.at_least for one in found), sum(one.at_most for one in found)
    told = [one.about for one in found if one.about is not None]
    about = f", by the server's statistics about {sum(told):,}" if len(told) == len(found) else ""
    return f"rows that would be lost: {least:,} to {most:,}{about}"


def _loss(name: str, then: Table | None, now: Table) -> Loss:
    rows = now.rows or 0
    if now.rows is None:
        # Nobody could count them: whatever was written since may be lost.
        return Loss(name, 0, max(now.written or 0, 1), None)
    if then is None or then.rows == 0:
        return Loss(name, rows, rows, rows)
    if (then.rows, then.checksum) == (now.rows, now.checksum):
        return Loss(name, 0, 0, 0)
    least = max(0, rows - (then.rows or 0)) if then.rows is not None else 0
    return Loss(name, least, rows, _about(then, now, least, rows))


def _about(then: Table, now: Table, least: int, most: int) -> int | None:
    if then.written is None or now.written is None or now.written < then.written:
        return None
    return min(most, max(least, now.written - then.written))
