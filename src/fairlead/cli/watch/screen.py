"""What does the whole picture of a run look like, and how is its question answered?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from fairlead.cli.clock_face import duration, full, moment
from fairlead.cli.harmless import line, subject
from fairlead.cli.watch.stages import folded, rows, stage_list
from fairlead.cli.watch.traffic import current_rollout, environment_of, traffic_panel

STATUS_STYLE = {
    "succeeded": "green",
    "failed": "bold red",
    "rolled_back": "bold red",
    "stopped": "yellow",
    "superseded": "yellow",
    "waiting": "bold yellow",
}
HEADER_ROWS, TRAFFIC_ROWS, QUESTION_ROWS, SPARE_ROWS = 3, 6, 6, 2
FEWEST_STAGE_ROWS = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """A run and the environments as the API told them; `silent_s` since it last answered."""

    run: Mapping[str, Any]
    status: Mapping[str, Any] | None = None
    silent_s: float = 0.0


def picture(seen: Seen, now: datetime, height: int) -> RenderableType:
    """Draw a run in at most `height` lines where that can be; all text in it is harmless."""
    run = seen.run
    rollout = current_rollout(run)
    question, waits = run.get("question"), run.get("at_horizon")
    room = height - HEADER_ROWS - SPARE_ROWS
    room -= TRAFFIC_ROWS if rollout else 0
    room -= QUESTION_ROWS if question or waits else 0
    told = folded(rows(run, now), max(room, FEWEST_STAGE_ROWS))
    parts: list[RenderableType] = [header(run), Text(), stage_list(told)]
    if rollout:
        place = environment_of(seen.status, str(run["app"]), str(rollout["environment"]))
        parts += [Text(), traffic_panel(rollout, place)]
    if question:
        parts += [Text(), question_text(run, question, now)]
    if waits:
        parts += [Text(), choice_text(waits)]
    if seen.silent_s > 0:
        silence = (
            f"Fairlead has not answered for {duration(seen.silent_s)}; runs go on when it does"
        )
        parts += [Text(), Text(silence, style="yellow")]
    return Group(*parts)


def header(run: Mapping[str, Any]) -> Group:
    """Draw which run it is, of what, by whom, and how it stands."""
    status = str(run["status"])
    commit = run["commit"]
    release = line(run["release"] or f"{str(commit['sha'])[:12]} (not built yet)")
    going_back = " · going back" if run["kind"] == "rollback" else ""
    told = _on_one_line(
        f"{line(run['app'])} · run {line(run['id'])} · release {release}{going_back} · "
    )
    told.append(status.replace("_", " "), style=STATUS_STYLE.get(status, "cyan"))
    branch = f", branch {line(commit['branch'])}" if commit["branch"] else ""
    by = f"by {line(commit['author_name'])}, submitted by {line(run['submitted_by'])}{branch}"
    return Group(
        told, _on_one_line(subject(str(commit["message"])), "bold"), _on_one_line(by, "dim")
    )


def question_text(run: Mapping[str, Any], question: Mapping[str, Any], now: datetime) -> Group:
    """Draw what is asked, until when, and the very commands that answer it."""
    expires = moment(question["expires_at"])
    left = (expires - now).total_seconds() if expires else 0.0
    when = f"in {duration(left)}" if left > 0 else "that has passed"
    asked = f"May release {line(question['release'])} go to {line(question['environment'])}?"
    who = (
        f"Needs the role {line(question['role'])}; neither {line(question['author_email'])} nor "
        f"{line(question['submitter'])} may answer."
    )
    run_id = line(run["id"])
    return Group(
        _on_one_line(asked, "bold yellow"),
        _on_one_line(f"It is asked until {full(question['expires_at'])} ({when})."),
        _on_one_line(who, "dim"),
        _on_one_line(f"  fairlead approve {run_id}", "bold"),
        _on_one_line(f"  fairlead reject {run_id} --reason TEXT", "bold"),
    )


def choice_text(waits: Mapping[str, Any]) -> Group:
    """Draw that a canary waits for a person, who that may be, and their two choices."""
    release, environment = line(waits["release"]), line(waits["environment"])
    who = (
        f"Needs the role {line(waits['role'])}; neither {line(waits['author_email'])} nor "
        f"{line(waits['submitter'])} may send it on."
    )
    on, back = (line(choice) for choice in waits["choices"])
    asked = f"Release {release} waits for a person at {waits['weight']}% of {environment}."
    return Group(
        _on_one_line(asked, "bold yellow"),
        _on_one_line(line(waits["because"])),
        _on_one_line(who, "dim"),
        _on_one_line(f"  {on}", "bold"),
        _on_one_line(f"  {back}", "bold"),
    )


def _on_one_line(text: str, style: str = "") -> Text:
    """Return text for one line: wrapped, a long name could look like a line of its own."""
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")
