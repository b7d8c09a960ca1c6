"""Which settings does a judge follow?"""

from dataclasses import dataclass

# A bad release is found by its errors nine times out of ten: less is staked on its answer times.
# What is held back is never staked: a harmless release is so rolled back about half as often as
# `alpha` allows, and a bad one is found a twelfth later.
ERRORS_SHARE, LATENCY_SHARE, HELD_BACK = 0.513, 0.057, 0.43


@dataclass(frozen=True, slots=True)
class Margin:
    """Beyond stable's `quantile` no more than `margin` of all requests more may fall."""

    quantile: float
    margin: float


@dataclass(frozen=True, slots=True)
class Rules:
    """What the owner of an environment asks of a canary; rates and shares from 0 to 1.

    `alpha`: the chance that a harmless release is ever rolled back. `beta`: the chance that one
    worse than `mde` is promoted. `tolerance`: worse by this much is fine. `buckets`: how many
    histogram buckets slower is fine. `floor`: the bucket up to which all answers are as quick as
    anybody can notice. `max_bad`: excess bad answers at which the ramp stops.
    """

    alpha: float = 0.001
    beta: float = 0.05
    tolerance: float = 0.0
    mde: float = 0.005
    buckets: int = 1
    floor: int = 0
    slower: tuple[Margin, ...] = (Margin(0.5, 0.05), Margin(0.9, 0.03), Margin(0.99, 0.01))
    max_bad: float = 50.0
    horizon_s: float = 1800.0
    blind_s: float = 60.0
