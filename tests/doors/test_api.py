"""Who may ask the API for what, and how does it say no? Asked over HTTP, of a running server."""

import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from journeys.app import App
from journeys.configurations import at_once, production
from journeys.person import Person, refused
from journeys.stand import Stand, folder_of_its_own, standing

ROLES = ("viewer", "deployer", "approver", "admin")


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with folder_of_its_own() as folder, standing(folder) as one:
        yield one


@pytest.fixture(scope="module")
def people(stand: Stand) -> dict[str, Person]:
    return {
        "viewer": stand.vic,
        "deployer": stand.ana,
        "approver": stand.bob,
        "admin": stand.admin,
    }


@pytest.fixture(scope="module")
def shipped(stand: Stand) -> tuple[App, dict[str, Any]]:
    """Return an app and the run that shipped its first release, with one gate on the way."""
    app = stand.app(
        "api", at_once, gates={"check": {"run": "echo seen; test -d ."}}, before=["check"]
    )
    app.commit("first")
    return app, stand.ship(app)


@pytest.fixture(scope="module")
def asking(stand: Stand) -> Iterator[str]:
    """Return a run that waits for an approval."""
    app = stand.app("asking", production)
    app.commit("first")
    run = stand.ana.deploy(app)
    stand.ana.wait(run, lambda it: bool(it["question"]))
    yield run
    stand.ana.stop(run, "the questions are answered")
    stand.ana.ended(run)


def everything(run: str) -> list[tuple[str, str]]:
    """Return every route that needs somebody, with a method it knows."""
    stage = f"/runs/{run}/stages/2/gates/check/log"
    of_run = (f"/runs/{run}", f"/runs/{run}/measurements", f"/runs/{run}/privacy", stage)
    asked = ("/runs", *of_run, "/status", "/logs", "/logs/server")
    record = ("/journal", "/journal/newest", "/journal/verification", "/audit")
    wishes = tuple(f"/runs/{run}/{wish}" for wish in ("answer", "stop", "promote"))
    live = "/apps/api/environments/live"
    told = (*wishes, f"{live}/rollback", f"{live}/error-keys", f"{live}/errors/3f1c/resolve")
    posted = [("POST", path) for path in ("/runs", "/people", *told)]
    of_place = (f"{live}/metrics", f"{live}/health", f"{live}/errors")
    more = (*of_place, "/people", "/me", "/apps/api/traffic", f"/runs/{run}/findings")
    return [("GET", path) for path in (*asked, *more, *record)] + posted


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Bearer fl_" + "x" * 43},
        {"Authorization": "Bearer not-one-of-ours"},
        {"Authorization": "Basic YW5hOmFuYQ=="},
        {"Authorization": "Bearer"},
    ],
    ids=["none", "unknown", "foreign", "basic", "empty"],
)
def test_without_a_valid_token_nothing_is_told(
    stand: Stand, shipped: tuple[App, dict[str, Any]], header: dict[str, str]
) -> None:
    with httpx.Client(base_url=f"{stand.settings.url}/api/v1", headers=header) as stranger:
        for method, path in everything(shipped[1]["id"]):
            answer = stranger.request(method, path, json={} if method == "POST" else None)
            assert refused(answer, 401) == (
                "a valid bearer token is needed: `fairlead people add` makes one"
            ), path
            assert answer.headers["www-authenticate"] == "Bearer"


def test_every_role_may_look(
    people: dict[str, Person], shipped: tuple[App, dict[str, Any]]
) -> None:
    for person in people.values():
        for method, path in everything(shipped[1]["id"]):
            if method == "GET":
                assert person.api.get(path).status_code == 200, path


def test_me_is_whoever_the_token_belongs_to(people: dict[str, Person]) -> None:
    assert people["viewer"].tell("/me") == {
        "name": "vic",
        "email": "vic@example.org",
        "role": "viewer",
    }
    names = {person["name"]: person["role"] for person in people["viewer"].tell("/people")}
    assert {"ana": "deployer", "bob": "approver", "vic": "viewer"}.items() <= names.items()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_it_is_for(
    stand: Stand,
    people: dict[str, Person],
    shipped: tuple[App, dict[str, Any]],
    asking: str,
    role: str,
) -> None:
    """Everybody asks for something that cannot be; who may not ask at all is told that instead."""
    app, run = shipped
    api, rank = people[role].api, ROLES.index(role)
    back = {"to": "0123456789ab", "reason": "no reason"}
    place = f"/apps/{app.name}/environments/live/rollback"
    guest = {"name": "eve", "email": "ana@example.org", "role": "viewer"}
    no = {"answer": "approved", "plan_hash": "0" * 64}
    attempts = {
        "deploy": (api.post("/runs", json={"repository": "/nowhere"}), 1, 422),
        "stop a run": (api.post(f"/runs/{run['id']}/stop", json={"reason": "-"}), 1, 422),
        "send a canary on": (api.post(f"/runs/{run['id']}/promote", json={"reason": "-"}), 2, 422),
        "roll back": (api.post(place, json=back), 1, 422),
        "add people": (api.post("/people", json=guest), 3, 422),
    }
    for what, (answer, needed, status) in attempts.items():
        sentence = refused(answer, 403 if rank < needed else status)
        assert (f"may not {what}: it needs the role" in sentence) == (rank < needed), sentence
    sentence = refused(api.post(f"/runs/{asking}/answer", json=no), 403)
    assert ("needs approver: ask somebody who has it" in sentence) == (rank < 2)


