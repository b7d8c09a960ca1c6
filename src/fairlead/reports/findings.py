"""What have the gates of a run found?"""

import json
from pathlib import Path
from typing import Any

from fairlead.gates.sarif import SCHEMA
from fairlead.reports.window import Window
from fairlead.store import gate_results, runs

# One gate's file; a larger one is told in `left_out`, and not read.
MOST_BYTES = 16 * 1024 * 1024


def findings(window: Window, run_id: str) -> dict[str, Any]:
    """Return one SARIF log with what every gate of the run has found, the gate named in each run.

    A pass that was reused has its findings in the run that it was taken from. What is too large is
    named in the log's `properties.left_out`, each with its stage, gate and why.
    """
    with window.database.begin() as tx:
        runs.get(tx, run_id)
        results = gate_results.of_run(tx, run_id)
    logs, left_out = [], []
    for result in results:
        file = window.reports / f"{run_id}.{result.stage}.{result.gate}.sarif"
        if not file.is_file():
            continue
        about = {"gate": result.gate, "stage": result.stage}
        if file.stat().st_size > MOST_BYTES:
            left_out.append(about | {"because": _too_large(file)})
            continue
        for one in json.loads(file.read_text("utf-8"))["runs"]:
            more = about | {"status": result.status}
            logs.append(one | {"properties": one.get("properties", {}) | more})
    told = {"$schema": SCHEMA, "version": "2.1.0", "runs": logs}
    return told | {"properties": {"left_out": left_out}}


def _too_large(file: Path) -> str:
    size = file.stat().st_size / 1024 / 1024
    return (
        f"what it has found takes {size:.0f} MB, and more than {MOST_BYTES >> 20} MB is not told "
        f"here: read {file.name} in the reports of the installation"
    )
