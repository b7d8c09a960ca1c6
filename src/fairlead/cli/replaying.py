"""What would today's judge have said of a past run? Its looks are counted again, errors only."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import terminal
from fairlead.cli.configuration import FILE, load, read
from fairlead.cli.explaining import RunId, looked_at
from fairlead.cli.options import JSON, Asked, takes
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.analysis.evidence.judge import Block
    from fairlead.cli.looks import Judged, Look
    from fairlead.release.spec.judgement import Evidence
    from fairlead.release.spec.model import Spec

LEFT_OUT = (
    "errors only: the journal keeps no answer times, nor what the release before did until then"
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
    name, settings = _production(load(read(file), str(file)), file)
    found = [one for one in looked_at(asked, run) if one.environment == name]
    if not found:
        raise Refused(f"run {run} was never judged by evidence in {name}, production of {file}")
    told = replayed(found[0], settings)
    if asked.as_json:
        terminal.tell_json({"run": run, "left_out": LEFT_OUT} | told)
        return
    terminal.say(f"{name}: then: {told['then']['outcome']}: {told['then']['because']}")
    terminal.say(f"{name}: today's judge {_when(told['today'])}: {told['today']['because']}")
    terminal.say(f"({LEFT_OUT})")


def replayed(judged: "Judged", settings: "Evidence") -> dict[str, Any]:
    """Return as plain data what was decided then, and what would be today.

    Worse is final whenever it is found; otherwise the first proof counts.
    """
    from fairlead.analysis.evidence import judge
    from fairlead.analysis.verdict import Verdict
    from fairlead.cli.looks import blocks, together
    from fairlead.release import judging

    rules = replace(judging.rules(settings), slower=())
    began = before = judged.looks[0].at - timedelta(seconds=settings.poll)
    known, proven, told = judge.Known(began), None, None
    for look in blocks(judged.looks):
        (n, _), (beside, _) = together(look.canary), together(look.stable)
        if n + beside == 0:
            continue
        # The share that arrived stands for the weight: the journal does not tell it with a look.
        arms = _arms(look, look.at - before)
        known, before = judge.look(known, arms, rules, n / (n + beside), look.at), look.at
        told = (look, judge.told(known, rules, look.at))
        if told[1].verdict is Verdict.UNHEALTHY:
            break
        if told[1].verdict is Verdict.HEALTHY:
            proven = proven or told
    decided = told if told and told[1].verdict is Verdict.UNHEALTHY else proven or told
    if decided is None:
        raise Refused(f"in {judged.environment} nobody asked either release: nothing to judge")
    at, finding = decided
    return {
        "environment": judged.environment,
        "then": {"outcome": judged.outcome, "because": judged.because},
        "today": {
            "verdict": finding.verdict.name,
            "because": finding.because,
            "at": at.at.isoformat(),
            "seconds": (at.at - began).total_seconds(),
            "value": judge.value(known),
        },
    }


def _arms(look: "Look", took: timedelta) -> "list[Block]":
    from fairlead.analysis.evidence.judge import Block
    from fairlead.analysis.measurement import Measurement

    def arm(release: str, name: str, counts: Sequence[int]) -> Measurement:
        requests, errors = counts
        return Measurement(release, name, look.at - took, look.at, requests, errors, 0.0)

    return [
        Block(arm("canary", name, counts), arm("stable", name, look.stable[name]))
        for name, counts in look.canary.items()
    ]


def _production(spec: "Spec", path: Path) -> "tuple[str, Evidence]":
    for name, there in spec.environments.items():
        judgement = there.judgement
        if there.production and judgement is not None and judgement.by == "evidence":
            return name, judgement.evidence
    raise Refused(f"{path} has no production environment that is judged by evidence")


def _when(today: Mapping[str, Any]) -> str:
    from fairlead.cli.clock_face import duration, full

    outcome = _OUTCOMES[today["verdict"]]
    return f"{outcome} at {full(today['at'])}, after {duration(today['seconds'])}"
