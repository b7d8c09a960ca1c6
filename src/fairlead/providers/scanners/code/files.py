"""Which tracked files are judged, and under which names are they given to semgrep?

Under names of ours: a path of the project can neither be taken for an option or an ignored folder,
nor break a report. What the project says to semgrep itself is not given to it.
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from fairlead.errors import Permanent
from fairlead.gates.semgrep_report import Given
from fairlead.gates.wording import one_line
from fairlead.providers.scanners.secrets.reading import opened
from fairlead.providers.scanners.secrets.repository import Repository

MOST_FILES = 20_000
MOST_FILE_BYTES = 8 * 1024 * 1024
MOST_BYTES = 256 * 1024 * 1024
_LIMIT_S = 120.0
# What a file is for semgrep, by the end of its name or else by its whole name.
_KINDS = {
    ".ts": ".ts", ".mts": ".ts", ".cts": ".ts", ".tsx": ".tsx",
    ".js": ".js", ".mjs": ".js", ".cjs": ".js", ".jsx": ".jsx",
    ".py": ".py", ".sql": ".sql", ".sh": ".sh", ".bash": ".sh",
    ".yml": ".yml", ".yaml": ".yml", ".toml": ".toml", ".mk": ".mk", ".html": ".html",
}  # fmt: skip
_NAMES = {"package.json": ".json", "deno.json": ".json", "deno.jsonc": ".json", "Makefile": ".mk"}


def give(folder: Path, to: Path, history: Path | None = None, commit: str = "") -> dict[str, Given]:
    """Copy every tracked file that can be judged into `to`; return the copies by their names.

    `history` is the git folder and `commit` the one that the files are of, where they lie apart;
    else those of the folder itself. Links are not followed; what is gone from the folder is left
    out. Errors: `Permanent` for what is too large or cannot be read, `Refused` and `Temporary` of
    git.
    """
    given: dict[str, Given] = {}
    left = MOST_BYTES
    for path, kind in _tracked(folder, history, commit):
        data = _content(folder, path)
        if data is None:
            continue
        left -= len(data)
        if left < 0 or len(given) == MOST_FILES:
            most = f"{MOST_FILES:,} files or {MOST_BYTES >> 20} MB of source"
            raise Permanent(f"there are more than {most}: judge parts of it with `run` and `sarif`")
        name = f"{len(given):06}{kind}"
        _write(to / name, data)
        given[name] = Given(os.fsdecode(path), len(data.splitlines()))
    return given


def _tracked(folder: Path, history: Path | None, commit: str) -> Iterator[tuple[bytes, str]]:
    with Repository(folder, _LIMIT_S, history) as repository:
        paths = {*repository.at(repository.commit(commit or "HEAD")), *repository.tracked()}
    for path in sorted(paths):
        if kind := _kind(PurePosixPath(os.fsdecode(path))):
            yield path, kind


def _kind(path: PurePosixPath) -> str:
    if path.name == ".env" or path.name.startswith(".env."):
        return ".env"
    return _NAMES.get(path.name) or _KINDS.get(path.suffix.lower(), "")


def _content(folder: Path, path: bytes) -> bytes | None:
    told = one_line(os.fsdecode(path), 200)
    try:
        file = opened(folder, path)
        if file is None:
            return None
        with file:
            data: bytes = file.read(MOST_FILE_BYTES + 1)
    except OSError as error:
        raise Permanent(f"{told} cannot be read: {error.strerror}") from error
    if len(data) > MOST_FILE_BYTES:
        raise Permanent(
            f"{told} has more than {MOST_FILE_BYTES >> 20} MB: keep what is generated out of git"
        )
    return data


def _write(to: Path, data: bytes) -> None:
    try:
        to.write_bytes(data)
    except OSError as error:
        raise Permanent(f"no file can be written for it: {error.strerror}") from error
