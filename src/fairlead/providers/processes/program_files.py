"""How is a program written down so that every supervisord reads the same of it?

supervisord's file format cannot hold every text: quotes in variables, ` ;`, `%` and line breaks
mean something there. So its own file says only which shell script to run, and the script, whose
quoting can hold everything, sets the environment and becomes the program.
"""

import os
import pwd
import re
import shlex
import shutil
from pathlib import Path

from fairlead.errors import Permanent
from fairlead.providers.processes.leftovers import MARK_VARIABLE, Ending
from fairlead.rollout.process import Program

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+~-]{0,199}\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SIGNALS = frozenset({"TERM", "HUP", "INT", "QUIT", "KILL", "USR1", "USR2"})
# `%` would have to be doubled, in some fields twice; `[`, `*` and `?` are patterns to `include`.
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f%*?\[]|\s[;#]|\s\Z")
_OTHERS_PASS_THROUGH = 0o001

_FORM = """\
[program:{name}]
command=/bin/sh {script}
priority={priority}
autostart=true
autorestart=true
startsecs=1
startretries={retries}
stopsignal={signal}
stopwaitsecs={wait}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=3
"""

_SCRIPT = """\
#!/bin/sh
unset SUPERVISOR_ENABLED SUPERVISOR_SERVER_URL SUPERVISOR_PROCESS_NAME SUPERVISOR_GROUP_NAME
unset PYTHONUTF8
ulimit -S -n "$(ulimit -H -n)" 2>/dev/null || :
cd {folder} || exit 127
{secrets}
{exports}
exec {argv}
"""


class ProgramFiles:
    """The files of all programs under `folder`, marked as belonging to the house `mark`."""

    def __init__(self, folder: Path, mark: str) -> None:
        self._forms, self._scripts = folder / "conf.d", folder / "programs"
        self._mark = mark

    def prepare(self) -> None:
        """Make every folder that is named: without one of them supervisord reads nothing at all."""
        self._forms.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._scripts.mkdir(mode=0o700, parents=True, exist_ok=True)
        for form in self._forms.glob("*.conf"):
            log = Path(_field(form, "stdout_logfile"))
            log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, program: Program) -> None:
        """Write a program's files, the form last: whoever finds the form finds all."""
        script = self._scripts / f"{program.name}.sh"
        _replace(script, self._script(program), program.user)
        if program.user:
            _open_the_way(script.parent)
        form = _FORM.format(
            name=program.name,
            script=shlex.quote(writable(script)),
            priority=self._next_priority(),
            retries=program.start_retries,
            signal=program.stop_signal,
            wait=program.stop_wait_s,
            log=writable(program.log),
        )
        if program.user:
            form += f"user={program.user}\n"
        _replace(self._forms / f"{program.name}.conf", form, "")

    def remove(self, name: str) -> None:
        """Remove a program's files, the form first."""
        (self._forms / f"{name}.conf").unlink(missing_ok=True)
        (self._scripts / f"{name}.sh").unlink(missing_ok=True)

    def has(self, name: str) -> bool:
        """Tell whether a program is to be kept up."""
        return (self._forms / f"{name}.conf").exists()

    def ending(self, name: str) -> Ending:
        """Return how a program wants to be ended, even one whose files are gone."""
        form = self._forms / f"{name}.conf"
        if not form.exists():
            return Ending()
        return Ending(_field(form, "stopsignal"), int(_field(form, "stopwaitsecs")))

    def _script(self, program: Program) -> str:
        variables = {**program.env, MARK_VARIABLE: f"{self._mark}/{program.name}"}
        exports = "\n".join(f"export {k}={shlex.quote(v)}" for k, v in variables.items())
        return _SCRIPT.format(
            folder=shlex.quote(str(program.folder)),
            secrets="\n".join(_read(k, file) for k, file in program.secrets.items()),
            exports=exports,
            argv=shlex.join(program.argv),
        )

    def _next_priority(self) -> int:
        # Started in this order after a reboot, ended in reverse: the database first up, last down.
        taken = [int(_field(form, "priority")) for form in self._forms.glob("*.conf")]
        return max(taken, default=0) + 1


def _read(variable: str, file: Path) -> str:
    """Return the line that reads a secret when the program starts, so that no file of ours has it.

    Without its secret a program does not start: half of it could let everybody in.
    """
    return f"{variable}=$(/bin/cat {shlex.quote(str(file))}) || exit 127; export {variable}"


def refuse_impossible(program: Program) -> None:
    """Raise `Permanent` for a program that can never run as it is described."""
    wrong = ""
    if not _NAME.match(program.name):
        wrong = "its name may have letters, digits and ._@+~- only"
    elif not program.argv or shutil.which(program.argv[0]) is None:
        wrong = (
            f"its command {program.argv[0] if program.argv else ''!r} is missing or not executable"
        )
    elif not program.folder.is_dir():
        wrong = f"its folder {program.folder} is missing"
    elif bad := [name for name in (*program.env, *program.secrets) if not _VARIABLE.match(name)]:
        wrong = f"{bad[0]!r} is no name for an environment variable"
    elif program.stop_signal not in _SIGNALS:
        wrong = f"its stop signal {program.stop_signal!r} is none of {', '.join(sorted(_SIGNALS))}"
    elif any("\0" in text for text in (*program.argv, *program.env.values())):
        wrong = "a text of it holds a zero byte"
    elif program.user and not _is_account(program.user):
        wrong = f"there is no account {program.user!r}"
    if wrong:
        raise Permanent(f"program {program.name!r} can never start: {wrong}")


def writable(path: Path) -> str:
    """Return a path as supervisord's format wants it; `Permanent` when that cannot be."""
    text = str(path.absolute())
    if _UNWRITABLE.search(text):
        raise Permanent(f"supervisord's files cannot hold the path {text!r}: choose a plainer one")
    return text


def _field(form: Path, name: str) -> str:
    lines = os.fsdecode(form.read_bytes()).splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith(f"{name}="))


def _replace(path: Path, text: str, owner: str) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(os.fsencode(text))
        file.flush()
        os.fsync(file.fileno())
    if owner and os.geteuid() == 0:
        shutil.chown(fresh, owner)
    fresh.replace(path)


def _open_the_way(folder: Path) -> None:
    """Let another account pass through, not look into, the folders above its script."""
    for place in (folder, *folder.parents):
        mode = place.stat().st_mode
        if not mode & _OTHERS_PASS_THROUGH and place.owner() == pwd.getpwuid(os.geteuid()).pw_name:
            place.chmod(mode | _OTHERS_PASS_THROUGH)


def _is_account(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
