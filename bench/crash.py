"""What survives when the server is killed? At every boundary it comes past, and at any instant.

Good releases, releases that are too slow for their limits and go back by themselves, and rollbacks
by hand go through the whole pipeline under constant traffic while the server is killed with SIGKILL
again and again. Each must end as if nobody had been killed: `aftermath.py` compares what is left.
"""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from aftermath import Aftermath, Faults, Story
from fairlead import places
from fairlead.demo.sample import free_ports
from fairlead.installation import SERVER, server_program
from fairlead.rollout.process import Program
from load import Flow, Load, Request
from runbook import Pace, environments, stages
from stand import App, Stand, finish, follow, limit, say, say_load, standing, wait_for_answer

LONGEST_S = 1800.0
BOUNDARIES_UNTIL_S = 1200.0
KILLS_A_STORY = 20
RANDOM_KILLS = 52
SLOW_MS = 700
PATH = "/functions/v1/edge/quick"
RUN_PATIENCE_S = 180.0
GOOD, BAD, BACK = "good", "bad", "back"
GATES: dict[str, tuple[str, ...]] = {
    "security-scan": ("scan",),
    "unit-tests": ("lint", "unit"),
    "integration-tests": ("ask",),
    "performance-tests": ("load",),
    "security-validation": ("validate",),
    "health-validation": ("health",),
}


@dataclass(frozen=True, slots=True)
class Town:
    """The installation, its app, and the folder in which the server finds where to die."""

    stand: Stand
    app: App
    listen: list[int]
    points: Path
    effects: Path

    def pid(self) -> int:
        """Return the server's process, 0 while there is none."""
        return places.keeper(self.stand.settings).look()[SERVER].pid

    def lines(self, name: str) -> list[str]:
        """Return the lines of one of the server's files."""
        file = self.points / name
        return file.read_text("utf-8").splitlines() if file.exists() else []

    def allow(self, more: int) -> None:
        """Allow so many more kills at boundaries than there were."""
        (self.points / "allowed").write_text(str(len(self.lines("kills")) + more), "utf-8")


def configuration(listen: list[int], effects: Path) -> dict[str, Any]:
    """Return the runbook's pipeline in seconds; every command notes where it began and ended."""
    slowest = {"error_rate": "10%", "mean_latency": "300ms"}
    judgement = {
        "by": "limits",
        "window": "500ms",
        "min_samples": 5,
        "deadline": "90s",
        "canary": slowest,
        "promoted": slowest,
    }
    seconds = {"scan": 0.1, "lint": 0.1, "unit": 0.4, "smoke": 0.05, "ask": 0.1, "load": 0.1}
    seconds |= {"validate": 0.1, "health": 0.2}

    def noted(name: str, takes: float) -> str:
        note = f"$PWD {name} ${{FAIRLEAD_ENVIRONMENT:-none}} >> {effects}"
        return f"test -f fairlead.yaml && echo begin {note} && sleep {takes} && echo end {note}"

    return {
        "version": 1,
        "app": "edge",
        "components": {
            "frontend": {"kind": "static", "path": "frontend", "build": noted("build", 0.05)},
            "functions": {"kind": "functions", "path": "supabase/functions"},
        },
        "gates": {name: {"run": noted(name, takes)} for name, takes in seconds.items()},
        "environments": environments(listen, Pace("500ms", (50, 100), 60, judgement)),
        "pipeline": stages(GATES),
    }


@contextmanager
def town() -> Iterator[Town]:
    """Give an installation that serves its first release; its server is the one that can die."""
    with standing() as stand:
        listen, effects = free_ports(3), stand.folder / "effects"
        points = stand.folder / "points"
        points.mkdir()
        app = App(stand.folder / "app", configuration(listen, effects))
        place = Town(stand, app, listen, points, effects)
        app.commit("the first release")
        play(place, GOOD)
        keeper = places.keeper(stand.settings)
        keeper.stop(SERVER)
        keeper.start(_deadly_server(place))
        wait_for_answer(f"{stand.settings.url}/healthz")
        yield place


def _deadly_server(place: Town) -> Program:
    """Return the program that is kept up in place of the real server."""
    real = server_program(place.stand.settings)
    here = Path(__file__).parent / "crash_server.py"
    return Program(
        name=real.name,
        argv=(real.argv[0], str(here)),
        folder=real.folder,
        log=real.log,
        env=real.env | {"FAIRLEAD_BENCH_CRASH": str(place.points)},
        start_retries=real.start_retries,
    )


def traces(place: Town) -> Aftermath:
    """Return where everything that happens leaves its traces."""
    home = place.stand.settings.home
    url = places.database_url(place.stand.settings)
    return Aftermath(url, place.effects, place.points / "routes", home / "supervisor")


def play(place: Town, kind: str) -> Story:
    """Take one run from its beginning to its end, whatever happens to the server."""
    began, before = time.time(), traces(place).live()
    if kind == BACK:
        run = _begin(place, _ask_back)
    else:
        sha = place.app.commit(f"{kind} {began}", SLOW_MS if kind == BAD else 0)
        run = _begin(place, lambda api: _ask_deploy(api, place.app, sha))
    state = follow(place.stand, run, RUN_PATIENCE_S)
    release = state["release"]
    wanted = {"production": release}
    if kind != BACK:
        wanted |= {"development": release, "staging": release}
    if kind == BAD:
        wanted["production"] = before["production"]
    return Story(
        kind=kind,
        run=run,
        release=release,
        began=began,
        ended=time.time(),
        status=state["status"],
        wanted_status="rolled_back" if kind == BAD else "succeeded",
        live=traces(place).live(),
        wanted=wanted,
    )


