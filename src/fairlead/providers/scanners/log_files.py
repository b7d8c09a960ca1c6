"""What has a process written lately? The newest of its log, and of the parts put aside before."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import Refused
from fairlead.privacy.written import Newest

# As many older parts as the keeper of processes may have put aside: .1 is the newest of them.
MOST_PARTS = 10


@dataclass(frozen=True, slots=True)
class LogFile:
    """Satisfies the port `Written`: what stands in `file`, known to people as `name`."""

    name: str
    file: Path

    def newest(self, most_bytes: int) -> Newest:
        """Return the newest lines; bytes that are no text become signs that stand for nothing."""
        told, left_out = b"", 0
        for number in range(1 + MOST_PARTS):
            part = self.file.with_name(f"{self.file.name}.{number}") if number else self.file
            try:
                older, more = _end(part, most_bytes - len(told))
            except OSError as error:
                if number and isinstance(error, FileNotFoundError):
                    break
                said = f"the log {self.name} cannot be read: {error.strerror}"
                raise Refused(f"{said}: mend that, and look again") from error
            told, left_out = older + told, left_out + more
        return Newest(tuple(told.decode("utf-8", "replace").splitlines()), left_out)


def _end(path: Path, most_bytes: int) -> tuple[bytes, int]:
    # Opening a pipe to read would wait for somebody to write.
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(number, "rb") as opened:
        about = os.fstat(number)
        if not stat.S_ISREG(about.st_mode):
            raise Refused(f"the log {path.name} is no file: name the file of a slot's log")
        left_out = max(0, about.st_size - most_bytes)
        opened.seek(left_out)
        return opened.read(min(most_bytes, about.st_size)), left_out
