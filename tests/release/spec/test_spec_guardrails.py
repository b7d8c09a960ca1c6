"""Is a guard-rail that says nothing, or could never be asked, refused with its place and remedy?"""

from collections.abc import Callable

import pytest

from fairlead.release import judging
from fairlead.release.spec.reading import load

ToldAfter = Callable[[str, str], tuple[str, ...]]
Changed = Callable[[str, str], str]

PLACE = "      min_samples: 50\n"
AT = "environments.live.judgement.guardrails.tail"


def with_rail(**keys: object) -> str:
    lines = [f"          {key}: {value}\n" for key, value in keys.items()]
    return f"{PLACE}      guardrails:\n        tail:\n{''.join(lines)}"


def test_a_sound_guardrail_is_what_the_judge_asks(changed: Changed) -> None:
    text = with_rail(unhealthy_if="p99_ms > 800", min_samples=200, windows=3, unknown="back")
    judgement = load(changed(PLACE, text)).environments["live"].judgement
    assert judgement is not None
    (rail,) = judging.guardrails(judgement)
    assert (rail.name, rail.expression.text) == ("tail", "p99_ms > 800")
    assert (rail.min_samples, rail.windows, rail.unknown_is_broken) == (200, 3, True)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (
            {"unhealthy_if": "p99 > 800"},
            f'fairlead.yaml:30: {AT}.unhealthy_if: "p99" is not one of requests, ',
        ),
        (
            {"unhealthy_if": "stable.p99_m > 800"},
            '"stable.p99_m" is not one of requests, ',
        ),
        (
            {"unhealthy_if": "error_rate > 2%"},
            "unhealthy_if: a share is a number from 0 to 1: write 0.02 for 2%, not 2%",
        ),
        (
            {"unhealthy_if": "error_rate > 5"},
            "unhealthy_if: one of its comparisons is never true: (0 to 1) > 5",
        ),
        ({"unhealthy_if": "errors"}, "unhealthy_if: a comparison is needed, such as p99_ms > 800"),
        ({"unhealthy_if": "true"}, "unhealthy_if: text is needed, not true"),
        ({"unhealthy_if": '""'}, 'unhealthy_if: some text is needed, not ""'),
        ({"unhealthy_if": "errors > 1" + " " * 300 + "+ 1"}, "write at most 300"),
        ({"windows": 2}, "unhealthy_if: this key is missing: metrics compared, such as"),
        ({"unhealthy_if": "errors > 1", "windows": 0}, "windows: at least 1 is needed, not 0"),
        (
            {"unhealthy_if": "errors > 1", "min_samples": 0},
            "min_samples: at least 1 is needed, not 0",
        ),
        (
            {"unhealthy_if": "errors > 1", "windows": 21},
            "windows: 21 windows of 30s last longer than the deadline of 10m, which would come",
        ),
        (
            {"unhealthy_if": "errors > 1", "min_samples": 301},
            "min_samples: 5% of 200 requests per second for 30s are 300 requests, fewer than 301",
        ),
        ({"unhealthy_if": "errors > 1", "unknown": "go"}, '"go" is not one of hold, back'),
        ({"unhealthy_if": "errors > 1", "widnows": 2}, "(did you mean windows?)"),
    ],
)
def test_what_makes_no_sense_is_refused(
    told_after: ToldAfter, keys: dict[str, object], problem: str
) -> None:
    (told,) = told_after(PLACE, with_rail(**keys))
    assert AT in told
    assert problem in told


def test_a_near_name_is_offered_and_all_names_are_told(told_after: ToldAfter) -> None:
    (told,) = told_after(PLACE, with_rail(unhealthy_if="p99 > 800"))
    assert "p99_ms" in told
    assert "stable.error_rate" in told
    assert "did you mean" in told
