"""How soon is a bad canary found, and how often is a harmless one blamed? Simulated by seed.

Base error rate 0.5 %, a canary of 5 %, alpha 0.001. All metrics are on. FAIRLEAD_BENCH_SHARE makes
a short bench of it: 0.01 runs a hundredth of the canaries. The figures then mean little.
"""

import math
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from multiprocessing import Pool
from multiprocessing.pool import Pool as Processes
from typing import Any, TypeVar

from fairlead.analysis.evidence.component import Poll, after
from fairlead.analysis.evidence.rules import Rules
from judging import bound, bound_of, watched
from judging_feeds import BROKEN, WHOLE, promoted_on
from stand import finish, say, say_load
from streams_of_requests import Release, Traffic, stream
from trials import (
    BASE,
    RPS,
    RUN_LENGTH,
    blamed,
    looks_until_alarm,
    polled,
    requests_until_end,
    told,
)

SHARE = float(os.environ.get("FAIRLEAD_BENCH_SHARE", "1"))
PROCESSES = 2
RULES = Rules()
BASES, ALL_RPS, AA = (0.001, 0.005, 0.03), (10.0, 100.0, 1000.0), 10_000
COMPARED = 200
# A canary that was not found within so many times the bound counts as if it was found then.
LONGEST_BOUNDS, PATIENCE = 15, 20_000
WORSE = {
    1: "+0.5 points",
    2: "+2 points",
    3: "+10 points",
    5: "all answers 10 % slower",
    6: "p99 twice as long, the upper half stretched",
    8: "the slowest hundredth twice as long, the rest as before",
}
Told = dict[str, float | None]
T = TypeVar("T")


