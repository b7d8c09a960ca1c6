"""What does somebody see who watches a run, at a terminal and in a script?"""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from doors.canned_fairlead import (
    Answer,
    Canned,
    at_a_terminal,
    at_horizon_of,
    canned_fairlead,
    entry,
    gate,
    place_of,
    problem,
    question_of,
    run_of,
    say,
    stage,
    status_of,
)
from fairlead.cli.watch import following
from fairlead.cli.watch.lines import conclusion, entry_line
from fairlead.cli.watch.screen import Seen, picture
from fairlead.cli.watch.sparkline import BARS, GAP, share_bar, sparkline, windows
from fairlead.cli.watching import newest
from fairlead.errors import Refused

NOW = datetime(2026, 1, 31, 12, 0, 10, tzinfo=UTC)
ENDED = "2026-01-31T12:30:00Z"


@pytest.fixture
def fairlead(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canned]:
    monkeypatch.setattr(following, "LOOK_S", 0.01)
    with canned_fairlead() as canned:
        yield canned


def seen_by_a_person(seen: Seen, height: int = 40) -> list[str]:
    """Draw as on a terminal of 80 columns; escapes of ours are left out."""
    console = Console(file=io.StringIO(), width=80, markup=False, emoji=False, highlight=False)
    with console.capture() as kept:
        console.print(picture(seen, NOW, height))
    return [line.rstrip() for line in kept.get().splitlines()]


def window(number: int, requests: int, errors: int, component: str = "api") -> dict[str, Any]:
    return {
        "release": "aaaaaaaaaaaa",
        "component": component,
        "began": f"2026-01-31T12:00:{number:02d}Z",
        "ended": f"2026-01-31T12:00:{number + 1:02d}Z",
        "requests": requests,
        "errors": errors,
        "total_ms": requests * 20.0,
    }


def rollout(**changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "environment": "production",
        "release": "aaaaaaaaaaaa",
        "previous": "bbbbbbbbbbbb",
        "phase": "stepping",
        "step": 1,
        "verdict": "UNHEALTHY",
        "because": "api failed 8.0% of calls",
        "windows": [window(1, 100, 0), window(2, 0, 0), window(3, 100, 8)],
    }
    return told | changes


def canary() -> Seen:
    stages = [
        stage(0, "build", "passed"),
        stage(1, "production-canary", "running", environment="production"),
        stage(2, "full-production", "pending"),
    ]
    weights = {"aaaaaaaaaaaa": 5, "bbbbbbbbbbbb": 95}
    place = place_of(weights=weights, wanted_weights=weights)
    status = {"environments": [place], "runs": []}
    gates = [gate("health", 1, "running")]
    return Seen(run_of(stages=stages, gates=gates, rollouts=[rollout()]), status)


@given(st.lists(st.none() | st.floats(0, 1e9)), st.floats(0, 1e9))
def test_every_value_has_one_bar_and_silence_is_a_gap(
    values: list[float | None], top: float
) -> None:
    drawn = sparkline(values, top)
    assert len(drawn) == len(values)
    for value, bar in zip(values, drawn, strict=True):
        assert (bar == GAP) == (value is None)
        assert bar == GAP or bar in BARS


def test_an_error_is_never_drawn_as_none() -> None:
    assert sparkline([0.0, 0.000001, 1.0], 1.0) == "▁▂█"


@given(st.floats(0, 100, exclude_min=True, exclude_max=True), st.integers(2, 80))
def test_some_traffic_is_never_drawn_as_none_or_all(percent: float, width: int) -> None:
    drawn = share_bar(percent, width)
    assert len(drawn) == width
    assert "█" in drawn
    assert "░" in drawn


def test_the_components_of_a_window_count_together() -> None:
    parts = [window(1, 10, 1, "api"), window(1, 30, 3, "site"), window(0, 0, 0)]
    first, second = windows(parts, "aaaaaaaaaaaa")
    assert first.error_rate is None
    assert second.error_rate == pytest.approx(0.1)
    assert second.mean_ms == pytest.approx(20.0)
    assert windows(parts, "another") == []


