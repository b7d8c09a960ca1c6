"""How many requests did each release answer? Its application told us, and we kept count."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fairlead.analysis.measurement import Counters, Reading
from fairlead.errors import Temporary
from fairlead.release.sources import Asked

Totals = Callable[[tuple[str, str], str, tuple[tuple[str, str], ...]], tuple[Counters, ...]]
"""All that was ever told about a place by one source, of these releases and components."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """Reads what applications told over time. It is on disk, so a restart begins no new epoch."""

    asked: Asked
    totals: Totals
    clock: Callable[[], datetime]

    def read(self, app: str, environment: str) -> Reading:
        """Return the totals of every release that was told about."""
        source = self.asked.metrics.from_
        counters = self.totals((app, environment), source, self.asked.wanted)
        if not counters:
            raise Temporary(
                f"no application has told anything about {app} in {environment} yet: "
                "docs/monitoring.md says how it does"
            )
        return Reading(self.clock(), source, counters, source)
