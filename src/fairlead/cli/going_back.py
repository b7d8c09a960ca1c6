"""How is an environment sent back, from which release to which, and what came of it?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.exits import Exit
from fairlead.cli.options import APP, JSON, YES, Asked, takes
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.cli.client import Client

Name = Annotated[str, typer.Argument(help="Name of the environment.", metavar="ENVIRONMENT")]
To = Annotated[
    str,
    typer.Option(
        "--to", help="Release to return to; without it the one before.", show_default=False
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; it goes on record.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait for the end.")]


@dataclass(frozen=True, slots=True)
class WayBack:
    """From which release to which an environment goes; `run` is the takeover that turns round."""

    app: str
    environment: str
    release: str
    to: str
    run: str = ""

    @property
    def sentence(self) -> str:
        """Say what will be done."""
        where = f"{self.environment} of {self.app}"
        there = f"to release {self.to}" if self.to else "to no release: there was none before it"
        if self.run:
            return f"{where}: run {self.run} turns round, from release {self.release} {there}"
        return f"{where} goes back from release {self.release or '(none)'} {there}"


def join(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(rollback)


@takes(APP, YES, JSON)
def rollback(
    asked: Asked, environment: Name, reason: Reason, to: To = "", no_wait: NoWait = False
) -> None:
    """Send an environment back to an earlier release."""
    from fairlead.cli.client import named

    if not reason.strip():
        raise Refused("a rollback needs its reason: add --reason TEXT")
    terminal.need_somebody(f"rollback {environment}", yes=asked.yes)
    client = connection.connect(asked)
    way = _look(client, asked, environment, to)
    if not asked.as_json:
        terminal.say(way.sentence)
    terminal.confirm("do it?", yes=asked.yes)
    address = f"apps/{named(way.app)}/environments/{named(environment)}/rollback"
    # What was confirmed is asked for by name, so that nothing else can be done meanwhile.
    run_id = client.post(address, {"to": way.to, "reason": reason})["run"]
    if no_wait:
        _tell(asked, {"run": run_id}, f"run {run_id} goes back: `fairlead watch {run_id}` shows it")
        return
    raise typer.Exit(_follow(client, asked, way, run_id))


def way_back(place: Mapping[str, Any], holder: Mapping[str, Any] | None, to: str) -> WayBack:
    """Return which way an environment would go; `holder` is the run that changes it now."""
    app, name, live = str(place["app"]), str(place["name"]), str(place["live"])
    rollouts = holder["rollouts"] if holder and not holder["finished_at"] else []
    for rollout in rollouts:
        if holder and rollout["environment"] == name:
            back, taking = str(rollout["previous"]), str(rollout["release"])
            return WayBack(app, name, taking, to or back, str(holder["id"]))
    wanted = to or str(place["previous"])
    if not wanted:
        raise Refused(
            f"there is no release before {live or 'the first'} in {name}: name one with "
            "--to RELEASE, `fairlead history` lists them"
        )
    return WayBack(app, name, live, wanted)


def place_named(places: Iterable[Mapping[str, Any]], app: str, name: str) -> Mapping[str, Any]:
    """Return the environment of an app; refused with those there are."""
    mine = {str(place["name"]): place for place in places if place["app"] == app}
    if name in mine:
        return mine[name]
    there = f"there are: {', '.join(sorted(mine))}" if mine else "nothing was deployed of it"
    raise Refused(f"{app} has no environment {name} that was ever deployed to; {there}")


def outcome(
    run: Mapping[str, Any], entries: Iterable[Mapping[str, Any]], environment: str
) -> tuple[Exit, str]:
    """Say how it ended, in the journal's own words where traffic came back."""
    returned = [
        entry
        for entry in entries
        if entry["kind"] == "traffic.returned" and entry["environment"] == environment
    ]
    if returned:
        return Exit.DONE, str(returned[-1]["because"])
    # A release that never had traffic just leaves: the environment is where it should be.
    if run["status"] in ("rolled_back", "stopped") or (
        run["kind"] == "rollback" and run["status"] == "succeeded"
    ):
        return Exit.DONE, f"{environment} is back: {run['because']}"
    return Exit.RUN_FAILED, f"{environment} did not go back: {run['because']}"


def _look(client: "Client", asked: Asked, environment: str, to: str) -> WayBack:
    from fairlead.cli.client import named
    from fairlead.cli.which_app import app_of

    places = client.get("status")["environments"]
    app = app_of(asked, Path(), lambda: [str(place["app"]) for place in places])
    place = place_named(places, app, environment)
    holder = client.get(f"runs/{named(place['held_by'])}") if place["held_by"] else None
    return way_back(place, holder, to)


def _follow(client: "Client", asked: Asked, way: WayBack, run_id: str) -> Exit:
    from fairlead.cli.watch import following

    run = following.until_end(client, run_id)
    told = [*following.entries(client, run_id, 0)]
    code, sentence = outcome(run, told, way.environment)
    _tell(asked, {"run": run_id, "status": run["status"], "because": sentence}, sentence)
    return code


def _tell(asked: Asked, data: Mapping[str, Any], sentence: str) -> None:
    if asked.as_json:
        terminal.tell_json(data)
    else:
        terminal.say(sentence)
