"""Who is let in, what is sent away, and how is it said?"""

from typing import Any

import pytest

from fairlead.api.functions import door
from fairlead.commands import intake
from functions.stand import Functions

NAME = "production-monitoring"


def there_is_also(functions: Functions, app: str, environment: str) -> None:
    with functions.loop.house.database.begin() as tx:
        tx.execute(
            "INSERT INTO environments (app, name, listen, changed_at) VALUES (%s, %s, '', now())",
            (app, environment),
        )


def test_the_health_check_is_open_and_nothing_else_is(functions: Functions) -> None:
    answer = functions.post(NAME, {"action": "health_check"}, token="")
    assert (answer.status_code, answer.json()["result"]["status"]) == (200, "healthy")
    for action in ("performance_metrics", "record_requests", "nonsense"):
        answer = functions.post(NAME, {"action": action}, token="")
        assert (answer.status_code, answer.json()["success"]) == (401, False)
        assert answer.headers["www-authenticate"] == "Bearer"
    assert functions.post(NAME, {"action": "performance_metrics"}, token="fl_no").status_code == 401


@pytest.mark.parametrize("body", [{"action": "nonsense"}, {"action": 5}, {}, [], "x", None])
def test_an_unknown_action_is_told_the_list(functions: Functions, body: Any) -> None:
    answer = functions.post(NAME, body)
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    for action in door.FUNCTIONS[NAME]:
        assert action in answer.json()["error"]


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 200_000])
def test_a_body_that_is_no_json_is_refused(functions: Functions, raw: bytes) -> None:
    headers = {"Authorization": f"Bearer {functions.token}"}
    path = f"/functions/v1/{NAME}"
    answer = functions.request("POST", path, headers=headers, content=raw)
    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert "the body is no JSON" in answer.json()["error"]


def test_lines_that_a_shell_puts_between_quotes_are_taken_as_they_are(functions: Functions) -> None:
    headers = {"Authorization": f"Bearer {functions.token}"}
    raw = b'{"action": "track_error", "error_message": "it said\n\tno"}'
    answer = functions.request("POST", "/functions/v1/error-tracking", headers=headers, content=raw)
    assert answer.status_code == 200, answer.text
    (error,) = functions.call("error-tracking", "list_errors")["errors"]
    assert error["title"] == "it said"


def test_other_functions_methods_and_lengths_are_refused(functions: Functions) -> None:
    answer = functions.post("nothing", {"action": "health_check"})
    assert answer.status_code == 404
    assert NAME in answer.json()["error"]
    assert functions.request("GET", f"/functions/v1/{NAME}").status_code == 405
    long = {"action": "health_check", "x": "y" * door.LARGEST_BODY}
    assert functions.post(NAME, long).status_code == 413
    # What is none of theirs goes on to the rest of the API.
    assert functions.request("GET", "/healthz").json()["status"] == "ready"


def test_when_too_much_waits_it_says_when_to_come_again(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 0)
    now = functions.loop.clock.now.timestamp()
    body = {"action": "record_requests", "release": "a", "component": "api"}
    answer = functions.post(NAME, body | {"requests": [[now, 5.0, False]]})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


def test_which_app_is_meant_must_be_clear(functions: Functions) -> None:
    answer = functions.post(NAME, {"action": "performance_metrics", "app": "other"})
    assert answer.status_code == 404
    assert functions.loop.app.name in answer.json()["error"]
    asked = {"action": "performance_metrics", "environment": "nowhere"}
    assert "known are live" in functions.post(NAME, asked).json()["error"]


def test_the_address_may_say_which_app_and_environment_are_meant(functions: Functions) -> None:
    app = functions.loop.app.name
    headers = {"Authorization": f"Bearer {functions.token}"}

    def asked(before: str, **more: str) -> Any:
        body = {"action": "list_errors"} | more
        path = f"{before}/functions/v1/error-tracking"
        return functions.request("POST", path, headers=headers, json=body)

    there_is_also(functions, "other", "live")
    assert "more than one app" in asked("").json()["error"]
    for before in (f"/apps/{app}", f"/apps/{app}/environments/live"):
        told = asked(before).json()["result"]
        assert (told["app"], told["environment"]) == (app, "live")
    assert asked("/apps/other").json()["result"]["app"] == "other"
    # What the body says counts more.
    assert asked("/apps/other", app=app).json()["result"]["app"] == app
    assert "nothing was ever deployed of nobody" in asked("/apps/nobody").json()["error"]
    assert asked("/apps").status_code == 404


def test_the_environment_called_production_is_meant_where_no_file_says_which(
    functions: Functions,
) -> None:
    for name in ("staging", "production"):
        there_is_also(functions, functions.loop.app.name, name)
    assert functions.call("error-tracking", "list_errors")["environment"] == "production"