def every(pool: Processes, trial: Callable[[int], T], number: int) -> list[T]:
    """Run a trial so many times, in two processes; the order of what comes back is the trials'."""
    number = max(4, round(number * SHARE))
    return pool.map(trial, range(number), chunksize=max(1, min(20, number // 8)))


def until_end(kind: int, canary: Release, rules: Rules, longest: int, number: int) -> int:
    """Run one bad canary, request by request, until it is rolled back."""
    return requests_until_end((kind, number), canary, rules, longest)


def until_promoted(number: int) -> int:
    """Run one healthy canary, request by request, until it may be promoted."""
    return requests_until_end((7, number), Release(), RULES, PATIENCE, healthy=True)


def times_bound(
    pool: Processes, kind: int, canary: Release, number: int, rules: Rules = RULES
) -> float:
    """Return the mean of canary requests until the rollback, over Wald's two-sample bound."""
    needs = bound_of(canary, Release(), rules.alpha)
    longest = math.ceil(LONGEST_BOUNDS * needs)
    found = every(pool, partial(until_end, kind, canary, rules, longest), number)
    mean, never = statistics.mean(found), sum(n >= longest for n in found)
    error = statistics.stdev(found) / math.sqrt(len(found))
    say(
        f"{WORSE[kind]}: {mean:.0f} +- {error:.0f} canary requests until rollback, bound "
        f"{needs:.1f}, ratio {mean / needs:.3f}; {len(found)} canaries, {never} never"
    )
    return mean / needs


def harmless(base: float, rps: float, canary: Release, number: int) -> Told:
    """Run one canary in polls; the first of the middle cells go through the rivals as well."""
    stable = Release(base, burst=canary.burst)
    seed = (20, round(base * 1000), round(rps), round(canary.slower * 100), number)
    end, seen, poll = polled((*seed[:-1], round(canary.burst), number), canary, stable, rps)
    compared = base == BASE and canary == stable and number < COMPARED
    return told(end, seen, poll, compared)


def worse(rps: float, number: int) -> Told:
    """Run one canary that fails by two points more."""
    end, seen, poll = polled((30, round(rps), number), Release(BASE + 0.02), Release(), rps)
    return told(end, seen, poll, True)


def barely_worse(number: int) -> bool:
    """Tell whether a release exactly at the margin is promoted."""
    release = Release(BASE + RULES.mde)
    return polled((35, number), release, Release(), RPS, until_promoted=True)[0].promoted > 0


def false_rollbacks(pool: Processes) -> tuple[int, int, dict[float, list[Told]]]:
    """Return how many harmless canaries ran and were rolled back, and what the rivals did."""
    canaries, false, compared = 0, 0, {}
    sizes = [AA // 9 + (cell < AA % 9) for cell in range(9)]
    cells = [(base, rps) for base in BASES for rps in ALL_RPS]
    for (base, rps), size in zip(cells, sizes, strict=True):
        found = every(pool, partial(harmless, base, rps, Release(base)), size)
        blamed_here = sum(f["Fairlead"] is not None for f in found)
        canaries, false = canaries + len(found), false + blamed_here
        if base == BASE:
            compared[rps] = [f for f in found if len(f) > 1]
        say(f"harmless, base {base:.1%}, {rps:g} rps: {blamed_here} of {len(found)} rolled back")
    return canaries, false, compared


def percent(found: Sequence[bool]) -> float:
    """Return how many of all are true, in percent."""
    return 100 * sum(found) / len(found)


def table(false: dict[float, list[Told]], bad: dict[float, list[Told]], out: list[Told]) -> None:
    """Print what each rule did on the same streams, at 10 / 100 / 1000 requests a second."""
    say("on the same streams, 10/100/1000 rps: false %; +2 points missed %, median s; outage %")
    for rule in out[0]:
        wrong = "/".join(
            f"{percent([f[rule] is not None for f in one]):.1f}" for one in false.values()
        )
        missed = "/".join(f"{percent([f[rule] is None for f in one]):.0f}" for one in bad.values())
        seconds = "/".join(median([f[rule] for f in one]) for one in bad.values())
        blame = percent([f[rule] is not None for f in out])
        say(f"  {rule:<26} {wrong:>16}  {missed:>12}  {seconds:>14}  {blame:>6.1f}")


def median(seconds: Sequence[float | None]) -> str:
    """Return the median of those that were found."""
    found = [s for s in seconds if s is not None]
    return f"{statistics.median(found):.0f}" if found else "-"


def look_50_ms() -> float:
    """Return the mean milliseconds of one look at 25 components, each errors and answer times."""
    known = [watched(0, Release(), RPS, 1.0)] * 25
    blocks = list(stream((70,), Release(), Release(), Traffic(RPS, 1.0, 60)).blocks())
    began = time.perf_counter()
    for canary, stable in blocks:
        known = [after(k, Poll(canary, stable, 1.0), RULES, 0.1) for k in known]
    return 1000 * (time.perf_counter() - began) / len(blocks)


def sensitivity(pool: Processes) -> dict[str, Any]:
    """Measure how soon bad releases are found, request by request."""
    found: dict[str, Any] = {
        "wald_0_5": times_bound(pool, 1, Release(BASE + 0.005), 200),
        "wald_2": times_bound(pool, 2, Release(BASE + 0.02), 600),
        "wald_10": times_bound(pool, 3, Release(BASE + 0.1), 1000),
    }
    broken = every(pool, partial(until_end, 4, Release(1.0), RULES, 100), 1000)
    found["all_fail_p95_requests"] = sorted(broken)[math.ceil(0.95 * len(broken)) - 1]
    say(f"all fail: {found['all_fail_p95_requests']} canary requests (p95)")
    exact = replace(RULES, buckets=0)
    found["wald_p50"] = times_bound(pool, 5, Release(slower=1.1), 100, exact)
    found["wald_p99"] = times_bound(pool, 6, Release(tail=2.0), 100, exact)
    found["wald_tail"] = times_bound(pool, 8, Release(beyond=2.0), 100, exact)
    fit = every(pool, until_promoted, 150)
    found["healthy_promote_median_requests"] = statistics.median(fit)
    never = sum(n >= PATIENCE for n in fit)
    say(f"healthy: fit to be promoted after {statistics.median(fit):.0f} (median), {never} never")
    return found


def safety(pool: Processes) -> dict[str, Any]:
    """Measure how often the wrong thing is done."""
    canaries, false, compared = false_rollbacks(pool)
    burst = every(pool, partial(harmless, BASE, RPS, Release(burst=3.0)), 200)
    pod = every(pool, partial(harmless, BASE, RPS, Release(slower=1.04)), 200)
    found: dict[str, Any] = {
        "aa_canaries": canaries,
        "aa_false": false,
        "burst_false_pct": percent([f["Fairlead"] is not None for f in burst]),
        "pod_false_pct": percent([f["Fairlead"] is not None for f in pod]),
    }
    say(f"bursts: {found['burst_false_pct']} %, slower pods: {found['pod_false_pct']} % blamed")
    out = every(pool, partial(blamed, with_rivals=False), 3000)
    found["outage_blamed"] = sum(f["Fairlead"] is not None for f in out)
    say(f"outage of both: {found['outage_blamed']} of {len(out)} canaries blamed")
    found["missing_promoted"] = on_broken_feeds(pool)
    found["mde_promoted_pct"] = percent(every(pool, barely_worse, 400))
    say(f"worse by the margin: {found['mde_promoted_pct']} % promoted")
    bad = {rps: every(pool, partial(worse, rps), COMPARED) for rps in ALL_RPS}
    table(compared, bad, every(pool, partial(blamed, with_rivals=True), COMPARED))
    return found


def on_broken_feeds(pool: Processes) -> int:
    """Return how many healthy canaries are promoted on counters that are broken."""
    promoted = 0
    for feed in (*BROKEN, WHOLE):
        found = every(pool, partial(promoted_on, feed), 20)
        promoted += sum(found) if feed != WHOLE else 0
        say(f"counters {feed}: {sum(found)} of {len(found)} healthy canaries promoted")
    return promoted


def after_promotion(pool: Processes) -> float:
    """Return the detector's mean looks until the alarm over Lorden's bound."""
    looks = statistics.mean(every(pool, looks_until_alarm, 1000))
    bad = BASE + 0.02
    information = bad * math.log(bad / BASE) + (1 - bad) * math.log((1 - bad) / (1 - BASE))
    needs = math.log(RUN_LENGTH) / (RPS * information)
    say(f"after promotion: +2 points found after {looks:.1f} looks, Lorden's bound {needs:.1f}")
    return looks / needs


def main() -> None:
    """Run all trials; each prints what it found."""
    say_load()
    look = look_50_ms()
    say(f"one look at 50 metrics: {look:.1f} ms")
    for points in (0.005, 0.02, 0.1, 0.995):
        bad = BASE + points
        needs = bound((bad, 1 - bad), (BASE, 1 - BASE), RULES.alpha)
        say(f"Wald's two-sample bound at +{points:.1%}: {needs:.1f} canary requests")
    with Pool(PROCESSES) as pool:
        found = sensitivity(pool) | {"lorden": after_promotion(pool)} | safety(pool)
    found["look_50_ms"] = look
    say_load()
    finish({name: round(found[name], 3) for name in FIGURES})


FIGURES = (
    "wald_0_5", "wald_2", "wald_10", "all_fail_p95_requests", "aa_canaries", "aa_false",
    "burst_false_pct", "pod_false_pct", "outage_blamed", "missing_promoted", "mde_promoted_pct",
    "healthy_promote_median_requests", "wald_p50", "wald_p99",
    "wald_tail", "lorden", "look_50_ms",
)  # fmt: skip


if __name__ == "__main__":
    main()
