"""Is the new release worse than the one beside it, as good, or is that not known yet?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import log

from fairlead.analysis.evidence import burst
from fairlead.analysis.evidence.component import Arm, Evidence, Poll, after, alone
from fairlead.analysis.evidence.rules import Rules
from fairlead.analysis.evidence.share import missing
from fairlead.analysis.evidence.wealth import unspent_at
from fairlead.analysis.guardrail import Tally
from fairlead.analysis.histogram import floored
from fairlead.analysis.measurement import Measurement, Unusable
from fairlead.analysis.verdict import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Block:
    """What one component of both releases did in the same seconds."""

    canary: Measurement
    stable: Measurement


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of one canary; small enough to be kept after every look.

    `blind_since` is when usable numbers were last missing and have been since; `rolled_back` the
    sentence with which the judge called the release worse: that is never taken back; `at_weight`
    counts both releases' requests at the newest weight; `window` is when the open window of the
    limits began, and `over` how many windows running were over them; `guardrails` is the same for
    each guard-rail by name, and `unguarded_since` when one was last UNKNOWN and has been since.
    """

    began: datetime
    components: dict[str, Evidence] = field(default_factory=dict)
    blind_since: datetime | None = None
    blind_because: str = ""
    rolled_back: str = ""
    weight: float = 0.0
    at_weight: tuple[int, int] = (0, 0)
    window: datetime | None = None
    over: int = 0
    guardrails: dict[str, Tally] = field(default_factory=dict)
    unguarded_since: datetime | None = None


def look(
    known: Known, blocks: Sequence[Block] | Unusable, rules: Rules, weight: float, now: datetime
) -> Known:
    """Return what is known after one poll at a weight between 0 and 1.

    Numbers that cannot be used say nothing about the release; they only make the judge blind.
    """
    if isinstance(blocks, Unusable):
        return _blind(known, blocks.because, now)
    unspent = unspent_at((now - known.began).total_seconds(), rules.horizon_s)
    components = dict(known.components)
    for block in blocks:
        evidence = components.get(block.canary.component, Evidence())
        poll = Poll(_arm(block.canary), _arm(block.stable), block.canary.seconds)
        components[block.canary.component] = after(evidence, poll, rules, unspent)
    seen = replace(_shared(known, blocks, weight), components=components)
    if worse := _worse(seen, rules):
        seen = replace(seen, rolled_back=known.rolled_back or worse)
    why = _unseen(blocks) or _lost(seen, rules)
    return _blind(seen, why, now) if why else replace(seen, blind_since=None, blind_because="")


def watched(known: Known, measured: Sequence[Measurement], rules: Rules, looks: float) -> Known:
    """Return what is known after one poll of a release that has all traffic.

    `looks` is the average run length: so many looks lie between two false alarms, on average, of
    all components together.
    """
    components = dict(known.components)
    for m in measured:
        components[m.component] = alone(components.get(m.component, Evidence()), _arm(m), rules)
    seen = replace(known, components=components)
    found = [(one.detector.total, name) for name, one in components.items()]
    total, name = max(found, default=(0.0, ""))
    if total < looks * len(found) or known.rolled_back:
        return seen
    told = f"{name}: more errors than in the release before, evidence {_odds(total)}"
    return replace(seen, rolled_back=told)


def told(known: Known, rules: Rules, now: datetime) -> Finding:
    """Return the verdict: worse wins, then blindness, then proof; until then it is not known."""
    if known.rolled_back:
        return Finding(Verdict.UNHEALTHY, known.rolled_back)
    asked = {name: one for name, one in known.components.items() if one.canary[0] or one.stable[0]}
    blind_s = (now - known.blind_since).total_seconds() if known.blind_since else 0.0
    if known.blind_since and (blind_s >= rules.blind_s or not asked):
        return Finding(
            Verdict.UNKNOWN, f"nothing usable for {blind_s:.0f} s: {known.blind_because}"
        )
    excess = sum(one.excess for one in asked.values())
    if excess >= rules.max_bad:
        return Finding(
            Verdict.UNKNOWN,
            f"{excess:.0f} more bad answers than the release before would have given, limit "
            f"{rules.max_bad:g}: no more traffic before that is understood",
        )
    needed = log(1 / rules.beta)
    unproven = {name: one for name, one in asked.items() if _proof(one) < needed}
    if asked and not unproven and not known.blind_since:
        return Finding(Verdict.HEALTHY, f"as good as the release before: {_counts(asked)}")
    return Finding(Verdict.UNKNOWN, f"not known yet: {_gathering(unproven or asked, needed)}")


