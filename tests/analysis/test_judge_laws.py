"""Does every course of a canary keep the laws: no evidence no verdict, worse never helps?"""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from analysis.test_judge import GONE, KEPT, RULES, after, at, counts, good, law, poll
from fairlead.analysis.evidence.judge import Block, Known, look, told, value
from fairlead.analysis.measurement import Unusable
from fairlead.analysis.verdict import Verdict

STREAM = TypeAdapter(list[list[Block] | Unusable])
streams = st.lists(st.one_of(counts, st.none()), max_size=20)


def polls_of(stream: list[tuple[tuple[int, int], int, int] | None]) -> list[list[Block] | Unusable]:
    """Return a poll each second; None is one that the source did not answer."""
    return [
        poll(s, (one[0][0], one[1]), (one[0][1], one[2])) if one else GONE
        for s, one in enumerate(stream)
    ]


@law
@given(streams)
def test_a_judge_killed_after_every_look_ends_with_the_same_verdict(
    stream: list[tuple[tuple[int, int], int, int] | None],
) -> None:
    """It goes on from what the store has kept, through the same plain data."""
    polls, known = polls_of(stream), after([])
    for second, blocks in enumerate(polls):
        known = look(known, blocks, RULES, 0.05, at(second))
        known = KEPT.validate_python(json.loads(json.dumps(KEPT.dump_python(known, mode="json"))))
    assert known == after(polls)


@law
@given(streams)
def test_a_stored_stream_replayed_gives_the_stored_verdict(
    stream: list[tuple[tuple[int, int], int, int] | None],
) -> None:
    polls = polls_of(stream)
    then = told(after(polls), RULES, at(len(polls)))
    again = STREAM.validate_json(STREAM.dump_json(polls))
    assert told(after(again), RULES, at(len(polls))) == then


@law
@given(st.lists(st.sampled_from([GONE, poll(0, (0, 0), (0, 0))]), max_size=90))
def test_no_evidence_in_unknown_out(polls: list[list[Block] | Unusable]) -> None:
    known = after(polls)
    assert told(known, RULES, at(len(polls))).verdict is Verdict.UNKNOWN
    assert value(known) == pytest.approx(1)


PROVEN = after(good(200))
ORDER = {Verdict.HEALTHY: 0, Verdict.UNKNOWN: 1, Verdict.UNHEALTHY: 2}


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 199), st.integers(1, 20), st.integers(60, 200))
def test_more_bad_answers_anywhere_in_the_course_never_help(
    second: int, more: int, looks: int
) -> None:
    polls = good(looks)
    second %= looks
    worse = list(polls)
    worse[second] = poll(second, (20, min(20, (second % 10 == 9) + more)), (380, 2))
    one, other = after(polls), after(worse)
    assert value(other) >= value(one) * (1 - 1e-12)
    verdicts = [told(known, RULES, at(looks)).verdict for known in (one, other)]
    assert ORDER[verdicts[0]] <= ORDER[verdicts[1]]


def component(known: Known, total: float, as_good: float) -> Known:
    """Return what is known with its one component so worse and so proven as good."""
    one = known.components["functions"]
    errors = replace(one.errors, stakes=(total, *(0.0,) * (len(one.errors.stakes) - 1)))
    changed = replace(one, errors=errors, as_good=(as_good,) * 4)
    return replace(known, components={**known.components, "functions": changed})


@law
@given(
    st.lists(st.floats(0, 1e6), min_size=2, max_size=2),
    st.lists(st.floats(-50, 50), min_size=2, max_size=2),
)
def test_merging_is_monotone(totals: list[float], proofs: list[float]) -> None:
    """More evidence in one component against the release, or less for it, never speaks for it."""
    both = replace(PROVEN, components={**PROVEN.components, "web": PROVEN.components["functions"]})
    low, high = (component(both, total, 10.0) for total in sorted(totals))
    assert value(low) <= value(high)
    less, more = (component(both, 0.0, proof) for proof in sorted(proofs))
    verdicts = [told(known, RULES, at(200)).verdict for known in (more, less)]
    assert ORDER[verdicts[0]] <= ORDER[verdicts[1]]