def test_a_person_sees_shares_verdict_gates_and_the_course_of_errors() -> None:
    told = seen_by_a_person(canary())
    text = "\n".join(told)
    assert told[0] == "shop · run r1 · release aaaaaaaaaaaa · running"
    assert told[1] == "Round trust scores"
    assert "█░░░░░░░░░░░░░░░░░░░ 5% aaaaaaaaaaaa (new) · 95% bbbbbbbbbbbb" in text
    assert "UNHEALTHY  api failed 8.0% of calls" in text
    assert "▁·█  8.0%" in text
    assert "●   health" in text
    assert max(map(len, told)) <= 80


def test_an_edge_that_does_not_answer_is_said_and_not_drawn_as_zero() -> None:
    silent = place_of(weights=None)
    seen = Seen(canary().run, {"environments": [silent], "runs": []})
    text = "\n".join(seen_by_a_person(seen))
    assert "the edge does not tell its shares now" in text
    assert "░" not in text


def test_shares_other_than_wanted_are_told() -> None:
    place = place_of(weights={"aaaaaaaaaaaa": 5}, wanted_weights={"aaaaaaaaaaaa": 25})
    seen = Seen(canary().run, {"environments": [place], "runs": []})
    assert "25% wanted" in "\n".join(seen_by_a_person(seen))


def test_an_open_question_names_the_commands_that_answer_it() -> None:
    text = "\n".join(seen_by_a_person(Seen(run_of(status="waiting", question=question_of()))))
    assert "May release aaaaaaaaaaaa go to production?" in text
    assert "2026-01-31 20:00:00 UTC (in 7h 59m)" in text
    assert "  fairlead approve r1\n" in text
    assert "  fairlead reject r1 --reason TEXT" in text


def test_a_canary_at_its_horizon_tells_that_it_waits_and_both_choices() -> None:
    text = "\n".join(seen_by_a_person(Seen(run_of(at_horizon=at_horizon_of()))))
    assert "Release aaaaaaaaaaaa waits for a person at 5% of production." in text
    assert "not known yet" in text
    assert "neither ada@example.org nor carol may send it on." in text
    assert "  fairlead promote r1 --reason TEXT\n" in text
    assert "  fairlead rollback production --reason TEXT" in text


def test_a_question_that_has_lapsed_is_told_as_lapsed() -> None:
    late = question_of(expires_at="2026-01-31T12:00:09Z")
    assert "that has passed" in "\n".join(seen_by_a_person(Seen(run_of(question=late))))


def test_a_small_terminal_folds_what_has_passed_and_keeps_what_matters() -> None:
    stages = [stage(i, f"stage-{i}", "passed") for i in range(9)]
    stages += [stage(9, "production-canary", "running", environment="production")]
    stages += [stage(i, f"stage-{i}", "pending") for i in range(10, 14)]
    run = run_of(stages=stages, rollouts=[rollout()], question=question_of())
    told = seen_by_a_person(Seen(run), height=20)
    assert len(told) <= 20
    text = "\n".join(told)
    assert "9 stages passed" in text
    assert "4 stages to come" in text
    assert "● production-canary" in text
    assert "fairlead approve r1" in text
    assert "9 stages passed" not in "\n".join(seen_by_a_person(Seen(run), height=60))


def test_a_silent_server_is_told() -> None:
    seen = Seen(run_of(), None, silent_s=3.0)
    assert "has not answered for 3.0 s" in "\n".join(seen_by_a_person(seen))


def test_hostile_text_reaches_no_terminal() -> None:
    evil = "\x1b]0;owned\x07\x1b[31m[bold red]x[/]\u202e\r\nfake ✓ line"
    commit = run_of()["commit"] | {"message": evil, "author_name": evil, "branch": evil}
    stages = [stage(0, evil, "failed", because=evil), stage(1, "s", "running")]
    gates = [gate(evil, 0, "failed")]
    run = run_of(
        commit=commit,
        because=evil,
        submitted_by=evil,
        stages=stages,
        gates=gates,
        rollouts=[rollout(because=evil, environment=evil)],
        question=question_of(submitter=evil, author_email=evil),
    )
    text = "\n".join(seen_by_a_person(Seen(run)))
    told = text + conclusion(run) + entry_line(entry(1, evil, evil, environment=evil))
    assert not any(sign in told for sign in "\x1b\x07\u202e\r")
    assert "[bold red]x[/]" in text
    assert "\nfake" not in told


