"""Do the gates pass on the working tree, before anything is committed?"""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import terminal
from fairlead.cli.configuration import FILE, load, read
from fairlead.cli.exits import Exit
from fairlead.cli.gates import told
from fairlead.cli.gates.results import RESULTS, Result, make_room
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.providers.commands.foreground import Foreground
    from fairlead.release.spec.model import Spec

Names = Annotated[
    list[str] | None,
    typer.Argument(help="Names of gates; without them those of --stage.", show_default=False),
]
Stage = Annotated[
    str,
    typer.Option(
        "--stage",
        help="Gates of that stage [all that come before the first deployment].",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Tell it as JSON.")]


def run(names: Names = None, stage: Stage = "", as_json: Json = False) -> None:
    """Run gates side by side on the files as they are; 0 when all pass, 1 when one does not.

    What calls functions asks the release at FAIRLEAD_URL; without it, functions that run for that
    gate alone. Other gates that ask a running release need FAIRLEAD_URL.
    """
    spec = load(read(Path(FILE)), FILE)
    chosen = _chosen(spec, names or [], stage)
    make_room(chosen)
    began = time.monotonic()
    kept = {name: _kept(spec, name) for name in chosen}
    with (
        ThreadPoolExecutor(spec.parallel) as hands,
        _stopping(kept.values()),
        _watching(chosen, as_json=as_json) as shown,
    ):
        results = [*hands.map(lambda one: shown(_ran(spec, *one)), kept.items())]
    wall_s = time.monotonic() - began
    if as_json:
        terminal.tell_json({"wall_s": wall_s, "gates": [asdict(one) for one in results]})
    else:
        terminal.draw(told.picture(results, wall_s))
    if any(one.status != "passed" for one in results):
        raise typer.Exit(Exit.RUN_FAILED)


def _chosen(spec: "Spec", names: Sequence[str], stage: str) -> list[str]:
    if unknown := [name for name in names if name not in spec.gates]:
        allowed = ", ".join(spec.gates) or "none"
        raise Refused(f"{FILE} has no gate {unknown[0]}: there are {allowed}")
    if names:
        return [*dict.fromkeys(names)]
    stages = {each.stage: each.gates for each in spec.pipeline if each.gates}
    if stage and stage not in stages:
        raise Refused(f"{FILE} has no stage {stage} with gates: there are {', '.join(stages)}")
    if stage:
        return [*stages[stage]]
    found: dict[str, None] = {}
    for each in spec.pipeline:
        if each.deploy or each.canary:
            break
        found |= dict.fromkeys(each.gates or ())
    if not found:
        raise Refused(f"{FILE} has no gates before its first deployment: name one, or a --stage")
    return [*found]


def _kept(spec: "Spec", name: str) -> "Foreground":
    """Return what runs the gate: its command or, judged, work of ours in a branch."""
    from fairlead.cli.gates import judging
    from fairlead.providers.commands import foreground

    gate, report = spec.gates[name], RESULTS / f"{name}.json"
    env = judging.surroundings() | gate.env
    if gate.is_judged:
        kept = judging.Kept(report, report.with_suffix(".sarif"))
        start = foreground.branch(partial(judging.alone, spec, name, env, kept))
    else:
        shell = isinstance(gate.run, str)
        words = ["/bin/sh", "-c", str(gate.run)] if shell else [*(gate.run or ())]
        start = foreground.command(words, env)
    return foreground.Foreground(start, gate.timeout, RESULTS / f"{name}.log")


def _ran(spec: "Spec", name: str, kept: "Foreground") -> Result:
    """Run one gate within its limits, and return how it ended."""
    log, report = RESULTS / f"{name}.log", RESULTS / f"{name}.json"
    began, is_judged = time.monotonic(), spec.gates[name].is_judged
    status, because = kept.wait()
    took_s = time.monotonic() - began
    judged, sentence = told.read(report) if is_judged else ("", "")
    if status == 0 and judged in ("", "passed") and (sentence or not is_judged):
        return Result(name, "passed", sentence or because, took_s, str(log))
    outcome = "unknown" if judged == "unknown" or (status == 0 and not sentence) else "failed"
    return Result(name, outcome, sentence or because, took_s, str(log))


@contextmanager
def _stopping(kept: "Iterable[Foreground]") -> "Iterator[None]":
    """Stop the gates on an error or Ctrl-C: nobody waits for them then, and they go on for none."""
    try:
        yield
    except BaseException:
        for gate in kept:
            gate.stop()
        raise


@contextmanager
def _watching(names: Sequence[str], *, as_json: bool) -> "Iterator[told.Shown]":
    """Show who still runs, where somebody looks."""
    if as_json or not terminal.somebody_looks():
        yield lambda result: result
        return
    with told.live(names) as shown:
        yield shown
