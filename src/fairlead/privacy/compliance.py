"""Does a deployment keep what the GDPR asks of it? Line by line, from what was recorded.

A line that nothing proves is unknown, and the worst line is the verdict: silence is no compliance.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PASSED = ("gate.passed", "gate.reused")
APPROVED, SUBMITTED, LIVE = "approval.approved", "run.submitted", "release.live"


class Answer(StrEnum):
    """What is known of a line."""

    MET = "met"
    UNKNOWN = "unknown"
    NOT_MET = "not met"


_WORST = [*Answer]


@dataclass(frozen=True, slots=True)
class Line:
    """One question; `evidence` are numbers of entries of the journal."""

    question: str
    article: str
    answer: Answer
    because: str
    evidence: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry of the journal, as far as it is evidence here."""

    seq: int
    kind: str
    effect: str
    environment: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded of a run: what its gates that look at personal data said, by name.

    `deployments` are its reports on personal data, `entries` what the journal says of it.
    """

    deployments: Sequence[Mapping[str, Any]]
    gates: Mapping[str, str]
    entries: Sequence[Noted]
    needs_approval: bool


def verdict(lines: Iterable[Line]) -> Answer:
    """Return the worst answer; unknown when there is no line."""
    return max((one.answer for one in lines), key=_WORST.index, default=Answer.UNKNOWN)


def lines(known: Recorded) -> tuple[Line, ...]:
    """Return what is asked of every deployment."""
    return (
        *(line for told in known.deployments for line in _of_report(told)),
        _gates(known),
        _approval(known),
    )


def live(known: Recorded, environment: str, release: str, now_live: str) -> Line:
    """Return whether what was judged is what runs."""
    question = f"what was judged is what runs in {environment}"
    there = _evidence(known.entries, (LIVE,), environment)
    if now_live != release:
        because = f"{now_live or 'nothing'} is live, not {release or 'a release of this run'}"
        return Line(question, "Art. 5(2)", Answer.NOT_MET, because, there)
    if not there:
        because = f"the journal has no entry that {release} came to be live"
        return Line(question, "Art. 5(2)", Answer.UNKNOWN, because)
    return Line(question, "Art. 5(2)", Answer.MET, f"release {release} is live", there)


def _of_report(told: Mapping[str, Any]) -> tuple[Line, Line]:
    report = told["report"]
    where = report["environment"]
    declared = f"personal data in {where} is declared, guarded, kept no longer, and can be erased"
    answer = {"passed": Answer.MET, "failed": Answer.NOT_MET}.get(report["verdict"], Answer.UNKNOWN)
    sentence = str(report["sentence"]).removeprefix("unknown: ")
    return Line(declared, "Art. 5, 6, 15, 17, 25, 32", answer, sentence), _logs(report, where)


def _logs(report: Mapping[str, Any], where: str) -> Line:
    question, article = f"logs of {where} hold no personal data", "Art. 5(1)(c), 32"
    logs = report["logs"]
    holding = [one["log"] for one in logs if any(one["counts"].values())]
    unread = [one["log"] for one in logs if one["unknown"]]
    if holding:
        return Line(question, article, Answer.NOT_MET, f"found in {', '.join(holding)}")
    if unread or not logs:
        because = f"not all was read of {', '.join(unread)}" if unread else "no log was looked at"
        return Line(question, article, Answer.UNKNOWN, because)
    return Line(question, article, Answer.MET, f"{len(logs)} logs were looked at")


def _gates(known: Recorded) -> Line:
    question, article = "a gate holds back what breaks these rules", "Art. 25"
    if not known.gates:
        because = "no gate of the pipeline has `check: privacy`"
        return Line(question, article, Answer.NOT_MET, because)
    told = ", ".join(f"{name} {status}" for name, status in sorted(known.gates.items()))
    there = tuple(
        entry.seq
        for entry in known.entries
        if entry.kind in PASSED
        and any(entry.effect.endswith(f"/{name}/ended") for name in known.gates)
    )
    statuses = set(known.gates.values())
    if "failed" in statuses:
        return Line(question, article, Answer.NOT_MET, told, there)
    if statuses != {"passed"} or not there:
        return Line(question, article, Answer.UNKNOWN, told, there)
    return Line(question, article, Answer.MET, told, there)


def _approval(known: Recorded) -> Line:
    question, article = "who answers for the change is on record", "Art. 5(2), 24"
    submitted = _evidence(known.entries, (SUBMITTED,))
    approved = _evidence(known.entries, (APPROVED,))
    if not submitted:
        because = "the journal does not say who sent it on its way"
        return Line(question, article, Answer.UNKNOWN, because)
    if known.needs_approval and not approved:
        because = "somebody other than its author has to approve it, and nobody has yet"
        return Line(question, article, Answer.UNKNOWN, because, submitted)
    because = "somebody other than its author approved it" if approved else "no approval is asked"
    return Line(question, article, Answer.MET, because, submitted + approved)


def _evidence(
    entries: Iterable[Noted], kinds: Sequence[str], environment: str = ""
) -> tuple[int, ...]:
    return tuple(
        entry.seq
        for entry in entries
        if entry.kind in kinds and environment in ("", entry.environment)
    )
