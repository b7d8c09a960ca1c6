"""What do the live releases do, also while nobody ships? Read and kept once a second."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from fairlead.analysis import history as folding
from fairlead.analysis import sketch
from fairlead.analysis.history import Minute, Running
from fairlead.analysis.measurement import Measurement, Reading, Unusable, difference
from fairlead.analysis.rollup import Part, floored
from fairlead.analysis.watch import Second
from fairlead.errors import FairleadError
from fairlead.pipeline.house import House
from fairlead.release.spec.sources import ASKED
from fairlead.store import history, rollups
from fairlead.store.history import Place

log = logging.getLogger("fairlead.sampling")

# What is live is asked every round. Who counts there, and whether it is judged, only when that has
# changed, and now and then: it is in the file of a run.
LOOK = timedelta(seconds=10)
KEPT = timedelta(days=2)
# While the database is away so many minutes and seconds are remembered, no more.
MOST_UNKEPT = 1000
# What was done in a longer time cannot be told as that of one second: it counts as not seen.
LONGEST_S = 5.0
# Who is asked less often may take so many times as long.
LONGEST_OF_POLLED = 3
# Their seconds are here already: applications told them.
TOLD = ("fairlead", "spans")


class Sampler:
    """Reads what the releases of every environment did since the last round.

    Every second is kept to be told; where releases are judged, the live one's minutes as well.

    Nothing waits for it and nobody hears of its trouble but the log, once until it has passed. One
    that is `polling` asks servers elsewhere, which may be slow; another one all the rest.
    """

    def __init__(self, house: House, *, polling: bool = False) -> None:
        """Remember where to read; nothing is read yet."""
        self._house, self._polling = house, polling
        self._asked: dict[Place, datetime] = {}
        self._places: list[Place] = []
        self._looked: datetime | None = None
        self._live: list[tuple[str, str, str]] = []
        self._before: dict[Place, Reading] = {}
        self._running: dict[tuple[Place, str], Running] = {}
        self._unkept: list[tuple[Place, Minute]] = []
        self._parts: list[tuple[tuple[str, str], Part]] = []
        self._troubled: set[str] = set()
        self._seen: list[Second] = []

    def sample(self) -> list[Second]:
        """Take one round: a reading of every place, and a row for every minute that is over.

        Returns what was seen; a place that is read for the first time tells nothing yet.
        """
        now = self._house.clock()
        self._seen = []
        with self._noting_trouble("what is live where"):
            self._look(now)
        for place in self._due(now):
            with self._noting_trouble(f"the traffic of {place.environment} of {place.app}"):
                self._read(place)
        if self._unkept or self._parts:
            with self._noting_trouble("what was read"):
                self._keep()
        return self._seen

    def _look(self, now: datetime) -> None:
        with self._house.database.begin() as tx:
            live = history.live(tx)
            if self._looked and now - self._looked < LOOK and live == self._live:
                return
            there = history.places(tx)
        self._places = [p for p in there if (p.source in ASKED) == self._polling]
        self._looked, self._live = now, live
        # What left or was replaced is closed: its minute ends here.
        for key in [key for key in self._running if key[0] not in self._places]:
            self._unkept.append((key[0], folding.closed(self._running.pop(key))))
        self._before = {p: r for p, r in self._before.items() if p in self._places}
        self._asked = {p: at for p, at in self._asked.items() if p in self._places}

    def _due(self, now: datetime) -> list[Place]:
        """Return the places that are to be asked now, and remember that they are."""
        half = timedelta(seconds=0.5)
        due = [
            p
            for p in self._places
            if p not in self._asked or now - self._asked[p] + half >= timedelta(seconds=p.every)
        ]
        self._asked |= dict.fromkeys(due, now)
        return due

    def _read(self, place: Place) -> None:
        before = self._before.pop(place, None)
        try:
            reading = self._house.source.read(place.app, place.environment)
        except FairleadError as error:
            unseen = Unusable(str(error))
            self._seen.append(Second(place.app, place.environment, "", unseen))
            raise
        self._before[place] = reading
        if before is None:
            return
        for release in {told.release for told in before.counters}:
            seen = difference(before, reading, release, tuple(before.of(release)))
            self._seen.append(Second(place.app, place.environment, release, seen))
            if not isinstance(seen, Unusable):
                self._remember(place, seen, reading.source)

    def _remember(self, place: Place, seen: tuple[Measurement, ...], source: str) -> None:
        where = (place.app, place.environment)
        longest_s = max(LONGEST_S, LONGEST_OF_POLLED * place.every)
        if source not in TOLD:
            self._parts += [(where, _second(m, source)) for m in seen if m.seconds <= longest_s]
        for measurement in seen:
            if not place.judged or measurement.release != place.live:
                continue
            key = (place, measurement.component)
            self._running[key], over = folding.after(self._running.get(key), measurement)
            if over is not None:
                self._unkept.append((place, over))

    def _keep(self) -> None:
        del self._unkept[:-MOST_UNKEPT], self._parts[:-MOST_UNKEPT]
        with self._house.database.begin() as tx:
            for place, minute in self._unkept:
                history.add(tx, place, minute)
            rollups.add(tx, self._parts)
        self._unkept.clear()
        self._parts.clear()

    @contextmanager
    def _noting_trouble(self, what: str) -> Iterator[None]:
        """Let the trouble of one thing keep none of the others from being done."""
        try:
            yield
        except FairleadError as error:
            if what not in self._troubled:
                log.warning("%s cannot be sampled now: %s", what, error)
            self._troubled.add(what)
        else:
            self._troubled.discard(what)


def _second(m: Measurement, source: str) -> Part:
    """Return what was read as the second in which it was read."""
    times = sketch.of_buckets(m.buckets)
    began = floored(m.ended, 1)
    return Part(
        m.release, m.component, source, 1, began, m.seconds, m.requests, m.errors, m.total_ms, times
    )


def forget_old(house: House) -> None:
    """Let go of minutes that nobody will ask for."""
    with house.database.begin() as tx:
        history.forget(tx, house.clock() - KEPT)
