"""Is it known which migrations go back in which order, and when no down file is the way?"""

from datetime import UTC, datetime

import pytest

from fairlead.errors import Refused
from fairlead.migrations.file import MigrationFile, read_all
from fairlead.migrations.ledger import Applied, Ledger, Step
from fairlead.migrations.order import plan
from fairlead.migrations.schema import Schema, other_change
from fairlead.migrations.undo import Undo, undo, wanted, way_left

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
FILES = {
    "1_a.sql": "create table a (b int)",
    "2_b.sql": "alter table a add c int",
    "2_b.down.sql": "alter table a drop c",
    "3_c.sql": "create index concurrently i on a (b)",
    "3_c.down.sql": "set lock_timeout = 1; drop index concurrently i",
}


def read(files: dict[str, str]) -> tuple[MigrationFile, ...]:
    return read_all({name: sql.encode() for name, sql in files.items()})


def ledger(files: dict[str, str], *steps: Step) -> Ledger:
    applied = {
        file.version: Applied(file.version, file.name, tuple(file.texts)) for file in read(files)
    }
    return Ledger(applied, {step.version: (step,) for step in steps})


def undone(files: dict[str, str], *versions: str, was: dict[str, str] | None = None) -> Undo:
    return undo(read(files), ledger(was or files), versions)


def test_the_newest_goes_back_unless_more_is_said() -> None:
    files, known = read(FILES), ledger(FILES)
    assert wanted(files, known) == ("3",)
    assert wanted(files, known, to="1") == ("2", "3")
    assert wanted(files, known, to="3") == ()
    assert wanted(files, known, name="3_c.sql") == wanted(files, known, name="3") == ("3",)
    assert wanted(files, Ledger(), name="3") == wanted(files, Ledger()) == ()


@pytest.mark.parametrize("asked", [{"to": "9"}, {"name": "9"}, {"name": "3_c.down.sql"}])
def test_what_is_not_known_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(Refused, match="fairlead db status"):
        wanted(read(FILES), ledger(FILES), **asked)


def test_the_newest_goes_first_by_its_down_file() -> None:
    found = undone(FILES, "2", "3")
    assert [one.file.path for one in found.pending] == ["3_c.down.sql", "2_b.down.sql"]
    assert [one.transactional for one in found.pending] == [False, True]
    assert found == found.refused_unless_clear()


def test_what_a_later_file_may_need_stays() -> None:
    assert undone(FILES, "2").problems == (
        "3 was applied later and stays: take that back first, or say --to",
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"3_c.sql": "create index concurrently i on a (c)"}, "was changed after it was applied"),
        ({"3_c.sql": ""}, "3_c.sql is not in the folder"),
        ({"3_c.down.sql": ""}, "3_c.sql has no down file"),
    ],
)
def test_without_a_down_file_of_what_was_applied_there_is_no_proof(
    changed: dict[str, str], why: str
) -> None:
    files = {name: sql for name, sql in (FILES | changed).items() if sql}
    if "3_c.sql" not in files:
        del files["3_c.down.sql"]
    found = undone(files, "3", was=FILES).unprovable
    assert why in found[0]


def test_what_the_ledger_does_not_tell_is_no_proof() -> None:
    known = Ledger({"3": Applied("3", "c", None)})
    assert "unknown" in undo(read(FILES), known, ["3"]).unprovable[0]


@pytest.mark.parametrize(
    ("sql", "removes"),
    [
        ("drop table a", True),
        ("alter table a drop c", True),
        ("delete from a", True),
        ("truncate a", True),
        ("drop view v", False),
        ("drop index i", False),
        ("alter table a rename to d", False),
        ("create table d (e int); alter table d drop e; drop table d", False),
    ],
)
def test_rows_and_values_that_were_taken_away_come_back_from_no_file(
    sql: str, removes: bool
) -> None:
    found = undone({"4_d.sql": sql, "4_d.down.sql": "select 1"}, "4").unprovable
    assert ["no down file brings back" in why for why in found] == [True] * removes


def test_changed_values_are_noted() -> None:
    files = {"4_d.sql": "update a set b = 1", "4_d.down.sql": "select 1"}
    assert undone(files, "4").notes[0].startswith("4_d.sql changed values")
    assert undone(FILES, "3").notes == ()


def step(version: str, sql: str) -> Step:
    return Step(version, 1, read({"1_x.sql": sql})[0].statements[0].checksum, NOW, NOW)


def test_half_taken_back_it_goes_on_and_nothing_else_does() -> None:
    known = ledger(FILES, step("3.down", "set lock_timeout = 1"))
    assert (found := undo(read(FILES), known, ["3"])).is_half_done
    assert found.refused_unless_clear().pending[0].done == 1
    assert plan(read(FILES), known).problems == (
        "3_c.sql is half taken back: finish that with `fairlead db rollback 3_c.sql`",
    )


def test_a_down_file_that_was_begun_stays_as_it_was() -> None:
    known = ledger(FILES, step("3.down", "set lock_timeout = 2"))
    assert "is another one now: restore it" in undo(read(FILES), known, ["3"]).problems[0]


def test_half_applied_it_is_finished_first() -> None:
    known = ledger(FILES, step("4", "select 1"))
    assert undo(read(FILES), known, ["3"]).problems == (
        "4 is half applied: finish it first with `fairlead db migrate`",
    )


def test_the_way_that_is_left_is_one_sentence() -> None:
    assert "`fairlead backup restore shop-1 --into URL`" in way_left(["no down file"], "shop-1")
    assert "there is no proven backup" in way_left(["no down file"], "")


def test_changes_are_compared_whatever_else_is_there() -> None:
    one = Schema(("a",)), Schema(("a", "b"))
    assert other_change(one, (Schema(("x", "a")), Schema(("x", "a", "b")))) == ()
    assert other_change(one, (Schema(("x",)), Schema(("x", "c")))) == ("b", "c")
    assert other_change(one, (Schema(("b",)), Schema(("b",)))) == ("b",)
