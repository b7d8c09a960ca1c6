"""Sources that really count: an app with a page of its own, and a Prometheus that scrapes it.

`told` is what the app has counted, by release and component; each source must tell just that.
"""

import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from fairlead.analysis.ports import Source
from fairlead.clock import utc_now
from fairlead.providers.metrics import remote
from fairlead.providers.metrics.http_json import HttpJson
from fairlead.providers.metrics.prometheus import Prometheus
from fairlead.release.sources import Asked
from fairlead.release.spec.metrics import Metrics

Which = tuple[str, str]
WANTED: tuple[Which, ...] = (("new", "api"), ("new", "site"), ("old", "api"))
SCRAPED_S = 0.2
PROMQL = {
    "requests": 'sum(requests_total{release="$release", component="$component"})',
    "errors": 'sum(errors_total{release="$release", component="$component"})',
    "total_ms": '1000 * sum(seconds_sum{release="$release", component="$component"})',
    "sampled_at": 'max(timestamp(requests_total{release="$release", component="$component"}))',
    "started_at": 'max(started_seconds{release="$release", component="$component"})',
    "buckets": 'sum by (le) (seconds_bucket{release="$release", component="$component"})',
}
JSONPATH = {
    "requests": "$[?@.release == '$release' && @.component == '$component'].requests",
    "errors": "$[?@.release == '$release' && @.component == '$component'].errors",
    "total_ms": "$[?@.release == '$release' && @.component == '$component'].ms",
    "sampled_at": "$[?@.release == '$release' && @.component == '$component'].at",
    "started_at": "$[?@.release == '$release' && @.component == '$component'].started",
}


@dataclass(slots=True)
class Counted:
    """What one component of one release has counted; every answer took ten milliseconds."""

    requests: int = 0
    errors: int = 0
    started: float = 1000.0


@dataclass(slots=True)
class Page:
    """A real HTTP server that tells what was counted; `body` is told instead while it is set."""

    told: dict[Which, Counted] = field(default_factory=dict)
    body: bytes | None = None
    status: int = 200
    slow_s: float = 0.0
    at: Callable[[], Any] = time.time
    seen: list[str] = field(default_factory=list)
    client: httpx.Client = field(default_factory=remote.client)
    _server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        assert self._server is not None
        return f"127.0.0.1:{self._server.server_address[1]}"

    def count(self, which: Which, requests: int, errors: int = 0) -> None:
        one = self.told.setdefault(which, Counted())
        one.requests, one.errors = one.requests + requests, one.errors + errors

    def as_json(self) -> bytes:
        return json.dumps(
            [
                {"release": release, "component": component, "at": self.at()}
                | {"requests": one.requests, "errors": one.errors, "ms": one.requests * 10.0}
                | {"started": one.started}
                for (release, component), one in self.told.items()
            ]
        ).encode()

    def as_text(self) -> bytes:
        lines = []
        for (release, component), one in self.told.items():
            labels = f'release="{release}",component="{component}"'
            buckets = {"0.005": 0, "0.02": one.requests, "1": one.requests, "+Inf": one.requests}
            lines += [f"requests_total{{{labels}}} {one.requests}"]
            lines += [f"errors_total{{{labels}}} {one.errors}"]
            lines += [f"seconds_sum{{{labels}}} {one.requests / 100}"]
            lines += [f"started_seconds{{{labels}}} {one.started}"]
            lines += [f'seconds_bucket{{{labels},le="{le}"}} {n}' for le, n in buckets.items()]
        return ("\n".join(lines) + "\n").encode()


@contextmanager
def a_page() -> Iterator[Page]:
    """Serve a page on the loopback until the block ends."""
    page = Page()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page.seen.append(f"{self.path} {self.headers.get('authorization', '')}")
            time.sleep(page.slow_s)
            told = page.as_text() if self.path == "/metrics" else page.as_json()
            body = told if page.body is None else page.body
            self.send_response(page.status)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name is the library's

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    page._server = server
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield page
    finally:
        page.client.close()
        server.shutdown()
        server.server_close()


def http_source(page: Page, **more: Any) -> Source:
    """Return the source `http` that asks a page."""
    written = {"from": "http", "url": f"http://{page.address}/stats", "queries": JSONPATH} | more
    return HttpJson(asked(written), page.client, lambda name: f"value-of-{name}", utc_now)


def prometheus_source(page: Page, address: str, **more: Any) -> Source:
    """Return the source `prometheus` that asks a server."""
    written = {"from": "prometheus", "url": f"http://{address}", "queries": PROMQL} | more
    return Prometheus(asked(written), page.client, lambda name: f"value-of-{name}", utc_now)


def asked(written: dict[str, Any]) -> Asked:
    """Return what a file asks for, about every release of these tests."""
    return Asked(Metrics.model_validate(written), WANTED)


def prometheus_program() -> str | None:
    """Return where Prometheus is installed; None when it is not."""
    return shutil.which("prometheus")


@contextmanager
def a_prometheus(folder: Path, page: Page) -> Iterator[str]:
    """Run a real Prometheus on the loopback that scrapes a page; give its address."""
    program = prometheus_program()
    assert program is not None
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    configuration = folder / "prometheus.yml"
    configuration.write_text(
        f"global: {{scrape_interval: {SCRAPED_S * 1000:.0f}ms, scrape_timeout: 200ms}}\n"
        "scrape_configs:\n"
        f"- {{job_name: app, static_configs: [{{targets: ['{page.address}']}}]}}\n"
    )
    command = [program, f"--config.file={configuration}", f"--storage.tsdb.path={folder / 'data'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    with (folder / "prometheus.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _await_ready(port, folder / "prometheus.log")
            yield f"127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(20)


def _await_ready(port: int, log: Path) -> None:
    end = time.monotonic() + 30
    with remote.client() as client:
        while time.monotonic() < end:
            try:
                if client.get(f"http://127.0.0.1:{port}/-/ready").status_code == 200:
                    return
            except Exception:  # noqa: BLE001 - it is not up yet, in one of many ways
                time.sleep(0.05)
    raise AssertionError(log.read_text())
