"""How many of the connections that a user's PostgreSQL allows are taken?"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from fairlead.errors import FairleadError, Temporary
from fairlead.migrations.ports import Secrets
from fairlead.providers.databases.session import session

# Whoever asks again within this time is told the last look, an error included.
KEPT = timedelta(seconds=10)
_PATIENCE_S = 2
# What is kept back for superusers is nobody's to take. Everybody may count the backends.
_TAKEN = """
SELECT coalesce(sum(numbackends), 0)::float8 / greatest(1,
  current_setting('max_connections')::int
  - current_setting('superuser_reserved_connections')::int
  - coalesce(current_setting('reserved_connections', true), '0')::int) AS share
FROM pg_stat_database WHERE datname IS NOT NULL
"""
# PostgreSQL tells no code when it takes nobody in; a server in another language is UNKNOWN.
_FULL = ("too many clients already", "remaining connection slots are reserved")


class TakenConnections:
    """Satisfies the port `Connections`."""

    def __init__(self, secrets: Secrets, clock: Callable[[], datetime]) -> None:
        """Remember where addresses are; nothing is asked yet."""
        self._secrets, self._clock = secrets, clock
        self._known: dict[str, tuple[datetime, float | FairleadError]] = {}
        self._looking = threading.Lock()

    def taken(self, secret: str) -> float:
        """Return the share of a database's connections that is taken, 0 to 1."""
        with self._looking:
            now = self._clock()
            known = self._known.get(secret)
            if known is None or not timedelta() <= now - known[0] < KEPT:
                known = self._known[secret] = now, self._look(secret)
        if isinstance(known[1], FairleadError):
            raise known[1]
        return known[1]

    def _look(self, secret: str) -> float | FairleadError:
        try:
            url = self._secrets.file(secret).read_text("utf-8").strip()
            with session(url, "fairlead health", _PATIENCE_S) as open_one:
                open_one.execute(f"SET statement_timeout = '{_PATIENCE_S}s'")
                row = open_one.execute(_TAKEN).fetchone()
        except Temporary as error:
            return 1.0 if any(told in str(error) for told in _FULL) else error
        except FairleadError as error:
            return error
        except OSError as error:
            return Temporary(f"the secret {secret} cannot be read: {error.strerror}")
        # Our own session is counted, and others that are about to go.
        return min(1.0, float(row["share"])) if row else 1.0
