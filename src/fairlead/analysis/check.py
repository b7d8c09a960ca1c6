"""Does a release keep within its limits?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log

from fairlead.analysis.evidence.power import kl
from fairlead.analysis.measurement import Measurement, Unusable
from fairlead.analysis.verdict import Finding, Verdict, worst


@dataclass(frozen=True, slots=True)
class Limits:
    """Absolute guard-rails: beyond them a release is unhealthy whatever the others do.

    `error_rate` is a share (0.02 is 2 %), `mean_ms` milliseconds, `min_samples` requests a window,
    `max_age_s` seconds since the window ended. An error rate beyond its limit counts where a
    release that fails just as often as it may would seem so bad with at most this `chance`.
    """

    error_rate: float
    mean_ms: float
    min_samples: int
    max_age_s: float = 60.0
    chance: float = 1.0


def judge(
    window: Sequence[Measurement] | Unusable | None, limits: Limits, now: datetime
) -> Finding:
    """Judge one release by one window of measurements, one a component.

    A component that broke a limit on enough requests is UNHEALTHY. Too few requests in all, a limit
    broken on too few requests of a component, data that is not of now, unusable data and no data
    are UNKNOWN.
    """
    if window is None or isinstance(window, Unusable) or not window:
        why = window.because if isinstance(window, Unusable) else "nothing was measured"
        return Finding(Verdict.UNKNOWN, why)
    if why := not_of_now(window, limits.max_age_s, now):
        return Finding(Verdict.UNKNOWN, why)
    total = sum(m.requests for m in window)
    enough = Finding(Verdict.HEALTHY, _summary(window, limits))
    if total < limits.min_samples:
        enough = Finding(
            Verdict.UNKNOWN,
            f"{total} requests in {_seconds(window[0].seconds)}, fewer than the "
            f"{limits.min_samples} needed to judge",
        )
    return worst([enough, *(f for m in window for f in _component(m, limits))])


def not_of_now(window: Sequence[Measurement], max_age_s: float, now: datetime) -> str:
    """Say why a window is too old, or from a clock that was set back; empty when it is of now."""
    ages = [(now - m.ended).total_seconds() for m in window]
    if max(ages) > max_age_s:
        return f"the measurements are {max(ages):.1f} s old, older than {max_age_s:g} s"
    if -min(ages) > max_age_s:
        return f"the measurements end {-min(ages):.1f} s in the future: a clock was set back"
    return ""


def _component(m: Measurement, limits: Limits) -> list[Finding]:
    rate, mean = m.error_rate, m.mean_ms
    found = []
    if rate is not None and rate > limits.error_rate:
        told = f"failed {_share(rate)} of calls", f"limit {_share(limits.error_rate)}"
        found.append(_over(m, told, limits, sure=not _may_be_chance(m, limits)))
    if mean is not None and mean > limits.mean_ms:
        told = f"took {_ms(mean)} on average", f"limit {_ms(limits.mean_ms)}"
        found.append(_over(m, told, limits, sure=True))
    return found


def _over(m: Measurement, told: tuple[str, str], limits: Limits, *, sure: bool) -> Finding:
    what, limit = f"{m.component} {told[0]}", told[1]
    over = f"over {_seconds(m.seconds)}"
    if m.requests < limits.min_samples:
        few = f"but {m.requests} requests are too few to judge"
        return Finding(Verdict.UNKNOWN, f"{what} ({limit}) {over}, {few}")
    if not sure:
        few = f"which may be chance with {m.requests} requests"
        return Finding(Verdict.UNKNOWN, f"{what} ({limit}) {over}, {few}")
    return Finding(Verdict.UNHEALTHY, f"{what} {over} ({m.requests} requests), {limit}")


def _may_be_chance(m: Measurement, limits: Limits) -> bool:
    """Tell whether a release at its limit may seem so bad; Chernoff's bound on the binomial."""
    if limits.chance >= 1 or limits.error_rate <= 0:
        return False
    return m.requests * kl(m.errors / m.requests, limits.error_rate) < -log(limits.chance)


def _summary(window: Sequence[Measurement], limits: Limits) -> str:
    requests = sum(m.requests for m in window)
    errors = sum(m.errors for m in window)
    total_ms = sum(m.total_ms for m in window)
    rate = errors / requests if requests else 0.0
    mean = total_ms / requests if requests else 0.0
    return (
        f"{_share(rate)} errors (limit {_share(limits.error_rate)}), {_ms(mean)} mean (limit "
        f"{_ms(limits.mean_ms)}) over {_seconds(window[0].seconds)} ({requests} requests)"
    )


# Numbers carry as many digits as it takes to tell a broken limit from a kept one.
def _share(value: float) -> str:
    return f"{value * 100:.4g}%"


def _ms(value: float) -> str:
    return f"{round(value, 1):.10g} ms"


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value >= 1 else f"{value * 1000:.0f} ms"
