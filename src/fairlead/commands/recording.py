"""How do requests that an application has counted itself become measurements?"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fairlead.analysis import sketch
from fairlead.analysis.rollup import Part, floored
from fairlead.commands import telling
from fairlead.commands.intake import Write
from fairlead.commands.parts import keep_parts
from fairlead.commands.telling import MESSAGES
from fairlead.commands.tracking import ERRORS
from fairlead.errors import Refused
from fairlead.store import errors

SOURCE = "fairlead"
SAMPLES = "samples"
# A sample of another time is a clock that is set wrongly, and would be told in the wrong window.
OLDEST_S, FUTURE_S = 3600.0, 60.0


@dataclass(frozen=True, slots=True)
class Sample:
    """One request: when it ended (seconds since 1970), how long it took, whether it failed."""

    at: float
    ms: float
    failed: bool


def parts(release: str, component: str, samples: Iterable[Sample], now: datetime) -> list[Part]:
    """Return samples as what happened in each second; `Refused` where one makes no sense."""
    seconds: dict[int, list[Sample]] = {}
    current = now.timestamp()
    for number, sample in enumerate(samples):
        if not (math.isfinite(sample.ms) and sample.ms >= 0):
            raise Refused(f"sample {number}: its time must be milliseconds, 0 or more")
        if not -FUTURE_S <= current - sample.at <= OLDEST_S:
            raise Refused(
                f"sample {number}: its moment must lie within the last {OLDEST_S / 60:.0f} minutes "
                "(seconds since 1970)"
            )
        seconds.setdefault(int(sample.at), []).append(sample)
    return [
        Part(
            release,
            component,
            SOURCE,
            1,
            floored(datetime.fromtimestamp(second, UTC), 1),
            1.0,
            len(same),
            sum(sample.failed for sample in same),
            exact_ms(sum(sample.ms for sample in same)),
            sketch.of_times(sample.ms for sample in same),
        )
        for second, same in seconds.items()
    ]


def exact_ms(ms: float) -> float:
    """Return a time as a multiple of 1/1024 ms, so that sums are alike in whichever order.

    Totals that differ by a rounding error when rows are rolled up would seem to run backwards.
    """
    return round(ms * 1024) / 1024


WRITERS: Mapping[str, Write] = {
    SAMPLES: keep_parts,
    MESSAGES: telling.keep,
    ERRORS: errors.keep,
}
"""How each kind of thing that the intake takes is written."""


def sample(told: Any) -> Sample:
    """Return one sample of `[at, ms, failed]`; `Refused` when it is something else."""
    match told:
        case [int() | float() as at, int() | float() as ms, bool() as failed]:
            return Sample(float(at), float(ms), failed)
        case _:
            raise Refused("a sample is [at, ms, failed]: seconds since 1970, milliseconds, a bool")
