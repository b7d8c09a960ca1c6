"""What would be done with a commit, in which order, with whose agreement?"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, assert_never

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from fairlead.analysis.history import Usual
from fairlead.cli.harmless import line
from fairlead.release import judging
from fairlead.release.component import ComponentKind
from fairlead.release.plan import PlannedStage, StageKind, legs, stages
from fairlead.release.spec.gate import Gate
from fairlead.release.spec.judgement import Guardrail, Judgement
from fairlead.release.spec.model import Environment, Spec, StrategyKind
from fairlead.release.spec.quantity import written_duration, written_share


def outline(spec: Spec, source: str, measured: Mapping[str, Usual] | None = None) -> dict[str, Any]:
    """Return the plan as plain data; times in seconds, shares from 0 to 1, words in `does`.

    `measured` is what usually arrives in the environments of which that is known.
    """
    known = measured or {}
    planned = stages(spec)
    held = {s.index: leg.environment for leg in legs(planned) for s in leg.stages}
    return {
        "app": spec.app,
        "source": source,
        "stages": [
            {
                "index": stage.index,
                "name": stage.name,
                "kind": stage.kind.value,
                "environment": stage.environment,
                "holds": held[stage.index],
                "gates": [*stage.gates],
                "does": does(spec, stage),
            }
            for stage in planned
        ],
        "environments": [
            _environment(name, e, known.get(name)) for name, e in spec.environments.items()
        ],
        "gates": [_gate(name, gate) for name, gate in spec.gates.items()],
        "notes": notes(spec),
    }


def does(spec: Spec, stage: PlannedStage) -> str:
    """Say what a stage does."""
    if stage.kind is StageKind.COMMIT:
        return "checks the commit out into a clean folder"
    if stage.kind is StageKind.BUILD:
        return f"builds {', '.join(spec.components)} once; later stages use these very bytes"
    if stage.kind is StageKind.GATES:
        where = f" against {stage.environment}" if stage.environment else ""
        return f"{', '.join(stage.gates)} must pass{where}"
    return _changes(stage, spec.environments[stage.environment])


def _changes(stage: PlannedStage, there: Environment) -> str:
    name = stage.environment
    told = {
        StageKind.DEPLOY: f"{name}: {strategy(there)}",
        StageKind.APPROVE: f"{agreement(there)} for {name}",
        StageKind.CANARY: f"{name}: {strategy(there, below=100)}",
        StageKind.PROMOTE: f"{name}: all traffic, the release is live",
        StageKind.MONITOR: (
            f"watches {name} for {written_duration(there.monitor_for)}, goes back if it gets worse"
        ),
        StageKind.ROLLBACK: f"{name} goes back",
        StageKind.CONTRACT: f"{name}: its database lets go of what no release needs",
    }
    return told[stage.kind]


def strategy(there: Environment, below: int = 101) -> str:
    """Say how a release takes over, by the steps that are below a weight."""
    match there.strategy:
        case StrategyKind.ALL_AT_ONCE:
            return "all at once"
        case StrategyKind.BLUE_GREEN:
            return "blue-green, one switch when the new slot is healthy"
        case StrategyKind.CANARY:
            steps = " → ".join(f"{weight}%" for weight in there.steps if weight < below)
            return f"canary {steps}, each held {written_duration(there.hold)}"
    assert_never(there.strategy)


def agreement(there: Environment) -> str:
    """Say whose agreement an environment needs."""
    if there.approval is None:
        return "nobody has to agree"
    within = written_duration(there.approval.expires)
    article = "an" if there.approval.role[0] in "aeiou" else "a"
    role = f"{article} {there.approval.role}"
    return f"{role}, neither author nor submitter, must agree within {within}"


def notes(spec: Spec) -> list[str]:
    """Say what a reader of the plan might otherwise believe."""
    without = [name for name, there in spec.environments.items() if there.database is None]
    where = ", ".join(without)
    return [
        f"{name}: its migration files are carried in the release, but nobody applies them in "
        f"{where}: name a database there, or apply them with `fairlead db migrate`, expanding "
        "changes before the release"
        for name, component in spec.components.items()
        if component.kind is ComponentKind.POSTGRES and without
    ]


def drawn(told: Mapping[str, Any]) -> RenderableType:
    """Draw an outline for people."""
    parts: list[RenderableType] = [
        Text(f"{line(told['app'])}, from {line(told['source'])}", "bold"),
        _titled("Stages, in order", _stages(told["stages"])),
        _titled("Environments", _pairs(told["environments"], "policy")),
    ]
    if told["gates"]:
        parts.append(_titled("Gates", _pairs(told["gates"], "limits")))
    parts.extend(Text(f"\nNote: {line(note)}.") for note in told["notes"])
    return Group(*parts)


def _environment(name: str, there: Environment, measured: Usual | None) -> dict[str, Any]:
    approval = there.approval.model_dump() if there.approval else None
    return {
        "name": name,
        "listen": there.listen,
        "production": there.production,
        "strategy": there.strategy.value,
        "steps": [*there.steps] if there.strategy is StrategyKind.CANARY else [100],
        "hold_s": there.hold,
        "smoke": [*there.smoke],
        "approval": approval,
        "measured": asdict(measured) if measured else None,
        "policy": ". ".join(_policy(there, measured)) + ".",
    }


def _policy(there: Environment, measured: Usual | None) -> list[str]:
    told = [f"http://{there.listen}", strategy(there).capitalize(), agreement(there).capitalize()]
    if there.smoke:
        told.append(f"Smoke tests before any traffic: {', '.join(there.smoke)}")
    if there.judgement:
        seen = there.judgement
        told.extend(_judged(there, seen))
        # What this canary can find, before it starts.
        told.extend(one.capitalize() for one in judging.power(there, measured))
    return told


def _judged(there: Environment, seen: Judgement) -> list[str]:
    asked = seen.evidence
    is_compared = there.strategy is StrategyKind.CANARY and seen.by == "evidence"
    told = []
    if is_compared:
        told.append(
            f"Compared with the release before every {written_duration(asked.poll)}: more traffic "
            f"once it is shown worse by less than {asked.mde * 100:g} points, back as soon as it "
            "is shown worse"
        )
    limits = (
        f"over {written_share(limit.error_rate)} errors or "
        f"{written_duration(limit.mean_latency)} on average{when}"
        for limit, when in ((seen.canary, ""), (seen.promoted, " once promoted"))
    )
    told.append(f"Goes back {', '.join(limits)}")
    told.append(
        f"Limits are judged every {written_duration(seen.window)} on {seen.min_samples} requests "
        f"or more; without numbers for {written_duration(seen.deadline)} it goes back too"
    )
    told.extend(_guardrail(name, asked) for name, asked in seen.guardrails.items())
    return told


def _guardrail(name: str, asked: Guardrail) -> str:
    running = f" for {asked.windows} windows running" if asked.windows > 1 else ""
    unknown = "counts as broken" if asked.unknown == "back" else "holds"
    return (
        f"Guard-rail {name}: back if {asked.unhealthy_if}{running}, of a component with "
        f"{asked.min_samples} requests or more in each; UNKNOWN {unknown}"
    )


def _gate(name: str, gate: Gate) -> dict[str, Any]:
    limits = f"at most {written_duration(gate.timeout)}"
    if gate.inputs:
        age = written_duration(gate.reuse_for)
        limits += f"; a pass up to {age} old is reused while {', '.join(gate.inputs)} is unchanged"
    if gate.check or gate.sarif or gate.osv:
        which = "new finding" if gate.new_only else "finding"
        limits += f"; a {which} fails from {gate.fail_at} on"
    if gate.junit:
        limits += "; no test is no pass"
    reuse_s = gate.reuse_for if gate.inputs else None
    return {"name": name, "timeout_s": gate.timeout, "reuse_s": reuse_s, "limits": limits}


def _stages(told: Sequence[Mapping[str, Any]]) -> Table:
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(justify="right")
    grid.add_column(max_width=24, overflow="fold")
    grid.add_column(ratio=1)
    for stage in told:
        grid.add_row(str(stage["index"]), Text(line(stage["name"])), Text(line(stage["does"])))
    return grid


def _pairs(told: Sequence[Mapping[str, Any]], words: str) -> Table:
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(max_width=24, overflow="fold")
    grid.add_column(ratio=1)
    for thing in told:
        grid.add_row(Text(line(thing["name"])), Text(line(thing[words])))
    return grid


def _titled(title: str, table: Table) -> Group:
    return Group(Text(f"\n{title}", "bold"), Padding(table, (0, 0, 0, 2)))
