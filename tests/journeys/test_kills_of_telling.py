"""What if a process dies while applications tell something? What was acknowledged is kept, once."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx

from journeys.configurations import at_once
from journeys.stand import PATIENCE_S, Stand, until

ENOUGH = 15


class Teller(threading.Thread):
    """Tells one thing after another; each again and again until it is acknowledged."""

    def __init__(self, url: str, headers: dict[str, str], body: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._url, self._headers, self._body = url, headers, body
        self.acknowledged, self.unanswered = 0, 0
        self._enough = threading.Event()

    def run(self) -> None:
        """Go on until it is enough, and end with something that is acknowledged."""
        with httpx.Client(headers=self._headers, timeout=20) as client:
            while not self._enough.is_set():
                raw = self._body()
                while not self._is_taken(client, raw):
                    time.sleep(0.05)
                self.acknowledged += 1

    def _is_taken(self, client: httpx.Client, raw: bytes) -> bool:
        try:
            answer = client.post(self._url, content=raw)
        except httpx.TransportError:
            self.unanswered += 1
            return False
        return answer.status_code == 200

    def end(self) -> int:
        """Return how much was acknowledged in all."""
        self._enough.set()
        self.join(PATIENCE_S)
        assert not self.is_alive()
        return self.acknowledged


def tracked() -> bytes:
    said = {"error_message": "order was refused", "event_id": str(uuid4())}
    return json.dumps({"action": "track_error"} | said).encode()


def reported() -> bytes:
    event = {"event_id": uuid4().hex, "message": "the queue is full"}
    return b"\n".join(json.dumps(one).encode() for one in ({}, {"type": "event"}, event))


def measured() -> bytes:
    """Return one request as OpenTelemetry's metrics tell it."""
    now = time.time_ns()
    resource = {
        "service.name": "functions",
        "service.version": "abc",
        "deployment.environment.name": "live",
        "fairlead.app": "telling",
    }
    said = [{"key": key, "value": {"stringValue": value}} for key, value in resource.items()]
    point = {"startTimeUnixNano": now - 10**6, "timeUnixNano": now, "count": 1, "sum": 0.02}
    counted = {"explicitBounds": [0.1], "bucketCounts": [1, 0]}
    histogram = {"aggregationTemporality": 1, "dataPoints": [point | counted]}
    metric = {"name": "http.server.request.duration", "unit": "s", "histogram": histogram}
    scopes = [{"metrics": [metric]}]
    told = {"resourceMetrics": [{"resource": {"attributes": said}, "scopeMetrics": scopes}]}
    return json.dumps(told).encode()


@contextmanager
def telling(stand: Stand) -> Iterator[list[Teller]]:
    """Let an application tell errors in both ways and requests, until the block ends."""
    made = stand.ana.api.post("/apps/telling/environments/live/error-keys").json()
    key = made["dsn"].partition("://")[2].partition("@")[0]
    url = stand.settings.url
    ours = {"Authorization": f"Bearer {stand.ana.token}", "Content-Type": "application/json"}
    sentry = {"X-Sentry-Auth": f"Sentry sentry_key={key}, sentry_version=7"}
    tellers = [
        Teller(f"{url}/apps/telling/functions/v1/error-tracking", ours, tracked),
        Teller(f"{url}/api/{made['project']}/envelope/", sentry, reported),
        Teller(f"{url}/v1/metrics", ours, measured),
    ]
    for teller in tellers:
        teller.start()
    try:
        yield tellers
    finally:
        for teller in tellers:
            teller.end()


def test_what_was_acknowledged_outlives_a_killed_server_and_database_and_counts_once(
    stand: Stand,
) -> None:
    stand.shipped("telling", at_once, metrics={"from": "fairlead"})
    with telling(stand) as tellers:
        for program in ("server", "postgres", "server"):
            before = [teller.acknowledged for teller in tellers]
            until(
                lambda before=before: all(  # type: ignore[misc]
                    t.acknowledged >= b + ENOUGH for t, b in zip(tellers, before, strict=True)
                ),
                f"enough is told before {program} is killed",
            )
            stand.process(program).send_signal(signal.SIGKILL)
    tracked, reported, measured = (teller.end() for teller in tellers)
    assert all(teller.unanswered for teller in tellers)
    place = "/apps/telling/environments/live"
    errors = stand.ana.tell(f"{place}/errors")["errors"]
    kept = {error["title"]: error["events"] for error in errors}
    assert kept == {"order was refused": tracked, "the queue is full": reported}
    until(
        lambda: stand.ana.tell(f"{place}/metrics", time_window="5m")["samples"] >= measured,
        "every request is told",
    )
    assert stand.ana.tell(f"{place}/metrics", time_window="5m")["samples"] == measured
