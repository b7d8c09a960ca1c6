"""What do status, history, logs and journal tell, and can what they tell deceive?"""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from doors.canned_fairlead import (
    Answer,
    Canned,
    at_horizon_of,
    canned_fairlead,
    entry,
    gate,
    place_of,
    run_of,
    say,
    slot,
    status_of,
)
from fairlead.cli import printed
from fairlead.cli.log_tail import fresh, whole_lines
from fairlead.cli.tables import history_table, remarks, status_picture, verdict

EVIL = "\x1b]0;owned\x07[bold]x[/bold]\nfake line"


@pytest.fixture
def fairlead(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canned]:
    monkeypatch.setattr(printed, "LOOK_S", 0.01)
    with canned_fairlead() as canned:
        yield canned


def drawn(picture: RenderableType) -> list[str]:
    console = Console(file=io.StringIO(), width=80, markup=False, emoji=False, highlight=False)
    with console.capture() as kept:
        console.print(picture)
    return [line.rstrip() for line in kept.get().splitlines()]


def releases(*verdicts: str) -> dict[str, object]:
    slots = [slot(f"part{i}", verdict) for i, verdict in enumerate(verdicts)]
    return {"bbbbbbbbbbbb": {"slots": slots, "stops_at": None}}


def test_the_status_fits_eighty_columns() -> None:
    weights = {"aaaaaaaaaaaa": 5, "bbbbbbbbbbbb": 95}
    place = place_of(weights=weights, wanted_weights=weights)
    told = drawn(status_picture({"environments": [place], "runs": [run_of()]}))
    text = "\n".join(told)
    assert max(map(len, told)) <= 80
    for seen in ("production", "http://127.0.0.1:8080", "95% bbbbbbbbbbbb", "5% aaaaaaaaaaaa"):
        assert seen in text
    assert "Round trust scores" in text


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ([], "UNKNOWN"),
        (["HEALTHY"], "HEALTHY"),
        (["HEALTHY", "UNKNOWN"], "UNKNOWN"),
        (["UNHEALTHY", "HEALTHY", "UNKNOWN"], "UNHEALTHY"),
        (["HEALTHY", "a new word"], "a new word"),
    ],
)
def test_the_worst_slot_with_traffic_decides_and_silence_is_unknown(
    verdicts: list[str], worst: str
) -> None:
    assert verdict(place_of(releases=releases(*verdicts))) == worst


def test_a_release_without_traffic_does_not_count() -> None:
    kept = releases("HEALTHY") | {"cccccccccccc": {"slots": [slot("api", "UNHEALTHY")]}}
    assert verdict(place_of(releases=kept)) == "HEALTHY"


def test_what_is_amiss_is_said_in_sentences() -> None:
    silent = place_of(weights=None, releases=releases("HEALTHY", "UNHEALTHY"))
    assert remarks(silent) == [
        "production: the edge does not answer, so its shares are not known",
        "production: part1 of bbbbbbbbbbbb is UNHEALTHY: it answers",
    ]
    other = place_of(wanted_weights={"cccccccccccc": 100})
    assert remarks(other) == ["production: the edge does not do what it should: 100% cccccccccccc"]
    assert remarks(place_of(wanted_weights={"bbbbbbbbbbbb": 100, "cccccccccccc": 0})) == []


def test_a_canary_that_waits_for_a_person_names_both_choices() -> None:
    runs = [run_of(at_horizon=at_horizon_of())]
    text = " ".join(drawn(status_picture({"environments": [], "runs": runs})))
    told = " ".join(text.split())
    assert "r1 waits for a person at 5% of production" in told
    assert "`fairlead promote r1 --reason TEXT` sends it on" in told
    assert "`fairlead rollback production --reason TEXT` takes it back" in told


def test_an_empty_installation_says_what_to_do() -> None:
    told = "\n".join(drawn(status_picture({"environments": [], "runs": []})))
    assert "`fairlead deploy`" in told


