"""Takes a backup, and stands still once bytes of it are there; somebody kills it then."""

import sys
import time
from pathlib import Path

from fairlead.migrations.backup import Progress
from fairlead.providers.databases.backups.keep import Keep
from fairlead.providers.databases.backups.taking import create
from providers.backups_stand import NOW


def stand_still(_: Progress) -> None:
    print("there", flush=True)
    time.sleep(600)


create(sys.argv[1], Keep(Path(sys.argv[2])), NOW, stand_still)