def _undisturbed(place: Town, kind: str) -> Story:
    story = play(place, kind)
    if story.status != story.wanted_status:
        raise SystemExit(f"the {kind} run {story.run} {story.status} though nothing was killed")
    return story


def _ask_deploy(api: httpx.Client, app: App, sha: str) -> str:
    body = {"repository": str(app.folder), "ref": sha}
    return str(api.post("/runs", json=body).raise_for_status().json()["id"])


def _ask_back(api: httpx.Client) -> str:
    address = "/apps/edge/environments/production/rollback"
    answer = api.post(address, json={"to": "", "reason": "the bench wants it so"})
    return str(answer.raise_for_status().json()["run"])


def _begin(place: Town, ask: Callable[[httpx.Client], str]) -> str:
    """Ask for a run until it is on record: an answer may be lost though the run is not."""
    api = place.stand.api
    known = {run["id"] for run in _runs(api)}
    end = time.monotonic() + RUN_PATIENCE_S
    while time.monotonic() < end:
        try:
            return ask(api)
        except httpx.HTTPError as error:
            fresh = [run["id"] for run in _runs(api) if run["id"] not in known]
            if fresh:
                return str(fresh[0])
            why = error
            time.sleep(0.2)
    raise SystemExit(f"a run could not be begun: {why}")


def _runs(api: httpx.Client) -> list[dict[str, Any]]:
    end = time.monotonic() + RUN_PATIENCE_S
    while True:
        try:
            told: list[dict[str, Any]] = api.get("/runs?limit=20").raise_for_status().json()
        except httpx.HTTPError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return told


def at_every_boundary(place: Town, until: float) -> list[Story]:
    """Play stories until a whole round of them comes past no boundary that was no place to die."""
    stories: list[Story] = []
    while time.monotonic() < until:
        before = len(place.lines("kills"))
        for kind in (GOOD, BACK, BAD):
            place.allow(KILLS_A_STORY)
            stories.append(play(place, kind))
            killed, known = len(place.lines("kills")), len(place.lines("points"))
            say(f"{kind} run {stories[-1].status}: killed at {killed} of {known} boundaries")
        if len(place.lines("kills")) == before:
            break
    place.allow(0)
    return stories


def at_random(place: Town) -> tuple[list[Story], int]:
    """Play stories while somebody kills the server at any instant; return how often, too."""
    stories: list[Story] = []
    enough, kills = threading.Event(), [0]

    def kill_and_kill_again() -> None:
        chance = random.Random(2)
        while not enough.wait(chance.uniform(0.3, 4.0)) and kills[0] < RANDOM_KILLS:
            if pid := place.pid():
                with suppress(psutil.NoSuchProcess):
                    psutil.Process(pid).send_signal(signal.SIGKILL)
                    kills[0] += 1

    killer = threading.Thread(target=kill_and_kill_again, daemon=True)
    killer.start()
    try:
        while kills[0] < RANDOM_KILLS:
            for kind in (GOOD, BACK, BAD):
                stories.append(play(place, kind))
                say(f"{kind} run {stories[-1].status} after {kills[0]} kills at random instants")
    finally:
        enough.set()
        killer.join()
    return stories, kills[0]


def _load(place: Town, which: int, rate: float) -> Load:
    """Begin constant traffic to the environment at this place in the pipeline."""
    folder = place.stand.folder / f"load-{which}"
    folder.mkdir()
    return Load(place.listen[which], (Flow("quick", PATH, rate),), folder)


def tell(faults: Faults, requests: list[Request]) -> None:
    """Tell people everything that is not as it should be."""
    failed = [f"{request}" for request in requests if request.failed]
    say(f"{len(requests)} requests, {len(failed)} failed")
    every = {
        "ended wrong": faults.wrong_end,
        "failed": failed,
        "repeated": faults.repeated,
        "missing from the record": faults.gaps,
    }
    for what, sentences in every.items():
        for sentence in sentences[:60]:
            say(f"{what}: {sentence}")


def main() -> None:
    """Run the bench."""
    limit(LONGEST_S)
    with town() as place:
        wait_for_answer(f"http://127.0.0.1:{place.listen[-1]}{PATH}")
        loads = [_load(place, 1, 15.0), _load(place, 2, 60.0)]
        try:
            references = [_undisturbed(place, kind) for kind in (GOOD, BACK, BAD)]
            lasted = ", ".join(f"{s.kind} {s.ended - s.began:.0f} s" for s in references)
            say(f"without a kill: {lasted}; {len(place.lines('points'))} boundaries")
            stories = at_every_boundary(place, time.monotonic() + BOUNDARIES_UNTIL_S)
            more, kills = at_random(place)
        finally:
            requests = [request for load in loads for request in load.stop()]
        killed, known = len(place.lines("kills")), len(place.lines("points"))
        faults = traces(place).judge([*references, *stories, *more], references)
        tell(faults, requests)
    say(f"killed at {killed} of the {known} boundaries met, and at {kills} random instants")
    say_load()
    finish(
        {
            "kills": killed + kills,
            "wrong_end": len(faults.wrong_end),
            "failed_requests": sum(request.failed for request in requests),
            "repeated_effects": len(faults.repeated),
            "journal_gaps": len(faults.gaps),
        }
    )


if __name__ == "__main__":
    main()
