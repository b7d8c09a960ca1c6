"""How are PostgreSQL's own programs run? Without a password on their command line."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict

from fairlead.errors import Permanent, Refused, Temporary
from fairlead.providers.databases.address import Address, read
from fairlead.providers.databases.cluster import binaries, nearest

# How libpq's variables are called where that is not PG and the parameter's name.
_NAMED = {
    "dbname": "PGDATABASE", "connect_timeout": "PGCONNECT_TIMEOUT", "application_name": "PGAPPNAME"
}  # fmt: skip
_SAME = (
    *("host", "hostaddr", "port", "user", "password", "passfile", "options", "sslmode"),
    *("sslcert", "sslkey", "sslrootcert", "sslcrl", "sslsni", "channel_binding", "gssencmode"),
    *("target_session_attrs", "krbsrvname", "require_auth"),
)
_WITHOUT = ("client_encoding", "fallback_application_name")
_PASSING = (
    *("could not connect", "connection to server", "server closed the connection"),
    # So pg_dump says that it has not got its locks in time.
    "canceling statement due to statement timeout",
)
_TAIL = 1000
# What they say of an error can have people's rows in it.
_ROWS = re.compile(
    r"^(DETAIL|CONTEXT):.*?(?=^(?:pg_\w+:|HINT:|CONTEXT:|Command was:)|\Z)",
    re.MULTILINE | re.DOTALL,
)


def environment(url: str) -> dict[str, str]:
    """Return the variables that lead libpq to a database.

    Errors: `Refused` for a parameter that no variable can carry: it would be lost in silence.
    """
    given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    found = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "PGAPPNAME": "fairlead db"}
    # Times are told in the zone of the session, also those in a definition.
    found["PGTZ"] = "UTC"
    found |= {name: os.environ[name] for name in ("HOME", "PGPASSFILE") if name in os.environ}
    for name, value in given.items():
        if name in _NAMED or name in _SAME:
            found[_NAMED.get(name) or f"PG{name.replace('_', '').upper()}"] = value
        elif name not in _WITHOUT and not name.startswith(("keepalives", "tcp_user")):
            raise Refused(
                f"the database's address says {name}, which pg_dump cannot be told: leave it out"
            )
    return found


def major_of(url: str) -> int:
    """Return the version of the server.

    Errors: `Temporary` when it does not answer.
    """
    where = read(url)
    try:
        with psycopg.connect(where.url, connect_timeout=10) as connection:
            return connection.info.server_version // 10000
    except psycopg.Error as error:
        told = where.harmless(" ".join(str(error).split()))
        raise Temporary(f"{where.shown} does not answer: {told}") from error


def run(
    words: Sequence[str],
    url: str,
    *,
    into: IO[bytes] | None = None,
    out_of: IO[bytes] | None = None,
    timeout_s: float | None = None,
) -> bytes:
    """Run one of PostgreSQL's programs against a server, and return what it writes.

    It is of the server's version, or of the next newer one at hand. `words` are its name and
    options, `into` takes what it writes instead, `out_of` gives it what it reads.

    Errors: `Temporary` when the connection fails, a lock is not to be had or the time is up,
    `Permanent` with its last words for any other end than 0.
    """
    where, program = read(url), words[0]
    try:
        ended = subprocess.run(
            _command(words, where),
            env=environment(where.url),
            cwd="/",
            stdin=out_of or subprocess.DEVNULL,
            stdout=into or subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Temporary(f"{program} on {where.shown} has not ended in {timeout_s:g} s") from error
    except OSError as error:
        raise Permanent(f"{program} cannot be started: {error.strerror}") from error
    _check(ended.returncode, program, where, ended.stderr)
    return ended.stdout or b""


@contextmanager
def reading(words: Sequence[str], url: str) -> Iterator[IO[bytes]]:
    """Run a program, and give what it writes while it writes it; it is ended with the block.

    Errors: as those of `run`, at the end of the block.
    """
    with _running(words, url, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.stdout


@contextmanager
def writing(words: Sequence[str], url: str) -> Iterator[IO[bytes]]:
    """Run a program, and give what it reads; that ends with the block, and it is waited for.

    Errors: as those of `run`; they stand before the broken pipe of who wrote to it.
    """
    with _running(words, url, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        yield process.stdin


@contextmanager
def _running(
    words: Sequence[str], url: str, stdin: int = subprocess.DEVNULL, stdout: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    where = read(url)
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(
                _command(words, where),
                env=environment(where.url),
                cwd="/",
                stdin=stdin,
                stdout=subprocess.DEVNULL if stdout is None else stdout,
                stderr=told,
            )
        except OSError as error:
            raise Permanent(f"{words[0]} cannot be started: {error.strerror}") from error
        try:
            yield process
            process.communicate()
        except BrokenPipeError:
            process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with suppress(OSError):
                        pipe.close()
        told.seek(0)
        _check(process.returncode, words[0], where, told.read())


def _command(words: Sequence[str], where: Address) -> list[str]:
    major = nearest(major_of(where.url))
    return [str(binaries(major) / words[0]), "--no-password", *words[1:]]


def _check(status: int, program: str, where: Address, words: bytes) -> None:
    if status == 0:
        return
    said = _ROWS.sub("", words.decode("utf-8", "replace"))
    told = where.harmless(" ".join(said.split()))[-_TAIL:]
    is_lost = any(words in told for words in _PASSING)
    family = Temporary if is_lost else Permanent
    raise family(f"{program} on {where.shown} ended with status {status}: {told}")
