"""When does an environment's database change? Before its slots start, and never half unseen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairlead.commands import contract
from fairlead.commands.rollback import Wish, rollback
from fairlead.errors import Refused
from fairlead.pipeline import housekeeping
from fairlead.store import approvals, runs
from journeys.configurations import at_once, production
from pipeline.loop import ANA, Changes, Killer, Loop

Make = Callable[..., Loop]
POSTGRES = {"database": {"kind": "postgres", "path": "supabase/migrations"}}
DATABASE = {"secret": "shop-live", "budget": 3}


def with_database(app: str, ports: list[int], place: str = "live", **more: Any) -> dict[str, Any]:
    """Return an app whose `place` has a database."""
    told = (at_once if place == "live" else production)(app, [*ports, ports[0] + 1000], **more)
    told["environments"][place]["database"] = DATABASE
    return told | {"components": told["components"] | POSTGRES}


def committed(loop: Loop, says: str = "first") -> str:
    loop.app.write("supabase/migrations/20260101000000_items.sql", "create table items (id int);")
    return loop.app.commit(says)


def changes(loop: Loop) -> Changes:
    found = loop.house.databases
    assert isinstance(found, Changes)
    return found


def test_slots_start_when_the_database_has_changed(loop_of: Make) -> None:
    loop = loop_of(with_database)
    release = committed(loop)
    run = loop.ship()
    kinds = loop.kinds(run.id)
    assert run.status == "succeeded"
    assert kinds.index("release.began") < kinds.index("gate.passed") < kinds.index("release.ready")
    assert loop.live().live == release


def test_what_the_command_told_is_on_record(loop_of: Make) -> None:
    loop = loop_of(with_database)
    committed(loop)
    run = loop.ship()
    told = [e for e in loop.events(run.id) if e.kind == "gate.passed"]
    assert told[0].because == "database.migrate passed: migrate of shop-live is done"


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("exit 1", "ended with status 1"),
        ('echo "{\\"because\\": \\"a lock was not to be had\\"}" > "$0"; exit 5', "a lock was not"),
        ("exit 0", "database.migrate failed: it left no report, ended with status 0"),
        ('echo "{" > "$0"', "its report cannot be read"),
        ('echo "[]" > "$0"', "its report cannot be read"),
    ],
)
def test_without_a_whole_good_report_nothing_of_the_release_starts(
    loop_of: Make, script: str, says: str
) -> None:
    loop = loop_of(with_database)
    good = committed(loop)
    assert loop.ship().status == "succeeded"
    committed(loop, "second")
    changes(loop).script = script
    run = loop.ship()
    assert run.status == "failed"
    assert says in run.because
    assert "release.ready" not in loop.kinds(run.id)
    assert (loop.live().live, loop.live().held_by) == (good, "")


def without_database(app: str, ports: list[int]) -> dict[str, Any]:
    told = at_once(app, ports)
    return told | {"components": told["components"] | POSTGRES}


def test_where_no_database_is_named_nothing_is_changed(loop_of: Make) -> None:
    loop = loop_of(without_database)
    changes(loop).script = "exit 1"
    committed(loop)
    assert loop.ship().status == "succeeded"


def test_people_are_asked_when_the_rehearsal_has_told(loop_of: Make) -> None:
    loop = loop_of(with_database, place="production")
    committed(loop)
    run = loop.submit()

    def question() -> Any:
        with loop.house.database.begin() as tx:
            return approvals.open_question(tx, runs.get(tx, run.id), runs.stages(tx, run.id))

    gate = loop.app.folder.parent / "gate"
    changes(loop).script = f"until test -e {gate}; do sleep 0.01; done; {changes(loop).script}"
    loop.carry(run.id, until=lambda: "gate.began" in loop.kinds(run.id))
    assert question() is None
    gate.touch()
    loop.carry(run.id, until=lambda: "approval.asked" in loop.kinds(run.id))
    assert question().database == ("rehearse of shop-live is done",)


def test_a_rehearsal_that_fails_asks_nobody(loop_of: Make) -> None:
    loop = loop_of(with_database, place="production")
    committed(loop)
    changes(loop).script = "exit 1"
    run = loop.ship()
    assert run.status == "failed"
    assert "database.rehearse failed" in run.because
    assert "approval.asked" not in loop.kinds(run.id)


def test_killed_before_every_step_the_command_runs_once(loop_of: Make, tmp_path: Path) -> None:
    loop = loop_of(with_database)
    tally = tmp_path / "tally"
    changes(loop).script = f"echo ran >> {tally}; {changes(loop).script}"
    committed(loop)
    killer = Killer()
    assert loop.ship(killer.taking(loop)).status == "succeeded"
    assert killer.kills > 40
    assert tally.read_text() == "ran\n"


def contracting(loop: Loop, file: str = "20260102000000_drop.sql") -> str:
    """Commit a release whose migration takes something away, and say that it waits."""
    loop.app.write(f"supabase/migrations/{file}", "drop table old;")
    waits = f'{{\\"because\\": \\"applied\\", \\"waiting\\": [\\"{file}\\"]}}'
    changes(loop).script = f'echo "{waits}" > "$0"'
    return loop.app.commit("contracts")


def shipped_twice(loop: Loop) -> tuple[str, str]:
    """Ship a release, and another one whose migration waits for the first to be gone."""
    first = committed(loop)
    assert loop.ship().status == "succeeded"
    second = contracting(loop)
    assert loop.ship().status == "succeeded"
    return first, second


def test_what_takes_something_away_waits_while_the_release_before_is_warm(loop_of: Make) -> None:
    loop = loop_of(with_database)
    shipped_twice(loop)
    assert loop.live().waiting == ["20260102000000_drop.sql"]
    assert contract.begin_due(loop.desk()) == []
    loop.clock.pass_by(299)
    housekeeping.tidy(loop.house)
    assert contract.begin_due(loop.desk()) == []


def window_closes(loop: Loop) -> None:
    loop.clock.pass_by(400)
    housekeeping.tidy(loop.house)


def test_it_goes_when_the_window_of_the_release_before_has_closed(loop_of: Make) -> None:
    loop = loop_of(with_database)
    shipped_twice(loop)
    window_closes(loop)
    [run] = contract.begin_due(loop.desk())
    assert contract.begin_due(loop.desk()) == []
    loop.carry(run)
    assert loop.run(run).status == "succeeded"
    assert loop.live().waiting == []
    assert loop.live().contracted == ["20260102000000_drop.sql"]
    assert loop.live().held_by == ""
    assert contract.begin_due(loop.desk()) == []


def test_one_that_fails_is_told_and_not_tried_for_ever(loop_of: Make) -> None:
    loop = loop_of(with_database)
    shipped_twice(loop)
    window_closes(loop)
    changes(loop).script = "exit 1"
    [run] = contract.begin_due(loop.desk())
    loop.carry(run)
    assert loop.run(run).status == "failed"
    assert loop.live().waiting == ["20260102000000_drop.sql"]
    # It may have come half way: nobody goes back to who may need what is gone.
    assert loop.live().contracted == ["20260102000000_drop.sql"]
    assert contract.begin_due(loop.desk()) == []


def test_nobody_goes_back_to_a_release_that_needs_what_was_taken_away(loop_of: Make) -> None:
    loop = loop_of(with_database)
    first, _ = shipped_twice(loop)
    window_closes(loop)
    [run] = contract.begin_due(loop.desk())
    loop.carry(run)
    wish = Wish(loop.app.name, "live", first, "it was better")
    with pytest.raises(Refused, match=r"before the migration 20260102000000_drop\.sql took away"):
        rollback(loop.desk(), ANA, wish)


def test_what_a_release_wanted_that_went_back_is_not_taken_away(loop_of: Make) -> None:
    loop = loop_of(with_database)
    first = committed(loop)
    assert loop.ship().status == "succeeded"
    second = contracting(loop)
    assert loop.ship().status == "succeeded"
    run = rollback(loop.desk(), ANA, Wish(loop.app.name, "live", first, "it was better"))
    loop.carry(run)
    assert (loop.live().live, loop.live().waiting) == (first, ["20260102000000_drop.sql"])
    assert second != first
    window_closes(loop)
    assert contract.begin_due(loop.desk()) == []
