"""What does a question cost at another hour of the day? A second door, whose clock stands still.

A window is told by days, and by hours, minutes and seconds of the day that goes on: how many rows
these are depends on the hour. Run as `python telemetry_hours.py HOME PORT MOMENT`, it is the API of
the installation at HOME, as it answers at that moment.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import uvicorn

from fairlead import wiring
from fairlead.api.app import create
from fairlead.api.guest import Doors
from fairlead.demo.sample import free_ports
from fairlead.settings import Settings
from stand import python, wait_for_answer

HOURS = ((0, 1), (4, 20), (12, 30), (23, 59))
_HOST = "127.0.0.1"


def next_time(hour: int, minute: int) -> datetime:
    """Return when it is next so late (UTC): what the running server tidies away lies before."""
    now = datetime.now(UTC)
    then = now.replace(hour=hour, minute=minute, second=48, microsecond=0)
    return then if then > now else then + timedelta(days=1)


@contextmanager
def asked_at(settings: Settings, moment: datetime) -> Iterator[tuple[str, psutil.Process]]:
    """Give the address where it is always that moment, and the process that answers there."""
    port = free_ports(1)[0]
    process = python("telemetry_hours.py", str(settings.home), str(port), moment.isoformat())
    url = f"http://{_HOST}:{port}"
    try:
        wait_for_answer(f"{url}/healthz")
        yield url, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def main(home: str, port: str, moment: str) -> None:
    """Serve until told to stop."""
    now = datetime.fromisoformat(moment)
    parts = wiring.assemble(Settings(Path(home), _HOST, int(port), ""))
    window = replace(parts.window, clock=lambda: now)
    app = create(Doors(parts.desk, window, parts.intake), "hours")
    uvicorn.run(app, host=_HOST, port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:4])
