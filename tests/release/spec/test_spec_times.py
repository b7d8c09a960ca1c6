"""Are durations, steps and traffic that cannot work refused, with the numbers and the remedy?"""

from collections.abc import Callable

import pytest

Told = Callable[[str], tuple[str, ...]]
ToldAfter = Callable[[str, str], tuple[str, ...]]

JUDGEMENT = "    judgement:\n      window: 30s\n      min_samples: 50\n"

CASES = {
    "steps that shrink": (
        "steps: [5, 25, 100]",
        "steps: [25, 5, 100]",
        "fairlead.yaml:22: environments.live.steps: [25, 5, 100] does not grow; "
        "each step must be larger than the one before",
    ),
    "steps that stand still": (
        "steps: [5, 25, 100]",
        "steps: [5, 100, 100]",
        "fairlead.yaml:22: environments.live.steps: [5, 100, 100] does not grow; "
        "each step must be larger than the one before",
    ),
    "steps that do not arrive": (
        "steps: [5, 25, 100]",
        "steps: [5, 25]",
        "fairlead.yaml:22: environments.live.steps: [5, 25] does not end at 100; "
        "add 100 as the last step",
    ),
    "steps that try nothing out": (
        "steps: [5, 25, 100]",
        "steps: [100]",
        "fairlead.yaml:22: environments.live.steps: [100] tries nothing out; "
        "begin with less than 100, such as 5",
    ),
    "no steps": (
        "steps: [5, 25, 100]",
        "steps: []",
        "fairlead.yaml:22: environments.live.steps: [] does not end at 100; "
        "add 100 as the last step",
    ),
    "steps without a canary": (
        "strategy: blue_green",
        "strategy: blue_green\n    steps: [50, 100]",
        "fairlead.yaml:17: environments.staging.steps: blue_green takes no steps; "
        "set strategy to canary or remove the steps",
    ),
    "a hold shorter than its window": (
        "hold: 1m",
        "hold: 10s",
        "fairlead.yaml:23: environments.live.hold: 10s is shorter than judgement.window 30s, so "
        "no window would fit; make hold at least 30s or the window shorter",
    ),
    "no hold at all": (
        "    hold: 1m\n",
        "",
        "fairlead.yaml:18: environments.live.hold: 0s is shorter than judgement.window 30s, so "
        "no window would fit; make hold at least 30s or the window shorter",
    ),
    "watching for less than a window": (
        "monitor_for: 10m",
        "monitor_for: 29s",
        "fairlead.yaml:28: environments.live.monitor_for: 29s is shorter than judgement.window "
        "30s, so no window would fit; make monitor_for at least 30s or the window shorter",
    ),
    "a deadline within the window": (
        "min_samples: 50",
        "min_samples: 50\n      deadline: 20s",
        "fairlead.yaml:28: environments.live.judgement.deadline: 20s is shorter than "
        "judgement.window 30s, so no window would fit; make deadline at least 30s or the window "
        "shorter",
    ),
    "a window of nothing": (
        "window: 30s",
        "window: 0s",
        "fairlead.yaml:26: environments.live.judgement.window: a window of 0s holds no requests; "
        "allow more, such as 30s",
    ),
    "a canary without judgement": (
        JUDGEMENT,
        "",
        "fairlead.yaml:18: environments.live.judgement: a canary is judged, and nothing says how; "
        "add a judgement block",
    ),
    "a hold without judgement": (
        "strategy: blue_green",
        "strategy: blue_green\n    hold: 1m",
        "fairlead.yaml:17: environments.staging.hold: nothing says how the held weight is judged; "
        "add a judgement or remove hold",
    ),
    "watching without judgement": (
        "    deploy: staging",
        "    deploy: staging\n  - stage: looking\n    monitor: staging",
        "fairlead.yaml:14: environments.staging.judgement: a monitor stage watches this "
        "environment, and nothing says how to judge it; add a judgement block",
    ),
    "a limit that cannot be broken": (
        "window: 30s",
        "canary: {error_rate: 100%, mean_latency: 1s}",
        "fairlead.yaml:26: environments.live.judgement.canary.error_rate: no release fails more "
        "than 100% of requests; choose less, such as 2%",
    ),
    "a limit that cannot be kept": (
        "window: 30s",
        "promoted: {error_rate: 5%, mean_latency: 0s}",
        "fairlead.yaml:26: environments.live.judgement.promoted.mean_latency: no release answers "
        "within 0s; allow more, such as 1s",
    ),
    "no time to start": (
        "hold: 1m",
        "hold: 1m\n    start_timeout: 0s",
        "fairlead.yaml:24: environments.live.start_timeout: nothing starts within 0s; "
        "allow more, such as 1m",
    ),
    "a way back that ends too soon": (
        "hold: 1m",
        "hold: 1m\n    rollback_window: 5m",
        "fairlead.yaml:24: environments.live.rollback_window: 5m is shorter than monitor_for 10m: "
        "the previous release would be gone while the new one is still watched; "
        "make it at least 10m",
    ),
    "a canary with unknown traffic": (
        "    traffic: {requests_per_second: 200}\n",
        "",
        "fairlead.yaml:18: environments.live.traffic: a canary needs to know how much traffic it "
        "can be judged by; add traffic: {requests_per_second: …}",
    ),
    "limits with too little traffic": (
        "min_samples: 50",
        "min_samples: 5000\n      by: limits",
        "fairlead.yaml:30: environments.live.traffic.requests_per_second: 5% of 200 requests per "
        "second for 30s are 300 requests, fewer than min_samples 5000, so every window would be "
        "UNKNOWN; make the window (and hold) at least 500s, or the first step at least 84%",
    ),
    "limits with next to no traffic": (
        "min_samples: 50",
        "min_samples: 20000\n      by: limits",
        "fairlead.yaml:30: environments.live.traffic.requests_per_second: 5% of 200 requests per "
        "second for 30s are 300 requests, fewer than min_samples 20000, so every window would be "
        "UNKNOWN; make the window (and hold) at least 2000s; with this window no first step is "
        "large enough",
    ),
    "evidence with too little traffic": (
        "{requests_per_second: 200}",
        "{requests_per_second: 12}",
        "fairlead.yaml:29: environments.live.traffic.requests_per_second: at 12 requests per "
        "second a first step of 5% takes about 55 minutes to prove a release as good, longer than "
        "the horizon of 30m; begin with 10%, make the horizon or mde larger, or set at_horizon to "
        "hold, so that a person decides",
    ),
    "a margin within the tolerance": (
        "min_samples: 50",
        "min_samples: 50\n      evidence: {tolerance: 1%, mde: 1%}",
        "fairlead.yaml:28: environments.live.judgement.evidence.mde: 1% is not more than the "
        "tolerance of 1%: nothing could be proven; make it larger",
    ),
    "a chance of nothing": (
        "min_samples: 50",
        "min_samples: 50\n      evidence: {alpha: 0%}",
        "fairlead.yaml:28: environments.live.judgement.evidence.alpha: a chance above 0% and at "
        "most 50% is needed, such as 0.1%",
    ),
    "a horizon before the first step is held": (
        "min_samples: 50",
        "min_samples: 50\n      evidence: {horizon: 1m}",
        "fairlead.yaml:28: environments.live.judgement.evidence.horizon: 1m is over before the "
        "first step was held 1m; make it longer",
    ),
}


