"""Where is a user's PostgreSQL? Its address, told without the password in it."""

import re
from dataclasses import dataclass, field

import psycopg
from psycopg.conninfo import conninfo_to_dict

from fairlead.errors import Refused

FORM = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
_SCHEMES = ("postgresql://", "postgres://")
_PORTS = re.compile(r"\d*(,\d*)*")
HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Address:
    """`url` is what to connect to; `shown` is what people may read of it."""

    url: str = field(repr=False)
    shown: str
    secrets: tuple[str, ...] = field(repr=False)

    def harmless(self, text: object) -> str:
        """Return the text without the URL's passwords."""
        told = str(text)
        for secret in self.secrets:
            told = told.replace(secret, HIDDEN)
        return told


def read(url: str) -> Address:
    """Read a URL, without connecting.

    Errors: `Refused` when it is none; the sentence tells nothing of what was given, since a
    password with unquoted signs may stand in any part of it.
    """
    if not url.startswith(_SCHEMES):
        raise Refused(f"the database's address is no PostgreSQL URL: {FORM} is its form")
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.Error:
        raise Refused(_unreadable()) from None
    host, database = parts.get("host", ""), parts.get("dbname", "")
    if "@" in host + database or not _PORTS.fullmatch(parts.get("port", "")):
        raise Refused(_unreadable())
    secrets = [parts[name] for name in ("password", "sslpassword") if parts.get(name)]
    secrets += [url, *_as_written(url)]
    port = f":{parts['port']}" if parts.get("port") else ""
    shown = f"{database or 'the default database'} on {host or 'this machine'}{port}"
    return Address(url, shown, tuple(sorted(set(secrets), key=len, reverse=True)))


def _as_written(url: str) -> list[str]:
    inside = re.match(r"\w+://[^@/]*?:([^@/]*)@", url)
    told = re.findall(r"[?&](?:ssl)?password=([^&]*)", url)
    return [part for part in ([inside[1]] if inside else []) + told if part]


def _unreadable() -> str:
    return (
        f"the database's address cannot be read: {FORM} is its form, and in a user's name or a "
        "password the signs @ / : % are written %40 %2F %3A %25"
    )
