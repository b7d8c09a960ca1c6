"""What does the file ask of the judge, and what can its canary find?"""

from math import sqrt

from fairlead.analysis.check import Limits
from fairlead.analysis.evidence import burst
from fairlead.analysis.evidence.power import Plan, sentences
from fairlead.analysis.evidence.rules import Margin, Rules
from fairlead.analysis.expression_text import Unsound, parsed
from fairlead.analysis.guardrail import Guardrail
from fairlead.analysis.histogram import bucket, steps_of
from fairlead.analysis.history import Usual
from fairlead.errors import Refused
from fairlead.release.spec.judgement import Evidence, Judgement
from fairlead.release.spec.model import Environment, StrategyKind, Traffic
from fairlead.release.spec.quantity import written_share

# More than so many times more or less than was measured is worth a sentence.
FAR = 2.0
# A share that fails is only compared where so many failures were to be expected.
ENOUGH_ERRORS = 10.0


def rules(asked: Evidence) -> Rules:
    """Return the judge's settings as the file writes them."""
    slower = asked.latency
    return Rules(
        alpha=asked.alpha,
        beta=asked.beta,
        tolerance=asked.tolerance,
        mde=asked.mde,
        buckets=steps_of(slower.tolerance),
        floor=bucket(slower.unnoticed * 1000),
        slower=(Margin(0.5, slower.p50), Margin(0.9, slower.p90), Margin(0.99, slower.p99)),
        max_bad=float(asked.max_bad),
        horizon_s=asked.horizon,
        blind_s=asked.blind,
    )


def limits(asked: Judgement, *, promoted: bool) -> Limits:
    """Return the fixed limits, while a release takes over or once it has all traffic.

    Beside evidence they keep its promise: that two windows running are over by chance, once in a
    whole horizon, is no likelier than `alpha`. By themselves they are what the file says.
    """
    kept = asked.promoted if promoted else asked.canary
    evidence = asked.evidence
    windows = max(1.0, evidence.horizon / asked.window)
    return Limits(
        error_rate=kept.error_rate,
        mean_ms=kept.mean_latency * 1000,
        min_samples=asked.min_samples,
        max_age_s=_max_age_s(asked),
        chance=sqrt(evidence.alpha / windows) if asked.by == "evidence" else 1.0,
    )


def guardrails(asked: Judgement) -> tuple[Guardrail, ...]:
    """Return the guard-rails that the file's people wrote; `Refused` where one makes no sense."""
    return tuple(_guardrail(asked, name) for name in asked.guardrails)


def _guardrail(asked: Judgement, name: str) -> Guardrail:
    written = asked.guardrails[name]
    expression = parsed(written.unhealthy_if)
    if isinstance(expression, Unsound):
        # `fairlead check` refuses it: only a file that a newer Fairlead took can hold it.
        raise Refused(f"guard-rail {name}: {expression.because} {expression.name}".rstrip())
    return Guardrail(
        name,
        expression,
        written.min_samples,
        written.windows,
        unknown_is_broken=written.unknown == "back",
        max_age_s=_max_age_s(asked),
    )


def _max_age_s(asked: Judgement) -> float:
    return max(60.0, 2 * asked.window)


def canary(there: Environment, measured: Usual | None = None) -> Plan | None:
    """Return the first step as planned; None where no canary is judged by evidence.

    What was measured counts more than what the file says.
    """
    judgement, traffic = there.judgement, there.traffic
    shares = [step / 100 for step in there.steps if step < 100]
    is_canary = there.strategy is StrategyKind.CANARY
    if not is_canary or judgement is None or traffic is None or not shares:
        return None
    if judgement.by != "evidence":
        return None
    if measured is None or not measured.requests_per_second:
        rate, base, phi = traffic.requests_per_second, traffic.error_rate, 1.0
    else:
        rate, base = _rounded(measured.requests_per_second), measured.error_rate
        phi = max(1.0, measured.phi)
    return Plan(rate, min(shares), base, phi, judgement.evidence.poll)


def power(there: Environment, measured: Usual | None = None) -> list[str]:
    """Say what the environment's canary can find; nothing where it has none.

    Where it was measured what usually arrives, that is what counts, and the file is compared.
    """
    plan = canary(there, measured)
    if plan is None or there.judgement is None or there.traffic is None:
        return []
    told = sentences(plan, rules(there.judgement.evidence))
    if measured is None:
        return told
    bursty = burst.told(measured.phi)
    return [*told, *([bursty] if bursty else []), *_far(there.traffic, measured)]


def _far(written: Traffic, measured: Usual) -> list[str]:
    """Say where the file is more than a factor of two from what was measured."""
    told = []
    rate, arrived = written.requests_per_second, measured.requests_per_second
    if _is_far(rate, arrived):
        told.append(
            f"traffic.requests_per_second says {rate:g}, {_rounded(arrived):g} were measured in "
            "the last hour: write what is usual"
        )
    rate, failed = written.error_rate, measured.error_rate
    if _is_far(rate, failed) and measured.requests * max(rate, failed) >= ENOUGH_ERRORS:
        told.append(
            f"traffic.error_rate says {written_share(rate)}, {failed:.2%} was measured in the last "
            "hour: write what is usual"
        )
    return told


def _is_far(written: float, measured: float) -> bool:
    return max(written, measured) > FAR * min(written, measured)


def _rounded(rate: float) -> float:
    """Return a measured rate with as many digits as it deserves."""
    return float(f"{rate:.3g}")
