"""What is one finding about, and what can be done?"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.gates import results
from fairlead.cli.gates.results import RESULTS
from fairlead.cli.harmless import block, line
from fairlead.cli.options import JSON, RUN, Asked, takes
from fairlead.errors import NotFound, Refused

if TYPE_CHECKING:
    from rich.console import RenderableType

# As many digits of a finding's name tell it from others.
FEWEST_DIGITS = 6

Name = Annotated[str, typer.Argument(help="Name of the finding: its first digits do.")]


@takes(RUN, JSON)
def explain(asked: Asked, name: Name) -> None:
    """Tell all about a finding of the last `gates run` here, or with --run of a run."""
    if len(name) < FEWEST_DIGITS:
        raise Refused(f"{name!r} could be many: say at least {FEWEST_DIGITS} digits of the name")
    if asked.run:
        logs = [connection.connect(asked).get(f"runs/{asked.run}/findings")]
    else:
        logs = [*results.logs()]
    try:
        found = next((one for log in logs for one in _named(log, name)), None)
        drawn = picture(found) if found and not asked.as_json else ""
    except (LookupError, TypeError, AttributeError) as error:
        raise results.not_ours(RESULTS) from error
    if found is None:
        where = f"run {asked.run}" if asked.run else f"the last `fairlead gates run` in {RESULTS}"
        raise NotFound(
            f"{where} has no finding {name}{_left_out(logs)}: name another run with --run RUN"
        )
    if asked.as_json:
        terminal.tell_json(found)
    else:
        terminal.draw(drawn)


def _left_out(logs: Iterable[Mapping[str, Any]]) -> str:
    """Say which gates are missing in what was looked through; empty when none is."""
    missing = [one for log in logs for one in log.get("properties", {}).get("left_out", ())]
    told = (f"{line(one['gate'])} ({line(one['because'])})" for one in missing)
    return f" among those that are told; left out: {', '.join(told)}" if missing else ""


def _named(log: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    for run in log["runs"]:
        for result in run["results"]:
            digits = next(iter(result["partialFingerprints"].values()), "")
            if digits.startswith(name):
                driver, gate = run["tool"]["driver"]["name"], run["properties"].get("gate", "")
                yield {"name": digits, "gate": gate, "tool": driver, "result": result}


def picture(found: Mapping[str, Any]) -> "RenderableType":
    """Draw the finding, its place, what to do, its patch, and how it could be suppressed."""
    from rich.console import Group
    from rich.syntax import Syntax
    from rich.text import Text

    result, more = found["result"], found["result"].get("properties", {})
    title = f"{result['ruleId']}, {more.get('severity', result['level'])}"
    parts: list[RenderableType] = [Text(line(title), style="bold red")]
    parts += [Text(line(where), style="dim") for where in _places(result)]
    parts += [Text(line(told)) for told in result["message"]["text"].splitlines()]
    first = {"new": "first seen in this release", "unchanged": "the live release has it, too"}
    state = first.get(result.get("baselineState", ""), "")
    by = f"found by {found['tool']} in gate {found['gate']}" + (f"; {state}" if state else "")
    parts += [Text(line(by), style="dim")]
    if link := result.get("hostedViewerUri"):
        parts += [Text(line(link), style="underline")]
    for one in result.get("suppressions", ()):
        parts += [Text(line(f"suppressed: {one.get('justification', '')}"), style="magenta")]
    if fix := more.get("fix"):
        parts += [Text("\nThis would mend it; nothing was changed:"), Syntax(block(fix), "diff")]
    if "suppressions" not in result:
        parts += [Text("\nTo leave it out for a while, write into suppressions.yaml:")]
        parts += [Text(f"  - finding: {found['name']}\n    reason: …\n    owner: …\n    until: …")]
    return Group(*parts)


def _places(result: Mapping[str, Any]) -> Iterator[str]:
    for location in result.get("locations", ()):
        if physical := location.get("physicalLocation"):
            start = physical["region"]["startLine"]
            yield f"{physical['artifactLocation']['uri']}:{start}"
        for logical in location.get("logicalLocations", ()):
            yield str(logical["fullyQualifiedName"])
