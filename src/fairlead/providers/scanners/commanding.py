"""What came of a gate's own command: its exit status, and the files that it left?"""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import Refused
from fairlead.release.spec.gate import Gate

# Larger ones are not read at all, so they are unknown.
MOST_BYTES = 64 * 1024 * 1024
MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class Left:
    """The files of one kind that a command left: their bytes, or why they are not known."""

    documents: tuple[bytes, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """One try of a command: its exit status, and what it left."""

    status: int
    junit: Left
    sarif: Left
    osv: Left


def tries(gate: Gate, folder: Path) -> tuple[Ran, ...]:
    """Run the command in `folder` until it passes, as often as the gate allows; its own output is
    seen. What lay there before under the names of its reports is removed: it would be stale.

    Errors: `Refused` when it cannot be started.
    """
    every = []
    for _ in range(1 + gate.retries):
        every.append(_ran(gate, folder))
        if every[-1].status == 0:
            break
    return tuple(every)


def _ran(gate: Gate, folder: Path) -> Ran:
    for path in _matching(folder, [*gate.junit, *gate.sarif, *gate.osv]):
        _remove(path)
    words = ["/bin/sh", "-c", gate.run] if isinstance(gate.run, str) else [*(gate.run or ())]
    try:
        status = subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, check=False).returncode
    except OSError as error:
        raise Refused(
            f"the command {words[0]} cannot be started: {error.strerror}: install it, or write "
            "the path to it into the gate's `run`"
        ) from error
    left = (_left(folder, globs) for globs in (gate.junit, gate.sarif, gate.osv))
    return Ran(status, *left)


def _matching(folder: Path, globs: Sequence[str]) -> Iterator[Path]:
    """Find files and links under the folder; a glob that leads out of it finds nothing."""
    root = folder.resolve()
    for glob in globs:
        for path in sorted(folder.glob(glob))[:MOST_FILES]:
            if path.parent.resolve().is_relative_to(root):
                yield path


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _left(folder: Path, globs: Sequence[str]) -> Left:
    documents = []
    for glob in globs:
        found = [*_matching(folder, [glob])]
        if not found:
            return Left(unknown=f"it left no {glob}")
        for path in found:
            if path.is_symlink() or not path.is_file():
                return Left(unknown=f"{glob} is no file of its own")
            if path.stat().st_size > MOST_BYTES:
                return Left(unknown=f"{glob} is larger than {MOST_BYTES >> 20} MB")
            documents.append(path.read_bytes())
    return Left(tuple(documents))
