"""How are answer times kept, so that windows can be added up and still tell their percentiles?

Exponential buckets of schema 5, as in OpenTelemetry and Prometheus native histograms: each is 2.2 %
wide, and its middle is at most 1.1 % from any time in it. (OpenTelemetry data model, exponential
histogram, scale 5.)
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil, log2
from typing import Literal

from fairlead.analysis.histogram import BOUNDS_MS, BUCKETS

_A_DOUBLING = 32
# From 15 microseconds to 18 hours; what lies beyond is counted at the end.
_LEAST, _MOST = -6 * _A_DOUBLING, 26 * _A_DOUBLING
_PARTS = 4  # of these buckets in one of schema 3

# How a count is stored in so many bytes; a bit beside tells that no bucket is left out.
_COUNTS: Mapping[int, Literal["B", "H", "I", "Q"]] = {1: "B", 2: "H", 4: "I", 8: "Q"}
_WHOLE = 0x80

Sketch = Mapping[int, int]
"""Counts by the number of their bucket; buckets without any are not there."""


class Stored(Mapping[int, int]):
    """A sketch as it was stored: a month has hundreds, and no dict is made of each to add them.

    `is_whole` says that no bucket is left out between the first and the last.
    """

    def __init__(self, stored: bytes) -> None:
        """Read what `packed` wrote."""
        width, self.is_whole = stored[0] & ~_WHOLE, bool(stored[0] & _WHOLE)
        told = memoryview(stored)[1:]
        end = 2 if self.is_whole else len(told) // (2 + width) * 2
        self.width, self.counts = width, told[end:].cast(_COUNTS[width])
        numbers: Sequence[int] = told[:end].cast("h")
        if self.is_whole:
            numbers = range(numbers[0], numbers[0] + len(self.counts))
        self.numbers = numbers

    def as_number(self) -> int:
        """Return all counts as one long number, 64 bits each."""
        narrow, wide = bytes(self.counts), bytearray(8 * len(self.counts))
        for at in range(self.width):
            wide[at::8] = narrow[at :: self.width]
        return int.from_bytes(wide, "little")

    def __getitem__(self, number: int) -> int:
        """Return the count of a bucket."""
        at = bisect_left(self.numbers, number)
        if at == len(self.numbers) or self.numbers[at] != number or not self.counts[at]:
            raise KeyError(number)
        return self.counts[at]

    def __iter__(self) -> Iterator[int]:
        """Give the numbers of the buckets, the lowest first."""
        return (number for number, count in zip(self.numbers, self.counts, strict=True) if count)

    def __len__(self) -> int:
        """Return how many buckets have any."""
        return sum(1 for _ in self)


def bucket(ms: float) -> int:
    """Return the number of the bucket whose upper bound is the next at or above `ms`."""
    if ms <= 0:
        return _LEAST
    return min(max(ceil(log2(ms) * _A_DOUBLING), _LEAST), _MOST)


def middle_ms(number: int) -> float:
    """Return the time that stands for all in a bucket, in milliseconds."""
    return float(2 ** ((number - 0.5) / _A_DOUBLING))


def of_times(times_ms: Iterable[float]) -> dict[int, int]:
    """Return the sketch of single answer times in milliseconds."""
    return counted((bucket(ms), 1) for ms in times_ms)


def of_buckets(counts: Sequence[int]) -> dict[int, int]:
    """Return the sketch of counts in the wider buckets of `histogram`, each spread over its own."""
    found: list[tuple[int, int]] = []
    for number, count in enumerate(counts):
        if count:
            last = bucket(BOUNDS_MS[min(number, len(BOUNDS_MS) - 1)])
            share, rest = divmod(count, _PARTS)
            found += [(last - i, share + (i < rest)) for i in range(_PARTS)]
    return counted((number, count) for number, count in found if count)


def as_buckets(sketch: Sketch) -> tuple[int, ...]:
    """Return a sketch in the wider buckets of `histogram`; each lies in one of them as a whole."""
    first = round(log2(BOUNDS_MS[0]) * _A_DOUBLING)
    counts = [0] * BUCKETS
    for number, count in sketch.items():
        counts[min(max(ceil((number - first) / _PARTS), 0), BUCKETS - 1)] += count
    return tuple(counts)


def counted(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return pairs of a bucket and a count, added up."""
    found: dict[int, int] = {}
    for number, count in pairs:
        found[number] = found.get(number, 0) + count
    return found


def added(many: Iterable[Sketch]) -> dict[int, int]:
    """Return several sketches as one; in which order makes no difference."""
    found: dict[int, int] = {}
    so_far = found.get
    whole: dict[int, int] = {}
    for one in many:
        if isinstance(one, Stored) and one.is_whole:
            # Long numbers are added at once, and with them all counts.
            first = one.numbers[0]
            whole[first] = whole.get(first, 0) + one.as_number()
            continue
        for number, count in _pairs(one):
            found[number] = so_far(number, 0) + count
    for number, count in _apart(whole):
        found[number] = so_far(number, 0) + count
    return found


def _pairs(one: Sketch) -> Iterable[tuple[int, int]]:
    return zip(one.numbers, one.counts, strict=True) if isinstance(one, Stored) else one.items()


def _apart(whole: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Give the counts that stand side by side, 64 bits each, in long numbers by their first."""
    least = min(whole, default=0)
    told = sum(number << 64 * (first - least) for first, number in whole.items())
    counts = array("Q")
    counts.frombytes(told.to_bytes(-(-told.bit_length() // 64) * 8, "little"))
    return ((number, count) for number, count in enumerate(counts, least) if count)


def total(sketch: Sketch) -> int:
    """Return how many times a sketch counts."""
    # What was stored is not looked up bucket by bucket: a month has some ten thousand of them.
    return sum(sketch.counts if isinstance(sketch, Stored) else sketch.values())


def percentile_ms(sketch: Sketch, share: float) -> float | None:
    """Return the time below which `share` of all fall, within 2 %; None when there are none."""
    wanted, below = share * total(sketch), 0
    for number in sorted(sketch):
        below += sketch[number]
        if below >= wanted:
            return middle_ms(number)
    return None


def packed(sketch: Sketch) -> bytes:
    """Return a sketch as it is stored, each count in as few bytes as the highest needs.

    A byte tells how many these are. The numbers of the buckets follow as 16 bits each, and then the
    counts. Where at least half of the buckets from the first to the last have any, all of them are
    stored, so that they can be added at once, and of the numbers the first one alone.
    """
    numbers: Sequence[int] = sorted(sketch)
    is_whole = bool(numbers) and numbers[-1] - numbers[0] < 2 * len(numbers)
    if is_whole:
        numbers = range(numbers[0], numbers[-1] + 1)
    highest = max(sketch.values(), default=0)
    width = next(width for width in _COUNTS if highest < 1 << 8 * width)
    counts = array(_COUNTS[width], [sketch.get(number, 0) for number in numbers])
    told = array("h", numbers[:1] if is_whole else numbers)
    return bytes([width | _WHOLE * is_whole]) + told.tobytes() + counts.tobytes()
