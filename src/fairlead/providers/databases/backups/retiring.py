"""Which older backups go when there is a new one?"""

from fairlead.migrations.backup import Manifest
from fairlead.migrations.retention import Retention, superfluous
from fairlead.providers.databases.backups.keep import Keep


def retire(keep: Keep, fresh: Manifest, retention: Retention) -> tuple[str, ...]:
    """Remove what the retention lets go of the same database; return the names."""
    of_it = [one for one in keep.listed().backups if one.database == fresh.database]
    gone = superfluous(of_it, retention, fresh.taken_at)
    for old in gone:
        keep.remove(old)
    return tuple(old.name for old in gone)
