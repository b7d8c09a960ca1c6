"""Which members may an artifact hold, and which separately running parts does it have?"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from posixpath import dirname, normpath

from fairlead.errors import Refused
from fairlead.release.component import ComponentKind

UNIT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_-]*")
LONGEST_SEGMENT = 255


class MemberKind(StrEnum):
    """What a member is. `OTHER` is everything that is no data: devices, pipes, sockets."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive. `target` is where a symbolic link points to, None for the rest."""

    name: str
    kind: MemberKind
    target: str | None = None


def unsafe(name: str, target: str | None, kind: MemberKind) -> str | None:
    """Say why a member may not be kept or unpacked; None when it may.

    A link is safe when climbing comes first and stays within the archive. With that, and no member
    below a link (see `problem`), following it can never lead outside.
    """
    if sentence := _odd(name):
        return sentence
    if kind is MemberKind.OTHER:
        return f"{name!r} is neither file, folder nor link"
    if kind is MemberKind.LINK and not _stays_inside(name, target or ""):
        return f"{name!r} links to {target!r}, outside of the artifact"
    return None


def problem(members: Iterable[Member]) -> str | None:
    """Say what is unsafe about the members together or one by one; None when nothing is."""
    seen: dict[str, MemberKind] = {}
    for member in members:
        if sentence := unsafe(member.name, member.target, member.kind):
            return sentence
        if member.name in seen:
            return f"{member.name!r} is there twice"
        above = dirname(member.name)
        while above:
            if seen.get(above, MemberKind.FOLDER) is not MemberKind.FOLDER:
                return f"{member.name!r} lies below {above!r}, which is no folder"
            seen.setdefault(above, MemberKind.FOLDER)
            above = dirname(above)
        seen[member.name] = member.kind
    return None


def units(component: str, kind: ComponentKind, members: Iterable[Member]) -> tuple[str, ...]:
    """Return the parts of a component that run, or apply, by themselves, in order.

    Errors: `Refused` when there are none or a name cannot be an address.
    """
    files = {member.name for member in members if member.kind is MemberKind.FILE}
    if not files:
        raise Refused(
            f"{component} holds no file: let its build write into its path, or correct it"
        )
    match kind:
        case ComponentKind.STATIC:
            if "index.html" not in files:
                raise Refused(
                    f"{component} holds no index.html: let its build make one, or change `path`"
                )
            return ("site",)
        case ComponentKind.FUNCTIONS:
            return _functions(component, files)
        case ComponentKind.POSTGRES:
            found = sorted(name for name in files if name.endswith(".sql") and "/" not in name)
            if not found:
                raise Refused(
                    f"{component} holds no .sql file: add a migration, or correct its path"
                )
            return tuple(found)


def _functions(component: str, files: set[str]) -> tuple[str, ...]:
    folders = {
        dirname(name) for name in files if name.count("/") == 1 and name.endswith("/index.ts")
    }
    found = sorted(name for name in folders if not name.startswith("_"))
    if not found:
        raise Refused(f"{component} holds no function: each is a folder with an index.ts")
    for name in found:
        if not UNIT.fullmatch(name):
            raise Refused(
                f"{component}: {name!r} cannot be a function's name: use letters, digits, - and _"
            )
    return tuple(found)


def _odd(name: str) -> str | None:
    segments = name.split("/")
    if name.startswith("/"):
        return f"{name!r} is an absolute path"
    if ".." in segments:
        return f"{name!r} climbs out of its folder"
    if not name or "\0" in name or normpath(name) != name or name == ".":
        return f"{name!r} is not a plain path"
    if max(len(it.encode(errors="surrogateescape")) for it in segments) > LONGEST_SEGMENT:
        return f"{name[:60]!r}… is too long a name"
    return None


def _stays_inside(name: str, target: str) -> bool:
    segments = target.split("/")
    # A doubled slash after a link to itself is read as the root by some (Python's realpath does).
    if not target or target.startswith("/") or "//" in target or "\0" in target:
        return False
    climbs = 0
    while climbs < len(segments) and segments[climbs] in ("..", "."):
        climbs += 1
    height = segments[:climbs].count("..")
    return ".." not in segments[climbs:] and height <= name.count("/")
