"""Where is the Fairlead that is meant, and with which token is it asked?"""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fairlead.cli import terminal
from fairlead.cli.options import Asked
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.cli.client import Client
    from fairlead.settings import Settings

ADMIN_TOKEN = "admin.token"  # noqa: S105 - the name of a file
# An address that means all of this machine's is listened on, not gone to.
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def settings(asked: Asked) -> "Settings":
    """Read the settings; what was said on the command line goes before the environment."""
    from fairlead.settings import from_environment

    said = {"FAIRLEAD_HOME": str(asked.home)} if asked.home else {}
    try:
        return from_environment({**os.environ, **said})
    except ValueError as error:
        port = os.environ.get("FAIRLEAD_PORT", "")
        raise Refused(f"FAIRLEAD_PORT={port!r} is no port: give a number, or unset it") from error


def connect(asked: Asked) -> "Client":
    """Return the API that is meant."""
    from fairlead.cli.client import Client

    known = settings(asked)
    local = replace(known, host=_EVERY_ADDRESS.get(known.host, known.host)).url
    url = (asked.url or local).rstrip("/")
    here = _is_loopback(url)
    token = _token(asked, known.home, ours=url == local or here)
    if token and not here and url.startswith("http://"):
        terminal.warn(f"WARNING: your token travels to {url} without encryption: use https://")
    return Client(url, token)


def _is_loopback(url: str) -> bool:
    from fairlead.cli.client import LOOPBACK

    try:
        return urlsplit(url).hostname in LOOPBACK
    except ValueError:
        return False


def _token(asked: Asked, home: Path, *, ours: bool) -> str:
    """Return a token, empty when there is none.

    The installation's own admin token is never sent to another machine.
    """
    if asked.token_file:
        return _read(asked.token_file)
    if said := os.environ.get("FAIRLEAD_TOKEN", ""):
        return _sendable(said, "FAIRLEAD_TOKEN")
    kept = home / ADMIN_TOKEN
    return _read(kept) if ours and kept.exists() else ""


def _read(path: Path) -> str:
    try:
        return _sendable(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise Refused(f"the token file {path} cannot be read: {why}") from error


def _sendable(text: str, where: str) -> str:
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Refused(f"{where} holds no token: it should be one word, as `people add` gave it")
    return token
