"""What is told of a gate that was judged, and where is it kept?"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairlead.cli import report_file, terminal
from fairlead.cli.exits import Exit, explain
from fairlead.cli.gates.around import Around
from fairlead.cli.gates.deciding import Decided, decide
from fairlead.clock import utc_now
from fairlead.errors import FairleadError
from fairlead.gates.judging import Status
from fairlead.release.spec.model import Spec


@dataclass(frozen=True, slots=True)
class Kept:
    """The files that hear of it, if any: a report for programs, and what was found as SARIF."""

    report: Path | None = None
    sarif: Path | None = None


def surroundings() -> dict[str, str]:
    """Return what a gate is told here: all that we are, with the tools that Fairlead brings."""
    tools = Path(sys.executable).parent
    return os.environ | {"PATH": f"{tools}:{os.environ.get('PATH', '')}", "CI": "true"}


def decided(spec: Spec, name: str, around: Around, kept: Kept) -> Decided:
    """Run a gate and judge it, and keep what came of it. Errors: `Refused`, told in the report."""
    with report_file.reporting(kept.report):
        found = decide(spec, name, around)
    if kept.sarif is not None:
        draft = kept.sarif.with_suffix(".draft")
        draft.write_text(f"{json.dumps(found.sarif, indent=1)}\n", "utf-8")
        draft.replace(kept.sarif)
    report_file.write(kept.report, as_data(found), found.judged.because)
    return found


def alone(spec: Spec, name: str, env: Mapping[str, str], kept: Kept) -> Exit:
    """Judge a gate of the folder we are in, in a process that is there for nothing else."""
    os.environ.update(env)
    try:
        found = decided(spec, name, Around(Path(), utc_now()), kept)
    except FairleadError as error:
        return explain(error)
    tell(found)
    return status(found)


def as_data(decided: Decided) -> dict[str, Any]:
    """Return the verdict as plain data: counts only, what was found is in the SARIF file."""
    tests = decided.found.tests
    return {
        "judged": decided.judged.status.value,
        "findings": decided.counts,
        "tests": None
        if tests is None
        else {"ran": tests.ran, "failed": tests.failed, "skipped": tests.skipped},
        "flaky": [*decided.found.flaky],
    }


def tell(decided: Decided) -> None:
    """Tell a person all about it, the verdict last."""
    for sentence in (*decided.notes, decided.judged.because):
        terminal.say(sentence)


def status(decided: Decided) -> Exit:
    """Return the exit status that says what came of it."""
    ends = {Status.PASSED: Exit.DONE, Status.UNKNOWN: Exit.NO_ANSWER}
    return ends.get(decided.judged.status, Exit.RUN_FAILED)
