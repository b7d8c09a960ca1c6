"""What does `error-tracking` keep of an error, and what does it tell of it?"""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from fairlead.store.database import many
from functions.stand import Functions

NAME = "error-tracking"
STACK = """Traceback (most recent call last):
  File "/srv/shop/orders.py", line {line}, in pay
    charge(order)
ValueError: order {order} has no price"""


def track(functions: Functions, message: str = "it broke", **more: Any) -> dict[str, Any]:
    return dict(functions.call(NAME, "track_error", error_message=message, **more))


def listed(functions: Functions, **asked: Any) -> list[dict[str, Any]]:
    return list(functions.call(NAME, "list_errors", **asked)["errors"])


def events(functions: Functions) -> list[Any]:
    with functions.loop.house.database.begin() as tx:
        return many(tx, "SELECT * FROM error_events")


def test_nothing_is_open_to_who_has_no_token(functions: Functions) -> None:
    for action in ("health_check", "track_error", "list_errors", "resolve", "get_error_rate"):
        assert functions.post(NAME, {"action": action}, token="").status_code == 401
    assert functions.call(NAME, "health_check")["status"] == "healthy"


def test_the_runbooks_own_call_is_kept(functions: Functions) -> None:
    metadata = {"rollback_target": "abc", "reason": "x", "timestamp": "2026-01-31T12:00:00Z"}
    said = {"component": "deployment", "severity": "warning", "metadata": metadata}
    told = track(functions, "Manual rollback executed", **said)
    assert told["severity"] == "warning"
    (error,) = listed(functions)
    assert (error["title"], error["component"]) == ("Manual rollback executed", "deployment")
    assert (error["fingerprint"], error["events"]) == (told["fingerprint"], 1)
    (event,) = events(functions)
    assert event["metadata"] == metadata


def test_one_fault_is_one_group_with_its_releases_and_whether_it_is_new(
    functions: Functions,
) -> None:
    live = functions.loop.live().live
    track(functions, "x", stack=STACK.format(line=7, order=1), release="aaaaaaaaaaaa")
    functions.loop.clock.pass_by(60)
    for order in range(3):
        track(functions, "x", stack=STACK.format(line=9, order=order), release=live + "0" * 28)
    track(functions, "only here", release=live, component="api")
    first = functions.loop.clock.now - timedelta(seconds=60)
    both = {error["title"]: error for error in listed(functions)}
    old, new = both["ValueError: x"], both["only here"]
    assert (old["events"], old["releases"]) == (4, {"aaaaaaaaaaaa": 1, live: 3})
    assert (old["first_release"], old["new_in_release"]) == ("aaaaaaaaaaaa", False)
    assert old["first_seen"][:19] == first.isoformat()[:19]
    assert new["new_in_release"] is True
    assert [e["title"] for e in listed(functions, new=True)] == ["only here"]
    assert len(listed(functions, release=live)) == 2
    assert [e["title"] for e in listed(functions, release="aaaaaaaaaaaa")] == ["ValueError: x"]
    assert [e["title"] for e in listed(functions, component="api")] == ["only here"]
    assert listed(functions, severity="debug") == []
    functions.loop.clock.pass_by(3600)
    assert listed(functions, since="10m") == []


def test_one_that_is_told_twice_counts_once(functions: Functions) -> None:
    one = str(uuid4())
    for _ in range(3):
        track(functions, event_id=one)
    assert [error["events"] for error in listed(functions)] == [1]


