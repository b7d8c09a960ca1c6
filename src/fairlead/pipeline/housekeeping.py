"""What has to be done besides the runs: adopt what runs, and stop slots whose time has come."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from fairlead.errors import FairleadError
from fairlead.pipeline import edge, preparing
from fairlead.pipeline.house import House
from fairlead.store import environments, slots
from fairlead.store.slots import KeptSlot

log = logging.getLogger("fairlead.housekeeping")

# Requests under way on a slot that should stop are waited for, but not for ever.
DRAIN_LIMIT = timedelta(seconds=60)


def adopt(house: House) -> None:
    """Make everything that should run, run: after a restart of the server or of the machine."""
    with house.database.begin() as tx:
        kept, places = slots.everything(tx), environments.everything(tx)
    running = _running(house)
    for slot in kept:
        if slot.slot.id not in running:
            with _noting_trouble_of(slot.slot.id):
                _restart(house, slot)
    for place in places:
        try:
            edge.apply(house, place.app, place.name)
        except FairleadError as error:
            log.warning("the edge of %s could not be set: %s", place.name, error)


def tidy(house: House) -> None:
    """Let go of slots whose time has come: out of the edge, drained, stopped, forgotten."""
    now = house.clock()
    with house.database.begin() as tx:
        slots.let_unneeded_go(tx, now)
        due = slots.due(tx, now)
    leaving: dict[tuple[str, str, str], list[KeptSlot]] = defaultdict(list)
    for kept in due:
        slot = kept.slot
        leaving[slot.app, slot.environment, slot.release].append(kept)
    for group in leaving.values():
        try:
            if _is_drained(house, group, now):
                _let_go(house, group, now)
        except FairleadError as error:
            log.warning("slots of %s stay for now: %s", group[0].slot.release, error)


def mend(house: House) -> None:
    """Start what should run and does not, stop what runs and should not: traces of kills."""
    running = house.target.running()
    with house.database.begin() as tx:
        kept = {k.slot.id: k for k in slots.everything(tx)}
    for slot_id in kept.keys() - running:
        with _noting_trouble_of(slot_id):
            _start_missing(house, kept[slot_id])
    for slot_id in running - kept.keys():
        with _noting_trouble_of(slot_id):
            _stop_stray(house, slot_id)


@contextmanager
def _noting_trouble_of(slot_id: str) -> Iterator[None]:
    """Let one slot that cannot be mended keep none of the others from it."""
    try:
        yield
    except FairleadError as error:
        log.warning("slot %s cannot be mended now: %s", slot_id, error)


def _start_missing(house: House, kept: KeptSlot) -> None:
    slot = kept.slot
    with edge.alone(slot.app, slot.environment):
        if slot.id in _kept_now(house) and slot.id not in house.target.running():
            log.warning("slot %s does not run though it is needed: started", slot.id)
            _restart(house, kept)


def _stop_stray(house: House, slot_id: str) -> None:
    app, environment, *_ = slot_id.split(".")
    with edge.alone(app, environment):
        if slot_id not in _kept_now(house):
            log.warning("slot %s runs though nothing needs it: stopped", slot_id)
            house.target.stop(slot_id)


def _running(house: House) -> frozenset[str]:
    """Return what runs; where nobody can tell, each slot is started or found running."""
    try:
        return house.target.running()
    except FairleadError as error:
        log.warning("what runs cannot be told now: %s", error)
        return frozenset()


def _kept_now(house: House) -> set[str]:
    with house.database.begin() as tx:
        return {k.slot.id for k in slots.everything(tx)}


def _restart(house: House, kept: KeptSlot) -> None:
    release = preparing.get_release(house, kept.slot.app, kept.slot.release)
    for artifact in preparing.runnable(release):
        if artifact.component == kept.slot.component and kept.endpoints:
            house.target.start({kept.slot: house.artifacts.unpack(artifact)})


def _is_drained(house: House, group: list[KeptSlot], now: datetime) -> bool:
    slot = group[0].slot
    overdue = max(now - kept.stop_after for kept in group if kept.stop_after)
    return overdue > DRAIN_LIMIT or house.router.busy(slot.app, slot.environment, slot.release) == 0


def _let_go(house: House, group: list[KeptSlot], now: datetime) -> None:
    """Take the release out of the edge first; its slots stop after nothing leads to them.

    What a leg has taken back meanwhile, for a way back or a new rollout, stays.
    """
    slot = group[0].slot
    with edge.alone(slot.app, slot.environment):
        with house.database.begin() as tx:
            gone = slots.forget_due(tx, [kept.slot.id for kept in group], now)
        if gone:
            edge.apply(house, slot.app, slot.environment)
            for slot_id in gone:
                house.target.stop(slot_id)
            log.info("release %s left %s", slot.release, slot.environment)
