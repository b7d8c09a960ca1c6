"""What happens to a release that is no good? Users of the good one never notice."""

import json
import re
import signal
from typing import Any

from fairlead import places
from journeys.app import BREAKS_LATER, CRASHES, NEVER_LISTENS, SCORE, App
from journeys.configurations import JUDGEMENT, at_once, canary
from journeys.stand import Stand, until
from journeys.users import Users, users_of
from webhook_stand import Receiver


def serves_alone(stand: Stand, app: App, good: str) -> bool:
    """Tell whether everybody, and the record, is on the good release."""
    place = stand.ana.place(app)
    assert (place["live"], place["held_by"]) == (good, "")
    assert {r: w for r, w in place["weights"].items() if w} == {good: 100}
    assert {app.ask().release for _ in range(10)} == {good}
    return True


def kinds(stand: Stand, run: str) -> list[str]:
    return [entry["kind"] for entry in stand.ana.journal(run)]


def test_a_bad_release_leaves_the_old_one_serving(stand: Stand) -> None:
    app, good = stand.shipped("bad", canary, steps=[20, 60, 100])
    with users_of(app) as users:
        bad = app.commit("bad", fails=40)
        ended = stand.ship(app)
    assert ended["status"] == "rolled_back"
    told = r"the new release is unhealthy at 20% \(step 1 of 2\): functions failed \d.* of calls"
    assert re.match(told + r" over 1 s \(\d+ requests\), limit 2%$", ended["because"])
    assert users.noticed_nothing(bad)
    assert any(request.failed for request in users.met)
    assert serves_alone(stand, app, good)

    returned = stand.ana.journal(ended["id"])[-2]
    assert returned["kind"] == "traffic.returned"
    assert returned["because"].startswith(f"live is back on {good} (")
    assert ended["because"] in returned["because"]
    rows = [row for row in stand.ana.audit(app) if row["run"] == ended["id"]]
    assert [row["deployment_status"] for row in rows] == ["started", "rolled_back"]
    assert rows[1]["rollback_reason"] == ended["because"]
    assert rows[1]["performance_metrics"]["errors"] > 0


def test_a_release_that_never_gets_healthy_never_gets_traffic(stand: Stand) -> None:
    app, good = stand.shipped("silent", canary, start_timeout="2s")
    with users_of(app) as users:
        silent = app.commit("silent", code=NEVER_LISTENS)
        ended = stand.ship(app)
    assert ended["status"] == "failed"
    assert ended["because"] == (
        f"release {silent} was not healthy within 2 s: function score of release {silent} does not "
        "answer GET /functions/v1/score: nobody listens on its socket"
    )
    assert untouched(stand, app, users, silent)
    assert serves_alone(stand, app, good)
    assert "release.abandoned" in kinds(stand, ended["id"])
    rows = [row for row in stand.ana.audit(app) if row["run"] == ended["id"]]
    assert [row["deployment_status"] for row in rows] == ["started", "failed"]
    assert rows[1]["error_message"] == ended["because"]


def test_a_release_that_crashes_in_a_loop_never_gets_traffic(stand: Stand) -> None:
    app, good = stand.shipped("crashing", canary)
    with users_of(app) as users:
        broken = app.commit("broken", code=CRASHES)
        ended = stand.ship(app)
    assert ended["status"] == "failed"
    assert ended["because"].startswith(
        f"release {broken} did not start: function score of release {broken} crashed and "
    )
    assert "it cannot start like this" in ended["because"]
    assert untouched(stand, app, users, broken)
    assert serves_alone(stand, app, good)


def untouched(stand: Stand, app: App, users: Users, bad: str) -> bool:
    """Tell whether no user ever met the bad release."""
    assert users.noticed_nothing()
    assert users.on(bad) == 0
    return True


def test_a_crashed_slot_of_the_canary_sends_traffic_back(stand: Stand) -> None:
    app, good = stand.shipped("killed", canary, hold="30s")
    with users_of(app) as users:
        new = app.commit("new")
        run = stand.ana.deploy(app)
        stand.ana.wait(run, lambda it: it["rollouts"] and it["rollouts"][0]["windows"])
        stand.process(f"slot.killed.live.{new}.functions.score").send_signal(signal.SIGKILL)
        ended = stand.ana.ended(run)
    assert ended["status"] == "rolled_back"
    assert f"function score of release {new} crashed" in ended["because"]
    # What the killed process was answering is lost; nothing that the old release answered is.
    assert {r.release for r in users.met if r.failed} <= {new, ""}
    assert all(r.status != 0 for r in users.met)
    assert serves_alone(stand, app, good)


