"""What have the bets against a claim earned?"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

# The first block is given this share of the prior mass; the rest enters minute by minute, for
# releases that turn bad later.
AT_THE_START = 0.92
RESTART_S = 60.0
# Beyond this all is said; floats end at 1e308.
LARGEST = 1e200
LARGEST_LOG = 400.0


@dataclass(frozen=True, slots=True)
class Wealth:
    """The capital of several bets against one claim, begun with 1 in all.

    While the claim holds, the chance that `total` ever reaches 1/alpha is at most alpha (Ville
    1939), because every bet is fair and mass not yet staked is money in the pocket.
    """

    stakes: tuple[float, ...]
    unspent: float = 1.0

    @property
    def total(self) -> float:
        """Return all of it: an e-process."""
        return sum(self.stakes) + self.unspent

    def after(self, logs: Sequence[float], prior: Sequence[float], unspent: float) -> "Wealth":
        """Return the capital after one block.

        `logs` holds each bet's log e-value, `prior` how fresh mass is shared among the bets, and
        `unspent` what stays in the pocket from now on: the difference is staked on this block.
        What a server with other bets has kept is staked anew.
        """
        if len(self.stakes) != len(prior):
            return Wealth((0.0,) * len(prior), self.total).after(logs, prior, unspent)
        fresh = max(0.0, self.unspent - unspent)
        stakes = [
            (stake + fresh * share) * exp(log if log < LARGEST_LOG else LARGEST_LOG)
            for stake, share, log in zip(self.stakes, prior, logs, strict=True)
        ]
        if max(stakes) > LARGEST:
            stakes = [min(LARGEST, stake) for stake in stakes]
        return Wealth(tuple(stakes), self.unspent - fresh)


def begun(bets: int) -> Wealth:
    """Return the capital before the first block."""
    return Wealth((0.0,) * bets)


def unspent_at(elapsed_s: float, horizon_s: float) -> float:
    """Return the mass still unspent so long after the start."""
    if horizon_s <= RESTART_S:
        return 0.0
    minutes = elapsed_s // RESTART_S
    return max(0.0, (1 - AT_THE_START) * (1 - minutes * RESTART_S / horizon_s))