def test_history_keeps_every_run_on_one_line_of_eighty_columns() -> None:
    commit = run_of()["commit"] | {"message": EVIL + "long " * 40}
    runs = [run_of(commit=commit, submitted_by="somebody-with-a-long-name"), run_of(app="other")]
    told = drawn(history_table(runs))
    assert len(told) == 3
    assert max(map(len, told)) <= 80
    assert "aaaaaaaaaaaa" in told[1]
    assert "shop: [bold]x" in told[1]
    assert "other: Round" in told[2]
    assert "\x1b" not in told[1]


def test_logs_are_named_and_told_harmlessly(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on("GET logs", Answer(["edge", EVIL]))
    named = say(tmp_path, fairlead.url, "logs")
    assert named.exit_code == 0
    assert "\x1b" not in named.stdout
    fairlead.on("GET logs/server", Answer(b"one\x1b[2J\xff\r\x1b]0;x\x07two\n"))
    assert say(tmp_path, fairlead.url, "logs", "server").stdout == "one�\ntwo\n"
    as_json = say(tmp_path, fairlead.url, "logs", "server", "--json", "-n", "1")
    assert json.loads(as_json.stdout)["name"] == "server"


def test_a_gates_output_is_that_of_its_newest_stage(fairlead: Canned, tmp_path: Path) -> None:
    gates = [gate("scan", 2, "passed"), gate("scan", 8, "passed")]
    fairlead.on("GET runs/r1", Answer(run_of(gates=gates)))
    fairlead.on("GET runs/r1/stages/8/gates/scan/log", Answer(b"found nothing\n"))
    result = say(tmp_path, fairlead.url, "logs", "--run", "r1", "--gate", "scan")
    assert result.stdout == "found nothing\n"
    unknown = say(tmp_path, fairlead.url, "logs", "--run", "r1", "--gate", "lint")
    assert unknown.exit_code == 2
    assert "these did: scan" in unknown.stderr


def test_a_gate_is_followed_to_its_end_in_whole_lines(fairlead: Canned, tmp_path: Path) -> None:
    going, ended = (run_of(gates=[gate("scan", 2, s)]) for s in ("running", "passed"))
    fairlead.on("GET runs/r1", *[Answer(going)] * 2, *[Answer(ended)] * 2)
    address = "GET runs/r1/stages/2/gates/scan/log"
    fairlead.on(address, Answer(b"one\ntw"), Answer("o ä".encode()))
    result = say(tmp_path, fairlead.url, "logs", "--run", "r1", "--gate", "scan", "-f")
    assert result.stdout == "one\ntwo ä\n"
    assert any("after=6" in path for _, path, _, _ in fairlead.asked)


@pytest.mark.parametrize(
    "words",
    [
        ["--run", "r1"],
        ["--gate", "scan"],
        ["server", "--run", "r1", "--gate", "scan"],
        ["--follow"],
        ["server", "--follow", "--json"],
    ],
)
def test_half_a_question_about_logs_is_refused(
    fairlead: Canned, tmp_path: Path, words: list[str]
) -> None:
    assert say(tmp_path, fairlead.url, "logs", *words).exit_code == 2
    assert fairlead.asked == []


@given(st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("abc"), max_size=9))
def test_lines_are_told_as_new_only_after_the_longest_overlap(
    before: list[str], added: list[str]
) -> None:
    told = fresh(before, before + added)
    assert (before + added)[len(before + added) - len(told) :] == told
    assert len(told) <= len(added) or not before


def test_lines_that_left_the_window_do_not_make_old_ones_new() -> None:
    assert fresh(["1", "2", "3"], ["2", "3", "4"]) == ["4"]
    assert fresh(["1", "2", "3"], ["1", "2", "3"]) == []
    assert fresh(["1"], ["8", "9"]) == ["8", "9"]
    assert fresh(["1", "2"], []) == []


def test_bytes_are_told_only_when_their_line_is_whole() -> None:
    assert whole_lines("ä\nö".encode()[:-1], ended=False) == ("ä", b"\xc3")
    assert whole_lines(b"end", ended=True) == ("end", b"")


