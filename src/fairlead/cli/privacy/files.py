"""What do the files say that privacy is judged by, and where is the report written?"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.cli import configuration
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.privacy.declaration import Declaration
    from fairlead.privacy.logged import LogSeen
    from fairlead.privacy.written import Written

FUNCTIONS = Path("supabase/functions")
_SOURCES = (".ts", ".js", ".tsx", ".jsx", ".mjs")
_LARGEST_SOURCE = 1024 * 1024


def declaration(path: Path) -> "Declaration":
    """Read a declaration; `Refused` with every fault, each with its line."""
    if not path.exists():
        raise Refused(
            f"{path} does not exist: write what is declared of personal data there; "
            "`fairlead privacy inventory` tells what there may be"
        )
    return declared(configuration.read(path), str(path))


def declared(data: bytes, name: str) -> "Declaration":
    """Read what a file of that name declares; `Refused` with every fault, each with its line."""
    from fairlead.privacy.reading import read
    from fairlead.release.spec.document import document
    from fairlead.release.spec.problem import Problem, refusal
    from fairlead.release.spec.reading import decoded

    text = decoded(data, name)
    written = document(text, "version, data and not_personal")
    found = [*written.problems]
    if isinstance(written.tree, dict):
        told, faults = read(written.tree)
        found += [Problem(fault.path, fault.sentence) for fault in faults]
        if not found:
            return told
    raise refusal(name, written.lines, found)


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
    """Look at the newest of each log; `Refused` when one is no file that can be read."""
    from fairlead.privacy.logged import MOST_BYTES, look
    from fairlead.providers.scanners.log_files import LogFile

    newest = [(str(file), LogFile(str(file), file).newest(MOST_BYTES)) for file in files]
    return tuple(look(name, one.lines, one.left_out) for name, one in newest)


def named_logs(said: Sequence[str]) -> "tuple[tuple[Written, str], ...]":
    """Return the logs that NAME=FILE or NAME@RELEASE=FILE name, each with that release."""
    from fairlead.providers.scanners.log_files import LogFile

    found = []
    for text in said:
        head, _, file = text.partition("=")
        name, _, release = head.partition("@")
        if not (name and file):
            raise Refused(f"{text!r} names no log: say NAME=FILE, or NAME@RELEASE=FILE")
        found.append((LogFile(name, Path(file)), release))
    return tuple(found)


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
