"""Where do numbers come from? The ports this room needs."""

from collections.abc import Collection, Mapping
from typing import Protocol

from fairlead.analysis.database_use import Part, Seen
from fairlead.analysis.measurement import Reading


class Source(Protocol):
    """A metric source. Reading changes nothing.

    Errors: `Temporary` when the source does not answer or answers nonsense; never an invented zero.
    """

    def read(self, app: str, environment: str) -> Reading:
        """Return the totals of every release in the environment, read at one moment."""
        ...


class Figures(Protocol):
    """What an app's live database tells of its use. Looking changes nothing and waits for nobody.

    Errors: `NotFound` when nobody has put the secret; `Refused` when it holds no address, or the
    database is older than PostgreSQL 15; `Temporary` when it does not answer within 5 s.
    """

    def look(self, secret: str, parts: Collection[Part]) -> Mapping[Part, Seen]:
        """Return what each part shows; one that could not be seen says why."""
        ...
