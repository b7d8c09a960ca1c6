"""What happens to one canary? A trial each, by its number alone, so that any process can run it."""

from collections.abc import Iterator
from itertools import count, islice

import numpy as np

from fairlead.analysis.evidence.component import Arm, Evidence
from fairlead.analysis.evidence.detector import Detector, reference_rate
from fairlead.analysis.evidence.rules import Rules
from judging import HISTORIES, End, judged, watched
from rivals import RIVALS
from streams_of_requests import Release, Stream, Traffic, outage, poll_s, stream

HORIZON_S = 1800.0
RPS, BASE = 100.0, 0.005
# A canary request every fifth of a second, as of 100 requests a second in total.
ONE_BY_ONE_S, CHUNK = 0.2, 1000
OUTAGE = Traffic(RPS, 1.0, 300), (60, 240)
QUIET_LOOKS, RUN_LENGTH = 600, 30 * 24 * 3600


def one_by_one(
    seed: tuple[int, ...], canary: Release, stable: Release
) -> Iterator[tuple[Arm, Arm]]:
    """Yield a canary request and its 19 of stable, without end and without drift."""
    traffic = Traffic(0, ONE_BY_ONE_S, CHUNK, drifts=False)
    for chunk in count():
        yield from stream((*seed, chunk), canary, stable, traffic).blocks()


def requests_until_end(
    seed: tuple[int, ...], canary: Release, rules: Rules, longest: int, healthy: bool = False
) -> int:
    """Return the canary requests until the rollback, or until a healthy one may be promoted.

    A canary that has not ended after `longest` requests counts with them.
    """
    known = watched(seed[-1] % HISTORIES, Release(), RPS, 1.0)
    blocks = islice(one_by_one(seed, canary, Release()), longest)
    end = judged(known, blocks, ONE_BY_ONE_S, rules, until_promoted=healthy)
    return (end.promoted if healthy else end.rolled_back) or longest


def begun(number: int, stable: Release, rps: float) -> tuple[Evidence, Traffic]:
    """Return what is known when a canary begins, and the looks of its half hour."""
    every = poll_s(rps)
    known = watched(number % HISTORIES, stable, rps, every)
    return known, Traffic(rps, every, round(HORIZON_S / every))


def polled(
    seed: tuple[int, ...],
    canary: Release,
    stable: Release,
    rps: float,
    until_promoted: bool = False,
) -> tuple[End, Stream, float]:
    """Return how a canary ended that is looked at in polls, with its stream and seconds a poll."""
    known, traffic = begun(seed[-1], stable, rps)
    seen = stream(seed, canary, stable, traffic)
    end = judged(known, seen.blocks(), traffic.poll_s, Rules(), until_promoted)
    return end, seen, traffic.poll_s


def blamed(number: int, with_rivals: bool) -> dict[str, float | None]:
    """Return the second of each rule's rollback in an outage that both releases share."""
    traffic, between = OUTAGE
    seen = outage((40, number), traffic, between)
    known = watched(number % HISTORIES, Release(), RPS, traffic.poll_s)
    end = judged(known, seen.blocks(), traffic.poll_s, Rules())
    return told(end, seen, traffic.poll_s, with_rivals)


def told(end: End, seen: Stream, every: float, with_rivals: bool) -> dict[str, float | None]:
    """Return the second at which each rule rolls back; the judge's own first."""
    found: dict[str, float | None] = {"Fairlead": end.rolled_back * every or None}
    if with_rivals:
        found |= {name: rule(seen, every) for name, rule in RIVALS.items()}
    return found


def looks_until_alarm(number: int) -> int:
    """Return the looks until the detector finds +2 points, ten quiet minutes after a promotion."""
    chance = np.random.default_rng((50, number))
    n = int(RPS)
    hour = int(chance.binomial(n * 3600, BASE))
    reference = reference_rate(n * 3600, hour, 0.0)
    detector = Detector()
    for x in chance.binomial(n, BASE, QUIET_LOOKS).tolist():
        detector = detector.after(n, x, reference)
    looks = 0
    while detector.total < RUN_LENGTH:
        detector = detector.after(n, int(chance.binomial(n, BASE + 0.02)), reference)
        looks += 1
    return looks
