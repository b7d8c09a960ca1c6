"""By which command does an app's database change? By `fairlead db`, as a person would do it."""

import sys
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import NotFound
from fairlead.migrations.ports import Place, Secrets, Task

# Isolated: it runs in a checkout, whose `fairlead/` or `json.py` must not be taken for ours.
OURS = (sys.executable, "-I", "-m")

# With a secret of this name backups are encrypted: `fairlead backup key` makes one.
BACKUP_KEY = "backup-key"


@dataclass(frozen=True, slots=True)
class DatabaseCommands:
    """Satisfies the port `Databases`; backups are kept in `folder`, one folder a database."""

    folder: Path
    secrets: Secrets

    def command(self, task: Task, place: Place, files: Path, report: Path) -> list[str]:
        """Return the words of `fairlead db` for this task; the address itself is not in them."""
        words = [*OURS, "fairlead.cli.main", "db"]
        words += ["rehearse"] if task is Task.REHEARSE else ["migrate"]
        words += ["--url-file", str(self.secrets.file(place.secret)), "--folder", str(files)]
        words += ["--report", str(report), "--budget", f"{place.budget:g}"]
        if task is not Task.REHEARSE:
            words += ["--keep", str(self.folder / place.app / place.environment), "--for-release"]
        if task is Task.CONTRACT:
            words += ["--contract"]
        return words

    def environment(self) -> dict[str, str]:
        """Return where the key of the backups is, when there is a secret of that name."""
        try:
            return {"FAIRLEAD_BACKUP_KEY_FILE": str(self.secrets.file(BACKUP_KEY))}
        except NotFound:
            return {}
