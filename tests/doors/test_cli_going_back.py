"""Which way back is confirmed, which is asked for, and what is told at the end?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doors.canned_fairlead import (
    Answer,
    Canned,
    canned_fairlead,
    entry,
    place_of,
    run_of,
    say,
    status_of,
)
from fairlead.cli.exits import Exit
from fairlead.cli.going_back import WayBack, outcome, place_named, way_back
from fairlead.cli.options import Asked
from fairlead.cli.which_app import app_of, declared_in
from fairlead.errors import Refused

BACK = "apps/shop/environments/production/rollback"
ENDED = "2026-01-31T12:30:00Z"


@pytest.fixture
def fairlead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Canned]:
    monkeypatch.chdir(tmp_path)
    with canned_fairlead() as canned:
        canned.on("GET status", status_of(place_of()))
        canned.on(f"POST {BACK}", Answer({"run": "r9"}, 202))
        ended = run_of(id="r9", kind="rollback", status="succeeded", finished_at=ENDED)
        canned.on("GET runs/r9", Answer(ended))
        returned = entry(5, "traffic.returned", "production is back on cccccccccccc (12 ms): smoke")
        canned.on("GET journal", Answer([returned]), Answer([]))
        yield canned


def rollout(**changes: Any) -> dict[str, Any]:
    told = {"environment": "production", "release": "aaaaaaaaaaaa", "previous": "bbbbbbbbbbbb"}
    return told | changes


def test_what_was_confirmed_is_asked_for_by_name_and_the_end_is_one_sentence(
    fairlead: Canned, tmp_path: Path
) -> None:
    result = say(tmp_path, fairlead.url, "rollback", "production", "--reason", "smoke", "--yes")
    assert result.exit_code == 0
    assert fairlead.posted() == [(BACK, {"to": "cccccccccccc", "reason": "smoke"})]
    assert result.stdout.splitlines() == [
        "production of shop goes back from release bbbbbbbbbbbb to release cccccccccccc",
        "production is back on cccccccccccc (12 ms): smoke",
    ]


def test_looking_at_the_help_runs_nothing(fairlead: Canned, tmp_path: Path) -> None:
    result = say(tmp_path, fairlead.url, "rollback", "production", "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout
    assert fairlead.asked == []


@pytest.mark.parametrize(
    "words",
    [
        ["production", "--reason", "smoke"],
        ["production", "--yes"],
        ["production", "--yes", "--reason", ""],
        ["production", "--yes", "--reason", "\t"],
        ["--yes", "--reason", "smoke"],
    ],
)
def test_nothing_is_asked_without_confirmation_reason_and_name(
    fairlead: Canned, tmp_path: Path, words: list[str]
) -> None:
    assert say(tmp_path, fairlead.url, "rollback", *words).exit_code == 2
    assert fairlead.asked == []


def test_an_unknown_environment_is_refused_with_those_there_are(
    fairlead: Canned, tmp_path: Path
) -> None:
    result = say(tmp_path, fairlead.url, "rollback", "prod", "--reason", "x", "--yes")
    assert result.exit_code == 2
    assert "there are: production" in result.stderr
    assert fairlead.posted() == []


def test_without_waiting_the_run_is_named(fairlead: Canned, tmp_path: Path) -> None:
    words = ("rollback", "production", "--reason", "x", "--yes", "--no-wait", "--json")
    result = say(tmp_path, fairlead.url, *words)
    assert json.loads(result.stdout) == {"run": "r9"}


def test_a_running_takeover_turns_round_to_the_release_it_came_from() -> None:
    holder = run_of(rollouts=[rollout()])
    way = way_back(place_of(held_by="r1"), holder, "")
    assert way == WayBack("shop", "production", "aaaaaaaaaaaa", "bbbbbbbbbbbb", "r1")
    assert "run r1 turns round, from release aaaaaaaaaaaa to release bbbbbbbbbbbb" in way.sentence


def test_a_first_release_under_way_turns_round_to_none() -> None:
    way = way_back(place_of(held_by="r1", live=""), run_of(rollouts=[rollout(previous="")]), "")
    assert way.to == ""
    assert "to no release: there was none before it" in way.sentence


def test_a_holder_that_has_ended_or_changes_another_place_does_not_count() -> None:
    ended = run_of(rollouts=[rollout()], finished_at=ENDED)
    elsewhere = run_of(rollouts=[rollout(environment="staging")])
    for holder in (ended, elsewhere, None):
        assert way_back(place_of(), holder, "").to == "cccccccccccc"


def test_no_release_before_is_refused_with_the_remedy() -> None:
    with pytest.raises(Refused, match="--to RELEASE"):
        way_back(place_of(previous=""), None, "")
    assert way_back(place_of(previous=""), None, "dddddddddddd").to == "dddddddddddd"


def test_another_apps_environment_of_the_same_name_is_not_taken() -> None:
    with pytest.raises(Refused, match="nothing was deployed of it"):
        place_named([place_of(app="other")], "shop", "production")


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("rollback", "succeeded", Exit.DONE),
        ("rollback", "failed", Exit.RUN_FAILED),
        ("deploy", "rolled_back", Exit.DONE),
        ("deploy", "stopped", Exit.DONE),
        ("deploy", "succeeded", Exit.RUN_FAILED),
        ("deploy", "failed", Exit.RUN_FAILED),
    ],
)
def test_the_status_says_whether_the_environment_is_back(
    kind: str, status: str, code: Exit
) -> None:
    run = run_of(kind=kind, status=status, because="that is why")
    elsewhere = entry(4, "traffic.returned", "staging is back", environment="staging")
    assert outcome(run, [elsewhere], "production")[0] is code
    returned = entry(5, "traffic.returned", "production is back (12 ms)")
    assert outcome(run, [returned], "production") == (Exit.DONE, "production is back (12 ms)")


def test_the_app_is_the_named_one_then_the_folders_then_the_only_one(tmp_path: Path) -> None:
    assert app_of(Asked(app="named"), tmp_path, lambda: ["a", "b"]) == "named"
    assert app_of(Asked(), tmp_path, lambda: ["a", "a"]) == "a"
    with pytest.raises(Refused, match="There are a, b: add --app NAME"):
        app_of(Asked(), tmp_path, lambda: ["b", "a"])
    with pytest.raises(Refused, match="no app was deployed yet"):
        app_of(Asked(), tmp_path, list)
    (tmp_path / "fairlead.yaml").write_text("# a slip further on\napp: 'shop' # ours\nbroken: [\n")
    assert app_of(Asked(), tmp_path, lambda: ["a", "b"]) == "shop"


@pytest.mark.parametrize("text", ["", "  app: nested\n", "app: Not a name\n", "app:\n  x: y\n"])
def test_no_app_is_read_where_none_is_declared(tmp_path: Path, text: str) -> None:
    (tmp_path / "fairlead.yaml").write_text(text)
    assert declared_in(tmp_path / "fairlead.yaml") == ""
