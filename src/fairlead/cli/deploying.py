"""How does a commit enter the pipeline, and how is a run asked to stop?"""

from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.options import JSON, Asked, takes
from fairlead.errors import Refused

SHOWN_PATHS = 10

Commit = Annotated[
    str, typer.Argument(help="Commit or branch [HEAD].", metavar="[COMMIT]", show_default=False)
]
Repo = Annotated[Path, typer.Option("--repo", help="Folder of the repository.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for its end; the status tells it.")]
Watch = Annotated[bool, typer.Option("--watch", help="Show it until its end.")]
RunId = Annotated[str, typer.Argument(help="Name of the run.", metavar="RUN")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it goes on record.")]


def join(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(deploy)
    app.command()(stop)


@takes(JSON)
def deploy(
    asked: Asked, commit: Commit = "", repo: Repo = Path(), wait: Wait = False, watch: Watch = False
) -> None:
    """Send a commit on its way to production."""
    from fairlead.cli import work_tree
    from fairlead.cli.watch import following
    from fairlead.cli.watch.lines import conclusion

    tree = work_tree.find(repo)
    if not commit:
        refuse_uncommitted(tree.uncommitted())
    ref = tree.shared_name(commit or "HEAD")
    client = connection.connect(asked)
    run = client.post("runs", {"repository": str(tree.root), "ref": ref})
    if not asked.as_json:
        subject = tree.subject(run["commit"])
        terminal.say(f"run {run['id']}: {run['app']} at {run['commit'][:12]} ({subject})")
    if watch:
        raise typer.Exit(following.watch(client, run["id"], as_json=asked.as_json))
    told = following.until_end(client, run["id"]) if wait else run
    closing = conclusion(told) if wait else f"`fairlead watch {run['id']}` shows it"
    terminal.tell_json(told) if asked.as_json else terminal.say(closing)
    raise typer.Exit(following.exit_of(told) if wait else 0)


@takes()
def stop(asked: Asked, run: RunId, reason: Reason) -> None:
    """Stop a run.

    An environment that it has changed goes back.
    """
    from fairlead.cli.client import named

    need_reason(reason)
    connection.connect(asked).post(f"runs/{named(run)}/stop", {"reason": reason})
    terminal.say(f"run {run} will stop, and go back where it changed something")
    terminal.say(f"`fairlead watch {run}` shows it")


def refuse_uncommitted(paths: list[str]) -> None:
    """Refuse when what is in the working tree is not what would be deployed."""
    if not paths:
        return
    shown = [*paths[:SHOWN_PATHS]]
    if len(paths) > SHOWN_PATHS:
        shown.append(f"and {len(paths) - SHOWN_PATHS} more")
    raise Refused(
        "the working tree has changes that no commit holds: commit them, or name the commit that "
        "is meant, `fairlead deploy HEAD`",
        shown,
    )


def need_reason(reason: str) -> None:
    """Refuse a reason of nothing but spaces."""
    if not reason.strip():
        raise Refused("it needs its reason: add --reason TEXT")
