"""Who may let a release into production? A colleague who saw the very plan, and in time."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from journeys.app import App
from journeys.configurations import production
from journeys.person import refused
from journeys.stand import Stand
from journeys.users import users_of

CLEO = ("Cleo", "Cleo@Example.org")


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that asks: cleo wrote the release, bob submitted it, ana and vic are about."""

    app: App
    live: str
    release: str
    run: str
    plan_hash: str


@pytest.fixture(scope="module")
def shipped(stand: Stand) -> tuple[App, str]:
    return stand.shipped("asked", production)


@pytest.fixture(scope="module")
def asked(stand: Stand, shipped: tuple[App, str]) -> Iterator[Asked]:
    app, live = shipped
    release = app.commit("please", author=CLEO)
    run = stand.bob.deploy(app)
    state = stand.ana.wait(run, lambda it: bool(it["question"]))
    yield Asked(app, live, release, run, state["question"]["plan_hash"])
    stand.ana.stop(run, "the stories are told")
    stand.ana.ended(run)


def still_asks(stand: Stand, asked: Asked) -> bool:
    """Tell whether nothing has happened: the run waits, production is as it was."""
    state = stand.ana.run(asked.run)
    assert state["status"] == "waiting"
    assert state["question"]["plan_hash"] == asked.plan_hash
    assert asked.app.ask("production").release == asked.live
    assert asked.app.ask("production", release=asked.release).status == 404
    return True


def test_a_run_tells_what_it_asks_whom(stand: Stand, asked: Asked) -> None:
    question = stand.vic.run(asked.run)["question"]
    assert question["release"] == asked.release
    assert question["environment"] == "production"
    assert question["role"] == "approver"
    assert question["submitter"] == "bob"
    assert question["expires_at"] > question["asked_at"]
    asked_in = [e for e in stand.ana.journal(asked.run) if e["kind"] == "approval.asked"]
    assert len(asked_in) == 1
    assert asked_in[0]["because"].startswith(
        f"release {asked.release} waits for an approver to approve it for production until "
    )


def test_its_author_cannot_approve_a_release(stand: Stand, asked: Asked) -> None:
    answer = stand.cleo.answer(asked.run, asked.plan_hash)
    assert refused(answer, 403) == (
        f"cleo wrote release {asked.release} for production and cannot approve it: ask a colleague"
    )
    assert still_asks(stand, asked)


def test_its_submitter_cannot_approve_a_release(stand: Stand, asked: Asked) -> None:
    answer = stand.bob.answer(asked.run, asked.plan_hash)
    assert refused(answer, 403) == (
        f"bob submitted release {asked.release} for production and cannot approve it: "
        "ask a colleague"
    )
    assert still_asks(stand, asked)


def test_somebody_without_the_role_cannot_approve(stand: Stand, asked: Asked) -> None:
    for person, name, role in ((stand.vic, "vic", "viewer"), (stand.ana, "ana", "deployer")):
        answer = person.answer(asked.run, asked.plan_hash)
        assert refused(answer, 403) == (
            f"{name} has the role {role}; approving release {asked.release} for production needs "
            "approver: ask somebody who has it"
        )
    assert still_asks(stand, asked)


def test_an_approval_of_another_plan_is_refused(stand: Stand, asked: Asked) -> None:
    answer = stand.admin.answer(asked.run, "0" * 64)
    assert "look at the plan again, then approve that" in refused(answer, 403)
    assert still_asks(stand, asked)


def test_a_rejection_needs_its_reason(stand: Stand, asked: Asked) -> None:
    answer = stand.admin.answer(asked.run, asked.plan_hash, "rejected", " ")
    assert refused(answer, 422) == "a rejection needs its reason: add --reason TEXT"
    assert still_asks(stand, asked)


def test_a_commit_cannot_say_that_production_is_no_production(
    stand: Stand, shipped: tuple[App, str]
) -> None:
    app, live = shipped
    careful = app.configuration
    careless = dict(careful["environments"]["production"]) | {"production": False}
    places = careful["environments"] | {"production": careless}
    app.configure(careful | {"environments": places})
    app.commit("no questions asked")
    assert refused(stand.ana.submit(app), 422) == (
        "environments.production.production: production is a production environment: keep "
        "`production: true`, or use another name for a place that is not"
    )
    app.configure(careful)
    assert app.ask("production").release == live


def test_a_rejection_ends_the_run_and_its_reason_is_told(
    stand: Stand, shipped: tuple[App, str]
) -> None:
    app, live = shipped
    app.commit("rejected")
    run = stand.ana.deploy(app)
    state = stand.ana.wait(run, lambda it: bool(it["question"]))
    plan_hash = state["question"]["plan_hash"]
    said = stand.bob.answer(run, plan_hash, "rejected", "not on a Friday")
    assert said.status_code == 204
    ended = stand.ana.ended(run)
    assert (ended["status"], ended["because"]) == ("failed", "bob rejected it: not on a Friday")
    again = stand.cleo.answer(run, plan_hash)
    assert refused(again, 422) == f"run {run} asks for no approval now: it is failed"
    assert app.ask("production").release == live
    rejected = [e for e in stand.ana.journal(run) if e["kind"] == "approval.rejected"]
    assert [e["actor"] for e in rejected] == ["bob"]
    assert "not on a Friday" in rejected[0]["because"]


def test_an_approval_counts_once(stand: Stand) -> None:
    app, _ = stand.shipped("once", production)
    new = app.commit("new")
    run = stand.ana.deploy(app)
    state = stand.ana.wait(run, lambda it: bool(it["question"]))
    plan_hash = state["question"]["plan_hash"]
    with users_of(app, "production") as users:
        assert stand.bob.answer(run, plan_hash).status_code == 204
        second = stand.cleo.answer(run, plan_hash, "rejected", "too late")
        assert refused(second, 422).startswith(f"run {run} asks for no approval now: it is ")
        assert stand.ana.ended(run)["status"] == "succeeded"
    assert users.noticed_nothing()
    assert app.ask("production").release == new


def test_an_approval_after_its_expiry_is_refused_and_the_run_has_failed(stand: Stand) -> None:
    late = {"role": "approver", "expires": "1s"}
    app = stand.app("lapsed", production, approval=late)
    lapsed = app.commit("lapsed")
    run = stand.ana.deploy(app)
    state = stand.ana.wait(run, lambda it: bool(it["question"]))
    ended = stand.ana.ended(run)
    assert ended["status"] == "failed"
    assert ended["because"].startswith(f"nobody approved release {lapsed} for production before ")
    assert ended["because"].endswith("UTC: deploy the commit again")
    answer = stand.bob.answer(run, state["question"]["plan_hash"])
    assert refused(answer, 422) == f"run {run} asks for no approval now: it is failed"
    names = [place["name"] for place in stand.ana.tell("/status", app="lapsed")["environments"]]
    assert names == ["staging"]
