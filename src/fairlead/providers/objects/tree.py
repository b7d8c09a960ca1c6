"""How does a folder become an archive whose bytes depend on its files alone, and a folder again?"""

import os
import shutil
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fairlead.errors import Permanent, Refused
from fairlead.release.archive import Member, MemberKind, problem

CHUNK_BYTES = 1 << 20


def members(folder: Path) -> list[Member]:
    """Return everything below `folder`, sorted by name; links are not followed."""
    found: list[Member] = []
    waiting = [("", folder)]
    while waiting:
        above, place = waiting.pop()
        for entry in os.scandir(place):
            member = _seen(above + entry.name, entry)
            found.append(member)
            if member.kind is MemberKind.FOLDER:
                waiting.append((f"{member.name}/", Path(entry.path)))
    return sorted(found, key=lambda member: os.fsencode(member.name))


def write(folder: Path, found: list[Member], out: BinaryIO) -> None:
    """Write the members as an uncompressed tar: no clock, owner, umask or library in its bytes."""
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        for member in found:
            entry = tarfile.TarInfo(member.name)
            entry.mode = 0o755
            if member.kind is MemberKind.FILE:
                with _opened(folder, member.name) as (file, state):
                    entry.size = state.st_size
                    entry.mode = 0o755 if state.st_mode & stat.S_IXUSR else 0o644
                    tar.addfile(entry, file)
                continue
            is_link = member.kind is MemberKind.LINK
            entry.type = tarfile.SYMTYPE if is_link else tarfile.DIRTYPE
            entry.linkname = member.target or ""
            tar.addfile(entry)


def extract(archive: BinaryIO, into: Path) -> None:
    """Write every member below the empty folder `into`, read-only.

    Errors: `Permanent` when any member is unsafe; nothing was written then.
    """
    with _reading(archive) as tar:
        entries = tar.getmembers()
        if sentence := problem(map(_member, entries)):
            raise Permanent(f"the artifact is refused: {sentence}")
        for entry in entries:
            place = into / entry.name
            place.parent.mkdir(parents=True, exist_ok=True)
            if entry.isdir():
                place.mkdir(exist_ok=True)
            elif entry.issym():
                place.symlink_to(entry.linkname)
            else:
                _extract_file(tar, entry, place)
    for folder, _, _ in os.walk(into):
        Path(folder).chmod(0o555)


def matches(archive: BinaryIO, folder: Path) -> bool:
    """Tell whether `folder` holds the archive's members, byte for byte, and nothing else."""
    with _reading(archive) as tar:
        entries = tar.getmembers()
        wanted = {entry.name: _member(entry) for entry in entries}
        for name in list(wanted):
            for above in list(Path(name).parents)[:-1]:
                wanted.setdefault(above.as_posix(), Member(above.as_posix(), MemberKind.FOLDER))
        if {member.name: member for member in members(folder)} != wanted:
            return False
        return all(
            _same_file(tar, entry, folder / entry.name) for entry in entries if entry.isreg()
        )


def remove(folder: Path) -> None:
    """Remove a tree, read-only folders included; nothing happens when there is none."""
    for place, _, _ in os.walk(folder):
        Path(place).chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)


def _seen(name: str, entry: "os.DirEntry[str]") -> Member:
    if entry.is_symlink():
        return Member(name, MemberKind.LINK, os.readlink(entry.path))  # noqa: PTH115 - keeps `./`
    if entry.is_dir(follow_symlinks=False):
        return Member(name, MemberKind.FOLDER)
    return Member(name, MemberKind.FILE if entry.is_file() else MemberKind.OTHER)


def _member(entry: tarfile.TarInfo) -> Member:
    if entry.type == tarfile.SYMTYPE:
        return Member(entry.name, MemberKind.LINK, entry.linkname)
    if entry.type == tarfile.DIRTYPE:
        return Member(entry.name, MemberKind.FOLDER)
    is_file = entry.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
    return Member(entry.name, MemberKind.FILE if is_file else MemberKind.OTHER)


@contextmanager
def _opened(folder: Path, name: str) -> Iterator[tuple[BinaryIO, os.stat_result]]:
    try:
        number = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Refused(
            f"{name!r} cannot be read ({error.strerror}): give Fairlead the right"
        ) from error
    with os.fdopen(number, "rb") as file:
        yield file, os.fstat(number)


@contextmanager
def _reading(archive: BinaryIO) -> Iterator[tarfile.TarFile]:
    archive.seek(0)
    try:
        with tarfile.open(fileobj=archive, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError, UnicodeError) as error:
        raise Permanent(
            f"the artifact is refused: it is not a readable archive ({error})"
        ) from error


def _extract_file(tar: tarfile.TarFile, entry: tarfile.TarInfo, place: Path) -> None:
    source = tar.extractfile(entry)
    assert source is not None
    with source, place.open("xb") as out:
        shutil.copyfileobj(source, out, CHUNK_BYTES)
    place.chmod(_mode(entry))


def _same_file(tar: tarfile.TarFile, entry: tarfile.TarInfo, place: Path) -> bool:
    state = place.lstat()
    if state.st_size != entry.size or stat.S_IMODE(state.st_mode) != _mode(entry):
        return False
    source = tar.extractfile(entry)
    assert source is not None
    with source, place.open("rb") as kept:
        while wanted := source.read(CHUNK_BYTES):
            if kept.read(CHUNK_BYTES) != wanted:
                return False
    return True


def _mode(entry: tarfile.TarInfo) -> int:
    return 0o555 if entry.mode & stat.S_IXUSR else 0o444
