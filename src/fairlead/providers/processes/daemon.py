"""How does a supervisord come up, detached from whoever asked for it?"""

import os
import pwd
import subprocess
import sys
from pathlib import Path

from fairlead.errors import Permanent
from fairlead.providers.processes.leftovers import MARK_VARIABLE
from fairlead.providers.processes.program_files import writable

_START_TIMEOUT_S = 30
# What every program inherits; all else, secrets above all, reaches only whom it is given to.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
_OTHERS_MAY = 0o066

_FORM = """\
[supervisord]
user={user}
directory=/
umask=077
identifier=fairlead
pidfile={folder}/supervisord.pid
childlogdir={folder}
logfile={folder}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=3

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[include]
files=conf.d/*.conf
"""


def launch(folder: Path, socket: Path, mark: str) -> None:
    """Start supervisord on `folder`'s programs; it answers on `socket` when this returns.

    Errors: `Permanent` with its own words when it does not start.
    """
    form = folder / "supervisord.conf"
    account = pwd.getpwuid(os.geteuid()).pw_name
    form.write_text(_FORM.format(user=account, folder=writable(folder), socket=writable(socket)))
    # Another's stale socket would make it wait 0.3 s; nobody listens on it any more.
    socket.unlink(missing_ok=True)
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    try:
        ended = subprocess.run(
            [sys.executable, "-I", "-m", "supervisor.supervisord", "-c", str(form)],
            env={**inherited, "PYTHONUTF8": "1", MARK_VARIABLE: f"{mark}/"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_START_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Permanent(f"supervisord did not start: {error}") from error
    if ended.returncode != 0:
        raise Permanent(f"supervisord did not start: {ended.stdout.strip()[-500:]}")


def make_private(folder: Path) -> None:
    """Make a folder that only we may list and change.

    One that is there already is taken only when it is ours: `/tmp` is open to everybody, who could
    put theirs there first. Passing through (mode 0711) stays allowed where it was opened.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or not folder.is_dir() or folder.is_symlink():
        raise Permanent(f"{folder} belongs to somebody else: remove it or choose another place")
    if found.st_mode & _OTHERS_MAY:
        folder.chmod(found.st_mode & ~_OTHERS_MAY & 0o777)