@pytest.mark.parametrize(("old", "new", "problem"), CASES.values(), ids=CASES.keys())
def test_what_cannot_work_is_refused_with_its_line_and_remedy(
    told_after: ToldAfter, old: str, new: str, problem: str
) -> None:
    assert problem in told_after(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{requests_per_second: 200}", "{requests_per_second: 33.34}"),
        ("hold: 1m", "hold: 30s"),
        ("monitor_for: 10m", "monitor_for: 1h"),
        ("steps: [5, 25, 100]", "steps: [99, 100]"),
    ],
)
def test_what_just_fits_is_accepted(told_after: ToldAfter, old: str, new: str) -> None:
    assert told_after(old, new) == ()


def test_watching_needs_enough_traffic_too(told: Told, sound: str) -> None:
    judged = "judgement: {window: 10s}\n    traffic: {requests_per_second: 4}"
    text = sound.replace("smoke: [health]", f"smoke: [health]\n    {judged}").replace(
        "deploy: staging", "deploy: staging\n  - stage: looking\n    monitor: staging"
    )
    assert told(text) == (
        "fairlead.yaml:19: environments.staging.traffic.requests_per_second: 100% of 4 requests "
        "per second for 10s are 40 requests, fewer than min_samples 50, so every window would be "
        "UNKNOWN; make the window at least 13s",
    )
