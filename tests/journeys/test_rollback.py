"""Can a person send an environment back, and when are they told that it cannot be?"""

import signal
from typing import Any

from journeys.app import App
from journeys.configurations import FUNCTIONS, at_once, canary
from journeys.person import refused
from journeys.stand import Stand, until
from journeys.users import users_of


def two_releases(stand: Stand, name: str) -> tuple[App, str, str]:
    """Return an app with two releases shipped: the one before, and the live one."""
    app, first = stand.shipped(name, at_once)
    second = app.commit("second")
    ended = stand.ship(app)
    assert ended["status"] == "succeeded", ended["because"]
    return app, first, second


def returned(stand: Stand, answer: Any) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    return stand.ana.ended(answer.json()["run"])


def test_a_finished_rollout_goes_back_to_the_release_before(stand: Stand) -> None:
    app, first, second = two_releases(stand, "back")
    nothing = stand.ana.roll_back(app, reason=" ")
    assert refused(nothing, 422) == "a rollback needs its reason: add --reason TEXT"
    forbidden = stand.vic.roll_back(app, "I may only look")
    assert refused(forbidden, 403).startswith("vic may not roll back: it needs the role deployer")
    with users_of(app) as users:
        ended = returned(stand, stand.ana.roll_back(app, "prices are wrong"))
    assert (ended["status"], ended["kind"]) == ("succeeded", "rollback")
    assert ended["because"].startswith(f"live is back on {first} (")
    assert ended["because"].endswith("ms): prices are wrong")
    assert users.noticed_nothing()
    place = stand.ana.place(app)
    assert (place["live"], place["previous"], place["weights"][first]) == (first, "", 100)
    rows = stand.ana.audit(app)
    assert rows[-1]["deployment_status"] == "rolled_back"
    assert rows[-1]["release"] == second
    assert rows[-1]["rollback_reason"] == "prices are wrong"
    no_more = stand.ana.roll_back(app, "once more")
    assert refused(no_more, 422) == (
        f"there is no release before {first} in live: name one with --to RELEASE"
    )


def test_an_older_release_is_started_again_when_it_is_named(stand: Stand) -> None:
    app, first, second = two_releases(stand, "named")
    third = app.commit("third")
    assert stand.ship(app)["status"] == "succeeded"
    live = stand.ana.roll_back(app, "no reason", to=third)
    assert refused(live, 422) == (
        f"release {third} is live in live: there is nothing to go back to"
    )
    unknown = stand.ana.roll_back(app, "no reason", to="0123456789ab")
    assert refused(unknown, 422) == (
        "release 0123456789ab of named is not on record: `fairlead history` lists releases"
    )
    with users_of(app) as users:
        ended = returned(stand, stand.ana.roll_back(app, "two were bad", to=first))
    assert ended["status"] == "succeeded"
    assert users.noticed_nothing()
    assert app.ask().release == first
    assert users.on(second) == 0


def test_a_place_where_nothing_was_deployed_cannot_go_back(stand: Stand) -> None:
    app = stand.app("nowhere", at_once)
    answer = stand.ana.roll_back(app, "no reason")
    assert refused(answer, 404) == (
        "nothing was ever deployed to live of nowhere: `fairlead status` lists what there is"
    )


def test_a_running_canary_turns_round_when_somebody_says_so(stand: Stand) -> None:
    app, good = stand.shipped("turning", canary, hold="60s")
    with users_of(app) as users:
        new = app.commit("new")
        run = stand.ana.deploy(app)
        stand.ana.wait(run, lambda it: it["rollouts"] and it["rollouts"][0]["step"] == 1)
        other = stand.ana.roll_back(app, "elsewhere", to="0123456789ab")
        assert refused(other, 422) == (
            f"release {new} is taking over live and can only go back to {good}: "
            "roll back without --to, then choose"
        )
        answer = stand.ana.roll_back(app, "customers call", to=good)
        assert answer.json() == {"run": run}
        ended = stand.ana.ended(run)
    told = ("rolled_back", "ana rolled it back: customers call")
    assert (ended["status"], ended["because"]) == told
    assert users.noticed_nothing()
    assert users.on(new) > 0
    assert app.ask().release == good
    rows = [r["deployment_status"] for r in stand.ana.audit(app) if r["run"] == run]
    assert rows == ["started", "rolled_back"]


def test_going_back_to_a_crashed_release_is_refused(stand: Stand) -> None:
    app, first, second = two_releases(stand, "crashed")
    stand.process(f"slot.crashed.live.{first}.functions.score").send_signal(signal.SIGKILL)
    until(lambda: _verdicts(stand, app, first) == {"UNHEALTHY"}, "its crash is seen")
    with users_of(app) as users:
        sentence = refused(stand.ana.roll_back(app, "no reason"), 422)
    assert sentence.startswith(
        f"release {first} is not fit to return to: function score of release {first} crashed and "
    )
    assert sentence.endswith("; traffic stays; choose another with --to RELEASE")
    assert users.noticed_nothing()
    assert app.ask().release == second


def _verdicts(stand: Stand, app: App, release: str) -> set[str]:
    slots = stand.ana.place(app)["releases"][release]["slots"]
    return {slot["verdict"] for slot in slots}


def test_going_back_to_a_release_whose_bytes_are_gone_is_refused(stand: Stand) -> None:
    app, first, second = two_releases(stand, "gone")
    built = stand.ana.tell("/journal/newest", app="gone", limit=200)
    digest = next(
        e["data"]["digests"]["functions"]
        for e in built
        if e["kind"] == "release.built" and e["release"] in ("", first) and first in e["because"]
    )
    (stand.settings.home / "artifacts" / f"{digest}.tar").unlink()
    sentence = refused(stand.ana.roll_back(app, "no reason"), 422)
    assert sentence == (
        f"release {first} cannot be returned to: the bytes of functions {digest[:12]} are gone: "
        "restore them from a backup, or release anew"
    )
    assert app.ask().release == second


def test_going_back_over_a_migration_that_is_missing_there_is_refused(stand: Stand) -> None:
    """The first release expects a table that the second one has never heard of."""
    database = {"database": {"kind": "postgres", "path": "migrations"}}
    app = stand.app("schema", at_once)
    app.write("migrations/20260101_agents.sql", "create table agents ();\n")
    app.configure(app.configuration | {"components": FUNCTIONS | database})
    first = app.commit("with a table")
    assert stand.ship(app)["status"] == "succeeded"
    app.configure(app.configuration | {"components": FUNCTIONS})
    second = app.commit("without it")
    assert stand.ship(app)["status"] == "succeeded"
    assert refused(stand.ana.roll_back(app, "no reason"), 422) == (
        f"release {first} expects the migration database/20260101_agents.sql, which the live "
        f"release {second} does not carry: choose a release that fits, or deploy the commit again"
    )
    assert app.ask().release == second
