"""Are errors that Sentry's SDKs report taken as they are sent, and nothing that is none?"""

import gzip
import json
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
import uvicorn

from fairlead.api.sentry import keys, unpacking
from fairlead.commands import intake
from fairlead.store.database import many
from functions.stand import Functions

APPLICATION = Path(__file__).parent / "reporting.py"
EVENT = {"exception": {"values": [{"type": "E", "value": "it broke"}]}, "level": "fatal"}


@pytest.fixture
def made(functions: Functions) -> dict[str, Any]:
    """Return a key and its address as a deployer gets them."""
    path = f"/api/v1/apps/{functions.loop.app.name}/environments/live/error-keys"
    headers = {"Authorization": f"Bearer {functions.token_of('deployer')}"}
    answer = functions.request("POST", path, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@contextmanager
def serving(functions: Functions) -> Iterator[str]:
    """Serve on a free port until the block ends; return where."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(functions.whole, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def key_of(made: dict[str, Any]) -> str:
    return str(made["dsn"]).partition("://")[2].partition("@")[0]


def send(
    functions: Functions, made: dict[str, Any], raw: bytes, form: str = "envelope", **headers: str
) -> httpx.Response:
    auth = f"Sentry sentry_key={key_of(made)}, sentry_version=7, sentry_client=test/1"
    told = {"X-Sentry-Auth": auth} | {n.replace("_", "-"): v for n, v in headers.items()}
    path = f"/api/{made['project']}/{form}/"
    return functions.request("POST", path, content=raw, headers=told)


def envelope(*items: tuple[dict[str, Any], bytes], **header: Any) -> bytes:
    lines = [json.dumps(header).encode()]
    for head, body in items:
        lines += [json.dumps(head).encode(), body]
    return b"\n".join(lines)


def event(**more: Any) -> bytes:
    return envelope(({"type": "event"}, json.dumps(EVENT | more).encode()))


def listed(functions: Functions) -> list[dict[str, Any]]:
    return list(functions.call("error-tracking", "list_errors")["errors"])


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_the_real_sdk_reports_exceptions_with_their_causes_and_messages(
    functions: Functions, made: dict[str, Any], coding: str
) -> None:
    with serving(functions) as address:
        dsn = made["dsn"].replace("@test/", f"@{address}/")
        command = [sys.executable, str(APPLICATION), dsn, coding]
        subprocess.run(command, check=True, timeout=60, capture_output=True)
    told = {error["title"]: error for error in listed(functions)}
    assert set(told) == {
        "ValueError: order 23 of [hidden] has no price",
        "the queue holds 512 orders",
    }
    chained = told["ValueError: order 23 of [hidden] has no price"]
    assert (chained["events"], chained["severity"], chained["component"]) == (
        2,
        "error",
        "checkout",
    )
    assert chained["releases"] == {"a" * 12: 2}
    assert told["the queue holds 512 orders"]["severity"] == "warning"
    with functions.loop.house.database.begin() as tx:
        rows = many(tx, "SELECT * FROM error_events WHERE stack <> '' ORDER BY at")
        said = str(many(tx, "SELECT * FROM error_events"))
    stack = rows[0]["stack"]
    # The cause first, as Python prints it; the lines of code say where.
    assert stack.index("prices[order]") < stack.index("KeyError: 17")
    assert stack.index("KeyError: 17") < stack.index("raise ValueError")
    assert rows[0]["metadata"]["environment"] == "blue"
    for private in ("ana@example.org", "a crumb"):
        assert private not in said
    dropped = functions.call("error-tracking", "health_check")["dropped_items"]
    assert dropped["transaction"] == 2


def test_single_events_are_taken_with_the_key_in_the_address(
    functions: Functions, made: dict[str, Any]
) -> None:
    one = "ab" * 16
    body = {"event_id": one, "message": {"message": "no %s left", "params": ["tea"]}}
    path = f"/api/{made['project']}/store/?sentry_key={key_of(made)}&sentry_version=7"
    for _ in range(2):
        answer = functions.request("POST", path, json=body)
        assert (answer.status_code, answer.json()["id"]) == (200, one)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert [(e["title"], e["events"]) for e in listed(functions)] == [("no %s left", 1)]


CODINGS: list[tuple[str, Any]] = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", lambda raw: zlib.compress(raw, wbits=-15)),
    ("br", brotli.compress),
    ("identity", bytes),
]


def test_small_bodies_are_unpacked_and_bombs_are_not(
    functions: Functions, made: dict[str, Any]
) -> None:
    for coding, pack in CODINGS:
        assert send(functions, made, pack(event()), content_encoding=coding).status_code == 200
        bomb = pack(b" " * (8 * unpacking.LARGEST))
        assert send(functions, made, bomb, content_encoding=coding).status_code == 413
        if coding == "identity":
            continue
        for broken in (pack(event())[:-6], b"\xff\xfe\x00garbage", b""):
            answer = send(functions, made, broken, content_encoding=coding)
            assert (answer.status_code, bool(answer.json()["detail"])) == (400, True), broken
    assert send(functions, made, event(), content_encoding="zstd").status_code == 400


NO_ENVELOPES = [
    b"", b"\xff", b"{", b"[]", b"[" * 100_000, b"{}\n[]", b'{}\n{"type":"event"}\n[]',
    b'{}\n{"type":"event","length":-1}\n{}', b'{}\n{"type":"event","length":99}\n{}',
    b'{}\n{"type":"event","length":"x"}\n{}', b'{}\n{"type":"event"}\n{"event_id":"x"}',
    b'{"event_id":"' + b"z" * 32 + b'"}\n{"type":"event"}\n{}',
    b"{}" + b'\n{"type":"a"}\nx' * 101, b'{}\n{"type":"event"}\n{"a":' + b"9" * 5_000 + b"}",
]  # fmt: skip


def test_what_is_no_envelope_is_refused(functions: Functions, made: dict[str, Any]) -> None:
    for raw in NO_ENVELOPES:
        answer = send(functions, made, raw)
        assert (answer.status_code, bool(answer.json()["detail"])) == (400, True), raw[:80]
    assert listed(functions) == []


def test_fields_of_another_form_are_left_out(functions: Functions, made: dict[str, Any]) -> None:
    names = ("exception", "message", "logentry", "tags", "extra", "request", "level", "release")
    more = ("timestamp", "fingerprint", "threads", "stacktrace", "platform", "user", "contexts")
    every: list[Any] = [None, 5, "x", [], {}, [[]], [None], {"values": 3}, "\ud800\x00"]
    for odd in every:
        cause = {"type": odd, "value": odd, "stacktrace": {"frames": [odd, {"lineno": odd}]}}
        inside = {"exception": {"values": [cause, odd]}, "extra": {"a": odd}, "tags": [odd, [1, 2]]}
        for body in (dict.fromkeys(names + more, odd), inside):
            raw = envelope(({"type": "event"}, json.dumps(body).encode()))
            assert send(functions, made, raw).status_code == 200


def test_other_items_are_acknowledged_and_counted(
    functions: Functions, made: dict[str, Any]
) -> None:
    one = ({"type": "event"}, json.dumps(EVENT).encode())
    several = envelope(({"type": "session"}, b"{}"), ({"type": "odd", "length": 3}, b"a\nb"), one)
    assert send(functions, made, several).status_code == 200
    dropped = functions.call("error-tracking", "health_check")["dropped_items"]
    assert dropped == {"session": 1, "unknown": 1}
    assert [error["severity"] for error in listed(functions)] == ["critical"]


def test_a_key_opens_one_door_and_only_until_it_is_revoked(
    functions: Functions, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "KEPT_S", 0.0)
    assert send(functions, made, event()).status_code == 200
    other = made | {"project": made["project"] + 1}
    for wrong in (other, made | {"dsn": "http://0000@test/1"}, made | {"dsn": "http://@test/1"}):
        assert send(functions, wrong, event()).status_code == 401
    headers = {"Authorization": f"Bearer {key_of(made)}"}
    place = f"/api/v1/apps/{functions.loop.app.name}/environments/live"
    assert functions.request("GET", f"{place}/errors", headers=headers).status_code == 401
    headers = {"Authorization": f"Bearer {functions.token}"}
    path = f"{place}/error-keys"
    assert functions.request("POST", path, headers=headers).status_code == 403
    path = f"{path}/{made['project']}"
    assert functions.request("DELETE", path, headers=headers).status_code == 403
    headers = {"Authorization": f"Bearer {functions.token_of('deployer')}"}
    assert functions.request("DELETE", path, headers=headers).status_code == 204
    assert functions.request("DELETE", path, headers=headers).status_code == 404
    assert send(functions, made, event()).status_code == 401
    nowhere = place.replace("/live", "/nowhere") + "/error-keys"
    assert functions.request("POST", nowhere, headers=headers).status_code == 404


def test_when_too_much_waits_the_sdk_is_told_when_to_come_again(
    functions: Functions, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 0)
    answer = send(functions, made, event())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert answer.headers["x-sentry-rate-limits"] == "1::key:too_much_waits"
    assert "x-sentry-rate-limits" in answer.headers["access-control-expose-headers"]


def test_a_real_sdk_that_is_told_so_keeps_quiet_for_that_long(
    functions: Functions, made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 0)
    with serving(functions) as address:
        dsn = made["dsn"].replace("@test/", f"@{address}/")
        command = [sys.executable, str(APPLICATION), dsn, "gzip"]
        subprocess.run(command, check=True, timeout=60, capture_output=True)
    # It has three to tell; after the first no to one of them it does not ask for the others.
    assert functions.doors.intake.counts().refused == 1


def test_an_app_that_fills_its_share_is_sent_away_and_no_other_one(
    functions: Functions, made: dict[str, Any]
) -> None:
    now, waiting = functions.loop.clock.now.timestamp(), functions.doors.intake._sizes
    samples = {"release": "a", "component": "api", "requests": [[now, 5.0, False]]}

    def statuses() -> list[int]:
        error = {"action": "track_error", "error_message": "x"}
        requests = {"action": "record_requests"} | samples
        return [
            send(functions, made, event()).status_code,
            functions.post("error-tracking", error).status_code,
            functions.post("production-monitoring", requests).status_code,
        ]

    waiting["other"] = intake.MOST_WAITING
    assert statuses() == [200, 200, 200]
    waiting[functions.loop.app.name] = intake.MOST_WAITING
    assert statuses() == [429, 429, 429]
