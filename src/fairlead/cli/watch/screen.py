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
HEADER_ROWS, TRAFFIC_ROWS, QUESTION_ROWS, SPARE_ROWS = 3, 6, 5, 2
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
    question = run.get("question")
    room = height - HEADER_ROWS - SPARE_ROWS
    room -= TRAFFIC_ROWS if rollout else 0
    room -= QUESTION_ROWS if question else 0
    told = folded(rows(run, now), max(room, FEWEST_STAGE_ROWS))
    parts: list[RenderableType] = [header(run), Text(), stage_list(told)]
    if rollout:
        place = environment_of(seen.status, str(run["app"]), str(rollout["environment"]))
        parts += [Text(), traffic_panel(rollout, place)]
    if question:
        parts += [Text(), question_text(run, question, now)]
    if seen.silent_s > 0:
        silence = (
            f"Fairlead has not answered for {duration(seen.silent_s)}; runs go on when it does"
        )
        parts += [Text(), Text(silence, style="yellow")]
    return Group(*parts)


def header(run: Mapping[str, Any]) -> Text:
    """Draw which run it is, of what, by whom, and how it stands."""
    status = str(run["status"])
    commit = run["commit"]
    release = line(run["release"] or f"{str(commit['sha'])[:12]} (not built yet)")
    going_back = " · going back" if run["kind"] == "rollback" else ""
    told = Text(f"{line(run['app'])} · run {line(run['id'])} · release {release}{going_back} · ")
    told.append(status.replace("_", " "), style=STATUS_STYLE.get(status, "cyan"))
    told.append(f"\n{subject(str(commit['message']))}", style="bold")
    branch = f", branch {line(commit['branch'])}" if commit["branch"] else ""
    told.append(
        f"\nby {line(commit['author_name'])}, submitted by {line(run['submitted_by'])}{branch}",
        style="dim",
    )
    return told


def question_text(run: Mapping[str, Any], question: Mapping[str, Any], now: datetime) -> Text:
    """Draw what is asked, until when, and the very commands that answer it."""
    expires = moment(question["expires_at"])
    left = (expires - now).total_seconds() if expires else 0.0
    told = Text()
    told.append(
        f"May release {line(question['release'])} go to {line(question['environment'])}?",
        style="bold yellow",
    )
    until = f"until {full(question['expires_at'])}"
    until += f" (in {duration(left)})" if left > 0 else " (that has passed)"
    told.append(f" It is asked {until}.\n")
    told.append(
        f"Needs the role {line(question['role'])}; neither {line(question['author_email'])} nor "
        f"{line(question['submitter'])} may answer.\n",
        style="dim",
    )
    run_id = line(run["id"])
    told.append(f"  fairlead approve {run_id}\n  fairlead reject {run_id} --reason TEXT", "bold")
    return told
