"""Which backups may go? Never one that somebody may need, and never the only proven one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairlead.migrations.backup import Manifest


@dataclass(frozen=True, slots=True)
class Retention:
    """What stays of every database: the `newest` backups, and all that are younger than `days`."""

    newest: int = 10
    days: float = 30.0


def superfluous(
    backups: Iterable[Manifest], retention: Retention, now: datetime
) -> tuple[Manifest, ...]:
    """Return the backups that may be removed, the oldest first.

    The newest proven backup of a database stays whatever its age and place.
    """
    by_database: defaultdict[str, list[Manifest]] = defaultdict(list)
    for backup in backups:
        by_database[backup.database].append(backup)
    young = now - timedelta(days=retention.days)
    found: list[Manifest] = []
    for kept in by_database.values():
        kept.sort(key=lambda backup: (backup.taken_at, backup.name), reverse=True)
        proven = next((backup for backup in kept if backup.is_proven), None)
        found += [
            backup
            for backup in kept[max(retention.newest, 1) :]
            if backup.taken_at < young and backup is not proven
        ]
    return tuple(sorted(found, key=lambda backup: (backup.taken_at, backup.name)))
