"""How is a run followed until it ends, also while the server starts anew?"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from fairlead.cli import terminal
from fairlead.cli.client import Client, named
from fairlead.cli.exits import Exit
from fairlead.cli.watch.lines import conclusion, entry_line
from fairlead.cli.watch.performance import plot
from fairlead.cli.watch.screen import Seen, picture
from fairlead.clock import utc_now
from fairlead.errors import Temporary

LOOK_S = 0.5
# A server that was killed is back within seconds; after this long a person should know.
PATIENCE_S = 60.0
PAGE = 1000


def watch(client: Client, run_id: str, *, as_json: bool) -> Exit:
    """Show a run until it ends: a picture for people, lines for the rest; return how it ended."""
    try:
        if as_json or not terminal.somebody_looks():
            run = _as_lines(client, run_id, as_json=as_json)
        else:
            run = _as_picture(client, run_id)
    except KeyboardInterrupt:
        terminal.warn(f"run {run_id} goes on: `fairlead watch {run_id}` shows it again")
        return Exit.INTERRUPTED
    return exit_of(run)


def exit_of(run: Mapping[str, Any]) -> Exit:
    """Return the status that tells how a run ended."""
    return Exit.DONE if run["status"] == "succeeded" else Exit.RUN_FAILED


def until_end(client: Client, run_id: str) -> dict[str, Any]:
    """Wait for a run to end; return it."""
    try:
        seen = [seen for seen in states(client, run_id) if seen.run["finished_at"]]
    except KeyboardInterrupt as error:
        terminal.warn(f"run {run_id} goes on: `fairlead watch {run_id}` shows it")
        raise typer.Exit(Exit.INTERRUPTED) from error
    return dict(seen[-1].run)


def states(client: Client, run_id: str) -> Iterator[Seen]:
    """Yield the run as it stands, every moment, the last time when it has ended.

    A silence of the server is waited out for a while; then its error is raised.
    """
    address, seen, answered = f"runs/{named(run_id)}", None, time.monotonic()
    while True:
        try:
            run = client.get(address)
            seen = Seen(run, client.get("status", app=run["app"]))
            answered = time.monotonic()
        except Temporary:
            silent = time.monotonic() - answered
            if seen is None or silent > PATIENCE_S:
                raise
            seen = Seen(seen.run, seen.status, silent)
        yield seen
        if seen.run["finished_at"]:
            return
        time.sleep(LOOK_S)


def entries(client: Client, run_id: str, after: int) -> Iterator[dict[str, Any]]:
    """Yield the journal's entries of a run after a number, however many there are."""
    while page := client.get("journal", run=run_id, after=after, limit=PAGE):
        yield from page
        after = page[-1]["seq"]


def _as_lines(client: Client, run_id: str, *, as_json: bool) -> dict[str, Any]:
    after = 0
    run: dict[str, Any] = {}
    for seen in states(client, run_id):
        run = dict(seen.run)
        if seen.silent_s:
            continue
        try:
            for entry in entries(client, run_id, after):
                after = entry["seq"]
                terminal.tell_json_line(entry) if as_json else terminal.say(entry_line(entry))
        except Temporary:
            # The states notice a lasting silence; what was missed is read with the next look.
            if run["finished_at"]:
                raise
    if not as_json:
        _conclude(run)
    return run


def _as_picture(client: Client, run_id: str) -> dict[str, Any]:
    from rich.live import Live

    drawn = terminal.console()
    run: dict[str, Any] = {}
    with Live(console=drawn, auto_refresh=False) as live:
        for seen in states(client, run_id):
            run = dict(seen.run)
            live.update(picture(seen, utc_now(), drawn.height), refresh=True)
    _conclude(run)
    return run


def _conclude(run: Mapping[str, Any]) -> None:
    for told in run.get("performance", ()):
        for plotted in plot(told):
            terminal.say(plotted)
    terminal.say(conclusion(run))
