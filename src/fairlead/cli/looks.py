"""What did the judge see in a run, look by look? Read from the run's journal entries."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fairlead.cli.clock_face import moment

ALPHA, BETA = 0.001, 0.05
# The limits that the runbook sets a canary, and the windows in which they are looked at.
RUNBOOK_RATE, RUNBOOK_REQUESTS, WINDOW_S = 0.02, 50, 30.0

Counts = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """One look: `canary` and `stable` hold requests and errors of each component until then.

    `value` is the e-value that the release is worse; `proof` from 0 to 1 how much of the proof
    that it is as good was there.
    """

    at: datetime
    verdict: str
    because: str
    value: float
    proof: float
    canary: Mapping[str, Counts]
    stable: Mapping[str, Counts]


@dataclass(frozen=True, slots=True)
class Judged:
    """All looks at one environment, oldest first, and what came of them."""

    environment: str
    looks: tuple[Look, ...]
    outcome: str
    because: str
    alpha: float = ALPHA


@dataclass(slots=True)
class _Place:
    looks: list[Look] = field(default_factory=list)
    back: str = ""
    live: bool = False
    alpha: float = ALPHA


def judged(entries: Iterable[Mapping[str, Any]]) -> list[Judged]:
    """Return every environment that was judged by evidence, in the order of the journal."""
    places: dict[str, _Place] = {}
    for entry in entries:
        place = places.setdefault(str(entry.get("environment") or ""), _Place())
        data = entry.get("data") or {}
        if entry["kind"] == "release.judged" and "evidence" in data:
            place.alpha = float(data.get("alpha", ALPHA))
            place.looks.append(_look(entry, data))
        elif entry["kind"] == "rollback.decided":
            place.back = place.back or str(entry["because"])
        elif entry["kind"] == "release.live":
            place.live = True
    return [_told(name, place) for name, place in places.items() if place.looks]


def outcome(said: Sequence[tuple[str, str]], back: str, *, live: bool) -> tuple[str, str]:
    """Return what came of verdicts with their sentences, and why.

    `back` is why it went back, empty when it did not; `live` whether it was promoted.
    """
    worse = [because for verdict, because in said if verdict == "UNHEALTHY"]
    good = [because for verdict, because in said if verdict == "HEALTHY"]
    last = said[-1][1] if said else "nothing was judged"
    if worse or back:
        return "rolled back" if back else "found worse", worse[0] if worse else back
    return ("promoted", good[-1] if good else last) if live else ("not decided", last)


def together(counts: Mapping[str, Counts]) -> Counts:
    """Return requests and errors of all components."""
    return sum(n for n, _ in counts.values()), sum(x for _, x in counts.values())


def blocks(looks: Sequence[Look]) -> list[Look]:
    """Return the looks with what came between each and the one before instead of the totals.

    Totals that ran backwards were begun anew: then the look stands for itself.
    """
    found, before = [], None
    for look in looks:
        canary = _grown(before.canary if before else {}, look.canary)
        stable = _grown(before.stable if before else {}, look.stable)
        found.append(_with(look, canary, stable))
        before = look
    return found


def by_limits(looks: Sequence[Look]) -> Look | None:
    """Return the look at which the runbook's fixed limit would first have been broken.

    Windows follow each other from the first look on; in each, any one component counts.
    """
    if not looks:
        return None
    ends = looks[0].at + timedelta(seconds=WINDOW_S)
    window: dict[str, Counts] = {}
    for block in blocks(looks):
        for name, (n, x) in block.canary.items():
            before = window.get(name, (0, 0))
            window[name] = (before[0] + n, before[1] + x)
        if block.at < ends:
            continue
        if any(n >= RUNBOOK_REQUESTS and x > RUNBOOK_RATE * n for n, x in window.values()):
            return _with(block, window, {})
        window, ends = {}, block.at + timedelta(seconds=WINDOW_S)
    return None


def thinned(looks: Sequence[Look], most: int) -> list[Look]:
    """Return at most so many looks, evenly spread: the first, the last, and the first worse one."""
    if len(looks) <= most:
        return [*looks]
    last = len(looks) - 1
    kept = {round(i * last / (most - 2)) for i in range(most - 1)}
    worse = next((i for i, look in enumerate(looks) if look.verdict == "UNHEALTHY"), last)
    return [looks[i] for i in sorted(kept | {worse})]


def _look(entry: Mapping[str, Any], data: Mapping[str, Any]) -> Look:
    at = moment(entry["at"])
    assert at is not None
    evidence: Mapping[str, Mapping[str, Any]] = data["evidence"]
    beta = float(data.get("beta", BETA))
    least = min((min(one["as_good"], default=0.0) for one in evidence.values()), default=0.0)
    return Look(
        at,
        str(data.get("verdict", "")),
        str(entry["because"]),
        float(data.get("value", 1.0)),
        min(1.0, max(0.0, least / math.log(1 / beta))),
        {name: _counts(one["canary"]) for name, one in evidence.items()},
        {name: _counts(one["stable"]) for name, one in evidence.items()},
    )


def _told(name: str, place: _Place) -> Judged:
    looks = tuple(place.looks)
    said = [(look.verdict, look.because) for look in looks]
    return Judged(name, looks, *outcome(said, place.back, live=place.live), place.alpha)


def _counts(written: Sequence[int]) -> Counts:
    requests, errors = written
    return int(requests), int(errors)


def _grown(before: Mapping[str, Counts], now: Mapping[str, Counts]) -> dict[str, Counts]:
    found = {}
    for name, (n, x) in now.items():
        n_before, x_before = before.get(name, (0, 0))
        anew = n < n_before or x < x_before
        found[name] = (n, x) if anew else (n - n_before, x - x_before)
    return found


def _with(look: Look, canary: Mapping[str, Counts], stable: Mapping[str, Counts]) -> Look:
    told = (look.at, look.verdict, look.because, look.value, look.proof)
    return Look(*told, dict(canary), dict(stable))
