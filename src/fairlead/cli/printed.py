"""What has a process or a gate printed, and what does it print now?"""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.harmless import block
from fairlead.cli.log_tail import fresh, gate_result, whole_lines
from fairlead.cli.options import JSON, RUN, Asked, takes
from fairlead.errors import Refused, Temporary

if TYPE_CHECKING:
    from fairlead.cli.client import Client

LOOK_S = 0.5
# A server that was killed is back within seconds; after this long a person should know.
PATIENCE_S = 60.0
# Enough of a busy log between two looks to find where the last one ended.
FOLLOWED_LINES = 1000

Name = Annotated[
    str,
    typer.Argument(
        help="Name of the log; without it the names.", metavar="[NAME]", show_default=False
    ),
]
Lines = Annotated[int, typer.Option("--lines", "-n", help="How many lines.", min=1, max=5000)]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on as more is printed.")]
Gate = Annotated[str, typer.Option("--gate", help="Name of the gate.", show_default=False)]


def join(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(logs)


@takes(RUN, JSON)
def logs(
    asked: Asked, name: Name = "", lines: Lines = 100, follow: Follow = False, gate: Gate = ""
) -> None:
    """Tell what a process or a gate has printed.

    Without a NAME, tell which logs there are.
    """
    if bool(asked.run) != bool(gate) or (gate and name):
        raise Refused("say the NAME of a log, or both --run RUN and --gate GATE")
    if follow and (asked.as_json or not (name or gate)):
        raise Refused("--follow needs the NAME of a log or a gate, and does not go with --json")
    client = connection.connect(asked)
    if not name and not gate:
        names = client.get("logs")
        if asked.as_json:
            terminal.tell_json(names)
        else:
            _print("\n".join(names))
        return
    if follow:
        coming = gate_as_it_comes(client, asked.run, gate) if gate else None
        for text in coming or as_it_comes(client, name, lines):
            _print(text)
        return
    text = _gate_log(client, asked.run, gate) if gate else _log(client, name, lines)
    newest = text.splitlines()[-lines:]
    if asked.as_json:
        terminal.tell_json({"name": name or gate, "lines": newest})
    elif newest:
        _print("\n".join(newest))


def as_it_comes(client: "Client", name: str, lines: int) -> Iterator[str]:
    """Yield the newest lines of a log, then what is added, for ever.

    A silence of the server is waited out for a while; then its error is raised.
    """
    before = _log(client, name, max(lines, FOLLOWED_LINES)).splitlines()
    if before:
        yield "\n".join(before[-lines:])
    answered = time.monotonic()
    while True:
        time.sleep(LOOK_S)
        try:
            after = _log(client, name, FOLLOWED_LINES).splitlines()
        except Temporary:
            if time.monotonic() - answered > PATIENCE_S:
                raise
            continue
        answered = time.monotonic()
        if added := fresh(before, after):
            yield "\n".join(added)
        before = after or before


def gate_as_it_comes(client: "Client", run_id: str, gate: str) -> Iterator[str]:
    """Yield what a gate prints, whole lines at a time, until it has ended."""
    seen, rest = 0, b""
    while True:
        ended = gate_result(_run(client, run_id), gate)["finished_at"] is not None
        data = _gate_bytes(client, run_id, gate, after=seen)
        seen += len(data)
        text, rest = whole_lines(rest + data, ended=ended)
        if text:
            yield text
        if ended:
            return
        time.sleep(LOOK_S)


def _log(client: "Client", name: str, lines: int) -> str:
    from fairlead.cli.client import named

    return client.text(f"logs/{named(name)}", lines=lines).decode("utf-8", "replace")


def _gate_log(client: "Client", run_id: str, gate: str) -> str:
    return _gate_bytes(client, run_id, gate, after=0).decode("utf-8", "replace")


def _gate_bytes(client: "Client", run_id: str, gate: str, *, after: int) -> bytes:
    from fairlead.cli.client import named

    stage = gate_result(_run(client, run_id), gate)["stage"]
    address = f"runs/{named(run_id)}/stages/{stage}/gates/{named(gate)}/log"
    return client.text(address, after=after)


def _run(client: "Client", run_id: str) -> dict[str, object]:
    from fairlead.cli.client import named

    run: dict[str, object] = client.get(f"runs/{named(run_id)}")
    return run


def _print(text: str) -> None:
    typer.echo(block(text))
