"""What if a process dies in the middle? The release arrives, and nothing is repeated."""

import signal
from collections import Counter
from pathlib import Path

from journeys.app import App
from journeys.configurations import JUDGEMENT, at_once, canary
from journeys.stand import Stand, until
from journeys.users import users_of


def canary_under_way(stand: Stand, name: str) -> tuple[App, str, str]:
    """Return an app whose second release is about to get half of the traffic, and its run."""
    app, _ = stand.shipped(name, canary, hold="3s", judgement=JUDGEMENT)
    new = app.commit("new")
    return app, new, stand.ana.deploy(app)


def has_traffic(stand: Stand, run: str) -> None:
    stand.ana.wait(run, lambda it: it["rollouts"] and it["rollouts"][0]["windows"])


def arrived(stand: Stand, app: App, run: str, new: str) -> bool:
    """Tell whether the run ended well, each of its effects once, and everybody has the release."""
    ended = stand.ana.ended(run)
    assert (ended["status"], ended["because"][:7]) == ("succeeded", "healthy"), ended["because"]
    kinds = Counter(e["kind"] for e in stand.ana.journal(run) if e["kind"] != "release.judged")
    assert kinds == {
        "run.submitted": 1,
        **dict.fromkeys(("stage.began", "stage.passed"), 4),
        **dict.fromkeys(("release.built", "release.began", "release.ready", "release.live"), 1),
        **dict.fromkeys(("traffic.decided", "traffic.shifted"), 2),
        **dict.fromkeys(("sbom.kept", "packages.compared"), 1),
        "judging.began": 1,
        "run.succeeded": 1,
    }
    assert {app.ask().release for _ in range(10)} == {new}
    place = stand.ana.place(app)
    assert place["weights"] == place["wanted_weights"]
    assert place["held_by"] == ""
    return True


def test_a_server_killed_in_a_canary_comes_back_and_finishes_it(stand: Stand) -> None:
    app, new, run = canary_under_way(stand, "serverless")
    with users_of(app) as users:
        has_traffic(stand, run)
        server = stand.process("server")
        server.send_signal(signal.SIGKILL)
        assert arrived(stand, app, run, new)
    assert stand.process("server").pid != server.pid
    assert users.noticed_nothing()


def test_a_gate_outlives_a_killed_server_and_runs_once(stand: Stand, tmp_path: Path) -> None:
    tally = tmp_path / "tally"
    run = f"echo ran >> {tally}; sleep 3; test -f fairlead.yaml"
    app, good = stand.shipped("tallied", at_once)
    port = int(app.address().rpartition(":")[2])
    app.configure(at_once("tallied", [port], {"check": {"run": run}}, before=["check"]))
    app.commit("new")
    checked = stand.ana.deploy(app)
    until(tally.exists, "the gate has begun")
    stand.process("server").send_signal(signal.SIGKILL)
    assert app.ask().release == good
    ended = stand.ana.ended(checked)
    assert ended["status"] == "succeeded"
    assert ended["gates"][0]["because"].startswith("check passed: ended with status 0 after 3.")
    assert tally.read_text() == "ran\n"


def test_a_killed_postgresql_delays_a_release_and_loses_nothing(stand: Stand) -> None:
    app, new, run = canary_under_way(stand, "stateless")
    with users_of(app) as users:
        has_traffic(stand, run)
        stand.process("postgres").send_signal(signal.SIGKILL)
        assert arrived(stand, app, run, new)
    assert users.noticed_nothing()


def test_a_killed_edge_comes_back_with_its_weights_and_the_release_goes_on(stand: Stand) -> None:
    app, new, run = canary_under_way(stand, "edgeless")
    with users_of(app) as users:
        has_traffic(stand, run)
        stand.process("envoy").send_signal(signal.SIGKILL)
        assert arrived(stand, app, run, new)
    # Without an edge nobody can be answered; no answer that was given was wrong.
    assert {request.status for request in users.met} == {0, 200}
    lost = [request.sent_at for request in users.met if request.failed]
    assert max(lost) - min(lost) < 5
    # The counters began anew with it, which is no evidence, and is told as such.
    judged = [e for e in stand.ana.journal(run) if e["kind"] == "release.judged"]
    assert {e["data"]["verdict"] for e in judged} <= {"HEALTHY", "UNKNOWN"}
