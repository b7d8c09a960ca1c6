"""A good release arrives, a bad one comes back by itself: told while it happens, then counted."""

import json
import os
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from fairlead import installation, places
from fairlead.demo.figures import Figures, counted, seconds_between, stages_of, switch_ms, tell
from fairlead.demo.people import Somebody
from fairlead.demo.sample import AUTHOR, Sample, free_ports, listening_on
from fairlead.demo.traffic import Request, Traffic
from fairlead.settings import Settings

RATE = 400.0
# The secret that the sample app's file names.
DATABASES = ("staging-database", "production-database")
LOOK_S = 0.2
COLOURS = {
    "stage.passed": "green",
    "release.live": "bold green",
    "traffic.shifted": "cyan",
    "rollback.decided": "bold red",
    "traffic.returned": "bold red",
}
QUIET = (
    "gate.",
    "stage.began",
    "traffic.decided",
    "run.",
    "release.built",
    "release.ready",
    "release.live",
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what the story needs: ana writes and deploys, bob approves."""

    folder: Path
    settings: Settings
    console: Console
    ana: Somebody
    bob: Somebody


@dataclass(frozen=True, slots=True)
class Told:
    """One run as it ended, its part of the record, and whether its server was killed on the way."""

    run: dict[str, Any]
    journal: list[dict[str, Any]]
    killed: bool


def main(*, crash: bool, json_to: str | None) -> int:
    """Tell the whole story; return 0 when every promise was kept, else 1."""
    # A demo that is told to end takes down what it brought up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("the demo was ended"))
    began, console = time.monotonic(), Console(highlight=False)
    folder = Path(tempfile.mkdtemp(prefix="fairlead-demo-"))
    port, *listen = free_ports(4)
    settings = Settings(folder / "home", "127.0.0.1", port, "")
    try:
        installation.up(settings, lambda line: console.print(f"  {line}"))
        for name in DATABASES:
            installation.make_database(settings, name)
        found = _play(_cast(folder, settings, console), listen, crash=crash, began=began)
    finally:
        installation.down(settings, lambda line: console.print(f"  {line}"))
        shutil.rmtree(folder, ignore_errors=True)
    tell(console, found)
    if json_to:
        Path(json_to).write_text(json.dumps(found.as_json(), indent=2) + "\n", "utf-8")
    broken = found.broken_promises(crash=crash)
    for promise in broken:
        console.print(f"[red]not kept:[/red] {escape(promise)}")
    return 1 if broken else 0


def _cast(folder: Path, settings: Settings, console: Console) -> Cast:
    admin = Somebody(settings.url, settings.admin_token.read_text("utf-8").strip())
    ana = Somebody(settings.url, admin.let_in("ana", AUTHOR[1], "deployer"))
    bob = Somebody(settings.url, admin.let_in("bob", "bob@example.org", "approver"))
    return Cast(folder, settings, console, ana, bob)


def _play(cast: Cast, listen: list[int], *, crash: bool, began: float) -> Figures:
    sample = Sample(cast.folder / "app", listening_on(listen))
    _title(cast, "the first release: there is nobody yet whom it could hurt")
    _follow(cast, sample, crash=False)
    traffic = Traffic(_edge(listen), RATE, cast.folder / "traffic.jsonl")
    requests: list[Request] = []
    try:
        sample.improve()
        _title(cast, f"a good release, while {RATE:.0f} requests a second go on")
        good = _follow(cast, sample, crash=crash)
        sample.break_it()
        _title(cast, "a bad release: it fails for 8 of 100 agents, and no test knows")
        bad = _follow(cast, sample, crash=False)
    finally:
        requests = traffic.stop()
    total, outside, on_bad = counted(requests, bad.run["release"])
    return Figures(
        requests=total,
        failed_outside_bad_release=outside,
        bad_requests=on_bad,
        detect_s=seconds_between(_canary(bad.journal), "traffic.shifted", "rollback.decided"),
        switch_ms=switch_ms(bad.journal),
        duration_s=round(time.monotonic() - began, 1),
        stages=stages_of([good.run, bad.run]),
        resumed=good.killed and good.run["status"] == "succeeded",
        good=good.run["status"],
        bad=bad.run["status"],
        record_fault=cast.ana.chain()["fault"],
    )


def _follow(cast: Cast, sample: Sample, *, crash: bool) -> Told:
    """Deploy what is committed, let bob approve, kill the server in its canary when asked to."""
    run = cast.ana.deploy(str(sample.folder), "main")
    journal: list[dict[str, Any]] = []
    answered = killed = False
    while True:
        state = cast.ana.run(run)
        for entry in cast.ana.journal(run, journal[-1]["seq"] if journal else 0):
            journal.append(entry)
            _say(cast, entry)
        if state["question"] and not answered:
            cast.bob.approve(run, state["question"]["plan_hash"])
            answered = True
        shifted = any(entry["kind"] == "traffic.shifted" for entry in _canary(journal))
        if crash and not killed and shifted:
            killed = _kill_server(cast)
        if state["finished_at"]:
            return Told(state, journal, killed)
        time.sleep(LOOK_S)


def _canary(journal: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what happened in production."""
    return [entry for entry in journal if entry["environment"] == "production"]


def _kill_server(cast: Cast) -> bool:
    pid = places.keeper(cast.settings).look()[installation.SERVER].pid
    os.kill(pid, signal.SIGKILL)
    cast.console.print("  [bold red]the server was killed with SIGKILL[/bold red]")
    return True


def _edge(listen: list[int]) -> str:
    return f"http://127.0.0.1:{listen[-1]}/functions/v1/trust-score"


def _title(cast: Cast, text: str) -> None:
    cast.console.print(f"\n[bold]{escape(text)}[/bold]")


def _say(cast: Cast, entry: dict[str, Any]) -> None:
    # What a database went through is no small thing.
    database = entry["kind"] == "gate.passed" and entry["because"].startswith("database.")
    if database or not entry["kind"].startswith(QUIET):
        at, stage = entry["at"][11:19], entry["data"].get("stage", "")
        colour = COLOURS.get(entry["kind"], "default")
        line = f"  {at}  [{colour}]{stage:<22}[/{colour}]  {escape(entry['because'])}"
        cast.console.print(line, soft_wrap=True)
