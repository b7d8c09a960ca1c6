"""Does the judge blame only by proof, promote only by proof, and say UNKNOWN otherwise?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from fairlead.analysis.evidence.component import Arm
from fairlead.analysis.evidence.judge import Block, Known, look, seeded, told, watched
from fairlead.analysis.evidence.rules import Rules
from fairlead.analysis.histogram import BUCKETS
from fairlead.analysis.measurement import Measurement, Unusable
from fairlead.analysis.verdict import Verdict

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
RULES = Rules()
KEPT = TypeAdapter(Known)
GONE = Unusable("the source does not answer")
law = settings(deadline=None, max_examples=40)


def measured(release: str, second: int, n: int, x: int, bucket: int = 60) -> Measurement:
    began = NOW + timedelta(seconds=second)
    times = (*(0,) * bucket, n, *(0,) * (BUCKETS - 1 - bucket))
    ended = began + timedelta(seconds=1)
    return Measurement(release, "functions", began, ended, n, x, n * 40.0, times)


def poll(second: int, canary: tuple[int, int], stable: tuple[int, int]) -> list[Block]:
    return [Block(measured("new", second, *canary), measured("old", second, *stable))]


def after(polls: Sequence[list[Block] | Unusable], weight: float = 0.05) -> Known:
    history = {"functions": Arm(60_000, 300, (*(0,) * 60, 60_000, *(0,) * (BUCKETS - 61)))}
    known = seeded(NOW, history, RULES)
    for second, blocks in enumerate(polls):
        known = look(known, blocks, RULES, weight, at(second))
    return known


def at(second: int) -> datetime:
    return NOW + timedelta(seconds=second + 1)


def good(seconds: int) -> list[list[Block] | Unusable]:
    return [poll(s, (20, s % 10 == 9), (380, 2)) for s in range(seconds)]


def test_a_release_that_fails_every_call_is_blamed_within_one_poll() -> None:
    known = after([poll(0, (5, 5), (95, 0))])
    finding = told(known, RULES, at(0))
    assert finding.verdict is Verdict.UNHEALTHY
    assert finding.because.startswith(
        "functions: more errors than in the release before, 5 of 5 answers bad, beside 0 of 95, "
        "evidence "
    )


def test_a_release_called_worse_stays_worse() -> None:
    known = after([poll(0, (5, 5), (95, 0)), *good(300)[1:]])
    assert told(known, RULES, at(300)).verdict is Verdict.UNHEALTHY


def test_a_good_release_is_not_known_at_first_and_proven_later() -> None:
    assert told(after(good(20)), RULES, at(20)).verdict is Verdict.UNKNOWN
    finding = told(after(good(200)), RULES, at(200))
    assert finding.verdict is Verdict.HEALTHY
    assert finding.because.startswith("as good as the release before: functions 20 of 4,000")


def test_an_outage_of_both_blames_nobody() -> None:
    known = after([poll(s, (20, 12), (380, 228)) for s in range(120)])
    assert told(known, RULES, at(120)).verdict is not Verdict.UNHEALTHY


def test_nothing_measured_is_unknown_and_says_so() -> None:
    finding = told(Known(NOW), RULES, NOW)
    assert (finding.verdict, finding.because) == (
        Verdict.UNKNOWN,
        "not known yet: nothing was measured",
    )


def test_a_proven_release_that_is_not_seen_any_more_is_unknown() -> None:
    known = after([*good(200), *[GONE] * 61])
    finding = told(known, RULES, at(261))
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.because == "nothing usable for 61 s: the source does not answer"
    assert told(after([*good(200), GONE]), RULES, at(201)).verdict is Verdict.UNKNOWN


def test_a_release_that_gets_no_requests_of_its_share_is_not_promoted() -> None:
    known = after([*good(200), *[poll(200 + s, (0, 0), (380, 2)) for s in range(70)]])
    finding = told(known, RULES, at(270))
    assert finding.verdict is Verdict.UNKNOWN
    assert "functions of the new release got no requests" in finding.because


def test_a_release_that_loses_its_requests_is_unknown() -> None:
    known = after([poll(s, (2, 0), (380, 2)) for s in range(200)])
    assert "got 400 of 76,400 requests" in known.blind_because.replace("76400", "76,400")
    assert told(known, RULES, at(200)).verdict is Verdict.UNKNOWN


def test_too_many_bad_answers_stop_the_ramp() -> None:
    rules = replace(RULES, max_bad=3, alpha=1e-300)
    known = look(Known(NOW), poll(0, (20, 4), (380, 0)), rules, 0.05, at(0))
    finding = told(known, rules, at(0))
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.because.startswith("4 more bad answers than the release before would have given")


def test_a_slower_release_is_blamed_by_its_answer_times() -> None:
    slow = [[Block(measured("new", s, 20, 0, 80), measured("old", s, 380, 2))] for s in range(30)]
    finding = told(after(slow), RULES, at(30))
    assert finding.verdict is Verdict.UNHEALTHY
    assert "slower answers than in the release before" in finding.because


def test_after_promotion_the_reference_is_the_release_before() -> None:
    known = after(good(200))
    for second in range(200, 260):
        known = watched(known, [measured("new", second, 400, 2)], RULES, 2.6e6)
    assert not known.rolled_back
    for second in range(260, 300):
        known = watched(known, [measured("new", second, 400, 12)], RULES, 2.6e6)
    assert known.rolled_back.startswith("functions: more errors than in the release before")


counts = st.tuples(st.integers(0, 30), st.integers(0, 300)).flatmap(
    lambda n: st.tuples(st.just(n), st.integers(0, n[0]), st.integers(0, n[1]))
)


@law
@given(st.lists(counts, max_size=20), st.integers(0, 20))
def test_what_is_kept_and_read_back_gives_the_same_verdict(
    stream: list[tuple[tuple[int, int], int, int]], cut: int
) -> None:
    polls = [poll(s, (n[0], x), (n[1], y)) for s, (n, x, y) in enumerate(stream)]
    whole, known = after(polls), after(polls[:cut])
    for second, blocks in enumerate(polls[cut:], start=min(cut, len(polls))):
        known = KEPT.validate_json(KEPT.dump_json(known))
        known = look(known, blocks, RULES, 0.05, at(second))
    assert told(known, RULES, at(20)) == told(whole, RULES, at(20))
    assert known == whole


@law
@given(counts)
def test_without_requests_on_both_sides_nothing_is_known(
    one: tuple[tuple[int, int], int, int],
) -> None:
    (n_c, n_b), x, y = one
    for blocks in (poll(0, (n_c, x), (0, 0)), poll(0, (0, 0), (n_b, y))):
        assert told(after([blocks] * 5), RULES, at(4)).verdict is Verdict.UNKNOWN
