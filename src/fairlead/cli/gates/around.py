"""What is a gate told about where it stands: the files, the live release, the running one?"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.gates.finding import Scan
    from fairlead.gates.suppression import Suppression
    from fairlead.privacy.written import Written

URL, RELEASE, SECRET = "FAIRLEAD_URL", "FAIRLEAD_RELEASE", "FAIRLEAD_JWT_SECRET_FILE"
ENVIRONMENT = "FAIRLEAD_ENVIRONMENT"


@dataclass(frozen=True, slots=True)
class Around:
    """`folder` holds the files. `since` is the commit of the live release, empty when there is
    none; `before` what was found in it. `database` is an address, or empty. `history` is the git
    folder and `commit` the one that the files are of; without them the folder's own count. `logs`
    are those of the environment, each with the release that writes it when that is not the one
    under test; `privacy` is where the report on personal data is kept, or None. `secrets` is the
    folder with those that the functions which are asked were given, or None.
    """

    folder: Path
    now: datetime
    since: str = ""
    before: Path | None = None
    database: str = ""
    history: Path | None = None
    commit: str = ""
    logs: "tuple[tuple[Written, str], ...]" = ()
    privacy: Path | None = None
    secrets: Path | None = None

    @property
    def environment(self) -> str:
        """Return the name of the environment that is asked."""
        return os.environ.get(ENVIRONMENT, "")

    def exceptions(self) -> "tuple[Suppression, ...]":
        """Return what the project itself leaves out of findings. Errors: `Refused`."""
        from fairlead.release import suppressions

        file = self.folder / suppressions.FILE_NAME
        return suppressions.read(file.read_bytes()) if file.is_file() else ()

    @property
    def url(self) -> str:
        """Return where the release that is asked answers; empty when none runs yet.

        Errors: `Refused` when a release is named without its address.
        """
        found = os.environ.get(URL, "")
        if self.release and not found:
            raise Refused(f"{RELEASE} names a running release without its address: set {URL}, too")
        return found

    @property
    def release(self) -> str:
        """Return the name of the release that is asked."""
        return os.environ.get(RELEASE, "")

    def secret(self, variable: str) -> Path | None:
        """Return the file with the secret that signs the app's tokens; None when nobody said.

        Functions find it in `variable`.
        """
        if found := os.environ.get(SECRET, ""):
            return Path(found)
        given = self.secrets / variable if self.secrets else None
        return given if given and given.is_file() else None

    def found_before(self) -> "tuple[Scan, ...] | None":
        """Return what was found in the live release; None when that is not known."""
        from fairlead.gates import sarif_reading

        if self.before is None:
            return None
        try:
            return sarif_reading.read(self.before.read_bytes())
        except OSError as error:
            raise Refused(f"{self.before} cannot be read: {error.strerror}") from error
