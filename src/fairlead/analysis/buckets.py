"""How are OpenTelemetry's histograms told as sketches? As near as their buckets allow.

OpenTelemetry data model: explicit and exponential histograms. A count whose bucket is wider than
ours is spread over those it may lie in, in a way that grows where the count grows.
"""

from collections.abc import Sequence

from fairlead.analysis import sketch
from fairlead.analysis.sketch import Sketch

# Of the first bucket only the upper bound is known: half of it is taken as the lower one.
_A_HALF = 32


def explicit(bounds_ms: Sequence[float], counts: Sequence[int]) -> dict[int, int]:
    """Return counts between bounds in milliseconds; the last count lies beyond the last bound."""
    found: list[tuple[int, int]] = []
    least: int | None = None
    for bound_ms, count in zip(bounds_ms, counts, strict=False):
        most = sketch.bucket(bound_ms)
        found += _spread(count, most - _A_HALF + 1 if least is None else least, most)
        least = most + 1
    return sketch.counted([*found, *_spread(counts[-1], least or 0, least or 0)])


def exponential(
    scale: int, first: int, counts: Sequence[int], zeros: int, to_ms: float
) -> dict[int, int]:
    """Return counts of buckets from `first` on; `i` ends at `2 ** ((i + 1) / 2 ** scale) * to_ms`.

    `zeros` is how many were counted as no time at all.
    """
    wide = 2.0**-scale
    found = [(sketch.bucket(0), zeros)] if zeros else []
    for index, count in enumerate(counts, first):
        if count:
            ends = (sketch.bucket(_power(wide * (index + more)) * to_ms) for more in (0, 1))
            least, most = ends
            found += _spread(count, min(least + 1, most), most)
    return sketch.counted(found)


def grown(before: Sketch, after: Sketch) -> dict[int, int]:
    """Return what was added; what moved to a neighbour, as its buckets grew wider, is no loss."""
    found: dict[int, int] = {}
    owed = 0
    for number in sorted({*before, *after}):
        owed += after.get(number, 0) - before.get(number, 0)
        if owed > 0:
            found[number], owed = owed, 0
    for number in sorted(found, reverse=True):
        taken = min(found[number], -owed)
        found[number], owed = found[number] - taken, owed + taken
    return {number: count for number, count in found.items() if count}


def _spread(count: int, least: int, most: int) -> list[tuple[int, int]]:
    wide = max(1, most - least + 1)
    shares = ((most - place, (count + place) // wide) for place in range(wide))
    return [(number, share) for number, share in shares if share]


def _power(exponent: float) -> float:
    # Farther away is beyond all buckets of ours.
    return float(2.0 ** min(max(exponent, -60.0), 60.0))
