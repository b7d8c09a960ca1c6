"""Who serves how much in the environment that changes, and how well?"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from fairlead.cli.harmless import line
from fairlead.cli.watch.sparkline import share_bar, sparkline, windows

BAR_WIDTH = 20
SHOWN_WINDOWS = 30
# The bars of an error rate are full at this share or at the worst one seen, whichever is more.
FULL_ERROR_RATE = 0.05
VERDICT_STYLE = {"HEALTHY": "green", "UNKNOWN": "yellow", "UNHEALTHY": "bold red"}


def current_rollout(run: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the takeover under way, else the last one; None when nothing changed yet."""
    rollouts: Sequence[Mapping[str, Any]] = run["rollouts"]
    going = next((s["environment"] for s in run["stages"] if s["status"] == "running"), "")
    mine = [rollout for rollout in rollouts if rollout["environment"] == going] or rollouts
    return mine[-1] if mine else None


def environment_of(
    status: Mapping[str, Any] | None, app: str, name: str
) -> Mapping[str, Any] | None:
    """Return the environment as the status tells it; None when it does not."""
    places = status["environments"] if status else []
    return next((p for p in places if p["app"] == app and p["name"] == name), None)


def traffic_panel(rollout: Mapping[str, Any], place: Mapping[str, Any] | None) -> Table:
    """Draw shares, verdict and the course of errors and latency of the release taking over."""
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=12, no_wrap=True, overflow="ellipsis")
    grid.add_column(ratio=1)
    name = line(rollout["environment"])
    grid.add_row(Text(name, style="bold"), shares(str(rollout["release"]), place))
    verdict = str(rollout["verdict"] or "UNKNOWN")
    sentence = Text().append(verdict, style=VERDICT_STYLE.get(verdict, ""))
    sentence.append(f"  {line(rollout['because'] or 'nothing was measured yet')}")
    grid.add_row("verdict", sentence)
    for title, course in courses(rollout):
        grid.add_row(title, course)
    return grid


def shares(release: str, place: Mapping[str, Any] | None) -> Text:
    """Draw what the edge does now; what it does not tell is said, never drawn as zero."""
    if place is None or place["weights"] is None:
        return Text("the edge does not tell its shares now", style="yellow")
    weights: dict[str, int] = place["weights"]
    mine = weights.get(release, 0)
    told = Text().append(share_bar(mine, BAR_WIDTH), style="cyan")
    told.append(f" {mine}% {line(release)} (new)", style="bold")
    for other, weight in weights.items():
        if other != release and weight:
            told.append(f" · {weight}% {line(other)}")
    wanted = place["wanted_weights"].get(release, 0)
    if wanted != mine:
        told.append(f" · {wanted}% wanted", style="yellow")
    return told


def courses(rollout: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the lines `errors` and `mean`: little bars, then the newest window in words."""
    seen = windows(rollout["windows"], str(rollout["release"]))[-SHOWN_WINDOWS:]
    if not seen:
        return []
    rates, means = [w.error_rate for w in seen], [w.mean_ms for w in seen]
    worst = max([FULL_ERROR_RATE, *(rate for rate in rates if rate is not None)])
    slowest = max([0.0, *(mean for mean in means if mean is not None)])
    return [
        ("errors", f"{sparkline(rates, worst)}  {_words(rates[-1], '{:.1%}'.format)}"),
        ("mean", f"{sparkline(means, slowest)}  {_words(means[-1], _milliseconds)}"),
    ]


def _words(value: float | None, written: Callable[[float], str]) -> str:
    return "no requests in the newest window" if value is None else written(value)


def _milliseconds(value: float) -> str:
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"
