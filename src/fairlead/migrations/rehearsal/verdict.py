"""May the migration go, by what its rehearsal predicts?"""

from dataclasses import dataclass
from enum import StrEnum

from fairlead.migrations.rehearsal.prediction import Held, Interval
from fairlead.migrations.rehearsal.rehearsal import Rehearsal
from fairlead.migrations.rehearsal.words import between

BUDGET_CLIENT_S = 5.0


class Judged(StrEnum):
    """What the gate says. Only WITHIN lets a migration go."""

    WITHIN = "within"
    OVER = "over"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's word, with the sentence that explains it; both figures in client-seconds."""

    judged: Judged
    because: str
    blocked_client_s: Interval
    budget_client_s: float


def judge(rehearsal: Rehearsal, budget: float = BUDGET_CLIENT_S) -> Verdict:
    """Compare what everybody would wait in all with the budget, in client-seconds."""
    locks = rehearsal.locks
    total = sum((held.blocked_client_s for held in locks), Interval())
    judged, because = _judged(rehearsal, locks, total, budget)
    return Verdict(judged, because, total, budget)


def _judged(
    rehearsal: Rehearsal, locks: tuple[Held, ...], total: Interval, budget: float
) -> tuple[Judged, str]:
    if rehearsal.failed and not rehearsal.gaps:
        return Judged.FAILED, rehearsal.failed
    if rehearsal.kills.wrong:
        return Judged.FAILED, (
            "killed and resumed, it ends in another database than without: "
            + "; ".join(rehearsal.kills.wrong)
        )
    if rehearsal.gaps:
        also = f"; {rehearsal.failed}" if rehearsal.failed else ""
        return Judged.UNKNOWN, f"not everything was rehearsed: {rehearsal.gaps[0]}{also}"
    if not rehearsal.statements:
        return Judged.WITHIN, "nothing is pending"
    return _compared(rehearsal, locks, total, budget)


def _compared(
    rehearsal: Rehearsal, locks: tuple[Held, ...], total: Interval, budget: float
) -> tuple[Judged, str]:
    said = f"{between(total)} blocked client-seconds are predicted, the budget is {budget:g}"
    if total.high <= budget:
        return Judged.WITHIN, said
    worst = max(locks, key=lambda held: held.blocked_client_s.high)
    most = (
        f"{said}: most of it because {worst.where} locks {worst.table} against "
        f"{worst.blocks.words} for {between(worst.seconds)} s"
    )
    known = sum(held.blocked_client_s.high for held in locks if held.rate_known)
    if known > budget:
        return Judged.OVER, most
    uncounted = sorted({held.table for held in locks if not held.rate_known})
    why = f"none are counted for {', '.join(uncounted)}"
    if not rehearsal.traffic.rates:
        why = rehearsal.traffic.because
    return Judged.UNKNOWN, f"how many queries would meet the locks is not known ({why}): {most}"
