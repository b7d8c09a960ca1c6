"""Where does Fairlead keep its things, and where does it answer? Read once, at the doors."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# A unix socket's path may be 107 bytes long; slots need some of them.
LONGEST_RUN_FOLDER = 50
ADDRESS = "address"
# OpenTelemetry's own names for its own settings.
TRACES_URL, TRACES_HEADERS = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation is told from outside. `database_url` empty means the embedded server.

    `traces_url` is where traces of runs go; empty means nowhere.
    """

    home: Path
    host: str
    port: int
    database_url: str
    traces_url: str = ""
    traces_headers: str = field(default="", repr=False)

    @property
    def run(self) -> Path:
        """Return the private folder for sockets, short enough for the operating system's limit."""
        beside = self.home / "run"
        if len(str(beside)) <= LONGEST_RUN_FOLDER:
            return beside
        return Path(tempfile.gettempdir()) / f"fairlead-{os.getuid()}-{self.name}"

    @property
    def name(self) -> str:
        """Return a short name that tells this installation from others on the machine."""
        return hashlib.sha256(str(self.home).encode()).hexdigest()[:12]

    @property
    def admin_token(self) -> Path:
        """Return the private file with the token of whoever started the installation."""
        return self.home / "admin.token"

    @property
    def address(self) -> Path:
        """Return the file that tells where the API answers."""
        return self.home / ADDRESS

    @property
    def url(self) -> str:
        """Return the address of the API."""
        return f"http://{self.host}:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return these settings as environment variables for a process of ours."""
        told = {
            "FAIRLEAD_HOME": str(self.home),
            "FAIRLEAD_HOST": self.host,
            "FAIRLEAD_PORT": str(self.port),
        }
        more = {
            "FAIRLEAD_DATABASE_URL": self.database_url,
            TRACES_URL: self.traces_url,
            TRACES_HEADERS: self.traces_headers,
        }
        return told | {name: value for name, value in more.items() if value}


def from_environment(env: Mapping[str, str]) -> Settings:
    """Read the settings; unset ones have safe values (loopback, embedded database).

    An installation that was brought up once keeps its address in its home, so that whoever names
    the home finds it.
    """
    home = Path(env.get("FAIRLEAD_HOME") or Path.home() / ".fairlead").expanduser().resolve()
    host, port = _kept_address(home)
    return Settings(
        home=home,
        host=env.get("FAIRLEAD_HOST") or host,
        port=int(env.get("FAIRLEAD_PORT") or port),
        database_url=env.get("FAIRLEAD_DATABASE_URL", ""),
        traces_url=env.get(TRACES_URL, ""),
        traces_headers=env.get(TRACES_HEADERS, ""),
    )


def keep_address(settings: Settings) -> None:
    """Write the address into the home."""
    settings.address.write_text(f"{settings.host} {settings.port}\n", "utf-8")


def _kept_address(home: Path) -> tuple[str, str]:
    try:
        host, port = (home / ADDRESS).read_text("utf-8").split()
    except (OSError, ValueError):
        return "127.0.0.1", "8700"
    return host, port
