"""Which live releases go back by themselves? The server asks every second; nobody else has to."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.analysis.measurement import Measurement, Unusable
from fairlead.analysis.watch import (
    GoBack,
    Health,
    Leave,
    Past,
    Policy,
    Second,
    Tell,
    Watched,
    after,
    decide,
    hour,
    with_health,
)
from fairlead.commands import watch_told as told
from fairlead.commands.desk import Desk
from fairlead.commands.rollback import Wish, rollback
from fairlead.errors import Conflict, FairleadError, Permanent, Refused
from fairlead.journal.event import Event
from fairlead.release import watching
from fairlead.release.progress import Run
from fairlead.release.spec.watched import EMERGENCY
from fairlead.release.spec.watching import Watch as Asked
from fairlead.store import journal, outbox, watch_actions, watched
from fairlead.store.database import Tx
from fairlead.store.watch_actions import Action
from fairlead.store.watched import Alone, Policies

log = logging.getLogger("fairlead.watch")

WATCH = Person("fairlead watch", "", Role.DEPLOYER)
# What the files say is read again when a release becomes live, or so often.
REFRESH = timedelta(seconds=10)
# To know it every slot is asked, and more: it counts for so long.
SCORE_FOR = timedelta(seconds=10)
Seen = tuple[Measurement, ...] | Unusable
Scored = Callable[[str, str], Health]
"""Gives the health score of an app's environment."""


