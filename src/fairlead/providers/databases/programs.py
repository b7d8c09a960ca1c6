"""How are PostgreSQL's own programs run? Without a password on their command line."""

import os
import subprocess
from collections.abc import Sequence
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict

from fairlead.errors import Permanent, Refused, Temporary
from fairlead.providers.databases.address import read
from fairlead.providers.databases.cluster import binaries, nearest

# How libpq's variables are called where that is not PG and the parameter's name.
_NAMED = {"dbname": "PGDATABASE", "connect_timeout": "PGCONNECT_TIMEOUT"}
_SAME = (
    *("host", "hostaddr", "port", "user", "password", "passfile", "options", "sslmode"),
    *("sslcert", "sslkey", "sslrootcert", "sslcrl", "sslsni", "channel_binding", "gssencmode"),
    *("target_session_attrs", "krbsrvname", "require_auth"),
)
_WITHOUT = ("application_name", "client_encoding", "fallback_application_name")
_CONNECTION_LOST = ("could not connect", "connection to server", "server closed the connection")
_TAIL = 1000


def environment(url: str) -> dict[str, str]:
    """Return the variables that lead libpq to a database.

    Errors: `Refused` for a parameter that no variable can carry: it would be lost in silence.
    """
    given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    found = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "PGAPPNAME": "fairlead db"}
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

    Errors: `Temporary` when the connection fails or the time is up, `Permanent` with its last
    words for any other end than 0.
    """
    where, program = read(url), words[0]
    major = nearest(major_of(url))
    command = [str(binaries(major) / program), "--no-password", *words[1:]]
    try:
        ended = subprocess.run(
            command,
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
    told = where.harmless(" ".join(ended.stderr.decode("utf-8", "replace").split()))[-_TAIL:]
    if ended.returncode == 0:
        return ended.stdout or b""
    is_lost = any(words in told for words in _CONNECTION_LOST)
    family = Temporary if is_lost else Permanent
    raise family(f"{program} on {where.shown} ended with status {ended.returncode}: {told}")
