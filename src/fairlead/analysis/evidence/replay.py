"""What would the judge have decided in a past canary? Its recorded polls are judged once more."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from fairlead.analysis.evidence import judge
from fairlead.analysis.evidence.judge import Block, Known
from fairlead.analysis.evidence.rules import Rules
from fairlead.analysis.measurement import Unusable
from fairlead.analysis.verdict import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Moment:
    """One recorded poll: when it ended, at which weight (0 to 1), and what both releases did.

    `sent_on` is when a person sent the release on since the poll before; None when nobody did.
    """

    at: datetime
    weight: float
    blocks: tuple[Block, ...] | Unusable
    sent_on: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the judge would have said, when, and the e-value it had then."""

    at: datetime
    finding: Finding
    value: float


def decisions(known: Known, moments: Iterable[Moment], rules: Rules) -> Iterator[Decision]:
    """Yield what the judge would have said at each moment, from what was known before."""
    for moment in moments:
        if moment.sent_on is not None:
            known = judge.sent_on(known, moment.sent_on)
        known = judge.look(known, moment.blocks, rules, moment.weight, moment.at)
        yield Decision(moment.at, judge.told(known, rules, moment.at), judge.value(known))


def replay(known: Known, moments: Iterable[Moment], rules: Rules) -> Decision | None:
    """Return what would have been decided, from what was known before; None without any poll.

    Worse is final whenever it is found; otherwise the first proof counts, and without one the last
    word.
    """
    proven: Decision | None = None
    last: Decision | None = None
    for last in decisions(known, moments, rules):
        if last.finding.verdict is Verdict.UNHEALTHY:
            return last
        if last.finding.verdict is Verdict.HEALTHY:
            proven = proven or last
    return proven or last