def test_a_release_without_traffic_is_not_taken_for_healthy(stand: Stand) -> None:
    app, good = stand.shipped(
        "quiet", canary, judgement=JUDGEMENT | {"min_samples": 50, "deadline": "2s"}
    )
    app.commit("unseen")
    ended = stand.ship(app)
    assert ended["status"] == "rolled_back"
    told = r"no usable measurements for \d+ s at 50% \(step 1 of 1\), limit 2 s: 0 requests in 1 s,"
    assert re.match(told + " fewer than the 50 needed to judge$", ended["because"])
    assert serves_alone(stand, app, good)


def test_a_slow_release_is_as_bad_as_a_failing_one(stand: Stand) -> None:
    limits = {"canary": {"error_rate": "2%", "mean_latency": "100ms"}}
    app, good = stand.shipped("slow", canary, judgement=JUDGEMENT | limits)
    slow = "Deno.serve(async () => { await new Promise((d) => setTimeout(d, 300)); "
    with users_of(app) as users:
        app.commit("slow", code=slow + 'return new Response("late"); });\n')
        ended = stand.ship(app)
    assert ended["status"] == "rolled_back"
    # The edge counts times in ranges a tenth wide, so a mean of 300 ms may read a little less.
    told = re.search(r"functions took ([\d.]+) ms on average .*, limit 100 ms$", ended["because"])
    assert told, ended["because"]
    assert 270 < float(told[1]) < 400
    assert users.noticed_nothing()
    assert serves_alone(stand, app, good)


def test_a_first_release_that_fails_leaves_nobody_with_a_bad_one(stand: Stand) -> None:
    gate = {"check": {"run": "test -e no-such-file"}}
    app = stand.app("firstborn", at_once, gates=gate, after=["check"])
    app.commit("bad")
    ended = stand.ship(app)
    assert ended["status"] == "rolled_back"
    nobody = app.ask()
    assert nobody.status == 503
    assert nobody.text == "no healthy release of firstborn is deployed in live\n"
    returned = stand.ana.journal(ended["id"])[-2]
    assert returned["because"].startswith("live is back on nothing: there is no release before it")
    app.write("no-such-file", "there it is")
    good = app.commit("good")
    assert stand.ship(app)["status"] == "succeeded"
    assert app.ask().release == good


def told_at_once(app: str, ports: list[int], **policy: Any) -> dict[str, Any]:
    return at_once(app, ports, **policy) | {"channels": {"emergency": {"webhook": "pager"}}}


def test_a_live_release_that_begins_to_fail_goes_back_by_itself(stand: Stand) -> None:
    with Receiver() as pager:
        places.secrets(stand.settings).put("pager", pager.url)
        app, good = stand.shipped("fading", told_at_once)
        bad = app.commit("bad", code=BREAKS_LATER)
        shipped = stand.ship(app)
        assert shipped["status"] == "succeeded", shipped["because"]
        with users_of(app) as users:
            app.ask(path=f"{SCORE}?break")
            until(lambda: stand.ana.place(app)["live"] == good, "on the way back")
            until(lambda: stand.ana.place(app)["held_by"] == "", "back")
        until(lambda: len(pager.got) == 2, "the messages")
    assert serves_alone(stand, app, good)
    failed = [request for request in users.met if request.failed]
    assert {request.release for request in failed} == {bad}
    newest = stand.ana.tell("/runs", app=app.name, limit=1)[0]
    assert (newest["kind"], newest["submitted_by"]) == ("rollback", "fairlead watch")
    begun, ended = (json.loads(got.body)["text"] for got in pager.got)
    assert begun.startswith(f"fading, live: goes back from {bad} to {good}, by itself: release ")
    assert "functions failed" in begun
    assert ended.startswith(f"fading: live is back on {good} (")