def test_the_journal_is_told_oldest_first(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on("GET journal/newest", Answer([entry(2, "b", "second"), entry(1, "a", "first")]))
    told = say(tmp_path, fairlead.url, "journal", "--env", "production").stdout.splitlines()
    assert ["first" in told[0], "second" in told[1]] == [True, True]
    assert "environment=production" in fairlead.asked[0][1]
    both = say(tmp_path, fairlead.url, "journal", "--env", "production", "--run", "r1")
    assert both.exit_code == 2


def test_a_broken_chain_is_told_and_ends_with_status_one(fairlead: Canned, tmp_path: Path) -> None:
    where = "GET journal/verification"
    fairlead.on(where, Answer({"entries": 7, "fault": None}))
    whole = say(tmp_path, fairlead.url, "journal", "--verify")
    assert (whole.exit_code, whole.stdout) == (0, "all 7 entries are as they were written\n")
    fairlead.on(where, Answer({"entries": 7, "fault": "entry 3 was changed after it was written"}))
    broken = say(tmp_path, fairlead.url, "journal", "--verify")
    assert broken.exit_code == 1
    assert "entry 3 was changed" in broken.stdout


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["status"], "GET status"),
        (["history"], "GET runs"),
        (["journal"], "GET journal/newest"),
        (["people", "list"], "GET people"),
        (["logs"], "GET logs"),
        (["journal", "--verify"], "GET journal/verification"),
    ],
)
def test_everything_that_tells_tells_as_json_too(
    fairlead: Canned, tmp_path: Path, words: list[str], what: str
) -> None:
    told = {"environments": [], "fault": None} if "status" in what or "--verify" in words else []
    fairlead.on(what, Answer(told))
    result = say(tmp_path, fairlead.url, *words, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == told


def test_an_sbom_of_a_release_is_told_and_what_changed_since_another(
    fairlead: Canned, tmp_path: Path
) -> None:
    def bill(version: str) -> Answer:
        part = {"purl": f"pkg:npm/left@{version}", "version": version}
        return Answer({"components": [part], "compositions": [{"aggregate": "complete"}]})

    fairlead.on("GET status", status_of(place_of()))
    fairlead.on("GET apps/shop/releases/aaaaaaaaaaaa/sbom", bill("2"))
    fairlead.on("GET apps/shop/releases/bbbbbbbbbbbb/sbom", bill("1"))
    words = ["gates", "sbom", "--app", "shop", "--release", "aaaaaaaaaaaa"]
    told = say(tmp_path, fairlead.url, *words)
    assert json.loads(told.stdout)["components"][0]["version"] == "2"
    changed = "since release bbbbbbbbbbbb: 1 package changed: npm/left 1 → 2"
    for beside in (["--before", "bbbbbbbbbbbb"], ["--env", "production"]):
        told = say(tmp_path, fairlead.url, *words, *beside)
        assert (told.exit_code, " ".join(told.stdout.split())) == (0, changed)
    unknown = say(tmp_path, fairlead.url, *words, "--env", "nowhere")
    assert (unknown.exit_code, "no environment nowhere" in unknown.stderr) == (2, True)
    both = say(tmp_path, fairlead.url, *words, "--env", "production", "--before", "b")
    assert (both.exit_code, "not both" in both.stderr) == (2, True)
    fairlead.on("GET status", status_of(place_of(live="")))
    empty = say(tmp_path, fairlead.url, *words, "--env", "production")
    assert (empty.exit_code, "nothing to compare with" in empty.stderr) == (2, True)


def test_a_finding_that_may_be_among_those_left_out_says_so(
    fairlead: Canned, tmp_path: Path
) -> None:
    left_out = [{"stage": 2, "gate": "leaks", "because": "it takes 17 MB"}]
    log = {"runs": [], "properties": {"left_out": left_out}}
    fairlead.on("GET runs/r1/findings", Answer(log))
    told = say(tmp_path, fairlead.url, "gates", "explain", "ffffffff", "--run", "r1")
    assert told.exit_code == 2
    assert "left out: leaks (it takes 17 MB)" in " ".join(told.stderr.split())
