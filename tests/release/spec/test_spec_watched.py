"""Is a watch that could see nothing, or whose limits mean nothing, refused with the remedy?"""

from collections.abc import Callable

import pytest

ToldAfter = Callable[[str, str], tuple[str, ...]]
HERE = "fairlead.yaml:28: environments.live."
ASKED = "    monitor_for: 10m\n"

CASES = {
    "{window: 500ms}": "watch.window: requests are counted every second; allow at least 1s, "
    "such as 3s",
    "{errors: 0%}": "watch.errors: a share above 0% and below 100% can be kept and broken; choose "
    "one, such as 5%",
    "{errors: 100%}": "watch.errors: a share above 0% and below 100% can be kept and broken; "
    "choose one, such as 5%",
    "{mean_latency: 0s}": "watch.mean_latency: no release answers within 0s; allow more, such as "
    "2s",
    "{longest: 2s}": "watch.longest: 2s is shorter than window 3s: make it at least 3s",
    "{blind: 1s}": "watch.blind: 1s is shorter than window 3s: make it at least 3s",
    "{min_samples: 70000}": "watch.min_samples: 200 requests per second for longest 5m are 60000 "
    "requests, fewer than 70000, so every window would be UNKNOWN; make it smaller, or longest "
    "longer",
}


@pytest.mark.parametrize("watch", CASES)
def test_nonsense_is_refused(told_after: ToldAfter, watch: str) -> None:
    told = told_after(ASKED, f"    watch: {watch}\n{ASKED}")
    assert told == (HERE + CASES[watch],)


def test_an_alert_that_could_never_come_is_refused(told_after: ToldAfter) -> None:
    (told,) = told_after(ASKED, f"    alert: {{window: 5m}}\n{ASKED}")
    assert told.startswith(
        HERE + "alert.windows: 3 windows of 5m last longer than monitor_for 10m, so it would never"
    )


def test_a_channel_that_is_told_nothing_is_refused(told_after: ToldAfter) -> None:
    (told,) = told_after("gates:\n", "channels:\n  emergancy: {webhook: pager}\ngates:\n")
    assert 'channels.emergancy: "emergancy" is not one of emergency, deployments' in told
    assert "did you mean emergency?" in told


def test_a_health_score_is_a_number_to_100(told_after: ToldAfter) -> None:
    (told,) = told_after(ASKED, f"    watch: {{health: 101}}\n{ASKED}")
    assert "environments.live.watch.health" in told
