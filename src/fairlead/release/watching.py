"""What does the file ask of the watch?"""

from fairlead.analysis.check import Limits
from fairlead.analysis.watch import Policy
from fairlead.release.spec.watching import Watch

# A release that fails just as often as it may seems worse in a window with at most this chance.
CHANCE = 1e-3


def policy(asked: Watch, *, production: bool) -> Policy:
    """Return the settings as the file writes them; production must always be known."""
    return Policy(
        limits=Limits(
            error_rate=asked.errors,
            mean_ms=asked.mean_latency * 1000,
            min_samples=asked.min_samples,
            chance=CHANCE,
        ),
        health=asked.health,
        window_s=asked.window,
        windows=asked.windows,
        longest_s=asked.longest,
        cooldown_s=asked.cooldown,
        blind_s=asked.blind,
        acts=asked.unhealthy == "back",
        must_be_known=production,
    )