class Watch:
    """Watches every live release that no run changes.

    What it has seen is lost with the server, what it has done is not.
    """

    def __init__(self, desk: Desk, health: Scored | None = None) -> None:
        """Remember where to ask; without `health` no score is judged."""
        self._desk, self._health = desk, health
        self._known: dict[tuple[str, str], Watched] = {}
        self._policies: dict[tuple[str, str], Policies] = {}
        self._read: datetime | None = None
        self._scores: dict[Alone, tuple[datetime, Health]] = {}
        self._told: set[str] = set()
        self._troubled: set[tuple[str, str]] = set()

    def look(self, seconds: Sequence[Second]) -> None:
        """Take one more look at every place; the trouble of one keeps none of the others waiting.

        Errors: `Temporary` when our own database is away; nothing is given up.
        """
        now = self._desk.clock()
        with self._desk.database.begin() as tx:
            there = watched.alone(tx)
        known = {(p.app, p.environment): self._before(p, now) for p in there}
        if known.keys() - self._policies or self._read is None or now - self._read >= REFRESH:
            with self._desk.database.begin() as tx:
                self._policies, self._read = watched.policies(tx), now
        self._known = known
        self._tell_ended(now)
        for place in there:
            key = (place.app, place.environment)
            try:
                self._place(place, _of(place, seconds), now)
                self._troubled.discard(key)
            except FairleadError as error:
                if key not in self._troubled:
                    log.warning("%s of %s is not watched now: %s", place.environment, key[0], error)
                self._troubled.add(key)

    def _before(self, place: Alone, now: datetime) -> Watched:
        known = self._known.get((place.app, place.environment))
        if known is not None and known.release == place.live:
            return known
        # A release that has just become live is told by another file than the one before it.
        self._read = None
        return Watched(place.live, now)

    def _place(self, place: Alone, seen: Seen | None, now: datetime) -> None:
        key = (place.app, place.environment)
        policies = self._policies.get(key)
        if policies is None:
            return
        asked = Asked.model_validate(policies.watch)
        policy = watching.policy(asked, production=policies.production)
        if seen is not None:
            self._known[key] = self._seen(place, seen, policy, now)
        known = self._known[key]
        decision = decide(known, self._past(place), policy, now)
        match decision.move:
            case Leave():
                return
            case Tell(about):
                self._tell(place, about, decision.because, now)
            case GoBack():
                self._send_back(place, decision.because, now)

    def _seen(self, place: Alone, seen: Seen, policy: Policy, now: datetime) -> Watched:
        before = self._known[place.app, place.environment]
        known = after(before, seen, policy, now)
        if self._health is None or known.known_at == before.known_at:
            return known
        return with_health(before, known, self._score(place, now), policy)

    def _score(self, place: Alone, now: datetime) -> Health:
        """Return the release's health score, asked anew when it is old."""
        at, score = self._scores.get(place, (now, None))
        if score is None or now - at >= SCORE_FOR:
            assert self._health is not None
            at, score = now, self._health(place.app, place.environment)
        self._scores = {p: s for p, s in self._scores.items() if now - s[0] < SCORE_FOR}
        self._scores[place] = (at, score)
        return score

    def _past(self, place: Alone) -> Past:
        with self._desk.database.begin() as tx:
            own = watch_actions.of(tx, place.app, place.environment, place.live)
            newest = watch_actions.newest(tx, place.app, place.environment)
        if own is None:
            return Past(place.previous, newest_at=newest)
        return Past(place.previous, own.at, own.run, own.run_open, newest)

    def _send_back(self, place: Alone, because: str, now: datetime) -> None:
        """Begin the rollback, once; all that is to be known of it is kept with the run.

        Somebody who was quicker, or a database that is away, leaves no trace: it is decided anew.
        """
        wish = Wish(place.app, place.environment, "", because, only=place.live)

        def also(tx: Tx, run: Run) -> None:
            watch_actions.keep(tx, _action(place, because, now, run.id))
            decided = f"{told.effect(place)}/decided"
            journal.append(tx, _event(place, "watch.decided", because, decided, now))
            text = told.goes_back(place, because, run.id)
            self._message(tx, place, f"{told.effect(place)}/back/{run.id}", text)

        with suppress(Conflict):
            try:
                rollback(self._desk, WATCH, wish, also)
            except (Refused, Permanent) as error:
                self._refused(place, because, str(error), now)

    def _refused(self, place: Alone, because: str, why: str, now: datetime) -> None:
        sentence = f"release {place.live} should go back and cannot: {why}; {because}"
        with self._desk.database.begin() as tx:
            watch_actions.keep(tx, _action(place, because, now))
            self._say(tx, place, f"{told.effect(place)}/refused/{hour(now)}", sentence, now)

    def _tell(self, place: Alone, about: str, because: str, now: datetime) -> None:
        effect = f"{told.effect(place)}/{about}"
        if effect not in self._told:
            with self._desk.database.begin() as tx:
                self._say(tx, place, effect, because, now)
            self._told = {e for e in self._told if e.endswith(hour(now))} | {effect}

    def _say(self, tx: Tx, place: Alone, effect: str, because: str, now: datetime) -> None:
        """Journal something and tell the channel, both once for each effect."""
        text = f"{place.app}, {place.environment}: {because}"
        self._message(tx, place, effect, text)
        if journal.append(tx, _event(place, "watch.told", because, effect, now)):
            log.warning("%s", text)

    def _tell_ended(self, now: datetime) -> None:
        """Tell how the ways back ended that have ended since the last look."""
        with self._desk.database.begin() as tx:
            for ended in watch_actions.take_ended(tx, now):
                place = Alone(ended.app, ended.environment, ended.release, "")
                color = "good" if ended.status == "succeeded" else "danger"
                effect = f"{told.effect(place)}/ended/{ended.run}"
                self._message(tx, place, effect, told.ended(ended), color)

    def _message(self, tx: Tx, place: Alone, effect: str, text: str, color: str = "danger") -> None:
        """Keep a message for the emergency channel, where there is one; an effect is told once."""
        secret = told.emergency(self._policies.get((place.app, place.environment)))
        if secret:
            fields = told.fields(place, self._known.get((place.app, place.environment)))
            message = outbox.Message(effect, EMERGENCY, secret, text, color, fields)
            outbox.add(tx, message, self._desk.clock())


def _of(place: Alone, seconds: Sequence[Second]) -> Seen | None:
    """Return what was seen of the live release; None when nobody looked."""
    here = [s for s in seconds if (s.app, s.environment) == (place.app, place.environment)]
    mine = [s.seen for s in here if s.release in ("", place.live)]
    if mine:
        return mine[0]
    return Unusable(f"no counters for release {place.live}") if here else None


def _action(place: Alone, because: str, now: datetime, run: str = "") -> Action:
    return Action(place.app, place.environment, place.live, now, run, because, run_open=bool(run))


def _event(place: Alone, kind: str, because: str, effect: str, now: datetime) -> Event:
    return Event(
        at=now,
        actor=WATCH.name,
        kind=kind,
        because=because,
        effect=effect,
        app=place.app,
        environment=place.environment,
        release=place.live,
    )