def test_a_changed_role_counts_at_once_and_the_token_before_is_worthless(stand: Stand) -> None:
    first = Person(stand.settings.url, stand.admin.let_in("dan", "dan@example.org", "viewer"))
    assert refused(first.api.post("/runs", json={"repository": "/nowhere"}), 403)
    second = Person(stand.settings.url, stand.admin.let_in("dan", "dan@example.org", "deployer"))
    assert refused(first.api.get("/me"), 401)
    assert refused(second.api.post("/runs", json={"repository": "/nowhere"}), 422)
    assert second.tell("/me")["role"] == "deployer"
    assert refused(stand.ana.api.delete("/people/dan"), 403)
    assert stand.admin.api.delete("/people/dan").status_code == 204
    assert refused(second.api.get("/me"), 401)
    assert refused(stand.admin.api.delete("/people/dan"), 404).startswith("nobody here is called")
    for one in (first, second):
        one.leave()


def test_the_last_admin_cannot_be_lost(stand: Stand) -> None:
    owner = stand.admin.tell("/me")
    gone = stand.admin.api.delete(f"/people/{owner['name']}")
    less = stand.admin.api.post("/people", json=owner | {"role": "viewer"})
    for answer in (gone, less):
        assert refused(answer, 422) == (
            f"{owner['name']} is the only admin: make somebody else one first"
        )
    assert stand.admin.tell("/me") == owner


def test_a_person_cannot_take_the_address_of_another(stand: Stand) -> None:
    mallory = {"name": "mallory", "email": "ANA@example.org", "role": "approver"}
    answer = stand.admin.api.post("/people", json=mallory)
    assert refused(answer, 422) == ("ANA@example.org belongs to somebody else: use another address")


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/runs", {"repository": "/nowhere", "force": True}, "body.force"),
        ("/runs", {}, "body.repository"),
        ("/runs", {"repository": 7}, "body.repository"),
        ("/runs", {"repository": "/a\0b"}, "body.repository"),
        ("/runs", {"repository": "/" + "x" * 3000}, "body.repository"),
        ("/runs/r1/answer", {"answer": "maybe", "plan_hash": "0" * 64}, "body.answer"),
        ("/runs/r1/answer", {"answer": "approved", "plan_hash": "0"}, "body.plan_hash"),
        ("/runs/r1/stop", {"reason": "-", "kill": True}, "body.kill"),
        ("/apps/a/environments/b/rollback", {"to": ""}, "body.reason"),
        ("/people", {"name": "Eve!", "email": "e@x", "role": "viewer"}, "body.name"),
        ("/people", {"name": "eve", "email": "none", "role": "viewer"}, "body.email"),
        ("/people", {"name": "eve", "email": "e@x", "role": "owner"}, "body.role"),
    ],
)
def test_a_request_of_another_form_is_refused_with_its_place(
    stand: Stand, path: str, body: dict[str, Any], where: str
) -> None:
    answer = stand.admin.api.post(path, json=body)
    assert refused(answer, 400) == "the request does not have the documented form"
    problems = answer.json()["problems"]
    assert len(problems) == 1
    assert problems[0].startswith(f"{where}: ")


def test_what_is_no_json_is_refused(stand: Stand) -> None:
    for body in (b"{", b"\xff\xfe", b"[1, 2]", b"null"):
        headers = {"content-type": "application/json"}
        answer = stand.ana.api.post("/runs", content=body, headers=headers)
        assert refused(answer, 400) == "the request does not have the documented form"


def test_a_request_longer_than_any_of_ours_is_refused_unread(stand: Stand) -> None:
    with httpx.Client(base_url=f"{stand.settings.url}/api/v1") as stranger:
        for whoever in (stranger, stand.ana.api):
            answer = whoever.post("/runs", content=b"x" * (64 * 1024 + 1))
            assert refused(answer, 413) == "a request may be 64 KiB long at most"


def test_limits_out_of_bounds_are_refused(stand: Stand) -> None:
    for path in ("/journal?limit=0", "/runs?limit=501", "/logs/server?lines=x", "/journal?after=a"):
        assert refused(stand.ana.api.get(path), 400)


def test_what_does_not_exist_is_not_found(
    stand: Stand, shipped: tuple[App, dict[str, Any]]
) -> None:
    run = shipped[1]["id"]
    told = {
        "/runs/r00000000": "there is no run r00000000: `fairlead history` lists them",
        "/journal?run=r00000000": "there is no run r00000000: `fairlead history` lists them",
        f"/runs/{run}/stages/2/gates/other/log": (
            f"there is no output of other in stage 2 of run {run}"
        ),
        "/nothing": "Not Found",
    }
    for path, sentence in told.items():
        assert refused(stand.vic.api.get(path), 404) == sentence
    missing = stand.vic.api.get("/logs/no-such-thing")
    assert refused(missing, 404).startswith("there is no log 'no-such-thing'; there are: ")
    wrong = stand.vic.api.get("/logs/..%2f..%2fadmin.token")
    assert refused(wrong, 404)
    stop = stand.ana.api.post("/runs/r00000000/stop", json={"reason": "-"})
    assert refused(stop, 404) == "there is no run r00000000: `fairlead history` lists them"