def value(known: Known) -> float:
    """Return the merged e-value that the release is worse: components share the stake evenly."""
    totals = [one.total for one in known.components.values()]
    return sum(totals) / len(totals) if totals else 1.0


def seeded(
    began: datetime, history: dict[str, Arm], rules: Rules, phi: Mapping[str, float] | None = None
) -> Known:
    """Return what is known before the first poll: what stable did until now tunes the bets.

    `phi` is the burstiness of the components for which it was measured.
    """
    components = {}
    for name, arm in history.items():
        buckets = floored(arm.buckets, rules.floor)
        baseline = Evidence().baseline.after(0.0, arm.n, arm.x, buckets)
        burstiness = burst.begun((phi or {}).get(name, 1.0))
        components[name] = Evidence(baseline=baseline, burst=burstiness)
    return Known(began, components)


def sent_on(known: Known, now: datetime) -> Known:
    """Return what is known when a person sends the release on: a new horizon begins.

    Nothing found so far is forgotten. Fresh bets join it, so that a release that turns bad with
    more traffic is found as soon as at the start; each new horizon has a chance `alpha` of its own
    to call a harmless release worse.
    """
    components = {
        name: replace(
            one,
            errors=replace(one.errors, unspent=1.0),
            latency=replace(one.latency, unspent=1.0),
        )
        for name, one in known.components.items()
    }
    return replace(known, began=now, components=components, blind_since=None, blind_because="")


def _arm(measured: Measurement) -> Arm:
    return Arm(measured.requests, measured.errors, measured.buckets)


def _blind(known: Known, because: str, now: datetime) -> Known:
    return replace(known, blind_since=known.blind_since or now, blind_because=because)


def _unseen(blocks: Sequence[Block]) -> str:
    """Return whose requests are missing although the other release was asked; empty if nobody's."""
    if not any(block.canary.requests or block.stable.requests for block in blocks):
        return "nobody asked either release"
    for block in blocks:
        one, other = block.canary, block.stable
        if one.requests == 0 and other.requests > 0:
            return f"{one.component} of the new release got no requests"
        if other.requests == 0 and one.requests > 0:
            return f"{one.component} of the release before got no requests to compare with"
    return ""


def _shared(known: Known, blocks: Sequence[Block], weight: float) -> Known:
    canary, stable = known.at_weight if weight == known.weight else (0, 0)
    canary += sum(block.canary.requests for block in blocks)
    stable += sum(block.stable.requests for block in blocks)
    return replace(known, weight=weight, at_weight=(canary, stable))


def _lost(known: Known, rules: Rules) -> str:
    (canary, stable), weight = known.at_weight, known.weight
    if not missing(canary, stable, weight, rules.alpha):
        return ""
    return (
        f"the new release got {canary} of {canary + stable} requests at a weight of {weight:.0%}: "
        "look for requests that hang or are lost"
    )


def _worse(known: Known, rules: Rules) -> str:
    total = value(known)
    if total * rules.alpha < 1:
        return ""
    name, worst = max(known.components.items(), key=lambda item: item[1].total)
    by_errors = worst.errors.total >= worst.latency.total
    what = "more errors" if by_errors else "slower answers"
    return f"{name}: {what} than in the release before, {_one(worst)}, evidence {_odds(total)}"


def _proof(one: Evidence) -> float:
    return min(one.as_good, default=0.0)


def _gathering(asked: dict[str, Evidence], needed: float) -> str:
    if not asked:
        return "nothing was measured"
    name, least = min(asked.items(), key=lambda item: _proof(item[1]))
    share = max(0.0, _proof(least)) / needed
    lacking = "answer times" if least.as_good and least.as_good[0] > _proof(least) else "errors"
    return (
        f"{name} {_one(least)}, {min(1.0, share):.0%} of the proof that its {lacking} are as good"
    )


def _counts(asked: dict[str, Evidence]) -> str:
    return "; ".join(f"{name} {_one(one)}" for name, one in asked.items())


def _one(one: Evidence) -> str:
    (n_c, x_c), (n_b, x_b) = one.canary, one.stable
    return f"{x_c:,} of {n_c:,} answers bad, beside {x_b:,} of {n_b:,}"


def _odds(value: float) -> str:
    return f"{value:,.0f} to 1" if value < 1e6 else f"1e{log(value) / log(10):.0f} to 1"
