"""How is git called so that nothing but our own words decides what it does?"""

import os
import re
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.errors import FairleadError, Permanent, Refused, Temporary

QUICK_S = 30.0

# A file and not `-c`: git hides `-c` from the upload-pack that reads a repository on this machine,
# which would refuse one of another user. That process runs no hook and takes no command from there.
# It does not search for deltas either: on one machine time is dearer than bytes (a quarter of it).
CONFIG = """\
[safe]
	directory = *
[core]
	hooksPath = /dev/null
	fsmonitor = false
	askPass = true
[gc]
	autoDetach = false
[maintenance]
	autoDetach = false
[pack]
	window = 0
	compression = 1
[uploadpack]
	allowAnySHA1InWant = true
[http]
	lowSpeedLimit = 1000
	lowSpeedTime = 60
"""

ALWAYS = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file:https:ssh",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=15",
    "LC_ALL": "C",
}
LENT = ("PATH", "SSH_AUTH_SOCK")

# What git says when asking again is of no use, with what to do.
FINAL = (
    ("does not appear to be a git repository", "check the location"),
    ("repository not found", "check the location"),
    ("could not read Username", "give Fairlead's account access to it"),
    ("Authentication failed", "give Fairlead's account access to it"),
    ("Permission denied", "give Fairlead's account access to it"),
    ("Host key verification failed", "add the host to known_hosts of Fairlead's account"),
    ("not our ref", "push the commit there first"),
    ("no such remote ref", "push the commit there first"),
    ("mismatched algorithms", "use a repository with SHA-1 object names"),
    ("Not a valid object name", "name a commit that Fairlead has fetched"),
    ("not a tree object", "name a commit"),
    ("invalid gitfile format", "check the location"),
    ("invalid path", "take such a file out of the commit"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call of git ended. `told` is what it wrote to people, secrets taken out."""

    status: int
    output: bytes
    told: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `env` is added to the environment; `held` are files the call keeps open."""

    words: tuple[str, ...]
    limit_s: float = QUICK_S
    env: dict[str, str] = field(default_factory=dict)
    held: tuple[int, ...] = ()


def ask(folder: Path, call: Call) -> Answer:
    """Run git in `folder` whatever its end.

    Errors: `Permanent` without git, `Temporary` when it takes too long: it is ended with every
    process it started.
    """
    lent = {name: os.environ[name] for name in LENT if name in os.environ}
    ours = {"GIT_CONFIG_GLOBAL": str(_config(folder)), "HOME": str(folder)}
    try:
        running = subprocess.Popen(
            ["git", *call.words],  # noqa: S607 - the git of the PATH is the one that is meant
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=lent | ALWAYS | ours | call.env,
            pass_fds=call.held,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise Permanent("git is not on this machine: install it (apt install git)") from error
    with running:
        try:
            output, told = running.communicate(timeout=call.limit_s)
        except subprocess.TimeoutExpired as error:
            os.killpg(running.pid, signal.SIGKILL)
            raise Temporary(
                f"git did not answer within {call.limit_s:g} s ({call.words[0]}): look at the "
                "network and the disk"
            ) from error
    return Answer(running.returncode, output, without_secrets(told.decode(errors="replace")))


def output_of(folder: Path, call: Call, doing: str) -> bytes:
    """Run git and return its output; `doing` says what for. Errors: see `ask` and `failure`."""
    answer = ask(folder, call)
    if answer.status:
        raise failure(answer, doing)
    return answer.output


def failure(answer: Answer, doing: str) -> FairleadError:
    """Return `Refused` when asking again is of no use, else `Temporary`."""
    lines = [it for it in answer.told.splitlines() if it.startswith(("fatal:", "error:"))]
    why = (lines or answer.told.splitlines() or [f"status {answer.status}"])[0][:300]
    if "No space left on device" in answer.told:
        return Temporary(f"{doing} failed: the disk is full; free space, then try again")
    for words, remedy in FINAL:
        if words.lower() in answer.told.lower():
            return Refused(f"{doing} failed: {remedy} (git: {why!r})")
    return Temporary(f"{doing} failed (git: {why!r})")


def without_secrets(text: str) -> str:
    """Take user names and passwords out of addresses."""
    return re.sub(r"(\w://)[^/@\s]*@", r"\1…@", text)


def _config(folder: Path) -> Path:
    config = folder / "git.config"
    try:
        if not config.exists() or config.read_text() != CONFIG:
            file, draft = tempfile.mkstemp(dir=folder, prefix=".git.config")
            with os.fdopen(file, "w") as out:
                out.write(CONFIG)
            Path(draft).rename(config)
    except OSError as error:
        raise Temporary(
            f"git cannot be set up: {error}; free space or correct the rights"
        ) from error
    return config
