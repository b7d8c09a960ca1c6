"""Where are secrets kept? Each in a private file, which only its name leads to."""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import NotFound, Refused

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class SecretFiles:
    """Secrets as files in `folder`; nobody but this account may read them."""

    folder: Path

    def put(self, name: str, value: str) -> None:
        """Keep a secret under a name, instead of what was there.

        Errors: `Refused` for a name or a value that cannot be kept.
        """
        kept = self.folder / _named(name)
        if not value.strip() or len(value) > LONGEST:
            raise Refused(f"the secret {name} is empty or longer than {LONGEST} signs")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=".draft-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(kept)

    def file(self, name: str) -> Path:
        """Return the file of a secret. Errors: `NotFound` when nobody has put it."""
        found = self.folder / _named(name)
        if not found.is_file():
            raise NotFound(f"the secret {name} is not here: `fairlead secret put {name}`")
        return found

    def names(self) -> list[str]:
        """Return the names of all secrets."""
        there = self.folder.iterdir() if self.folder.is_dir() else ()
        return sorted(path.name for path in there if NAME.fullmatch(path.name))

    def remove(self, name: str) -> None:
        """Forget a secret. Errors: `NotFound` when there is none of that name."""
        self.file(name).unlink()


def _named(name: str) -> str:
    if not NAME.fullmatch(name):
        raise Refused(
            f"{name[:60]!r} is no name for a secret: small letters, digits and - are, at most 40"
        )
    return name
