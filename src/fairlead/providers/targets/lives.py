"""Is this the process that was started first, or one that took its place?"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from fairlead.errors import Temporary


@dataclass(frozen=True, slots=True)
class Life:
    """The process of a program that is taken for sound; `answered` once it did so well."""

    pid: int
    answered: bool = False


class Lives:
    """What is remembered of each program, in one small file each, so that any controller knows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, program: str) -> Life | None:
        """Return what was remembered; None when there is nothing, or nothing readable."""
        try:
            return Life(**json.loads((self._folder / program).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def remember(self, program: str, life: Life) -> None:
        """Remember a life in place of the one before; `Temporary` when the disk is full."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = self._folder / f".{program}"
            fresh.write_text(json.dumps(asdict(life)))
            fresh.replace(self._folder / program)
        except OSError as error:
            raise Temporary(
                f"nothing can be written down about {program}: {error}; free disk space, or let "
                "Fairlead write there"
            ) from error

    def forget_everything(self) -> None:
        """Forget every program: all of them begin a new life, and none of them crashed."""
        for file in self._folder.glob("*"):
            file.unlink(missing_ok=True)

    def forget(self, program: str) -> None:
        """Forget a program; nothing happens when it is unknown."""
        (self._folder / program).unlink(missing_ok=True)