def test_a_resolved_fault_that_happens_again_is_open_again(functions: Functions) -> None:
    fingerprint = track(functions)["fingerprint"]
    viewer = functions.post(NAME, {"action": "resolve", "fingerprint": fingerprint})
    assert (viewer.status_code, "deployer" in viewer.json()["error"]) == (403, True)
    deployer = functions.token_of("deployer")
    asked = {"action": "resolve", "fingerprint": fingerprint[:6]}
    assert functions.post(NAME, asked, token=deployer).json()["result"]["resolved"] is True
    (error,) = listed(functions, resolved=True)
    assert (error["resolved"], error["resolved_by"]) == (True, "deployer")
    assert listed(functions, resolved=False) == []
    functions.loop.clock.pass_by(5)
    track(functions)
    (error,) = listed(functions, resolved=False)
    assert (error["resolved"], error["events"]) == (False, 2)
    assert error["reopened_at"] is not None
    for wrong, status in (("ffffffffffff", 404), ("ab", 422)):
        answer = functions.post(NAME, {"action": "resolve", "fingerprint": wrong}, token=deployer)
        assert answer.status_code == status


def test_the_error_rate_is_null_with_its_reason_while_the_count_is_known(
    functions: Functions,
) -> None:
    track(functions)
    told = functions.call(NAME, "get_error_rate", time_window="5m")
    assert (told["error_rate"], told["error_count"]) == (None, 1)
    assert told["because"] == "nothing was ever measured here"


def test_secrets_are_not_kept(functions: Functions) -> None:
    token = "fl_" + "a1B2" * 10
    message = f"401 for Bearer abcdef0123456789 at postgres://ana:hunter2@db/shop by {token}"
    stack = "Error: login of ana@example.org failed\n  at f (a.ts:1:2) password=hunter2"
    metadata = {"password": "hunter2", "deep": [{"note": "mail bob@example.org"}]}
    track(functions, message, stack=stack, metadata=metadata)
    (event,) = events(functions)
    kept = f"{event} {listed(functions)}"
    for secret in ("hunter2", "abcdef0123456789", "a1B2", "ana@example", "bob@example"):
        assert secret not in kept
    assert "[hidden]" in event["message"]


SENSELESS: list[dict[str, Any]] = [
    {"error_message": ""}, {"error_message": None}, {"error_message": 5}, {"severity": "loud"},
    {"severity": 5}, {"stack": ["x"]}, {"metadata": "x"}, {"metadata": [1]},
    {"component": "c" * 201}, {"release": {}}, {"event_id": "x"}, {"event_id": "z" * 32},
    {"fingerprint": "x"}, {"fingerprint": ["x"] * 11}, {"app": "none"},

]  # fmt: skip


def test_what_makes_no_sense_is_refused_with_a_sentence(functions: Functions) -> None:
    for more in SENSELESS:
        said = {"action": "track_error", "error_message": "x"} | more
        answer = functions.post(NAME, said)
        assert 400 <= answer.status_code < 500, more
        assert answer.json()["error"]
    assert events(functions) == []


def test_odd_ones_are_kept_and_bounded(functions: Functions) -> None:
    deep: Any = "x"
    for _ in range(200):
        deep = {"\x00key": [deep]}
    odd = {
        "nul": "a\x00b", "half": "\ud800", "long": "m" * 100_000, "number": 10**400,
        "float": 1e308, "deep": deep, "many": {str(n): n for n in range(5_000)}, "none": None,
    }  # fmt: skip
    long = {"error_message": "a\x00b \ud83d " + "m" * 100_000, "stack": "s\x00" * 100_000}
    odd_body = json.dumps({"action": "track_error", "metadata": odd} | long).encode()
    not_numbers = b'{"action":"track_error","error_message":"x","metadata":{"a":NaN,"b":1e999}}'
    headers = {"Authorization": f"Bearer {functions.token}"}
    for raw in (odd_body, not_numbers):
        path = f"/functions/v1/{NAME}"
        assert functions.request("POST", path, headers=headers, content=raw).status_code == 200
    first, second = sorted(events(functions), key=lambda event: -len(event["message"]))
    assert len(first["message"]) <= 4_000
    assert len(first["stack"]) <= 20_000
    assert len(str(first["metadata"])) < 10_000
    assert second["metadata"] == {"a": "nan", "b": "inf"}