def test_a_script_gets_one_line_for_every_entry_and_the_status_of_the_run(
    fairlead: Canned, tmp_path: Path
) -> None:
    ended = run_of(status="rolled_back", finished_at=ENDED, because="too many errors")
    fairlead.on("GET status", status_of())
    fairlead.on("GET runs/r1", Answer(run_of()), Answer(ended))
    first, second = entry(1, "stage.began", "it began"), entry(7, "traffic.returned", "it is back")
    fairlead.on("GET journal", Answer([first]), Answer([]), Answer([second]), Answer([]))
    result = say(tmp_path, fairlead.url, "watch", "r1")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "2026-01-31 12:00:00Z  stage.began         [production] it began",
        "2026-01-31 12:00:00Z  traffic.returned    [production] it is back",
        "run r1 (release aaaaaaaaaaaa) was rolled back: too many errors",
    ]
    assert any("after=7" in path for _, path, _, _ in fairlead.asked)


def test_as_json_every_line_is_an_entry(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on("GET status", status_of())
    fairlead.on("GET runs/r1", Answer(run_of(status="succeeded", finished_at=ENDED)))
    fairlead.on("GET journal", Answer([entry(1, "a", "ä\x1b")]), Answer([]))
    result = say(tmp_path, fairlead.url, "watch", "r1", "--json")
    assert result.exit_code == 0
    assert [json.loads(line)["seq"] for line in result.stdout.splitlines()] == [1]
    assert result.stdout.isascii()


def test_a_server_that_starts_anew_is_waited_for(fairlead: Canned, tmp_path: Path) -> None:
    away, ended = problem(503, "not now"), Answer(run_of(status="succeeded", finished_at=ENDED))
    fairlead.on("GET status", status_of()).on("GET journal", Answer([]))
    fairlead.on("GET runs/r1", Answer(run_of()), away, away, ended)
    assert say(tmp_path, fairlead.url, "watch", "r1").exit_code == 0


def test_a_server_that_stays_away_is_told(
    fairlead: Canned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "PATIENCE_S", 0.05)
    fairlead.on("GET status", status_of()).on("GET journal", Answer([]))
    fairlead.on("GET runs/r1", Answer(run_of()), problem(503, "not now"))
    result = say(tmp_path, fairlead.url, "watch", "r1")
    assert (result.exit_code, result.stderr) == (4, "not now\n")


def test_without_a_name_the_newest_open_run_is_shown_else_the_newest() -> None:
    ended, going = run_of(id="r2", finished_at=ENDED), run_of(id="r1")
    assert newest([ended, going]) == "r1"
    assert newest([ended]) == "r2"
    with pytest.raises(Refused, match="there is no run yet"):
        newest([])


def test_a_person_sees_the_picture_and_then_the_end_in_one_sentence(
    fairlead: Canned, tmp_path: Path
) -> None:
    run = dict(canary().run) | {"status": "succeeded", "finished_at": ENDED, "because": "healthy"}
    fairlead.on("GET status", status_of(place_of())).on("GET runs/r1", Answer(run))
    code, told = at_a_terminal(fairlead.url, tmp_path, b"", "watch", "r1")
    assert code == 0
    assert "production-canary" in told
    assert told.rstrip().endswith("run r1 (release aaaaaaaaaaaa) succeeded: healthy")


def test_an_interrupt_leaves_the_run_going_and_says_so(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on("GET status", status_of()).on("GET runs/r1", Answer(run_of()))
    fairlead.on("GET journal", Answer([entry(1, "stage.began", "it began")]), Answer([]))
    # A shell in the background lets its children ignore the signal; this one must not.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from fairlead.cli.main import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, "--url", fairlead.url, "watch", "r1"],
        env=os.environ | {"FAIRLEAD_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == "run r1 goes on: `fairlead watch r1` shows it again\n"
    assert fairlead.posted() == []
