"""Where are the parts of an installation? Light to import, for who only brings them up or down."""

from fairlead.clock import utc_now
from fairlead.providers.databases.embedded import EmbeddedPostgres
from fairlead.providers.processes.supervisor import Supervisor
from fairlead.providers.registry import Outfit
from fairlead.providers.secrets.files import SecretFiles
from fairlead.settings import Settings


def keeper(settings: Settings) -> Supervisor:
    """Return what keeps our processes up."""
    return Supervisor(settings.home / "supervisor", settings.run)


def outfit(settings: Settings) -> Outfit:
    """Return what providers are given."""
    return Outfit(settings.home, settings.run, keeper(settings), utc_now)


def embedded_database(settings: Settings) -> EmbeddedPostgres:
    """Return the PostgreSQL that an installation without one of its own runs on."""
    return EmbeddedPostgres(settings.home / "postgres", settings.run, keeper(settings))


def secrets(settings: Settings) -> SecretFiles:
    """Return where this installation's secrets are."""
    return SecretFiles(settings.home / "secrets")


def database_url(settings: Settings) -> str:
    """Return where our tables are."""
    return settings.database_url or embedded_database(settings).url
