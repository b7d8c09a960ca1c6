"""How does the evidence move along a stream, and what is the least that any test needs?"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log

from fairlead.analysis.evidence.component import Arm, Evidence, Poll, after
from fairlead.analysis.evidence.rules import Rules
from fairlead.analysis.evidence.wealth import unspent_at
from streams_of_requests import STABLE_EACH, Release, Traffic, history, shares

HISTORIES = 12
HOUR_S, BASELINE_S = 3600.0, 1200.0


@dataclass(frozen=True, slots=True)
class End:
    """At which look (from 1) a canary was rolled back or fit to be promoted; 0 is never."""

    rolled_back: int = 0
    promoted: int = 0


@lru_cache(maxsize=400)
def watched(which: int, stable: Release, rps: float, poll_s: float) -> Evidence:
    """Return what an hour of the stable release taught; some hours are drawn, and used in turn.

    Of the answer times the last twenty minutes are taken: what is older weighs next to nothing.
    """
    traffic = Traffic(rps, poll_s, round(HOUR_S / poll_s))
    known = Evidence()
    burst, baseline = known.burst, known.baseline
    skipped = traffic.looks - round(BASELINE_S / poll_s)
    for look, arm in enumerate(history((90, which), stable, traffic)):
        burst = burst.after(arm.x)
        if look >= skipped:
            baseline = baseline.after(poll_s, arm.n, arm.x, arm.buckets)
    return replace(known, burst=burst, baseline=baseline)


def judged(
    known: Evidence,
    blocks: Iterable[tuple[Arm, Arm]],
    poll_s: float,
    rules: Rules,
    until_promoted: bool = False,
) -> End:
    """Return where a canary ends; with `until_promoted` the first promotion ends it, too."""
    enough, as_good = 1 / rules.alpha, log(1 / rules.beta)
    if not until_promoted:
        # Nobody asks then whether the answer times are proven as good; the rollback does not.
        rules = replace(rules, slower=())
    for look, (canary, stable) in enumerate(blocks):
        unspent = unspent_at(look * poll_s, rules.horizon_s)
        known = after(known, Poll(canary, stable, poll_s), rules, unspent)
        if known.total >= enough:
            return End(rolled_back=look + 1)
        if until_promoted and min(known.as_good) >= as_good:
            return End(promoted=look + 1)
    return End()


def bound(canary: Iterable[float], stable: Iterable[float], alpha: float) -> float:
    """Return Wald's two-sample bound: canary requests that any valid test needs on average.

    Both are shares of the same kinds of answers, 19 stable ones for each of the canary.
    """
    information = 0.0
    for p, q in zip(canary, stable, strict=True):
        mean = (p + STABLE_EACH * q) / (1 + STABLE_EACH)
        information += p * log(p / mean) if p else 0.0
        information += STABLE_EACH * q * log(q / mean) if q else 0.0
    return log(1 / alpha) / information


def bound_of(canary: Release, stable: Release, alpha: float) -> float:
    """Return the bound for two releases that differ in one way, errors or answer times."""
    if canary.rate != stable.rate:
        return bound((canary.rate, 1 - canary.rate), (stable.rate, 1 - stable.rate), alpha)
    one, other = (
        shares(release.slower, release.tail, release.beyond).tolist()
        for release in (canary, stable)
    )
    return bound(one, other, alpha)
