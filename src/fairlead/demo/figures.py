"""What came of it, in numbers? Counted from the users' own records and from the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from fairlead.demo.traffic import Request

DEMO_LIMIT_S = 180.0


@dataclass(frozen=True, slots=True)
class Figures:
    """The demo in numbers; `None` where the thing never happened."""

    requests: int
    failed_outside_bad_release: int
    bad_requests: int
    detect_s: float | None
    switch_ms: float | None
    duration_s: float
    stages: list[dict[str, Any]]
    resumed: bool
    good: str
    bad: str
    record_fault: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the documented keys."""
        return {
            "requests": self.requests,
            "failed_outside_bad_release": self.failed_outside_bad_release,
            "bad_requests": self.bad_requests,
            "detect_s": self.detect_s,
            "switch_ms": self.switch_ms,
            "duration_s": self.duration_s,
            "stages": self.stages,
            "resumed": self.resumed,
        }

    def broken_promises(self, *, crash: bool) -> list[str]:
        """Return every promise of the demo that was not kept."""
        promises = {
            f"the good release is promoted (it {self.good})": self.good == "succeeded",
            f"the bad release comes back by itself (it {self.bad})": self.bad == "rolled_back",
            "no request fails but on the bad release": self.failed_outside_bad_release == 0,
            "users met the bad release before it was found": self.bad_requests > 0,
            "the killed server finishes the release": self.resumed or not crash,
            f"the record is whole ({self.record_fault})": self.record_fault is None,
        }
        return [promise for promise, kept in promises.items() if not kept]


def seconds_between(journal: Sequence[dict[str, Any]], first: str, second: str) -> float | None:
    """Return the seconds from the first entry of one kind to the first of another after it."""
    began = next((e for e in journal if e["kind"] == first), None)
    if began is None:
        return None
    later = (e for e in journal if e["kind"] == second and e["seq"] > began["seq"])
    ended = next(later, None)
    return round((_at(ended) - _at(began)).total_seconds(), 3) if ended else None


def switch_ms(journal: Sequence[dict[str, Any]]) -> float | None:
    """Return how long the way back took, from the decision to the last edge that follows it."""
    return next((e["data"]["ms"] for e in journal if e["kind"] == "traffic.returned"), None)


def stages_of(runs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return every stage of the runs with its status and seconds."""
    return [
        {
            "run": run["id"],
            "release": run["release"],
            "stage": stage["name"],
            "status": stage["status"],
            "seconds": _length(stage),
        }
        for run in runs
        for stage in run["stages"]
    ]


def counted(requests: Sequence[Request], bad: str) -> tuple[int, int, int]:
    """Return all requests, those that failed outside the bad release, and those it failed."""
    failed = [r for r in requests if r.failed]
    met_bad = sum(r.release == bad for r in failed)
    return len(requests), len(failed) - met_bad, met_bad


def tell(console: Console, figures: Figures) -> None:
    """Show the figures as tables."""
    table = Table(title="what happened", title_justify="left")
    for heading in ("release", "stage", "status", "seconds"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left")
    for stage in figures.stages:
        length = "" if stage["seconds"] is None else f"{stage['seconds']:.1f}"
        table.add_row(stage["release"], stage["stage"], stage["status"], length)
    console.print(table)
    told = {
        "requests during the story": f"{figures.requests}",
        "failed, but not on the bad release": f"{figures.failed_outside_bad_release}",
        "failed on the bad release": f"{figures.bad_requests}",
        "from its first traffic to the decision": _or_never(figures.detect_s, "s"),
        "from the decision to the last switch": _or_never(figures.switch_ms, "ms"),
        "server killed and resumed": "yes" if figures.resumed else "no",
        "record": figures.record_fault or "every entry as it was written",
        "whole demo": f"{figures.duration_s:.0f} s",
    }
    for what, value in told.items():
        console.print(f"  {what:<40} {value}")


def _or_never(value: float | None, unit: str) -> str:
    return "never" if value is None else f"{value:g} {unit}"


def _length(stage: dict[str, Any]) -> float | None:
    if not stage["started_at"] or not stage["finished_at"]:
        return None
    ended, began = (datetime.fromisoformat(stage[k]) for k in ("finished_at", "started_at"))
    return round((ended - began).total_seconds(), 3)


def _at(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["at"])
