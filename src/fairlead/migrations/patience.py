"""How long may a statement wait for its locks at the next try, and when is it given up?

Whoever waits for a strong lock keeps everybody waiting who comes after. So the locks are asked for
without waiting, again and again; only where that never succeeds is there a short wait, then a
longer one, as far as the budget of blocked client-seconds goes.
"""

from dataclasses import dataclass

VERY_SHORT_MS = 1
WAITS_MS = (0, 20, 100, 500)
LONGEST_MS = WAITS_MS[-1]
# Of the time in all, the share after which each wait is allowed whatever is known.
_ALLOWED_FROM = (0.0, 0.5, 0.75, 0.9)
# A transaction that has been open for so many times a wait will hardly end within it.
_OLD = 2
# So often it is tried without waiting before a short wait behind short transactions.
_TRIES_WITHOUT = 5
_PAUSE_S, _BLIND_PAUSE_S, _LONGEST_PAUSE_S = 0.01, 0.1, 2.0


@dataclass(frozen=True, slots=True)
class Patience:
    """What a migration may cost: blocked client-seconds of the run, seconds for each statement."""

    budget_s: float = 5.0
    retry_for_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Tried:
    """What is known after some tries, the last of which took `last_s`.

    `spent_s` are blocked client-seconds, `victims` the most who waited at once. `oldest_s` is how
    long the oldest transaction in front has been open, None when that is not known. `blind` when
    the tables are not known, so that their locks cannot be asked for without waiting. `stopped`
    when the last try was stopped because others would have waited for longer than the budget.
    """

    tries: int = 0
    elapsed_s: float = 0.0
    last_s: float = 0.0
    spent_s: float = 0.0
    victims: int = 0
    oldest_s: float | None = None
    blind: bool = False
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again after `pause_s`, waiting up to `lock_ms` for each lock; 0 is not to wait."""

    lock_ms: int
    pause_s: float
    because: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not try again."""

    because: str


def next_wait(tried: Tried, patience: Patience) -> Wait | GiveUp:
    """Decide on the next try, from what the tries before it have shown.

    A wait is never begun when it would cost more than the budget still has, reckoned by the most
    who have waited at once so far; so at most one wait is spent beyond the budget.
    """
    tries = f"{tried.tries} {'try' if tried.tries == 1 else 'tries'} in {tried.elapsed_s:.1f} s"
    if tried.stopped or (tried.spent_s and tried.spent_s >= patience.budget_s):
        return GiveUp(
            f"others waited {tried.spent_s:.2f} s in all, {patience.budget_s:g} s are allowed "
            f"({tries})"
        )
    wait_ms, because = _wait(tried, patience)
    pause = _pause(tried, wait_ms)
    if tried.tries and tried.elapsed_s + pause > patience.retry_for_s:
        return GiveUp(
            f"{tries}, {patience.retry_for_s:g} s are allowed, and others waited "
            f"{tried.spent_s:.2f} s in all"
        )
    return Wait(wait_ms, pause, because)


def _wait(tried: Tried, patience: Patience) -> tuple[int, str]:
    share = tried.elapsed_s / patience.retry_for_s if patience.retry_for_s else 0.0
    allowed = max(at for at, start in enumerate(_ALLOWED_FROM) if share >= start)
    because = f"{share:.0%} of the time is over"
    starved = tried.oldest_s is not None and tried.tries >= _TRIES_WITHOUT
    if not allowed and starved and _may_end_in(WAITS_MS[1], tried):
        allowed, because = 1, "those in front are short, but never all gone"
    for wait_ms in reversed(WAITS_MS[1 : allowed + 1]):
        if _may_end_in(wait_ms, tried) and _can_be_paid(wait_ms, tried, patience):
            return wait_ms, because
    return 0, "nobody waits for it meanwhile"


def _may_end_in(wait_ms: int, tried: Tried) -> bool:
    return tried.oldest_s is None or tried.oldest_s * 1000 <= _OLD * wait_ms


def _can_be_paid(wait_ms: int, tried: Tried, patience: Patience) -> bool:
    return tried.spent_s + wait_ms / 1000 * max(1, tried.victims) <= patience.budget_s


def _pause(tried: Tried, wait_ms: int) -> float:
    """Return a pause that lets those who waited pass, and others work as long as we did."""
    if not tried.tries:
        return 0.0
    shortest = _BLIND_PAUSE_S if tried.blind else _PAUSE_S
    return min(_LONGEST_PAUSE_S, max(shortest, 5 * wait_ms / 1000, tried.last_s))
