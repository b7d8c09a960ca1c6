"""Can the watch ever see enough, and is every channel told anything?"""

from collections.abc import Iterator

from fairlead.release.spec.model import Environment, Spec
from fairlead.release.spec.problem import KeyPath, Problem, not_one_of
from fairlead.release.spec.quantity import written_duration
from fairlead.release.spec.watching import Alert, Watch

EMERGENCY, DEPLOYMENTS = "emergency", "deployments"
# The edge is read every second.
_SHORTEST_S = 1.0


def unsound_watches(spec: Spec) -> Iterator[Problem]:
    """Find limits that cannot be kept or broken, windows nobody can judge, unused channels."""
    for name in spec.channels:
        if name not in (EMERGENCY, DEPLOYMENTS):
            yield Problem(("channels", name), not_one_of(name, [EMERGENCY, DEPLOYMENTS]))
    monitored = {stage.monitor for stage in spec.pipeline}
    for name, there in spec.environments.items():
        here: KeyPath = ("environments", name)
        yield from _limits(there.watch, (*here, "watch"))
        yield from _limits(there.alert, (*here, "alert"))
        yield from _times(there.watch, (*here, "watch"))
        yield from _samples(there, (*here, "watch", "min_samples"))
        if "alert" in there.model_fields_set:
            yield from _room(there, (*here, "alert"), monitored=name in monitored)


def _limits(asked: Watch | Alert, here: KeyPath) -> Iterator[Problem]:
    if not 0 < asked.errors < 1:
        sentence = "a share above 0% and below 100% can be kept and broken; choose one, such as 5%"
        yield Problem((*here, "errors"), sentence)
    if asked.mean_latency == 0:
        sentence = "no release answers within 0s; allow more, such as 2s"
        yield Problem((*here, "mean_latency"), sentence)
    if asked.window < _SHORTEST_S:
        sentence = "requests are counted every second; allow at least 1s, such as 3s"
        yield Problem((*here, "window"), sentence)


def _times(asked: Watch, here: KeyPath) -> Iterator[Problem]:
    for key in ("longest", "blind"):
        if getattr(asked, key) < asked.window:
            needed = written_duration(asked.window)
            sentence = f"shorter than window {needed}: make it at least {needed}"
            yield Problem((*here, key), f"{written_duration(getattr(asked, key))} is {sentence}")


def _samples(there: Environment, here: KeyPath) -> Iterator[Problem]:
    if there.traffic is None:
        return
    expected = round(there.traffic.requests_per_second * there.watch.longest, 6)
    if expected < there.watch.min_samples:
        yield Problem(
            here,
            f"{there.traffic.requests_per_second:g} requests per second for longest "
            f"{written_duration(there.watch.longest)} are {expected:g} requests, fewer than "
            f"{there.watch.min_samples}, so every window would be UNKNOWN; make it smaller, or "
            "longest longer",
        )


def _room(there: Environment, here: KeyPath, *, monitored: bool) -> Iterator[Problem]:
    if not monitored:
        yield Problem(here, "no stage monitors this environment; add one, or remove the alert")
        return
    lasts = there.alert.windows * there.alert.window
    if lasts > there.monitor_for:
        yield Problem(
            (*here, "windows"),
            f"{there.alert.windows} windows of {written_duration(there.alert.window)} last longer "
            f"than monitor_for {written_duration(there.monitor_for)}, so it would never be told; "
            "make them fewer or shorter",
        )
