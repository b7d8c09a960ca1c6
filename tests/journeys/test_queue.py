"""What happens when several want the same place at once? They queue, and nothing mixes."""

from typing import Any

from journeys.app import App
from journeys.configurations import at_once
from journeys.person import refused
from journeys.stand import Stand
from journeys.users import users_of


def held(app: App, gate: str) -> None:
    """Let every release of the app wait in its smoke test until the file `go` is there."""
    port = int(app.address().rpartition(":")[2])
    run = f"until test -e {app.folder}/../{gate}; do sleep 0.05; done; test -f fairlead.yaml"
    app.configure(at_once(app.name, [port], {"wait": {"run": run}}, smoke=["wait"]))


def queued(state: dict[str, Any]) -> bool:
    return str(state["because"]).startswith("waits for its turn in live: run r")


def open_the_gate(app: App, gate: str) -> None:
    (app.folder.parent / gate).touch()


def test_two_deployments_at_once_go_one_after_the_other(stand: Stand) -> None:
    app, first = stand.shipped("pair", at_once)
    held(app, "pair-go")
    with users_of(app) as users:
        second = app.commit("second")
        runs = [stand.ana.deploy(app)]
        same = stand.ana.submit(app)
        assert refused(same, 409) == (
            f"commit {second} is on its way already in run {runs[0]}: "
            f"`fairlead watch {runs[0]}` shows it"
        )
        stand.ana.wait(runs[0], lambda it: bool(it["gates"]))
        third = app.commit("third")
        runs.append(stand.ana.deploy(app))
        assert stand.ana.wait(runs[1], queued)["status"] == "queued"
        assert stand.ana.place(app)["held_by"] == runs[0]
        assert app.ask().release == first
        open_the_gate(app, "pair-go")
        ended = [stand.ana.ended(run) for run in runs]
    assert [it["status"] for it in ended] == ["succeeded", "succeeded"]
    assert ended[0]["finished_at"] <= ended[1]["stages"][2]["started_at"]
    assert users.noticed_nothing()
    seen = [r.release for r in sorted(users.met, key=lambda r: r.sent_at + r.took_s)]
    assert [*dict.fromkeys(seen)] == [first, second, third]


def test_a_newer_release_goes_instead_of_one_that_waits_but_not_of_one_that_began(
    stand: Stand,
) -> None:
    app, _ = stand.shipped("newer", at_once)
    held(app, "newer-go")
    runs, releases = [], []
    for says in ("began", "waits", "newest"):
        releases.append(app.commit(says))
        runs.append(stand.ana.deploy(app))
        if says == "began":
            stand.ana.wait(runs[0], lambda it: bool(it["gates"]))
        else:
            stand.ana.wait(runs[-1], queued)
    open_the_gate(app, "newer-go")
    began, waited, newest = (stand.ana.ended(run) for run in runs)
    assert began["status"] == "succeeded"
    assert waited["status"] == "superseded"
    assert waited["because"] == f"the newer release {releases[2]} (run {runs[2]}) goes instead"
    assert newest["status"] == "succeeded"
    assert stand.ana.place(app)["live"] == releases[2]
    assert not [row for row in stand.ana.audit(app) if row["run"] == runs[1]]


def test_a_queued_run_can_be_stopped_at_once(stand: Stand) -> None:
    app, _ = stand.shipped("patient", at_once)
    held(app, "patient-go")
    app.commit("began")
    first = stand.ana.deploy(app)
    stand.ana.wait(first, lambda it: bool(it["gates"]))
    app.commit("waits")
    second = stand.ana.deploy(app)
    stand.ana.wait(second, queued)
    assert stand.ana.stop(second, "a typo").status_code == 204
    stopped = stand.ana.run(second)
    assert (stopped["status"], stopped["because"]) == ("stopped", "ana stopped it: a typo")
    open_the_gate(app, "patient-go")
    assert stand.ana.ended(first)["status"] == "succeeded"
    assert stand.ana.run(second)["status"] == "stopped"
