"""A program runs exactly as it was described: its text, its account, its end."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fairlead.errors import Permanent
from fairlead.providers.processes.supervisor import Supervisor
from fairlead.rollout.process import ProcessState, Program
from providers.processes_stand import SLEEP, a_home, a_keeper, a_program, lives, soon

PRINT = (
    "import sys, os, json; print(json.dumps([sys.argv[1:], dict(os.environ)]), flush=True);" + SLEEP
)


@pytest.fixture
def home() -> Iterator[Path]:
    with a_home() as made:
        yield made


@pytest.fixture
def keeper(home: Path) -> Iterator[Supervisor]:
    with a_keeper(home) as supervisor:
        yield supervisor


def told(home: Path, name: str) -> list[object]:
    log = home / "logs" / f"{name}.log"
    soon(lambda: log.exists() and log.read_text().endswith("\n"))
    found: list[object] = json.loads(log.read_text().splitlines()[0])
    return found


def test_names_with_dots_and_every_awkward_sign_reach_the_program_unchanged(
    keeper: Supervisor, home: Path
) -> None:
    awkward = (
        "100%",
        "%(here)s",
        "a 'b' \"c\"",
        " ; # ",
        "$HOME `id` \\",
        "two\nlines\r\n",
        "ü€",
        "",
    )
    name = "slot.shop.production.4f2a.functions.trust-score"
    program = a_program(home, name, PRINT, *awkward)
    keeper.start(
        Program(
            program.name,
            program.argv,
            home,
            program.log,
            env={f"V{at}": text for at, text in enumerate(awkward)},
        )
    )
    arguments, env = told(home, name)
    assert arguments == [*awkward]
    assert isinstance(env, dict)
    assert [env[f"V{at}"] for at in range(len(awkward))] == [*awkward]


def test_a_program_does_not_inherit_secrets_or_the_way_to_its_keeper(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_DATABASE_URL", "postgresql://u:secret@db/x")
    keeper = Supervisor(home / "processes", home / "run")
    keeper.up()
    try:
        keeper.start(a_program(home, "one", PRINT))
        _, env = told(home, "one")
        assert "secret" not in json.dumps(env)
        assert "SUPERVISOR" not in json.dumps(env)
    finally:
        keeper.down()


def test_a_secret_is_read_at_the_start_and_stands_in_no_file_of_the_keeper(
    keeper: Supervisor, home: Path
) -> None:
    value = 'it\'s "$HOME" `id`; %s\nhunter2'
    file = home / "it's a key"
    file.write_text(value)
    program = replace(a_program(home, "reads", PRINT), secrets={"KEY": file})
    keeper.start(program)
    _, env = told(home, "reads")
    assert isinstance(env, dict)
    assert env["KEY"] == value
    written = [path for path in home.rglob("*") if path.is_file() and path != file]
    assert program.log in written
    holding = [path for path in written if b"hunter2" in path.read_bytes()]
    assert holding == [program.log]  # where it says itself what it was given


def test_without_its_secret_a_program_does_not_start(keeper: Supervisor, home: Path) -> None:
    program = replace(a_program(home, "reads", PRINT), secrets={"KEY": home / "nowhere"})
    keeper.start(program)
    soon(lambda: program.log.exists() and "No such file" in program.log.read_text())
    assert "[[" not in program.log.read_text()


def test_a_stopped_program_takes_its_children_along(keeper: Supervisor, home: Path) -> None:
    shell = ("/bin/sh", "-c", "sleep 1000 & echo [[$!]]; wait")
    keeper.start(Program("parent", shell, home, home / "logs" / "parent.log"))
    (child,) = (int(line[0]) for line in told(home, "parent"))  # type: ignore[index]
    keeper.stop("parent")
    soon(lambda: not lives(child))


def a_stubborn_one(home: Path, stop_wait_s: int) -> Program:
    stubborn = "import signal; signal.signal(15, signal.SIG_IGN); print([], flush=True);" + SLEEP
    program = a_program(home, "stubborn", stubborn)
    return replace(program, stop_wait_s=stop_wait_s)


def test_a_program_that_ignores_its_stop_signal_is_killed(keeper: Supervisor, home: Path) -> None:
    keeper.start(a_stubborn_one(home, stop_wait_s=1))
    told(home, "stubborn")
    pid = keeper.look()["stubborn"].pid
    keeper.stop("stubborn")
    assert not lives(pid)


def test_one_that_stops_slowly_holds_nobody_up(keeper: Supervisor, home: Path) -> None:
    keeper.start(a_stubborn_one(home, stop_wait_s=5))
    told(home, "stubborn")
    pid = keeper.look()["stubborn"].pid
    keeper.dismiss("stubborn")
    keeper.start(a_program(home, "other"))
    assert lives(pid)
    assert keeper.look()["stubborn"].state is ProcessState.STOPPED
    soon(lambda: not lives(pid))
    keeper.stop("other")
    assert keeper.look() == {}


def test_one_that_is_wanted_again_while_it_stops_is_started_anew(
    keeper: Supervisor, home: Path
) -> None:
    keeper.start(a_stubborn_one(home, stop_wait_s=1))
    told(home, "stubborn")
    pid = keeper.look()["stubborn"].pid
    keeper.dismiss("stubborn")
    keeper.start(a_program(home, "stubborn"))
    assert not lives(pid)
    assert keeper.look()["stubborn"].pid not in (0, pid)


@pytest.mark.parametrize(
    "change",
    [
        {"argv": ("/nowhere/tool",)},
        {"argv": ()},
        {"folder": Path("/nowhere")},
        {"name": "two words"},
        {"name": "../up"},
        {"env": {"NOT-A-NAME": "x"}},
        {"user": "nobody-we-know"},
        {"stop_signal": "WINCH"},
    ],
)
def test_what_can_never_start_is_refused_for_good(home: Path, change: dict[str, object]) -> None:
    plain: dict[str, object] = {
        "name": "x",
        "argv": ("/bin/sleep", "9"),
        "folder": home,
        "log": home / "x.log",
    }
    with pytest.raises(Permanent, match="can never start"):
        Supervisor(home / "p", home / "r").start(Program(**plain | change))  # type: ignore[arg-type]


def test_a_home_with_blanks_and_quotes_works(home: Path) -> None:
    place = home / 'it\'s my; "home"'
    keeper = Supervisor(place / "processes", place / "run")
    keeper.up()
    try:
        keeper.start(a_program(place, "one"))
        soon(lambda: keeper.look()["one"].state is ProcessState.RUNNING)
        keeper.stop("one")
    finally:
        keeper.down()


@pytest.mark.parametrize("name", ["a ;b", "line\nbreak", "[x]", "100%"])
def test_a_home_that_supervisord_would_misread_is_refused(home: Path, name: str) -> None:
    with pytest.raises(Permanent, match="plainer"):
        Supervisor(home / name, home / "run").up()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may take on another account")
def test_a_run_folder_of_somebody_else_is_not_trusted(home: Path) -> None:
    (home / "run").mkdir()
    os.chown(home / "run", 65534, 65534)
    with pytest.raises(Permanent, match="somebody else"):
        Supervisor(home / "processes", home / "run").up()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may take on another account")
def test_a_program_runs_as_the_account_it_names(keeper: Supervisor, home: Path) -> None:
    (home / "logs").mkdir()
    who = ("/bin/sh", "-c", 'echo "[\\"$(id -un)\\"]"; exec sleep 1000')
    keeper.start(Program("who", who, home, home / "logs" / "who.log", user="nobody"))
    assert told(home, "who") == ["nobody"]
