"""Does a release keep within the guard-rails that its people wrote?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fairlead.analysis.check import not_of_now
from fairlead.analysis.expression import STABLE, Expression, asked
from fairlead.analysis.histogram import percentile_ms
from fairlead.analysis.measurement import Measurement, Unusable
from fairlead.analysis.verdict import Finding, Verdict, worst

_PERCENTILES = {"p50_ms": 0.5, "p90_ms": 0.9, "p95_ms": 0.95, "p99_ms": 0.99}


@dataclass(frozen=True, slots=True)
class Guardrail:
    """An expression that must not be true for `windows` windows running.

    A window needs `min_samples` requests. UNKNOWN holds the release, or counts like a broken one
    with `unknown_is_broken`. Measurements that ended `max_age_s` ago are not of now.
    """

    name: str
    expression: Expression
    min_samples: int
    windows: int
    unknown_is_broken: bool = False
    max_age_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What is known of one guard-rail: windows running over it, and UNKNOWN ones running.

    `finding` is what the last closed window said, None when it could not say anything about this
    release; `is_open` until the first window has closed.
    """

    over: int = 0
    unknown: int = 0
    finding: Finding | None = None
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Window:
    """What one window said. `excused`: the release before was over the same guard-rail."""

    verdict: Verdict
    because: str
    excused: bool = False


def values(measured: Measurement) -> dict[str, float]:
    """Return the metrics of one component over one window; what has no value is left out.

    Times in milliseconds, `error_rate` from 0 to 1.
    """
    m, found = measured, {"requests": float(measured.requests), "errors": float(measured.errors)}
    if m.seconds > 0:
        found["requests_per_second"] = m.requests / m.seconds
    told = {"error_rate": m.error_rate, "mean_ms": m.mean_ms}
    told |= {name: percentile_ms(m.buckets, share) for name, share in _PERCENTILES.items()}
    return found | {name: value for name, value in told.items() if value is not None}


def seen(
    guardrail: Guardrail,
    window: Sequence[Measurement] | Unusable,
    beside: Sequence[Measurement],
    now: datetime,
) -> Window | None:
    """Judge one window of a release, one measurement a component; the worst component decides.

    `beside` is the release before in the same window, empty when it has no traffic. None when
    nothing can be said without a release before that is not there. Unusable data, too few requests
    and values that are missing are UNKNOWN. A component with too few requests speaks only when it
    is over the guard-rail, and then UNKNOWN.
    """
    if isinstance(window, Unusable) or not window:
        why = window.because if isinstance(window, Unusable) else "nothing was measured"
        return Window(Verdict.UNKNOWN, f"{_title(guardrail)}: {why}")
    if why := not_of_now(window, guardrail.max_age_s, now):
        return Window(Verdict.UNKNOWN, f"{_title(guardrail)}: {why}")
    if all(m.requests < guardrail.min_samples for m in window):
        most = max(m.requests for m in window)
        few = f"at most {most} requests of a component"
        why = f"{few}, fewer than the {guardrail.min_samples} needed to judge"
        return Window(Verdict.UNKNOWN, f"{_title(guardrail)}: {why}")
    before = {m.component: m for m in beside}
    told = [one for m in window if (one := _component(guardrail, m, before.get(m.component)))]
    return max(told, key=lambda one: (one.verdict, not one.excused), default=None)


def counted(guardrail: Guardrail, tally: Tally, window: Window | None) -> Tally:
    """Return the tally after one more window.

    An UNKNOWN window neither counts as one over the guard-rail nor begins the count anew.
    """
    if window is None:
        return Tally(is_open=False)
    match window.verdict:
        case Verdict.HEALTHY:
            return Tally(finding=Finding(window.verdict, window.because), is_open=False)
        case Verdict.UNHEALTHY:
            over, unknown = tally.over + 1, 0
        case _:
            over = 0 if window.excused else tally.over
            unknown = 0 if window.excused else tally.unknown + 1
    return Tally(over, unknown, _finding(guardrail, over, unknown, window), is_open=False)


def reopened(tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    """Return the tallies for windows that begin anew: the counts stay, the findings are old."""
    return {name: replace(t, finding=None, is_open=True) for name, t in tallies.items()}


def told(guardrails: Iterable[Guardrail], tallies: Mapping[str, Tally]) -> Finding | None:
    """Return the worst of what the guard-rails say; None when there are none that can say anything.

    One whose first window is still open is UNKNOWN.
    """
    found = []
    for guardrail in guardrails:
        tally = tallies.get(guardrail.name, Tally())
        if tally.is_open:
            because = f"{_title(guardrail)}: the first window is still open"
            found.append(Finding(Verdict.UNKNOWN, because))
        elif tally.finding:
            found.append(tally.finding)
    return worst(found) if found else None


def joined(finding: Finding, guarded: Finding | None) -> Finding:
    """Return the worse of two findings; guard-rails that are kept add nothing to the sentence."""
    if guarded is None or guarded.verdict is Verdict.HEALTHY:
        return finding
    return worst([finding, guarded])


def _component(guardrail: Guardrail, m: Measurement, before: Measurement | None) -> Window | None:
    expression, known = guardrail.expression, values(m)
    if before:
        known |= {f"{STABLE}.{name}": value for name, value in values(before).items()}
    truth = asked(expression, known)
    over = f"{_title(guardrail)}: {m.component} over {m.seconds:.3g} s"
    numbers = ", ".join(f"{n} {known[n]:.6g}" for n in expression.names if n in known)
    if truth.value:
        because = f"{over}: {numbers}; unhealthy if {expression.text}"
        return _broken(guardrail, m, before, because)
    if m.requests < guardrail.min_samples:
        return None
    if truth.value is False:
        return Window(Verdict.HEALTHY, f"{over}: {numbers}")
    if before is None and truth.lacks and all(n.startswith(STABLE) for n in truth.lacks):
        return None
    return Window(Verdict.UNKNOWN, f"{over}: {truth.because}, so {expression.text} is not known")


def _broken(
    guardrail: Guardrail, m: Measurement, before: Measurement | None, because: str
) -> Window:
    if m.requests < guardrail.min_samples:
        why = f"but {m.requests} requests are too few to judge"
        return Window(Verdict.UNKNOWN, f"{because}, {why}")
    expression = guardrail.expression
    comparable = before and before.requests >= guardrail.min_samples and not expression.compares
    if before and comparable and asked(expression, values(before)).value:
        return Window(Verdict.UNKNOWN, f"{because}, and so is the release before", excused=True)
    return Window(Verdict.UNHEALTHY, because)


def _finding(guardrail: Guardrail, over: int, unknown: int, window: Window) -> Finding:
    needed = guardrail.windows
    if window.verdict is Verdict.UNHEALTHY:
        if over >= needed:
            return Finding(Verdict.UNHEALTHY, f"{window.because}, {_running(over)}")
        return Finding(Verdict.UNKNOWN, f"{window.because}: {over} of {needed} windows running")
    if guardrail.unknown_is_broken and unknown >= needed:
        return Finding(Verdict.UNHEALTHY, f"{window.because}; UNKNOWN {_running(unknown)}")
    return Finding(Verdict.UNKNOWN, window.because)


def _running(windows: int) -> str:
    return f"{windows} windows running" if windows > 1 else "in this window"


def _title(guardrail: Guardrail) -> str:
    return f"guard-rail {guardrail.name}"
