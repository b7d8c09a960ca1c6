"""How long do users meet a release that begins to fail after everybody has it?

Two apps get the same traffic, and from one moment on the live release of each fails every request.
One is watched as by default. For the other the watch only tells, and the runbook's loop decides:
every 30 s it asks our functions for the error rate and the mean answer time of the last five
minutes, takes what is missing for 0, and sends the release back once one is beyond its limit. Both
were up for the whole of that window before. Of the loop there are six, their looks five seconds
apart: when it looks is chance, so the median counts. The watched app does it some times more, and
the worst counts.
"""

import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from fairlead.demo.sample import free_ports
from load import Flow, Load, Request
from stand import App, Stand, finish, follow, limit, say, say_load, standing, wait_for_answer
from stand import wait_until as until

RATE = 100.0
ROUNDS = 5
EDGE = "/functions/v1/edge"
# The runbook's window, for the whole of which all is well before.
BEFORE_S = 300.0
LOOK_S, LOOPS = 30.0, 6
ERRORS, RESPONSE_MS = 5.0, 2000.0
WATCHED, LOOPED = "watched", "looped"


@dataclass(slots=True)
class Place:
    """One app with its traffic; its `broken` moments are those of the wall clock, in seconds."""

    name: str
    port: int
    app: App
    load: Load | None = None
    broken: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)


def configuration(name: str, port: int, watch: dict[str, Any]) -> dict[str, Any]:
    """Return the shortest way to a place that everybody uses."""
    passes = "test -f fairlead.yaml"
    return {
        "version": 1,
        "app": name,
        "components": {
            "frontend": {"kind": "static", "path": "frontend", "build": passes},
            "functions": {"kind": "functions", "path": "supabase/functions"},
        },
        "environments": {
            "live": {
                "listen": f"127.0.0.1:{port}",
                "strategy": "blue_green",
                "drain": "1s",
                "watch": watch,
            }
        },
        "pipeline": [{"stage": "deploy", "deploy": "live"}],
    }


def release(stand: Stand, place: Place, message: str) -> None:
    """Give everybody one more release."""
    place.app.commit(message)
    run = follow(stand, stand.ana.deploy(str(place.app.folder), "main"))
    if run["status"] != "succeeded":
        raise SystemExit(f"{place.name}: {run['status']}: {run['because']}")


def live(stand: Stand, place: Place) -> dict[str, Any]:
    """Return how the place stands."""
    told = stand.api.get("/status", params={"app": place.name}).json()
    found: dict[str, Any] = told["environments"][0]
    return found


def break_it(place: Place) -> None:
    """Make the live release fail from now on."""
    place.broken.append(time.time())
    httpx.get(f"http://127.0.0.1:{place.port}{EDGE}/break", timeout=5)


def wait_for_rollback(stand: Stand, place: Place, bad: str) -> None:
    """Wait until the way back has ended, and note when that was."""
    until(lambda: live(stand, place)["live"] != bad, 120, f"{place.name} goes back")

    def ended() -> bool:
        newest = stand.api.get("/runs", params={"app": place.name, "limit": 1}).json()[0]
        if newest["finished_at"]:
            place.back.append(datetime.fromisoformat(newest["finished_at"]).timestamp())
        return bool(newest["finished_at"])

    until(ended, 60, f"{place.name} is back")


class Loop(threading.Thread):
    """The runbook's loop; it notes when it would have sent the release back."""

    def __init__(self, stand: Stand, offset_s: float) -> None:
        super().__init__(daemon=True)
        self._url = f"{stand.settings.url}/functions/v1/production-monitoring"
        self._headers = {"Authorization": stand.api.headers["Authorization"]}
        self._offset_s = offset_s
        self.decided: float | None = None

    def run(self) -> None:
        """Look, and sleep, until a limit is broken."""
        time.sleep(self._offset_s)
        while not self._rollback_needed():
            time.sleep(LOOK_S)
        self.decided = time.time()

    def _rollback_needed(self) -> bool:
        errors, response = self._number("error_rate"), self._number("avg_response_time")
        return errors > ERRORS or response > RESPONSE_MS

    def _number(self, name: str) -> float:
        """Return `.result.NAME // 0`, as its jq does."""
        body = {"action": "performance_metrics", "time_window": "5m", "app": LOOPED}
        try:
            answer = httpx.post(self._url, json=body, headers=self._headers, timeout=10).json()
        except (httpx.HTTPError, ValueError):
            return 0.0
        return float((answer.get("result") or {}).get(name) or 0)


