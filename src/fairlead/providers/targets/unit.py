"""By which command does one unit of a slot run, and where does it answer?"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import Permanent
from fairlead.rollout.process import Program
from fairlead.rollout.slot import FUNCTIONS, STATIC, Endpoint, Slot, secrets_of

# The address of a unix socket holds 107 bytes on Linux and 103 elsewhere.
LONGEST_SOCKET_PATH = 103
# With the first start that makes three; supervisord waits one, then two seconds between them.
START_RETRIES = 2
STOP_WAIT_S = 10

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*\Z")
_PERMISSION = re.compile(r"(--(allow|deny|ignore)-[a-z-]+|-[A-Z])(=.+)?\Z", re.DOTALL)
_EVERYTHING = frozenset({"-A", "--allow-all"})
_CONFIGURATIONS = ("deno.json", "deno.jsonc")
# Deno refuses to listen where a socket file lies, and a killed process leaves its own.
_FREE_THE_SOCKET = ("/bin/sh", "-c", 'rm -f "$1"; shift; exec "$@"', "sh")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the local target finds its interpreters and keeps its things."""

    sockets: Path
    folder: Path
    deno: Path
    python: Path


def program_name(slot_id: str, unit: str) -> str:
    """Return the name under which a unit is kept up."""
    return f"slot.{slot_id}.{unit}"


def unit_of(program: str) -> tuple[str, str] | None:
    """Return the slot's id and the unit that a program runs; None when it is no slot's."""
    if not program.startswith("slot."):
        return None
    slot_id, _, unit = program.removeprefix("slot.").rpartition(".")
    return slot_id, unit


def socket_path(sockets: Path, slot_id: str, unit: str) -> Path:
    """Return the socket of a unit: always the same one, so that nobody needs to write it down."""
    digest = hashlib.sha256(f"{slot_id}/{unit}".encode()).hexdigest()[:16]
    path = sockets / f"{digest}.sock"
    if len(str(path)) > LONGEST_SOCKET_PATH:
        raise Permanent(f"the path {path} is too long for a unix socket: choose a shorter home")
    return path


def endpoint(sockets: Path, slot: Slot, unit: str) -> Endpoint:
    """Return where a unit answers, and for which paths."""
    prefix = "/" if slot.kind == STATIC else f"/functions/v1/{unit}"
    return Endpoint(slot.component, unit, f"unix:{socket_path(sockets, slot.id, unit)}", prefix)


def program(slot: Slot, unit: str, files: Path, places: Places) -> Program:
    """Return the program that runs a unit from the artifact in `files`.

    Errors: `Permanent` when the artifact cannot run: a missing file, a kind or flag we do not know.
    """
    if not _NAME.match(unit):
        raise Permanent(
            f"{_about(slot)}: {unit!r} is no name for a unit: use letters, digits, - and _"
        )
    socket = socket_path(places.sockets, slot.id, unit)
    if slot.kind == FUNCTIONS:
        argv = _function(slot, unit, files, (socket, places.deno))
        env = {
            "DENO_SERVE_ADDRESS": f"unix:{socket}",
            "DENO_DIR": str(places.folder / "deno"),
            "DENO_NO_UPDATE_CHECK": "1",
            "DENO_NO_PACKAGE_JSON": "1",
        }
    elif slot.kind == STATIC:
        _require(slot, files / "index.html")
        argv = (str(places.python), "-I", "-m", "fairlead.providers.targets.static_site")
        argv, env = (*argv, str(files), str(socket)), {}
    else:
        raise Permanent(f"{_about(slot)}: the local target cannot run a {slot.kind!r} component")
    name = program_name(slot.id, unit)
    return Program(
        name=name,
        argv=argv,
        folder=files,
        log=log_path(places.folder, name),
        env=env | _told(slot, places),
        secrets=_secrets(slot, places.folder) if slot.kind == FUNCTIONS else {},
        stop_wait_s=STOP_WAIT_S,
        start_retries=START_RETRIES,
    )


def log_path(folder: Path, program: str) -> Path:
    """Return where a program's output is kept."""
    return folder / "logs" / f"{program}.log"


def confined(permissions: tuple[str, ...], socket: Path) -> tuple[str, ...]:
    """Return a function's flags, and those it needs to listen on its own socket.

    A list given beside the bare flag would narrow it, so a bare one is left alone.
    """
    if not _EVERYTHING.isdisjoint(permissions):
        return permissions
    needed = {"read": f"{socket}", "write": f"{socket}", "net": f"unix:{socket}"}
    ours = tuple(
        f"--allow-{what}={where}"
        for what, where in needed.items()
        if {f"--allow-{what}", f"-{what[0].upper()}"}.isdisjoint(permissions)
    )
    return (*permissions, *ours)


def _function(slot: Slot, unit: str, files: Path, how: tuple[Path, Path]) -> tuple[str, ...]:
    socket, deno = how
    source = files / unit / "index.ts"
    _require(slot, source)
    if unknown := [flag for flag in slot.permissions if not _PERMISSION.match(flag)]:
        raise Permanent(f"{_about(slot)}: {unknown[0]!r} is no permission flag of Deno")
    offered = [folder / name for folder in (files / unit, files) for name in _CONFIGURATIONS]
    config = next((f"--config={path}" for path in offered if path.is_file()), "--no-config")
    return (
        *(*_FREE_THE_SOCKET, str(socket)),
        *(str(deno), "run", "--no-remote", "--no-npm", "--no-prompt", "--no-lock", config),
        *confined(slot.permissions, socket),
        str(source),
    )


def _told(slot: Slot, places: Places) -> dict[str, str]:
    return {
        "FAIRLEAD_APP": slot.app,
        "FAIRLEAD_ENVIRONMENT": slot.environment,
        "FAIRLEAD_RELEASE": slot.release,
        "HOME": str(places.folder),
        "NO_COLOR": "1",
        "PATH": "/usr/bin:/bin",
    }


def _secrets(slot: Slot, home: Path) -> dict[str, Path]:
    folder = secrets_of(home, slot.app, slot.environment)
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {file.name: file for file in files if not file.name.startswith(".")}


def _require(slot: Slot, path: Path) -> None:
    if not path.is_file():
        raise Permanent(f"{_about(slot)}: its artifact has no file {path.name} at {path}")


def _about(slot: Slot) -> str:
    return f"{slot.component} of release {slot.release} in {slot.environment} can never start"
