"""Where are secrets kept? Each in a private file, which only its name leads to."""

import os
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from fairlead.errors import NotFound, Refused
from fairlead.rollout.slot import secrets_of

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
LONGEST = 64 * 1024
# Set for every function, or read by what starts it.
_TAKEN = re.compile(r"(FAIRLEAD|DENO|LD|SUPERVISOR)_.*|PATH|HOME|NO_COLOR|IFS|ENV|BASH_ENV")


@dataclass(frozen=True, slots=True)
class SecretFiles:
    """Secrets as files in `folder`; nobody but this account may read them.

    Those for functions are each called as the variable that a function finds it in.
    """

    folder: Path
    for_functions: str = ""

    def of_functions(self, app: str, environment: str) -> "SecretFiles":
        """Return the secrets that an app's functions are given in an environment.

        Errors: `Refused` for names that are none.
        """
        _matching(NAME, app, "an app")
        _matching(NAME, environment, "an environment")
        folder = secrets_of(self.folder.parent, app, environment)
        return replace(self, folder=folder, for_functions=environment)

    def put(self, name: str, value: str) -> None:
        """Keep a secret under a name, instead of what was there.

        Errors: `Refused` for a name or a value that cannot be kept.
        """
        kept = self.folder / self._named(name)
        if not value.strip() or len(value) > LONGEST:
            raise Refused(f"the secret {name} is empty or longer than {LONGEST} signs")
        if self.for_functions and "\0" in value:
            raise Refused(f"the secret {name} holds a zero byte, which no variable can")
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=self.folder, prefix=".draft-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(kept)

    def file(self, name: str) -> Path:
        """Return the file of a secret. Errors: `NotFound` when nobody has put it."""
        found = self.folder / self._named(name)
        if not found.is_file():
            where = f" --env {self.for_functions}" if self.for_functions else ""
            raise NotFound(f"the secret {name} is not here: `fairlead secret put {name}{where}`")
        return found

    def names(self) -> list[str]:
        """Return the names of all secrets."""
        there = self.folder.iterdir() if self.folder.is_dir() else ()
        wanted = VARIABLE if self.for_functions else NAME
        return sorted(path.name for path in there if wanted.fullmatch(path.name))

    def remove(self, name: str) -> None:
        """Forget a secret. Errors: `NotFound` when there is none of that name."""
        self.file(name).unlink()

    def _named(self, name: str) -> str:
        if not self.for_functions:
            return _matching(NAME, name, "a secret")
        if _TAKEN.fullmatch(name):
            raise Refused(f"{name} is set by Fairlead itself: choose another variable")
        if not VARIABLE.fullmatch(name):
            raise Refused(
                f"{name[:60]!r} is no name for a variable: letters, digits and _ are, at most 100"
            )
        return name


def _matching(pattern: re.Pattern[str], name: str, what: str) -> str:
    if not pattern.fullmatch(name):
        raise Refused(
            f"{name[:60]!r} is no name for {what}: small letters, digits and - are, at most 40"
        )
    return name
