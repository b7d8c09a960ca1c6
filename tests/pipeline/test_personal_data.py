"""Does each deployment keep a report on personal data, and hold no release up for it?"""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from fairlead.analysis.error_group import ErrorEvent
from fairlead.pipeline import error_events
from fairlead.privacy.report import Deployment, nothing_seen
from fairlead.reports.privacy import page, privacy
from fairlead.reports.window import Window
from fairlead.store import errors
from journeys.configurations import at_once
from pipeline.loop import Loop, Unjudged

Make = Callable[..., Loop]


def with_database(app: str, ports: list[int], **more: Any) -> dict[str, Any]:
    told = at_once(app, ports, database={"secret": "shop-live"}, **more)
    postgres = {"database": {"kind": "postgres", "path": "supabase/migrations"}}
    return told | {"components": told["components"] | postgres}


def committed(loop: Loop, says: str = "first") -> str:
    loop.app.write("supabase/migrations/20260101000000_items.sql", "create table items (id int);")
    return loop.app.commit(says)


def judges(loop: Loop) -> Unjudged:
    found = loop.house.judges
    assert isinstance(found, Unjudged)
    return found


def told(loop: Loop, run: str) -> dict[str, Any]:
    """Return what is told of the one deployment of a run."""
    every = privacy(cast(Window, loop.house), run)
    assert len(every["deployments"]) == 1
    found: dict[str, Any] = every["deployments"][0]
    assert found["report"]["sentence"].removeprefix("unknown: ") in page(every)
    return found


def test_each_deployment_keeps_a_report_and_is_told_which_logs_there_are(
    loop_of: Make, tmp_path: Path
) -> None:
    loop = loop_of(with_database)
    asked, report = tmp_path / "asked", tmp_path / "report"
    report.write_text(json.dumps(nothing_seen(Deployment("live"), "the values were let go")))
    judges(loop).reports += f'; cp {report} "$1"; echo "$2 $3" > {asked}'
    first = committed(loop)
    loop.ship()
    second = committed(loop, "second")
    run = loop.ship()
    assert run.status == "succeeded"
    logs = [f"/logs/{loop.app.name}.live.{it}.functions.score.log" for it in (second, first)]
    mine, other = f"functions/score@={logs[0]}", f"functions/score@{first}={logs[1]}"
    assert asked.read_text() == f"shop-live {mine} {other}\n"
    found = told(loop, run.id)
    assert (found["gate"], found["stage"]) == ("privacy.report", "deployment")
    assert found["report"]["unknown"] == ["the values were let go"]


def test_a_report_that_fails_holds_nothing_up_and_is_told_as_unknown(loop_of: Make) -> None:
    loop = loop_of(with_database)
    judges(loop).reports = "exit 4"
    release = committed(loop)
    run = loop.ship()
    assert (run.status, loop.live().live) == ("succeeded", release)
    found = told(loop, run.id)["report"]
    assert found["verdict"] == "unknown"
    assert found["unknown"][0].startswith("privacy.report failed: ended with status 4")


def test_where_there_is_no_database_nobody_looked_and_that_is_told(loop_of: Make) -> None:
    loop = loop_of(at_once)
    loop.app.commit("first")
    found = told(loop, loop.ship().id)["report"]
    assert found["unknown"] == [
        "live has no database in fairlead.yaml, so neither tables nor logs were looked at"
    ]


def test_of_a_release_that_did_not_arrive_nothing_is_known(loop_of: Make) -> None:
    loop = loop_of(with_database, gates={"no": {"run": "exit 1"}}, before=["no"])
    committed(loop)
    found = told(loop, loop.ship().id)["report"]
    assert found["unknown"][0].startswith("the release is not live in live (stage skipped")


def test_error_events_are_looked_at_as_logs_are(loop_of: Make, tmp_path: Path) -> None:
    loop = loop_of(with_database)
    asked = tmp_path / "asked"
    judges(loop).reports = f'echo "$3" > {asked}; ' + judges(loop).reports
    release = committed(loop)
    said = {release: "no seat left", "0a1b2c3d4e5f": "no room\nleft"}
    told = [
        ErrorEvent(str(uuid4()), loop.clock.now, name, "api", "error", "f", "t", message, "at seat")
        for name, message in said.items()
    ]
    with loop.house.database.begin() as tx:
        errors.keep(tx, [((loop.app.name, "live"), event) for event in told])
    run = loop.ship()
    words = asked.read_text().split("error events@")[1:]
    files = {word.partition("=")[0]: Path(word.partition("=")[2].split()[0]) for word in words}
    assert files[""].read_text() == "no seat left\nat seat\n{}\n"
    assert files["0a1b2c3d4e5f"].read_text() == "no room\nleft\nat seat\n{}\n"
    assert all(file.name.startswith(run.id) for file in files.values())
    loop.clock.now += timedelta(days=31 + 365)
    error_events.forget(loop.house)
    assert not any(file.exists() for file in files.values())