def met(place: Place, requests: Sequence[Request], apart: float) -> list[float]:
    """Return the seconds from each first bad answer to the end of the way back.

    `apart` is how far the wall clock is ahead of the clock of the requests.
    """
    bad = [(r.sent + r.took) / 1e9 + apart for r in requests if r.failed]
    found = []
    for began, ended in zip(place.broken, place.back, strict=True):
        mine = [at for at in bad if began <= at <= ended + 5]
        found.append(ended - min(mine))
        say(
            f"{place.name}: {len(mine)} bad answers in {max(mine) - min(mine):.2f} s; "
            f"back {found[-1]:.2f} s after the first"
        )
    return found


def set_up(stand: Stand, name: str, port: int, watch: dict[str, Any]) -> Place:
    """Return a place with two releases, the second of which everybody has."""
    place = Place(name, port, App(stand.folder / name, configuration(name, port, watch)))
    release(stand, place, "the first release")
    release(stand, place, "release 0")
    wait_for_answer(f"http://127.0.0.1:{port}{EDGE}/quick")
    folder = stand.folder / f"{name}-load"
    folder.mkdir()
    place.load = Load(port, (Flow("quick", f"{EDGE}/quick", RATE, new_users=True),), folder)
    return place


def try_out(stand: Stand, watched: Place, looped: Place) -> list[float]:
    """Break both at once, then the watched one some times more; return when the loops decided."""
    loops = [Loop(stand, number * LOOK_S / LOOPS) for number in range(LOOPS)]
    for loop in loops:
        loop.start()
    time.sleep(BEFORE_S)
    bad = {place.name: live(stand, place)["live"] for place in (watched, looped)}
    for place in (looped, watched):
        break_it(place)
    wait_for_rollback(stand, watched, bad[WATCHED])
    for number in range(1, ROUNDS):
        release(stand, watched, f"release {number}")
        time.sleep(5 + number * 0.7)
        now = live(stand, watched)["live"]
        break_it(watched)
        wait_for_rollback(stand, watched, now)
    until(lambda: all(loop.decided for loop in loops), 120, "the runbook's loops")
    decided = [loop.decided for loop in loops if loop.decided]
    began = time.time()
    answer = stand.api.post(
        f"/apps/{LOOPED}/environments/live/rollback", json={"to": "", "reason": "the loop"}
    )
    answer.raise_for_status()
    wait_for_rollback(stand, looped, bad[LOOPED])
    took = looped.back[-1] - began
    return [at - looped.broken[0] + took for at in decided]


def main() -> None:
    """Run the bench."""
    limit(900)
    say_load()
    with standing() as stand:
        ports = free_ports(2)
        # Each release is another one, so only the cool-down would keep the next round waiting.
        watched = set_up(stand, WATCHED, ports[0], {"cooldown": "0s"})
        looped = set_up(stand, LOOPED, ports[1], {"unhealthy": "tell"})
        try:
            by_loop = try_out(stand, watched, looped)
        finally:
            apart = time.time() - time.monotonic()
            traffic = {p.name: p.load.stop() for p in (watched, looped) if p.load}
    by_watch = met(watched, traffic[WATCHED], apart)
    met(looped, traffic[LOOPED], apart)
    say("the runbook's loops: " + ", ".join(f"{s:.1f} s" for s in sorted(by_loop)))
    say_load()
    finish(
        {
            "rolled_back_s": round(max(by_watch), 2),
            "runbook_s": round(statistics.median(by_loop), 1),
        }
    )


if __name__ == "__main__":
    main()
