"""How much can be told to Fairlead, and what does it cost to ask? A real server under real load.

Applications tell samples in batches and errors one by one; every acknowledged one must be there
afterwards, also when the server is killed meanwhile. Then 30 days are asked for, of histories of
10,000 to 50 million requests.
"""

import statistics
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

import httpx
import psycopg

import telemetry_events
from fairlead import places
from fairlead.demo.sample import free_ports
from fairlead.settings import Settings
from fairlead.store.rollups import Place
from stand import App, Stand, finish, follow, limit, say, say_load, standing
from telemetry_clients import Clients, Plan, Told
from telemetry_history import DAYS, SOURCE, Cost, costs, empty, fill
from telemetry_hours import HOURS, asked_at, next_time
from telemetry_loss import Server, lose

PLACE = ("edge", "live")
SECONDS = 20.0
SENDERS, BATCH = 16, 500
GROWTH = (10_000, 100_000, 1_000_000, 10_000_000, 50_000_000)
# Each history has a place of its own, so that they can be asked for in turn.
HISTORIES = {("history", f"of-{requests}"): requests for requests in GROWTH}


def configuration(app: str, environments: Sequence[str]) -> dict[str, Any]:
    """Return an app that tells the numbers of its environments itself."""
    there = {"strategy": "blue_green", "drain": "0s", "metrics": {"from": SOURCE}}
    ports = free_ports(len(environments))
    return {
        "version": 1,
        "app": app,
        "components": {"frontend": {"kind": "static", "path": "frontend"}},
        "environments": {
            name: there | {"listen": f"127.0.0.1:{port}"}
            for name, port in zip(environments, ports, strict=True)
        },
        "pipeline": [{"stage": f"to-{name}", "deploy": name} for name in environments],
    }


class Functions:
    """The function `production-monitoring`, as somebody asks it over HTTP."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=30)

    def call(self, action: str, **asked: Any) -> dict[str, Any]:
        """Return the result of an action."""
        answer = self._client.post(
            "/functions/v1/production-monitoring", json={"action": action} | asked
        )
        answer.raise_for_status()
        result: dict[str, Any] = answer.json()["result"]
        return result

    def metrics(self, window: str, place: Place = PLACE) -> dict[str, Any]:
        """Return how a place performed."""
        asked = {"app": place[0], "environment": place[1], "time_window": window}
        return self.call("performance_metrics", **asked)


def deployed(stand: Stand, name: str, environments: Sequence[str]) -> str:
    """Deploy an app; return its release."""
    app = App(stand.folder / name, configuration(name, environments))
    app.commit("first")
    run = follow(stand, stand.ana.deploy(str(app.folder), "main"))
    if run["status"] != "succeeded":
        raise SystemExit(f"the app was not deployed: {run['because']}")
    return str(run["release"])


def tell(stand: Stand, plan: Plan, name: str) -> Told:
    """Let clients tell, and say how that went."""
    server = Server(stand.settings)
    clients = Clients(plan, stand.folder, name)
    slowest_s = 0.0
    while clients.work():
        began = time.monotonic()
        stand.api.get("/status", timeout=30).raise_for_status()
        slowest_s = max(slowest_s, time.monotonic() - began)
        time.sleep(0.2)
    told = clients.told()
    took = sorted(told.took_ms)
    say(
        f"{name}: {told.samples} in {told.batches} calls of {plan.clients} clients in "
        f"{told.seconds:.1f} s; a call took {statistics.median(took):.1f} ms, p99 "
        f"{took[int(0.99 * len(took))]:.1f} ms; refused {told.refused}, failed "
        f"{told.failed or 'none'}, unanswered {told.unanswered}; other requests were answered "
        f"within {slowest_s * 1000:.0f} ms, the server took {server.end():.0f} MB at most"
    )
    if told.failed or told.unanswered:
        raise SystemExit(f"{name}: what was told was not taken: {told.failed}")
    return told


def kept(settings: Settings) -> int:
    """Return how many requests the tables tell of, each once."""
    asked = "SELECT sum(requests) FROM fairlead.rollups WHERE NOT rolled AND source = %s"
    with psycopg.connect(places.database_url(settings)) as connection:
        row = connection.execute(asked, (SOURCE,)).fetchone()
    return int(row[0] or 0) if row else 0


def samples_per_s(stand: Stand, functions: Functions, plan: Plan) -> tuple[float, int]:
    """Return how many samples a second are taken, and how many acknowledged ones are missing."""
    told = tell(stand, plan, "samples")
    busy = [_took_ms(functions, "30d") for _ in range(20)]
    answer = functions.metrics("5m")
    found = kept(stand.settings)
    say(
        f"{told.samples} samples acknowledged, {found} in the tables, {answer['samples']} told for "
        f"5 minutes; right after it 30 days took {statistics.median(busy):.1f} ms"
    )
    return told.samples / told.seconds, max(0, told.samples - found)


def _took_ms(functions: Functions, window: str) -> float:
    began = time.perf_counter()
    functions.metrics(window)
    return (time.perf_counter() - began) * 1000


def windows(stand: Stand, token: str) -> list[dict[int, Cost]]:
    """Ask for 30 days of histories that grow, at several hours of the day; the worst one counts."""
    say(
        "histories are filled straight into the table, as seconds, minutes and hours of the past, "
        "rolled up by the server's own code, and asked for in turn"
    )
    return [_at(stand, token, next_time(*hour)) for hour in HOURS]


def _at(stand: Stand, token: str, now: datetime) -> dict[int, Cost]:
    empty(stand.settings)
    rows = fill(stand.settings, HISTORIES, now)
    with asked_at(stand.settings, now) as (url, process):
        ask = partial(Functions(url, token).metrics, f"{DAYS}d")
        found = costs(ask, process, HISTORIES)
    for place, one in found.items():
        say(
            f"at {now:%H:%M} {DAYS} days of {HISTORIES[place]:>10} requests ({one.samples} told, "
            f"{rows[place]} rows): p50 {one.p50_ms:.1f} ms, p95 {one.p95_ms:.1f} ms over HTTP; "
            f"{one.cpu_ms / len(one.took_ms):.1f} ms of the server's processor time"
        )
    return {HISTORIES[place]: one for place, one in found.items()}


def main() -> None:
    """Run the bench."""
    limit(600)
    say_load()
    with standing() as stand:
        token = stand.api.headers["authorization"].removeprefix("Bearer ")
        release = deployed(stand, PLACE[0], [PLACE[1]])
        functions = Functions(stand.settings.url, token)
        port = stand.settings.port
        plan = Plan(port, token, release, SENDERS, BATCH, SECONDS)
        samples, lost_samples = samples_per_s(stand, functions, plan)
        events = telemetry_events.events_per_s(telemetry_events.Plan("127.0.0.1", port, token))
        say(f"errors one by one: {events}")
        loss = lose(stand, token, release, PLACE)
        deployed(stand, "history", [name for _, name in HISTORIES])
        asked = windows(stand, token)
    say_load()
    finish(
        {
            "samples_per_s": round(samples),
            "events_per_s": events["events_per_s"],
            "window_30d_ms": round(max(at[GROWTH[-1]].p50_ms for at in asked), 1),
            "growth_ratio": round(max(at[10**7].p50_ms / at[10**4].p50_ms for at in asked), 2),
            "lost": lost_samples + events["lost"] + loss.lost,
        }
    )


if __name__ == "__main__":
    main()
