"""How does a good release come to production? Step by step, on evidence, and all on record."""

import time
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from journeys.app import Answer, App
from journeys.configurations import FRONTEND, production
from journeys.stand import Stand, processes_naming, until
from journeys.users import Users, users_of

WINDOW_S = 8
STAGES = [
    *("commit", "build", "security-scan", "staging", "security-validation"),
    *("approval", "canary", "promotion", "monitoring"),
]


@dataclass(frozen=True, slots=True)
class Told:
    """The second release of an app as it went all the way, under traffic.

    `tester` asked for it before it had any; `visits` are what each known user met since, in order.
    """

    app: App
    old: str
    new: str
    run: dict[str, Any]
    journal: list[dict[str, Any]]
    users: Users
    tester: Answer
    everybody: set[str]
    visits: dict[str, list[str]]
    warm: dict[str, Any]


@pytest.fixture(scope="module")
def told(stand: Stand) -> Told:
    go = stand.folder / "apps" / "whole-go"
    app = stand.app("whole", whole, go=go)
    go.touch()
    old = app.commit("old")
    assert stand.ship(app)["status"] == "succeeded"
    go.unlink()
    visits: dict[str, list[str]] = {app.ask("production").cookie: [] for _ in range(24)}
    with users_of(app, "production") as users:
        new = app.commit("new")
        run = stand.ana.deploy(app)
        asking = stand.ana.wait(run, lambda it: bool(it["question"]))
        stand.bob.answer(run, asking["question"]["plan_hash"])
        stand.ana.wait(run, lambda it: any(g["gate"] == "wait" for g in it["gates"]))
        tester = app.ask("production", release=new)
        everybody = {app.ask("production").release for _ in range(24)}
        go.touch()
        while not (state := stand.ana.run(run))["finished_at"]:
            for cookie, seen in visits.items():
                seen.append(app.ask("production", cookie=cookie).release)
    warm = stand.ana.place(app, "production")
    journal = stand.ana.journal(run)
    return Told(app, old, new, state, journal, users, tester, everybody, visits, warm)


def whole(app: str, ports: list[int], go: Path) -> dict[str, Any]:
    """Return an app of a function and a page; its smoke test in production waits for a file."""
    wait = {"run": f"until test -e {go}; do sleep 0.05; done; test -f fairlead.yaml"}
    policy = {"smoke": ["wait"], "hold": "2s", "rollback_window": f"{WINDOW_S}s"}
    told = production(app, ports, **policy)
    gates = told["gates"] | {"wait": wait}
    return told | {"gates": gates, "components": told["components"] | FRONTEND}


def test_it_goes_through_every_stage_and_no_user_notices(told: Told) -> None:
    assert told.run["status"] == "succeeded"
    assert [stage["name"] for stage in told.run["stages"]] == STAGES
    assert {stage["status"] for stage in told.run["stages"]} == {"passed"}
    assert told.users.noticed_nothing()
    assert told.users.on(told.old) > 0
    assert told.users.on(told.new) > 0
    assert told.app.ask("production").release == told.new
    assert told.app.ask("production").text == "new"
    assert told.app.ask("production", "/").text == "<title>whole</title>"


def test_testers_reach_it_before_anybody_else_does(told: Told) -> None:
    assert (told.tester.status, told.tester.release, told.tester.text) == (200, told.new, "new")
    assert told.everybody == {told.old}


def test_a_user_moves_to_it_once_and_never_back(told: Told) -> None:
    paths = [[release for release, _ in groupby(seen)] for seen in told.visits.values()]
    assert all(path in ([told.old, told.new], [told.new]) for path in paths), paths
    # With half of the users on either, some waited for the promotion.
    waited = [seen.count(told.old) for seen in told.visits.values()]
    assert max(waited) > 2 * min(waited)


def test_every_step_is_on_record_with_its_figures(told: Told) -> None:
    of = [e for e in told.journal if e["environment"] == "production"]
    kinds = [kind for kind, _ in groupby(e["kind"] for e in of if e["kind"] != "release.judged")]
    assert kinds == [
        *("stage.began", "packages.compared"),
        *("approval.asked", "approval.approved", "stage.passed"),
        *("stage.began", "release.began", "release.ready", "gate.began", "gate.passed"),
        *("traffic.decided", "traffic.shifted", "judging.began"),
        *("stage.passed", "stage.began", "traffic.decided", "traffic.shifted", "release.live"),
        *("stage.passed", "stage.began", "stage.passed", "run.succeeded"),
    ]
    shifts = [e for e in of if e["kind"] == "traffic.shifted"]
    assert [e["data"]["weights"][told.new] for e in shifts] == [50, 100]
    assert all(0 < e["data"]["ms"] < 5000 for e in shifts)
    judged = [e for e in of if e["kind"] == "release.judged"]
    assert {e["data"]["verdict"] for e in judged} <= {"HEALTHY", "UNKNOWN"}
    assert "0% errors (limit 2%)" in judged[0]["because"]


def test_deployment_audit_has_a_row_for_every_component_and_status(
    stand: Stand, told: Told
) -> None:
    for place in ("staging", "production"):
        rows = [r for r in stand.vic.audit(told.app, place) if r["release"] == told.new]
        found = sorted((r["deployment_type"], r["deployment_status"]) for r in rows)
        assert found == [
            ("backend", "started"),
            ("backend", "success"),
            ("frontend", "started"),
            ("frontend", "success"),
        ]
        assert {r["git_commit_hash"] for r in rows} == {told.run["commit"]["sha"]}
        assert {(r["git_branch"], r["deployed_by"]) for r in rows} == {("main", "ana")}
        done = [r for r in rows if r["deployment_status"] == "success"]
        assert all(r["completed_at"] >= r["started_at"] for r in done)
    assert done[0]["performance_metrics"]["requests"] > 0
    assert done[0]["performance_metrics"]["error_rate"] == 0


def test_the_release_before_stays_warm_until_its_window_ends(stand: Stand, told: Told) -> None:
    assert told.warm["previous"] == told.old
    slots = told.warm["releases"][told.old]
    assert {slot["verdict"] for slot in slots["slots"]} == {"HEALTHY"}
    assert slots["stops_at"] is not None
    live = next(e for e in told.journal if e["kind"] == "release.live" and _in_production(e))
    until(lambda: not _programs(stand, told.old), "its processes have ended")
    kept_s = time.time() - _seconds(live["at"])
    assert kept_s >= WINDOW_S
    assert told.old not in stand.ana.place(told.app, "production")["releases"]
    assert processes_naming(f"slot.whole.production.{told.old}") == []
    gone = told.app.ask("production", release=told.old)
    assert gone.status == 404
    assert gone.text == "the release in x-fairlead-release is not in production\n"
    assert told.app.ask("production").release == told.new


def _in_production(entry: dict[str, Any]) -> bool:
    return bool(entry["environment"] == "production")


def _programs(stand: Stand, release: str) -> list[str]:
    return [name for name in stand.programs() if f"whole.production.{release}" in name]


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
