"""How does an entry of the journal read on one line?"""

from collections.abc import Mapping
from typing import Any

from fairlead.cli.clock_face import moment
from fairlead.cli.harmless import line

KIND_WIDTH = 18


def entry_line(entry: Mapping[str, Any]) -> str:
    """Write an entry as moment, kind, environment and its sentence."""
    at = moment(entry["at"])
    where = f"[{line(entry['environment'])}] " if entry.get("environment") else ""
    kind = line(entry["kind"]).ljust(KIND_WIDTH)
    return f"{at:%Y-%m-%d %H:%M:%S}Z  {kind}  {where}{line(entry['because'])}"


def conclusion(run: Mapping[str, Any]) -> str:
    """Say in one sentence how a run ended."""
    words = {
        "succeeded": "succeeded",
        "failed": "failed",
        "rolled_back": "was rolled back",
        "stopped": "was stopped",
        "superseded": "was superseded",
    }
    status = str(run["status"])
    what = words.get(status, f"is {line(status)}")
    release = f" (release {line(run['release'])})" if run.get("release") else ""
    return f"run {line(run['id'])}{release} {what}: {line(run['because'])}"
