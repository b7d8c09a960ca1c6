"""How does somebody agree to a release, send it on or not, having seen exactly what is asked?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.clock_face import duration, full, moment
from fairlead.cli.harmless import line, subject
from fairlead.cli.options import JSON, YES, Asked, takes
from fairlead.errors import Refused

HASH_SHOWN = 12

RunId = Annotated[str, typer.Argument(help="Name of the run.", metavar="RUN")]
Why = Annotated[str, typer.Option("--reason", help="Why; it goes on record.", show_default=False)]
OnRecord = Annotated[str, typer.Option("--reason", help="Why; it goes on record.")]
Needed = Annotated[str, typer.Option("--reason", help="Why not; it goes on record.")]


def join(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(approve)
    app.command()(reject)
    app.command()(promote)


@takes(YES)
def approve(asked: Asked, run: RunId, reason: Why = "") -> None:
    """Let a run's release go on, after a look at it."""
    _answer(asked, run, "approved", reason)


@takes(YES)
def reject(asked: Asked, run: RunId, reason: Needed) -> None:
    """Refuse to let a run's release go on; the run ends."""
    if not reason.strip():
        raise Refused("a rejection needs its reason: add --reason TEXT")
    _answer(asked, run, "rejected", reason)


@takes(YES, JSON)
def promote(asked: Asked, run: RunId, reason: OnRecord) -> None:
    """Send a canary on that waits for a person at its horizon."""
    from fairlead.cli.client import named

    if not reason.strip():
        raise Refused("a promotion needs its reason: add --reason TEXT")
    terminal.need_somebody(f"promote {run}", yes=asked.yes)
    client = connection.connect(asked)
    waits = client.get(f"runs/{named(run)}")["at_horizon"]
    # Where nothing waits the server says what is the case instead.
    if waits and not asked.as_json:
        for told in at_horizon(waits):
            typer.echo(told)
    if waits:
        terminal.confirm("send it on?", yes=asked.yes)
    client.post(f"runs/{named(run)}/promote", {"reason": reason})
    if asked.as_json:
        terminal.tell_json({"run": run, "reason": reason})
        return
    terminal.say(f"run {run} is sent on; `fairlead watch {run}` shows what follows")


def at_horizon(waits: Mapping[str, Any]) -> list[str]:
    """Return what waits for a person, one thing a line, all of it harmless to a terminal."""
    return [
        f"release {line(waits['release'])} at {waits['weight']}% of {line(waits['environment'])}",
        f"  since      {full(waits['since'])}",
        f"  because    {line(waits['because'])}",
        f"  author     {line(waits['author_email'])}",
        f"  submitter  {line(waits['submitter'])}",
    ]


def _answer(asked: Asked, run_id: str, answer: str, reason: str) -> None:
    from fairlead.cli.client import named
    from fairlead.clock import utc_now

    verb = "approve" if answer == "approved" else "reject"
    terminal.need_somebody(f"{verb} {run_id}", yes=asked.yes)
    client = connection.connect(asked)
    run = client.get(f"runs/{named(run_id)}")
    question = open_question(run)
    for told in asked_for(run, question, utc_now()):
        typer.echo(told)
    terminal.confirm(f"{verb} it?", yes=asked.yes)
    # The answer is bound to the plan that was shown; the server refuses it for any other.
    reply = {"answer": answer, "plan_hash": question["plan_hash"], "reason": reason}
    client.post(f"runs/{named(run_id)}/answer", reply)
    what = f"release {question['release']} for {question['environment']}"
    terminal.say(f"{answer} {what}; `fairlead watch {run_id}` shows what follows")


def open_question(run: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a run asks; refused when it asks nothing."""
    question: Mapping[str, Any] | None = run["question"]
    if question is None:
        status = str(run["status"]).replace("_", " ")
        raise Refused(f"run {run['id']} asks for no approval now: it is {status}")
    return question


def asked_for(run: Mapping[str, Any], question: Mapping[str, Any], now: datetime) -> list[str]:
    """Return what is asked, one thing a line, all of it harmless to a terminal."""
    commit = run["commit"]
    expires = moment(question["expires_at"])
    left = (expires - now).total_seconds() if expires else 0.0
    when = f"in {duration(left)}" if left > 0 else "that has passed"
    branch = f", branch {line(commit['branch'])}" if commit["branch"] else ""
    environment = line(question["environment"])
    return [
        f"release {line(question['release'])} of {line(run['app'])} for {environment}",
        f"  commit     {subject(str(commit['message']))}",
        f"             {line(commit['sha'])}{branch}",
        f"  author     {line(commit['author_name'])} <{line(question['author_email'])}>",
        f"  submitter  {line(question['submitter'])}",
        f"  plan       {line(question['plan_hash'])[:HASH_SHOWN]}",
        f"  expires    {full(question['expires_at'])} ({when})",
        *(f"  canary     {line(told)}" for told in question.get("canary", ())),
        *(f"  database   {line(told)}" for told in question.get("database", ())),
        *(
            f"  packages   {line(told['because'])}"
            for told in run["packages"]
            if told["environment"] == question["environment"]
        ),
    ]
