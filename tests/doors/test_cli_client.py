"""What does the CLI make of the API's answers, and of none?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from doors.canned_fairlead import (
    NOBODY_ANSWERS,
    Answer,
    Canned,
    canned_fairlead,
    problem,
    say,
    status_of,
)
from fairlead.cli import connection
from fairlead.cli.client import Client, NotRunning, named
from fairlead.cli.options import Asked
from fairlead.errors import Conflict, NotAllowed, NotFound, Permanent, Refused, Temporary


@pytest.fixture
def fairlead() -> Iterator[Canned]:
    with canned_fairlead() as canned:
        yield canned


@pytest.mark.parametrize(
    ("status", "family"),
    [
        (400, Refused),
        (401, Refused),
        (403, NotAllowed),
        (404, NotFound),
        (409, Conflict),
        (422, Refused),
        (500, Permanent),
        (503, Temporary),
    ],
)
def test_each_status_becomes_the_error_family_it_stands_for(
    fairlead: Canned, status: int, family: type[Exception]
) -> None:
    fairlead.on("GET status", problem(status, "the reason"))
    with pytest.raises(family, match="the reason") as caught:
        Client(fairlead.url, "fl_x").get("status")
    assert type(caught.value) is family


def test_all_problems_of_a_refusal_arrive(fairlead: Canned) -> None:
    fairlead.on("POST runs", problem(422, "two problems", "first", "second"))
    with pytest.raises(Refused) as caught:
        Client(fairlead.url, "").post("runs", {})
    assert caught.value.problems == ("first", "second")


def test_nothing_listening_is_told_with_the_remedy() -> None:
    with pytest.raises(NotRunning, match="Fairlead is not running: `fairlead up` starts it"):
        Client(NOBODY_ANSWERS, "").get("status")


@pytest.mark.parametrize("body", [b"<html>", b"", b"{"])
@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_an_answer_of_something_else_is_not_taken_for_fairleads(
    fairlead: Canned, body: bytes, status: int
) -> None:
    fairlead.on("GET status", Answer(body, status))
    with pytest.raises(Temporary, match="not as Fairlead does"):
        Client(fairlead.url, "").get("status")


@pytest.mark.parametrize("url", ["", "nowhere", "ftp://127.0.0.1/", "http://a:b"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="no address"):
        Client(url, "").get("status")


def test_the_token_is_sent_as_bearer_and_no_content_is_none(fairlead: Canned) -> None:
    fairlead.on("POST runs/r1/stop", Answer(status=204))
    assert Client(fairlead.url, "fl_secret").post("runs/r1/stop", {"reason": "x"}) is None
    _, _, body, headers = fairlead.asked[0]
    assert body == {"reason": "x"}
    assert headers["Authorization"] == "Bearer fl_secret"


def test_a_proxy_of_the_environment_does_not_see_loopback(
    fairlead: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", NOBODY_ANSWERS)
    fairlead.on("GET status", Answer([]))
    assert Client(fairlead.url, "").get("status") == []


def test_a_name_cannot_leave_its_place_in_the_path() -> None:
    assert named("../../x?y#z") == "..%2F..%2Fx%3Fy%23z"


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        (problem(403, "bob may not deploy"), 2, "refused: bob may not deploy\n"),
        (problem(422, "two", "one\nline", "other"), 2, "refused: two\n  one line\n  other\n"),
        (problem(409, "too late"), 3, "changed meanwhile: too late\n"),
        (problem(503, "the edge is busy"), 4, "the edge is busy\n"),
        (problem(500, "Fairlead itself failed"), 4, "failed: Fairlead itself failed\n"),
    ],
)
def test_a_refusal_is_sentences_and_a_status_never_a_traceback(
    fairlead: Canned, tmp_path: Path, answer: Answer, code: int, told: str
) -> None:
    fairlead.on("GET status", answer)
    result = say(tmp_path, fairlead.url, "status")
    assert (result.exit_code, result.stderr, result.stdout) == (code, told, "")


def test_without_a_token_the_refusal_says_how_to_give_one(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on("GET status", problem(401, "a valid bearer token is needed"))
    result = say(tmp_path, fairlead.url, "status")
    assert result.exit_code == 2
    assert "FAIRLEAD_TOKEN or with --token-file" in result.stderr


def test_no_server_ends_with_status_four(tmp_path: Path) -> None:
    result = say(tmp_path, NOBODY_ANSWERS, "status")
    assert result.exit_code == 4
    assert "Fairlead is not running: `fairlead up` starts it" in result.stderr


def test_the_token_file_goes_before_the_variable_and_that_before_the_home(
    fairlead: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "admin.token").write_text("fl_home\n")
    (tmp_path / "mine").write_text("fl_file\n")
    monkeypatch.delenv("FAIRLEAD_TOKEN", raising=False)
    monkeypatch.delenv("FAIRLEAD_HOST", raising=False)
    fairlead.on("GET status", status_of())
    here = Asked(home=tmp_path, url=fairlead.url)
    connection.connect(here).get("status")
    monkeypatch.setenv("FAIRLEAD_TOKEN", "fl_variable")
    connection.connect(here).get("status")
    connection.connect(Asked(home=tmp_path, url=fairlead.url, token_file=tmp_path / "mine")).get(
        "status"
    )
    sent = [headers["Authorization"] for _, _, _, headers in fairlead.asked]
    assert sent == ["Bearer fl_home", "Bearer fl_variable", "Bearer fl_file"]


def test_the_admin_token_of_this_machine_is_not_sent_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "admin.token").write_text("fl_home\n")
    monkeypatch.delenv("FAIRLEAD_TOKEN", raising=False)
    client = connection.connect(Asked(home=tmp_path, url="http://deploy.example.org"))
    assert "Authorization" not in client._http.headers


def test_a_token_that_would_travel_unencrypted_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAIRLEAD_TOKEN", "fl_mine")
    connection.connect(Asked(home=tmp_path, url="https://deploy.example.org"))
    connection.connect(Asked(home=tmp_path, url="http://127.0.0.1:8700"))
    assert capsys.readouterr().err == ""
    connection.connect(Asked(home=tmp_path, url="http://deploy.example.org"))
    assert "without encryption" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "two words", "fl_\x07bell", "fl_ä"])
def test_a_token_file_without_a_token_is_refused(
    fairlead: Canned, tmp_path: Path, text: str
) -> None:
    (tmp_path / "mine").write_text(text, "utf-8")
    result = say(tmp_path, fairlead.url, "status", "--token-file", str(tmp_path / "mine"))
    assert result.exit_code == 2
    assert "holds no token" in result.stderr
    assert fairlead.asked == []


def test_a_token_file_that_is_not_there_is_refused_with_its_path(tmp_path: Path) -> None:
    result = say(tmp_path, NOBODY_ANSWERS, "status", "--token-file", str(tmp_path / "none"))
    assert result.exit_code == 2
    assert str(tmp_path / "none") in result.stderr


def test_a_token_cannot_be_given_on_the_command_line(tmp_path: Path) -> None:
    result = say(tmp_path, NOBODY_ANSWERS, "status", "--token", "fl_x")
    assert result.exit_code == 2
    assert "No such option" in result.stderr
