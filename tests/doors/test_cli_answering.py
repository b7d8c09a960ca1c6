"""What is shown before somebody agrees, and what exactly do they agree to?"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from doors.canned_fairlead import (
    Answer,
    Canned,
    at_a_terminal,
    at_horizon_of,
    canned_fairlead,
    problem,
    question_of,
    run_of,
    say,
)
from fairlead.cli.answering import asked_for

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def fairlead() -> Iterator[Canned]:
    with canned_fairlead() as canned:
        canned.on("GET runs/r1", Answer(run_of(status="waiting", question=question_of())))
        canned.on("POST runs/r1/answer", Answer(status=204))
        yield canned


def test_nobody_at_the_terminal_is_refused_before_anything_is_asked(
    fairlead: Canned, tmp_path: Path
) -> None:
    for words in (["approve", "r1"], ["reject", "r1", "--reason", "no"]):
        result = say(tmp_path, fairlead.url, *words)
        assert result.exit_code == 2
        assert "add --yes" in result.stderr
    assert fairlead.asked == []


def test_an_approval_is_bound_to_the_plan_that_was_shown(fairlead: Canned, tmp_path: Path) -> None:
    result = say(tmp_path, fairlead.url, "approve", "r1", "--yes", "--reason", "tested it")
    assert result.exit_code == 0
    seen = question_of()["plan_hash"]
    sent = {"answer": "approved", "plan_hash": seen, "reason": "tested it"}
    assert fairlead.posted() == [("runs/r1/answer", sent)]
    assert seen[:12] in result.stdout


def test_a_rejection_needs_its_reason(fairlead: Canned, tmp_path: Path) -> None:
    assert say(tmp_path, fairlead.url, "reject", "r1", "--yes").exit_code == 2
    assert say(tmp_path, fairlead.url, "reject", "r1", "--yes", "--reason", " ").exit_code == 2
    assert fairlead.posted() == []
    assert say(tmp_path, fairlead.url, "reject", "r1", "--yes", "--reason", "no").exit_code == 0
    assert fairlead.posted()[0][1]["answer"] == "rejected"


def test_a_run_that_asks_nothing_cannot_be_answered(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on("GET runs/r1", Answer(run_of(status="rolled_back")))
    result = say(tmp_path, fairlead.url, "approve", "r1", "--yes")
    assert result.exit_code == 2
    assert "asks for no approval now: it is rolled back" in result.stderr
    assert fairlead.posted() == []


def test_a_person_who_says_yes_has_approved(fairlead: Canned, tmp_path: Path) -> None:
    code, told = at_a_terminal(fairlead.url, tmp_path, b"y\n", "approve", "r1")
    assert (code, len(fairlead.posted())) == (0, 1)
    assert told.index("Round trust scores") < told.index("approve it? [y/N]")


def test_a_person_who_does_not_say_yes_has_done_nothing(fairlead: Canned, tmp_path: Path) -> None:
    code, told = at_a_terminal(fairlead.url, tmp_path, b"\n", "approve", "r1")
    assert (code, fairlead.posted()) == (2, [])
    assert "nothing was done" in told


def test_a_person_who_interrupts_has_done_nothing(fairlead: Canned, tmp_path: Path) -> None:
    code, told = at_a_terminal(fairlead.url, tmp_path, b"\x04", "approve", "r1")
    assert (code, fairlead.posted()) == (130, [])
    assert "nothing was done" in told


def test_a_promotion_is_sent_with_its_reason(fairlead: Canned, tmp_path: Path) -> None:
    waits = run_of(at_horizon=at_horizon_of())
    fairlead.on("GET runs/r1", Answer(waits)).on("POST runs/r1/promote", Answer(status=204))
    result = say(tmp_path, fairlead.url, "promote", "r1", "--yes", "--reason", "quiet night")
    assert result.exit_code == 0
    assert fairlead.posted() == [("runs/r1/promote", {"reason": "quiet night"})]
    assert "release aaaaaaaaaaaa at 5% of production" in result.stdout
    assert "not known yet" in result.stdout
    told = say(tmp_path, fairlead.url, "promote", "r1", "--yes", "--reason", "calm", "--json")
    assert json.loads(told.stdout) == {"run": "r1", "reason": "calm"}


def test_a_promotion_needs_its_reason_and_somebody_who_agrees(
    fairlead: Canned, tmp_path: Path
) -> None:
    assert say(tmp_path, fairlead.url, "promote", "r1", "--yes", "--reason", " ").exit_code == 2
    assert say(tmp_path, fairlead.url, "promote", "r1", "--reason", "quiet").exit_code == 2
    assert fairlead.asked == []


def test_what_does_not_wait_is_refused_in_the_servers_words(
    fairlead: Canned, tmp_path: Path
) -> None:
    fairlead.on("GET runs/r1", Answer(run_of()))
    fairlead.on("POST runs/r1/promote", problem(422, "run r1 does not wait for a person"))
    result = say(tmp_path, fairlead.url, "promote", "r1", "--yes", "--reason", "quiet")
    assert result.exit_code == 2
    assert "refused: run r1 does not wait for a person" in result.stderr


def test_everything_that_is_asked_is_shown_and_harmless() -> None:
    evil = "\x1b[31mred\x1b[0m\nrelease cccccccccccc"
    commit = run_of()["commit"] | {"author_name": evil, "message": evil}
    told = asked_for(run_of(commit=commit), question_of(submitter=evil), NOW)
    assert told[0] == "release aaaaaaaaaaaa of shop for production"
    assert told[1] == "  commit     red"
    assert told[-1] == "  expires    2026-01-31 20:00:00 UTC (in 8h 00m)"
    assert not any(sign in line for line in told for sign in "\x1b\n")


def test_what_changes_in_the_packages_of_that_environment_is_shown() -> None:
    places = {"staging": "the same packages as before", "production": "1 package added: npm/a 1"}
    packages = [{"environment": name, "because": told} for name, told in places.items()]
    told = asked_for(run_of(packages=packages), question_of(), NOW)
    assert told[-1] == "  packages   1 package added: npm/a 1"
    assert sum("packages" in line for line in told) == 1
