"""How do errors look at a terminal, 80 columns wide?"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from fairlead.cli.clock_face import full, short
from fairlead.cli.harmless import block, line

SHOWN = 8
_STYLE = {"critical": "bold red", "error": "red", "warning": "yellow", "debug": "dim"}


def errors_picture(told: Mapping[str, Any]) -> RenderableType:
    """Draw errors, one a line; only what they say gives way when the line is short."""
    errors = told["errors"]
    if not errors:
        return Text("no such errors", style="dim")
    table = Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False, expand=True)
    table.add_column("error", no_wrap=True)
    table.add_column("what it says", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column("times", no_wrap=True, justify="right")
    table.add_column("last, UTC", no_wrap=True)
    table.add_column("since", no_wrap=True, max_width=12, overflow="ellipsis")
    for error in errors:
        table.add_row(
            Text(line(error["fingerprint"])[:SHOWN]),
            Text(line(error["title"]), style=_STYLE.get(str(error["severity"]), "")),
            Text(f"{error['events']:,}"),
            Text(short(error["last_seen"])),
            _since(error),
        )
    return Group(table, *_remarks(errors, told["release"]))


def error_picture(error: Mapping[str, Any]) -> RenderableType:
    """Draw one error and its newest event."""
    head = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    head.add_column(style="dim", no_wrap=True)
    head.add_column(overflow="fold")
    for name, what in _facts(error):
        head.add_row(name, Text(what))
    style = _STYLE.get(str(error["severity"]), "")
    parts: list[RenderableType] = [Text(line(error["title"]), style=f"bold {style}"), head]
    for event in error["newest"][:1]:
        parts += [Text(), Text(f"newest event, {full(event['at'])}", style="dim")]
        parts.append(Text(block(event["message"])))
        if event["stack"]:
            parts.append(Text(block(event["stack"])))
        if event["metadata"]:
            parts += [Text(), Text(line(json.dumps(event["metadata"])), style="dim")]
    return Group(*parts)


def _facts(error: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    where = f" in {line(error['component'])}" if error["component"] else ""
    yield "severity", f"{line(error['severity'])}{where}"
    yield "times", f"{error['events']:,}"
    yield "first", f"{full(error['first_seen'])}{_in_release(error['first_release'])}"
    yield "last", f"{full(error['last_seen'])}{_in_release(error['last_release'])}"
    releases = error["releases"].items()
    told = ", ".join(f"{line(name) or 'not said'} {count:,}" for name, count in releases)
    yield "releases", told
    yield "state", _state(error)
    yield "fingerprint", line(error["fingerprint"])


def _state(error: Mapping[str, Any]) -> str:
    if error["resolved"]:
        return f"resolved by {line(error['resolved_by'])}, {full(error['resolved_at'])}"
    if error["reopened_at"]:
        return f"open: it was resolved and came back, {full(error['reopened_at'])}"
    return "open, new in the release that is live" if error["new_in_release"] else "open"


def _in_release(release: str) -> str:
    return f", release {line(release)}" if release else ", no release was said"


def _since(error: Mapping[str, Any]) -> Text:
    if error["resolved"]:
        return Text("resolved", style="green")
    if error["new_in_release"]:
        return Text("new", style="bold yellow")
    if error["reopened_at"]:
        return Text("came back", style="yellow")
    return Text(line(error["first_release"]) or "–")


def _remarks(errors: list[Mapping[str, Any]], release: str | None) -> Iterator[Text]:
    new = sum(error["new_in_release"] is True for error in errors)
    if new and release:
        yield Text(f"{new} of {len(errors)} began with release {line(release)}", style="yellow")
    first = line(errors[0]["fingerprint"])[:SHOWN]
    yield Text(f"`fairlead errors show {first}` tells more of one", style="dim")
