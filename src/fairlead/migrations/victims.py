"""Who waits for our migration, and for how long in all?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Waiting:
    """A session `pid` that waits for a lock since `since` (seconds, the server's clock).

    `blockers` are the sessions that hold the lock, or wait for it before this one.
    """

    pid: int
    since: float
    blockers: tuple[int, ...]


def victims(waiting: Iterable[Waiting], ours: int) -> tuple[Waiting, ...]:
    """Return who waits for `ours`, or for somebody who does."""
    blocked_by = {one.pid: one for one in waiting if one.pid != ours}
    found: dict[int, Waiting] = {}
    front = {ours}
    while front:
        reached = {
            pid: one
            for pid, one in blocked_by.items()
            if pid not in found and not front.isdisjoint(one.blockers)
        }
        found |= reached
        front = set(reached)
    return tuple(sorted(found.values(), key=lambda one: one.pid))


@dataclass(frozen=True, slots=True)
class Suffered:
    """What others have suffered up to the look at `now`; waits between two looks are not seen.

    `over_s` sums the waits that are over, each until the look that no longer saw it; `going_on` is
    when each of the others began, by session and begin. `most` is how many waited at once.
    """

    over_s: float = 0.0
    worst_s: float = 0.0
    most: int = 0
    now: float = 0.0
    going_on: Mapping[tuple[int, float], float] = field(default_factory=dict)

    @property
    def blocked_client_s(self) -> float:
        """Return the time that they waited for us, summed over them."""
        return self.over_s + sum(self.now - began for began in self.going_on.values())

    def seen(self, now: float, those: Iterable[Waiting], watched_since: float) -> "Suffered":
        """Return it after another look; a wait counts from `watched_since` on at the earliest."""
        before = dict(self.going_on)
        still = {
            (one.pid, one.since): before.get((one.pid, one.since), max(one.since, watched_since))
            for one in those
        }
        over = sum(max(0.0, now - began) for key, began in before.items() if key not in still)
        longest = max((now - began for began in (before | still).values()), default=0.0)
        return Suffered(
            over_s=self.over_s + over,
            worst_s=max(self.worst_s, longest),
            most=max(self.most, len(still)),
            now=now,
            going_on=still,
        )

    def over(self) -> "Suffered":
        """Return it when the last look is done: who waits later does not wait for us."""
        return replace(self, over_s=self.blocked_client_s, going_on={})


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed: `budget_s` blocked client-seconds, `own_wait_s` waiting for one lock."""

    budget_s: float
    own_wait_s: float


def is_spent(suffered: Suffered, look_s: float, limits: Limits) -> bool:
    """Tell whether those who wait would spend the rest of the budget until the next look."""
    next_s = suffered.blocked_client_s + look_s * len(suffered.going_on)
    return bool(suffered.going_on) and next_s >= limits.budget_s


def why_stop(suffered: Suffered, own_wait_s: float, look_s: float, limits: Limits) -> str:
    """Return why our own statement is cancelled now; empty when it may go on.

    It is cancelled when those who wait would spend the rest of the budget until the next look,
    `look_s` later; and when it waits longer for a lock than was meant.
    """
    if is_spent(suffered, look_s, limits):
        return (
            f"{len(suffered.going_on)} wait for it and others have waited "
            f"{suffered.blocked_client_s:.2f} s in all, {limits.budget_s:.3g} s are allowed"
        )
    if own_wait_s > limits.own_wait_s:
        return f"it waited {own_wait_s:.2f} s for a lock, {limits.own_wait_s:.2f} s were meant"
    return ""
