"""A registry of npm packages on this machine, which answers the questions of real audits."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SHA512 = "sha512-" + "A" * 86 + "=="
OTHER_SHA512 = "sha512-" + "B" * 85 + "A=="
ADVISORIES = {
    "lodash": ("high", "<4.17.21", "GHSA-35jh-r3h4-6jhm", "Command Injection in lodash"),
    "minimist": ("critical", ">=1.0.0 <1.2.6", "GHSA-xvch-5gv4-984h", "Prototype Pollution"),
}
VERSIONS = {"lodash": ["4.17.15", "4.17.21"], "minimist": ["1.2.0", "1.2.8"]}


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.strip("/")
        self._say(_packument(name) if name in VERSIONS else {}, name in VERSIONS)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        asked = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        self.server.asked.append(asked)  # type: ignore[attr-defined]
        self._say({name: [_advisory(name)] for name in asked if name in ADVISORIES}, True)

    def _say(self, told: dict[str, Any], known: bool) -> None:
        body = json.dumps(told).encode()
        self.send_response(200 if known else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def _advisory(name: str) -> dict[str, Any]:
    severity, bad, rule, title = ADVISORIES[name]
    return {
        "id": 1, "url": f"https://github.com/advisories/{rule}", "title": title,
        "severity": severity, "vulnerable_versions": bad, "cwe": [],
        "cvss": {"score": 0, "vectorString": None},
    }  # fmt: skip


def _packument(name: str) -> dict[str, Any]:
    versions = {
        version: {"name": name, "version": version,
                  "dist": {"tarball": f"http://localhost/{name}.tgz", "integrity": OTHER_SHA512}}
        for version in VERSIONS[name]
    }  # fmt: skip
    return {"name": name, "dist-tags": {"latest": VERSIONS[name][-1]}, "versions": versions}


@contextmanager
def registry() -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """Give its address, and what it was asked so far."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    asked: list[dict[str, list[str]]] = []
    server.asked = asked  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        server.server_close()
