"""What would the judge have decided in a past canary? Its recorded polls are judged once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairlead.analysis.evidence import judge
from fairlead.analysis.evidence.judge import Block, Known
from fairlead.analysis.evidence.rules import Rules
from fairlead.analysis.measurement import Unusable
from fairlead.analysis.verdict import Finding, Verdict

# A poll later than this after the one before was not the next one: something was missing.
LONGEST_GAP = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Moment:
    """One recorded poll: when it ended, at which weight (0 to 1), and what both releases did."""

    at: datetime
    weight: float
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the judge would have said, when, and the e-value it had then."""

    at: datetime
    finding: Finding
    value: float


def replay(known: Known, moments: Sequence[Moment], rules: Rules) -> Decision | None:
    """Return what would have been decided, from what was known before; None without any poll.

    Worse is final whenever it is found; otherwise the first proof counts, and without one the last
    word.
    """
    proven: Decision | None = None
    last: Decision | None = None
    before = known.began
    for moment in moments:
        if moment.at - before > LONGEST_GAP:
            gap = Unusable(f"nothing was recorded for {(moment.at - before).total_seconds():.0f} s")
            known = judge.look(known, gap, rules, moment.weight, moment.at)
        known, before = judge.look(known, moment.blocks, rules, moment.weight, moment.at), moment.at
        last = Decision(moment.at, judge.told(known, rules, moment.at), judge.value(known))
        if last.finding.verdict is Verdict.UNHEALTHY:
            return last
        if last.finding.verdict is Verdict.HEALTHY:
            proven = proven or last
    return proven or last