def test_a_method_that_a_route_does_not_know_is_refused(stand: Stand) -> None:
    assert refused(stand.ana.api.delete("/runs"), 405) == "Method Not Allowed"
    assert refused(stand.ana.api.put("/people", json={}), 405) == "Method Not Allowed"


def test_the_same_commit_twice_is_a_conflict(stand: Stand, asking: str) -> None:
    repository = stand.ana.run(asking)["commit"]
    answer = stand.ana.api.post(
        "/runs",
        json={"repository": str(stand.folder / "apps" / "asking"), "ref": repository["sha"]},
    )
    assert f"is on its way already in run {asking}" in refused(answer, 409)


def test_the_api_describes_itself(stand: Stand) -> None:
    with httpx.Client(base_url=stand.settings.url) as anybody:
        assert anybody.get("/healthz").json() == {
            "status": "ready",
            "installation": stand.settings.name,
        }
        described = anybody.get("/openapi.json").json()
    assert described["info"]["title"] == "Fairlead"
    assert set(described["paths"]) >= {
        "/api/v1/runs",
        "/api/v1/runs/{run_id}",
        "/api/v1/runs/{run_id}/answer",
        "/api/v1/runs/{run_id}/promote",
        "/api/v1/runs/{run_id}/stop",
        "/api/v1/apps/{app}/environments/{environment}/rollback",
        "/api/v1/journal/verification",
        "/api/v1/audit",
        "/api/v1/people",
    }
    secured = [
        operation
        for path in described["paths"].values()
        for operation in path.values()
        if operation.get("security") == [{"HTTPBearer": []}]
    ]
    assert len(secured) == sum(len(path) for path in described["paths"].values())


def test_a_gate_s_output_is_given_from_any_byte_on(
    stand: Stand, shipped: tuple[App, dict[str, Any]]
) -> None:
    path = f"/runs/{shipped[1]['id']}/stages/2/gates/check/log"
    assert stand.vic.api.get(path).text == "seen\n"
    assert stand.vic.api.get(path, params={"after": 2}).text == "en\n"
    assert stand.vic.api.get(path, params={"after": 99}).text == ""


def test_the_record_is_told_page_by_page(stand: Stand, shipped: tuple[App, dict[str, Any]]) -> None:
    run = shipped[1]["id"]
    whole = stand.vic.tell("/journal", run=run)
    paged: list[dict[str, Any]] = []
    while page := stand.vic.tell(
        "/journal", run=run, limit=3, after=paged[-1]["seq"] if paged else 0
    ):
        paged += page
    assert paged == whole
    assert [entry["seq"] for entry in whole] == sorted({entry["seq"] for entry in whole})
    assert whole[0]["kind"] == "run.submitted"
    assert whole[0]["actor"] == "ana"
    assert whole[-1]["kind"] == "run.succeeded"


def test_a_release_is_told_with_its_sbom(stand: Stand, shipped: tuple[App, dict[str, Any]]) -> None:
    app, run = shipped
    answer = stand.vic.api.get(f"/apps/{app.name}/releases/{run['release']}/sbom")
    assert answer.headers["content-type"] == "application/vnd.cyclonedx+json; version=1.6"
    (kept,) = [e for e in stand.vic.tell("/journal", run=run["id"]) if e["kind"] == "sbom.kept"]
    assert hashlib.sha256(answer.content).hexdigest() == kept["data"]["digest"]
    release = answer.json()["metadata"]["component"]
    assert release["version"] == run["release"]
    gap = {"name": "fairlead:gap", "value": "there is no lock file, so no package is known"}
    assert gap in release["properties"]
    (told,) = run["packages"]
    assert told["environment"] == "live"
    assert told["because"] == "the first release here, with 0 packages"
    missing = stand.vic.api.get(f"/apps/{app.name}/releases/0123456789ab/sbom")
    assert refused(missing, 404).startswith("there is no release 0123456789ab of api")


def test_findings_that_are_too_large_are_named_as_left_out(
    stand: Stand, shipped: tuple[App, dict[str, Any]]
) -> None:
    run = shipped[1]["id"]
    file = stand.settings.home / "reports" / f"{run}.2.check.sarif"
    assert stand.vic.tell(f"/runs/{run}/findings")["properties"] == {"left_out": []}
    with file.open("wb") as opened:
        opened.truncate(17 * 1024 * 1024)
    try:
        told = stand.vic.tell(f"/runs/{run}/findings")
    finally:
        file.unlink()
    (left_out,) = told["properties"]["left_out"]
    assert (told["runs"], left_out["stage"], left_out["gate"]) == ([], 2, "check")
    assert left_out["because"].startswith("what it has found takes 17 MB, and more than 16 MB is")
