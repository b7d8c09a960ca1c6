"""How do environments, runs and people look as tables, 80 columns wide?"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fairlead.cli.clock_face import short
from fairlead.cli.harmless import line, subject

_ORDER = ("HEALTHY", "UNKNOWN", "UNHEALTHY")
_VERDICT_STYLE = {"HEALTHY": "green", "UNKNOWN": "yellow", "UNHEALTHY": "bold red"}
_STATUS_STYLE = {
    "succeeded": "green",
    "failed": "red",
    "rolled_back": "red",
    "waiting": "yellow",
    "running": "cyan",
}


def status_picture(told: Mapping[str, Any]) -> RenderableType:
    """Draw every environment, what is amiss with them, and the open runs."""
    places: Sequence[Mapping[str, Any]] = told["environments"]
    if not places and not told["runs"]:
        return Text("nothing was deployed yet: `fairlead deploy` takes a commit")
    parts: list[RenderableType] = []
    for app in dict.fromkeys(str(place["app"]) for place in places):
        mine = [place for place in places if place["app"] == app]
        parts += [Text(line(app), style="bold"), _environments(mine)]
        parts += [Text(remark, style="yellow") for place in mine for remark in remarks(place)]
    if told["runs"]:
        parts += [Text("open runs", style="bold"), history_table(told["runs"])]
        parts += [Text(said, style="yellow") for run in told["runs"] for said in asking(run)]
    else:
        parts.append(Text("no run is open", style="dim"))
    return Group(*parts)


def verdict(place: Mapping[str, Any]) -> str:
    """Return the worst verdict of the slots that have traffic; silence is UNKNOWN."""
    weights: Mapping[str, int] = place["weights"] or place["wanted_weights"]
    serving = [name for name, weight in weights.items() if weight] or [place["live"]]
    known = place["releases"]
    slots = [slot for name in serving for slot in known.get(name, {}).get("slots", [])]
    return max((str(slot["verdict"]) for slot in slots), key=_rank, default="UNKNOWN")


def remarks(place: Mapping[str, Any]) -> list[str]:
    """Return a sentence for everything in an environment that a person should know of."""
    name = line(place["name"])
    told = []
    if place["weights"] is None:
        told.append(f"{name}: the edge does not answer, so its shares are not known")
    elif _served(place["weights"]) != _served(place["wanted_weights"]):
        wanted = _shares(place["wanted_weights"], " · ") or "nothing"
        told.append(f"{name}: the edge does not do what it should: {wanted}")
    for release, state in place["releases"].items():
        told.extend(
            f"{name}: {line(slot['component'])} of {line(release)} is {line(slot['verdict'])}: "
            f"{line(slot['because'])}"
            for slot in state["slots"]
            if slot["verdict"] != "HEALTHY"
        )
    return told


def history_table(runs: Sequence[Mapping[str, Any]]) -> Table:
    """Draw runs, one a line; only the commit's subject gives way when the line is short."""
    table = _table()
    table.expand = True
    for title in ("run", "release", "status", "when, UTC"):
        table.add_column(title, no_wrap=True)
    table.add_column("by", no_wrap=True, max_width=10, overflow="ellipsis")
    table.add_column("commit", no_wrap=True, overflow="ellipsis", ratio=1)
    several = len({run["app"] for run in runs}) > 1
    for run in runs:
        status = str(run["status"])
        back = "← " if run["kind"] == "rollback" else ""
        app = f"{line(run['app'])}: " if several else ""
        table.add_row(
            Text(line(run["id"])),
            Text(line(run["release"] or str(run["commit"]["sha"])[:12])),
            Text(line(status).replace("_", " "), style=_STATUS_STYLE.get(status, "")),
            Text(short(run["created_at"])),
            Text(line(run["submitted_by"])),
            Text(app + back + subject(str(run["commit"]["message"]))),
        )
    return table


def asking(run: Mapping[str, Any]) -> list[str]:
    """Return what a run waits for at its horizon, and between what a person chooses."""
    waits = run.get("at_horizon")
    if not waits:
        return []
    on, back = (line(choice) for choice in waits["choices"])
    return [
        f"{line(run['id'])} waits for a person at {waits['weight']}% of "
        f"{line(waits['environment'])}: `{on}` sends it on, `{back}` takes it back"
    ]


def people_table(people: Iterable[Mapping[str, Any]]) -> Table:
    """Draw people, one a line."""
    table = _table()
    for title in ("name", "role", "email"):
        table.add_column(title, overflow="fold")
    for person in people:
        table.add_row(*(Text(line(person[key])) for key in ("name", "role", "email")))
    return table


def _environments(places: Iterable[Mapping[str, Any]]) -> Table:
    table = _table()
    for title in ("environment", "live", "traffic now", "before", "verdict"):
        table.add_column(title, overflow="fold")
    for place in places:
        found = verdict(place)
        weights = place["weights"]
        table.add_row(
            Text().append(line(place["name"]), "bold").append(f"\n{line(place['url'])}", "dim"),
            Text(line(place["live"] or "–")),
            Text("not known" if weights is None else _shares(weights, "\n") or "none"),
            Text(line(place["previous"] or "–")),
            Text(found, style=_VERDICT_STYLE.get(found, "")),
        )
    return table


def _table() -> Table:
    return Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False)


def _shares(weights: Mapping[str, int], between: str) -> str:
    shares = sorted(_served(weights).items(), key=lambda share: -share[1])
    return between.join(f"{weight}% {line(release)}" for release, weight in shares)


def _served(weights: Mapping[str, int]) -> dict[str, int]:
    return {release: weight for release, weight in weights.items() if weight}


def _rank(found: str) -> int:
    return _ORDER.index(found) if found in _ORDER else len(_ORDER)
