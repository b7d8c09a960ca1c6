"""What have the gates of a run found?"""

import json
from typing import Any

from fairlead.gates.sarif import SCHEMA
from fairlead.reports.window import Window
from fairlead.store import gate_results, runs

# One gate's file; a larger one is said to be there, and not read.
MOST_BYTES = 16 * 1024 * 1024


def findings(window: Window, run_id: str) -> dict[str, Any]:
    """Return one SARIF log with what every gate of the run has found, the gate named in each run.

    A pass that was reused has its findings in the run that it was taken from.
    """
    with window.database.begin() as tx:
        runs.get(tx, run_id)
        results = gate_results.of_run(tx, run_id)
    logs = []
    for result in results:
        file = window.reports / f"{run_id}.{result.stage}.{result.gate}.sarif"
        if not file.is_file() or file.stat().st_size > MOST_BYTES:
            continue
        for one in json.loads(file.read_text("utf-8"))["runs"]:
            about = {"gate": result.gate, "stage": result.stage, "status": result.status}
            logs.append(one | {"properties": one.get("properties", {}) | about})
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": logs}
