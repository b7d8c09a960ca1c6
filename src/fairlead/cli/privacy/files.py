"""What do the files say that privacy is judged by, and where is the report written?"""

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.cli import configuration
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.privacy.declaration import Declaration
    from fairlead.privacy.logged import LogSeen

FUNCTIONS = Path("supabase/functions")
TAIL_BYTES = 1024 * 1024
_SOURCES = (".ts", ".js", ".tsx", ".jsx", ".mjs")
_LARGEST_SOURCE = 1024 * 1024


def declaration(path: Path) -> "Declaration":
    """Read a declaration; `Refused` with every fault, each with its line."""
    from fairlead.privacy.reading import read
    from fairlead.release.spec.document import document
    from fairlead.release.spec.problem import Problem, refusal
    from fairlead.release.spec.reading import decoded

    if not path.exists():
        raise Refused(
            f"{path} does not exist: write what is declared of personal data there; "
            "`fairlead privacy inventory` tells what there may be"
        )
    text = decoded(configuration.read(path), str(path))
    written = document(text, "version, data and not_personal")
    found = [*written.problems]
    if isinstance(written.tree, dict):
        declared, faults = read(written.tree)
        found += [Problem(fault.path, fault.sentence) for fault in faults]
        if not found:
            return declared
    raise refusal(str(path), written.lines, found)


def edge_functions(folder: Path) -> dict[str, str] | None:
    """Return the edge functions in a folder with their sources; None when nobody named one."""
    if not folder.is_dir():
        if folder == FUNCTIONS:
            return None
        raise Refused(f"the folder {folder} does not exist: name it with --functions")
    try:
        return {
            each.name: "\n".join(_source(file) for file in sorted(each.iterdir()))
            for each in sorted(folder.iterdir())
            if any((each / f"index{ending}").is_file() for ending in _SOURCES)
        }
    except OSError as error:
        raise Refused(f"{folder} cannot be read: {error.strerror}: mend its rights") from error


def _source(file: Path) -> str:
    if file.suffix not in _SOURCES or not file.is_file():
        return ""
    with file.open("rb") as opened:
        return opened.read(_LARGEST_SOURCE).decode("utf-8", "replace")


def logs(files: Sequence[Path]) -> "tuple[LogSeen, ...]":
    """Look at the last MiB of each log; `Refused` when one is no file that can be read."""
    return tuple(map(_log, files))


def _log(path: Path) -> "LogSeen":
    from fairlead.privacy.logged import look

    try:
        # Opening a pipe to read would wait for somebody to write.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(number, "rb") as opened:
            about = os.fstat(number)
            if not stat.S_ISREG(about.st_mode):
                raise Refused(f"the log {path} is no file: name the file of a slot's log")
            left_out = max(0, about.st_size - TAIL_BYTES)
            opened.seek(left_out)
            lines = opened.read(TAIL_BYTES).decode("utf-8", "replace").splitlines()
    except OSError as error:
        raise Refused(f"the log {path} cannot be read: {error.strerror}: name another") from error
    # Of the first line only the end was read.
    return look(str(path), lines[1:] if left_out else lines, left_out)


def write(path: Path | None, text: str) -> None:
    """Write a report, whole or not at all, where one was asked for."""
    if path is None:
        return
    draft = path.with_name(f"{path.name}.part")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(path)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}: name another") from error
