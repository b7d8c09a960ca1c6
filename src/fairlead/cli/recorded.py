"""Which polls did a past canary have? Read from its measurements and its journal entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fairlead.analysis.evidence import judge
from fairlead.analysis.evidence.component import Arm
from fairlead.analysis.evidence.judge import Block, Known
from fairlead.analysis.evidence.replay import Moment
from fairlead.analysis.evidence.rules import Rules
from fairlead.analysis.histogram import dense
from fairlead.analysis.measurement import Measurement, Unusable
from fairlead.cli.clock_face import moment
from fairlead.cli.looks import outcome

Entry = Mapping[str, Any]
# When nothing follows the last poll for longer than this and its own length, it was not the last:
# the numbers were missing.
LONGEST_GAP = timedelta(seconds=20)
_ENDS = ("traffic.decided", "rollback.decided")


@dataclass(frozen=True, slots=True)
class Canary:
    """One environment in which two releases were measured beside each other, and what came of it.

    `began` is when the judging began; `seed` what the release before had done until then by
    component, None where that was not recorded.
    """

    environment: str
    outcome: str
    because: str
    began: datetime
    seed: Mapping[str, Mapping[str, Any]] | None
    moments: tuple[Moment, ...]

    def known(self, rules: Rules) -> Known:
        """Return what the judge begins with."""
        seed = self.seed or {}
        arms = {
            name: Arm(int(one["requests"]), int(one["errors"]), dense(one["buckets"]))
            for name, one in seed.items()
        }
        phi = {name: float(one["phi"]) for name, one in seed.items() if one["phi"] is not None}
        return judge.seeded(self.began, arms, rules, phi)


def canaries(measured: Mapping[str, Any], entries: Iterable[Entry]) -> list[Canary]:
    """Return every environment of a run with a canary, from `measurements` and `journal`."""
    every = [*entries]
    found = []
    for place in measured["environments"]:
        there = [e for e in every if e.get("environment") == place["environment"]]
        if moments := _moments(place, there):
            found.append(_canary(str(place["environment"]), moments, there))
    return found


def _canary(name: str, moments: Sequence[Moment], there: Sequence[Entry]) -> Canary:
    began = next((e["data"] for e in there if e["kind"] == "judging.began"), None)
    said = [(e["data"].get("verdict", ""), e["because"]) for e in _of(there, "release.judged")]
    back = next((str(e["because"]) for e in _of(there, "rollback.decided")), "")
    came_of_it = outcome(said, back, live=bool(_of(there, "release.live")))
    first = moments[0].blocks
    starts = [block.canary.began for block in first] if isinstance(first, tuple) else []
    if began:
        starts.append(datetime.fromisoformat(began["began"]))
    seed = began["known"] if began else None
    return Canary(name, *came_of_it, min(starts, default=moments[0].at), seed, tuple(moments))


def _moments(place: Mapping[str, Any], there: Sequence[Entry]) -> list[Moment]:
    """Return the polls while both releases had traffic, oldest first.

    Windows of both that began and ended together are one poll.
    """
    release, previous = str(place["release"]), str(place["previous"])
    polls: dict[tuple[datetime, datetime], dict[str, dict[str, Measurement]]] = {}
    for written in place["windows"]:
        one = _measurement(written)
        both = polls.setdefault((one.began, one.ended), {release: {}, previous: {}})
        both[one.release][one.component] = one
    shifts = _weights(_of(there, "traffic.shifted"), release)
    found = []
    for (began, ended), both in sorted(polls.items(), key=lambda poll: poll[0]):
        weight = next((weight for at, weight in reversed(shifts) if at <= began), 0)
        if both[release] and 0 < weight < 100:
            found.append(Moment(ended, weight / 100, _blocks(both[release], both[previous])))
    return _to_the_end(_sent_on(found, there, release), there)


def _blocks(
    canary: Mapping[str, Measurement], beside: Mapping[str, Measurement]
) -> tuple[Block, ...] | Unusable:
    # What the release before lacks cannot be worse than there.
    found = tuple(Block(m, beside[name]) for name, m in canary.items() if name in beside)
    return found or Unusable("the release before has none of these components to compare with")


def _sent_on(found: Sequence[Moment], there: Sequence[Entry], release: str) -> list[Moment]:
    """Mark the first poll after each step that a person had asked for."""
    wanted, weight, sent = set(), 0, []
    for entry in there:
        if entry["kind"] == "promote.wanted":
            wanted.add(int(entry["data"]["weight"]))
        elif entry["kind"] == "traffic.decided":
            if weight in wanted:
                sent.append(_at(entry))
            weight = int(entry["data"]["weights"].get(release, 0))
    marked = [*found]
    for at in sent:
        after = next((i for i, one in enumerate(marked) if one.at > at), None)
        if after is not None:
            marked[after] = replace(marked[after], sent_on=at)
    return marked


def _to_the_end(found: list[Moment], there: Sequence[Entry]) -> list[Moment]:
    """Add that nothing was seen any more, where the last poll was long before the end."""
    if not found or isinstance(found[-1].blocks, Unusable):
        return found
    last, took = found[-1], timedelta(seconds=found[-1].blocks[0].canary.seconds)
    ends = next((_at(e) for e in there if e["kind"] in _ENDS and _at(e) >= last.at), last.at)
    if ends - last.at <= LONGEST_GAP + took:
        return found
    silent = Moment(last.at, last.weight, Unusable("nothing was recorded any more"))
    return [*found, silent, replace(silent, at=ends)]


def _weights(shifts: Sequence[Entry], release: str) -> list[tuple[datetime, int]]:
    return [(_at(e), int(e["data"].get("weights", {}).get(release, 0))) for e in shifts]


def _of(there: Sequence[Entry], kind: str) -> list[Entry]:
    return [entry for entry in there if entry["kind"] == kind]


def _at(entry: Entry) -> datetime:
    at = moment(entry["at"])
    assert at is not None
    return at


def _measurement(written: Mapping[str, Any]) -> Measurement:
    began, ended = moment(written["began"]), moment(written["ended"])
    assert began is not None
    assert ended is not None
    return Measurement(
        str(written["release"]),
        str(written["component"]),
        began,
        ended,
        int(written["requests"]),
        int(written["errors"]),
        float(written["total_ms"]),
        dense(written["buckets"]),
    )
