"""Who counted the requests of an environment? Whoever its own file names."""

from dataclasses import dataclass

from fairlead.analysis.measurement import Reading
from fairlead.release.sources import Sources
from fairlead.store import sources
from fairlead.store.database import Database


@dataclass(frozen=True, slots=True)
class ByFile:
    """Satisfies the port `Source` for every environment, each by the file that holds there now."""

    database: Database
    sources: Sources

    def read(self, app: str, environment: str) -> Reading:
        """Return the totals of every release in the environment, read at one moment."""
        with self.database.begin() as tx:
            asked = sources.asked(tx, app, environment)
        return self.sources.of(asked).read(app, environment)
