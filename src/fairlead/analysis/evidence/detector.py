"""Has a release that stands alone got worse than its reference? A Shiryaev-Roberts e-detector.

Shin, Ramdas, Rinaldo (2023), "E-detectors": M <- (M + 1) e; raising the alarm at M >= A gives a
false one in A looks on average, at the earliest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from fairlead.analysis.evidence.wealth import LARGEST, LARGEST_LOG

ODDS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)
PRIOR = (0.05, 0.1, 0.2, 0.3, 0.2, 0.1, 0.05)
_SURE = 1.64


@dataclass(frozen=True, slots=True)
class Detector:
    """One sum a bet; `total` is their mean, weighted by the stakes."""

    sums: tuple[float, ...] = (0.0,) * len(ODDS)

    @property
    def total(self) -> float:
        """Return the detector's value: it is compared with the average run length in looks."""
        return sum(share * m for share, m in zip(PRIOR, self.sums, strict=True))

    def after(self, n: int, x: int, reference: float, phi: float = 1.0) -> "Detector":
        """Return the sums after one look: x of n requests failed where `reference` may fail."""
        logs = [log / phi for log in _logs(n, x, reference)]
        return Detector(
            tuple(
                min(LARGEST, (m + 1) * exp(min(log, LARGEST_LOG)))
                for m, log in zip(self.sums, logs, strict=True)
            )
        )


def _logs(n: int, x: int, reference: float) -> Sequence[float]:
    found = []
    for odds in ODDS:
        times = reference / (1 - reference) * odds
        rate = times / (1 + times)
        good = (n - x) * log((1 - rate) / (1 - reference)) if n > x else 0.0
        found.append(good + (x * log(rate / reference) if x else 0.0))
    return found


def reference_rate(n: float, x: float, tolerance: float) -> float:
    """Return the rate that may fail: what was counted, its uncertainty (Wilson), the tolerance.

    Nothing counted gives nothing to compare with: a tenth of all may fail then.
    """
    if n <= 0:
        return 0.1
    p, z = min(1.0, x / n), _SURE
    middle = p + z * z / (2 * n)
    upper = (middle + z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)
    return min(0.5, max(1e-6, upper + tolerance))
