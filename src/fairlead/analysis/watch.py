"""Should a live release go back, while nobody ships? Windows never overlap; then it is decided."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fairlead.analysis.check import Limits, judge
from fairlead.analysis.measurement import Measurement, Unusable, summed
from fairlead.analysis.verdict import Finding, Verdict, worst

# Looks are a second apart, a little more or less: a window does not wait for a whole look more.
_A_LITTLE_S = 0.3


@dataclass(frozen=True, slots=True)
class Second:
    """What a release did since the last look; of every release there when `release` is empty."""

    app: str
    environment: str
    release: str
    seen: tuple[Measurement, ...] | Unusable


@dataclass(frozen=True, slots=True)
class Health:
    """A health score, 0 to 100; None while it is UNKNOWN, and `because` says why."""

    score: float | None
    because: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What is asked of a live release; seconds, and a health score from 0 to 100.

    A window lasts at least `window_s`; with too few requests to judge it stays open, `longest_s`
    at most. `windows` running must be unhealthy. `acts` False only tells.
    """

    limits: Limits
    health: float
    window_s: float
    windows: int
    longest_s: float
    cooldown_s: float
    blind_s: float
    acts: bool
    must_be_known: bool = True


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of a live release.

    `known_at` is when it was last known how it does, or when the watch began; `judged` is the last
    window that was judged, `over` how many running were unhealthy.
    """

    release: str
    known_at: datetime
    window: tuple[Measurement, ...] = ()
    finding: Finding | None = None
    judged: tuple[Measurement, ...] = ()
    over: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """What the watch did before. `previous` is the release to go back to, empty for none.

    `own_at` and `own_run` tell of the release itself: when it was tried to send it back, and the
    run that did, empty when there was none; `newest_at` tells of any release there.
    """

    previous: str
    own_at: datetime | None = None
    own_run: str = ""
    own_run_open: bool = False
    newest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """There is nothing to do."""


@dataclass(frozen=True, slots=True)
class Tell:
    """A person should know, once for each thing that it is `about`."""

    about: str


@dataclass(frozen=True, slots=True)
class GoBack:
    """The release goes back to the one before."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows, and why."""

    move: Leave | Tell | GoBack
    because: str


def after(
    before: Watched, seen: Sequence[Measurement] | Unusable, policy: Policy, now: datetime
) -> Watched:
    """Return what is known after one more look; a window closes when it can be judged.

    What could not be seen ends the open window without a verdict: no window spans such a time.
    """
    if isinstance(seen, Unusable):
        unknown = Finding(Verdict.UNKNOWN, seen.because)
        return replace(before, window=(), finding=unknown, over=0)
    window = summed((*before.window, *seen))
    lasts = max((m.seconds for m in window), default=0.0)
    if lasts < policy.window_s - _A_LITTLE_S:
        return replace(before, window=window)
    found = judge(window, policy.limits, now)
    if found.verdict is not Verdict.UNKNOWN:
        over = before.over + 1 if found.verdict is Verdict.UNHEALTHY else 0
        return replace(before, window=(), finding=found, judged=window, known_at=now, over=over)
    if lasts < policy.longest_s:
        return replace(before, window=window, finding=found)
    return replace(before, window=(), finding=found, over=0)


def with_health(before: Watched, now_known: Watched, health: Health, policy: Policy) -> Watched:
    """Return what is known when a window that was judged just now is beside a health score.

    A score below the limit is as bad as a broken limit; one that is UNKNOWN hides nothing else.
    """
    if now_known.finding is None or now_known.known_at == before.known_at:
        return now_known
    if health.score is None:
        scored = Finding(Verdict.UNKNOWN, f"the health score is unknown: {health.because}")
    elif health.score < policy.health:
        told = f"the health score is {health.score:g}, limit {policy.health:g}: {health.because}"
        scored = Finding(Verdict.UNHEALTHY, told)
    else:
        return now_known
    found = worst([now_known.finding, scored])
    if found.verdict is Verdict.UNKNOWN:
        return replace(now_known, finding=found, over=0, known_at=before.known_at)
    return replace(now_known, finding=found, over=before.over + 1)


def decide(known: Watched, past: Past, policy: Policy, now: datetime) -> Decision:
    """Decide what to do about a live release. UNKNOWN never sends it back."""
    found = known.finding or Finding(Verdict.UNKNOWN, "nothing was measured yet")
    # While a window with too few requests is open, what was bad before is no news of now.
    if known.over >= policy.windows and found.verdict is Verdict.UNHEALTHY:
        told = _running(found.because, known.over)
        return _unhealthy(told, known.release, past, policy, now)
    blind_s = (now - known.known_at).total_seconds()
    matters = policy.must_be_known or known.judged
    if matters and blind_s > policy.blind_s:
        unknown = found.verdict is Verdict.UNKNOWN
        why = found.because if unknown else "nothing was measured"
        told = f"it is not known how release {known.release} does, for {blind_s:.0f} s now: {why}"
        about = f"blind/{known.release}/{known.known_at:%Y-%m-%d}"
        return Decision(Tell(about), f"{told}; it stays live")
    return Decision(Leave(), found.because)


def _unhealthy(because: str, release: str, past: Past, policy: Policy, now: datetime) -> Decision:
    told = f"release {release} is unhealthy"
    if past.own_run_open:
        return Decision(Leave(), f"{told} and goes back in run {past.own_run}: {because}")
    again_at = (past.newest_at or now) + timedelta(seconds=policy.cooldown_s)
    quiet = past.newest_at is not None and now < again_at
    if quiet and past.own_at and not past.own_run:
        return Decision(Leave(), f"{told} and could not go back, again at {again_at:%H:%M:%S} UTC")
    about, why_not = _why_not(past, policy, f"{again_at:%H:%M:%S} UTC" if quiet else "")
    if not why_not:
        return Decision(GoBack(), f"{told}: {because}")
    return Decision(Tell(f"{about}/{hour(now)}"), f"{told} and stays, {why_not}: {because}")


def hour(now: datetime) -> str:
    """Return the hour of a moment: what lasts, or comes again, is told once in each."""
    return f"{now:%Y-%m-%dT%H}"


def _why_not(past: Past, policy: Policy, quiet_until: str) -> tuple[str, str]:
    """Return what keeps the release from going back, in a word and a sentence; empty: nothing."""
    if not policy.acts:
        return "told", "since watch.unhealthy says only to tell"
    if past.own_run:
        told = f"since it was sent back once already, in run {past.own_run}"
        return f"again/{past.own_run}", f"{told}: a person has to decide"
    if not past.previous:
        return "nowhere", "since there is no release before it: a person has to decide"
    if quiet_until:
        return "cooldown", f"since another one went back a moment ago: not before {quiet_until}"
    return "", ""


def _running(because: str, over: int) -> str:
    return f"{because}, {over} windows running" if over > 1 else because
