"""By which weights does a new release take over?"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["all_at_once", "blue_green", "canary"]


@dataclass(frozen=True, slots=True)
class Step:
    """One weight in percent, held and judged for at least `hold_s` seconds."""

    weight: int
    hold_s: float


def steps(kind: Kind, weights: tuple[int, ...], hold_s: float, previous: str) -> tuple[Step, ...]:
    """Return the steps to full traffic.

    A first release has no release beside it to share with, to be compared with or to return to: it
    takes all at once and is not held, whatever the strategy says.
    """
    if not previous:
        return (Step(100, 0.0),)
    if kind == "canary":
        return tuple(Step(weight, hold_s) for weight in weights)
    return (Step(100, hold_s),)


def keeps_previous_warm(kind: Kind) -> bool:
    """Tell whether the release before stays ready to take back the traffic."""
    return kind != "all_at_once"
