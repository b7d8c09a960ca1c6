"""What would today's judge have decided in a past run? Its measurements are judged once more."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.configuration import FILE, load, read
from fairlead.cli.explaining import RunId, number
from fairlead.cli.options import JSON, Asked, takes
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.cli.recorded import Canary
    from fairlead.release.spec.judgement import Evidence
    from fairlead.release.spec.model import Spec

LEFT_OUT = "the evidence alone: fixed limits and guard-rails are not judged again"
UNSEEDED = (
    "what the release before did until then was not recorded: today's judge starts from nothing"
)
_OUTCOMES = {
    "UNHEALTHY": "would have sent it back",
    "HEALTHY": "would have called it as good",
    "UNKNOWN": "would not have known",
}

SettingsFile = Annotated[Path, typer.Option("--file", help="The file with the judge's settings.")]


@takes(JSON)
def replay(asked: Asked, run: RunId, file: SettingsFile = Path(FILE)) -> None:
    """Tell what today's judge, set as in a file, would have decided in a past run, and when."""
    settings = _by_evidence(load(read(file), str(file)), file)
    found = [one for one in _recorded(asked, run) if one.environment in settings]
    if not found:
        raise Refused(
            f"run {run} has no recorded canary in {' or '.join(settings)}, which {file} judges by "
            f"evidence: `fairlead journal --run {run}` tells its record"
        )
    told = [replayed(one, settings[one.environment]) for one in found]
    if asked.as_json:
        terminal.tell_json({"run": run, "left_out": LEFT_OUT, "environments": told})
        return
    for one in told:
        _tell(one)
    terminal.say(f"({LEFT_OUT})")


def replayed(canary: "Canary", settings: "Evidence") -> dict[str, Any]:
    """Return as plain data what was decided then, and what would be today."""
    from fairlead.analysis.evidence import replay as judged_again
    from fairlead.release import judging

    rules = judging.rules(settings)
    decided = judged_again.replay(canary.known(rules), canary.moments, rules)
    assert decided is not None
    return {
        "environment": canary.environment,
        "seeded": canary.seed is not None,
        "then": {"outcome": canary.outcome, "because": canary.because},
        "today": {
            "verdict": decided.finding.verdict.name,
            "because": decided.finding.because,
            "at": decided.at.isoformat(),
            "seconds": (decided.at - canary.began).total_seconds(),
            "value": decided.value,
        },
    }


def _recorded(asked: Asked, run: str) -> "list[Canary]":
    from fairlead.cli.client import named
    from fairlead.cli.recorded import canaries
    from fairlead.cli.watch.following import entries

    client = connection.connect(asked)
    return canaries(client.get(f"runs/{named(run)}/measurements"), entries(client, run, 0))


def _by_evidence(spec: "Spec", path: Path) -> "dict[str, Evidence]":
    found = {
        name: there.judgement.evidence
        for name, there in spec.environments.items()
        if there.judgement is not None and there.judgement.by == "evidence"
    }
    if not found:
        raise Refused(f"{path} has no environment that is judged by evidence")
    return found


def _tell(told: Mapping[str, Any]) -> None:
    name, then, today = told["environment"], told["then"], told["today"]
    terminal.say(f"{name}: then: {then['outcome']}: {then['because']}")
    value = f"e-value {number(today['value'])}"
    terminal.say(f"{name}: today's judge {_when(today)}: {today['because']} ({value})")
    if not told["seeded"]:
        terminal.say(f"{name}: {UNSEEDED}")


def _when(today: Mapping[str, Any]) -> str:
    from fairlead.cli.clock_face import duration, full

    outcome = _OUTCOMES[today["verdict"]]
    return f"{outcome} at {full(today['at'])}, after {duration(today['seconds'])}"
