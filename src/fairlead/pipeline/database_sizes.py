"""How large are the databases of environments? Looked at every ten minutes, for who asks later."""

import logging
from datetime import timedelta

from fairlead.analysis.database_use import Part, Sizes, Unseen
from fairlead.analysis.ports import Figures
from fairlead.errors import FairleadError
from fairlead.pipeline.house import House
from fairlead.store import database_sizes
from fairlead.store.database_sizes import WHOLE, Known

log = logging.getLogger("fairlead.database_sizes")

EVERY = timedelta(minutes=10)
MOST_TABLES = 100


class Measuring:
    """Measures every database whose turn it is; trouble of one is told once, and is its own."""

    def __init__(self, house: House, figures: Figures) -> None:
        """Remember where to look; nothing is looked at yet."""
        self._house, self._figures = house, figures
        self._troubled: dict[str, str] = {}

    def measure(self) -> None:
        """Take one round, and let go of old sizes."""
        now = self._house.clock()
        with self._house.database.begin() as tx:
            database_sizes.forget(tx, now)
            known = database_sizes.databases(tx)
        for one in known:
            # A round may begin a little earlier than the one before did.
            due = one.measured_at is None or now - one.measured_at >= EVERY - EVERY / 20
            if one.secret and due:
                self._measure(one)

    def _measure(self, known: Known) -> None:
        try:
            seen = self._figures.look(known.secret, (Part.SIZES,))[Part.SIZES]
        except FairleadError as error:
            seen = Unseen(str(error))
        if not isinstance(seen, Sizes):
            self._note(known, seen.because if isinstance(seen, Unseen) else "it told nothing")
            return
        self._troubled.pop(known.secret, None)
        # An estimate is not a size: between two of them nothing grows.
        tables = [(one.table, one.bytes) for one in seen.tables if one.exact and one.bytes]
        sizes = {WHOLE: seen.total} | dict(tables[:MOST_TABLES])
        with self._house.database.begin() as tx:
            database_sizes.add(tx, known, sizes, self._house.clock())

    def _note(self, known: Known, because: str) -> None:
        if self._troubled.get(known.secret) != because:
            app, name = known.place
            log.warning("the database of %s of %s was not measured: %s", name, app, because)
        self._troubled[known.secret] = because
