"""Which commits are taken, which are refused, and do their bytes stay the same all the way?"""

import socket
from typing import Any

from journeys.app import App
from journeys.configurations import at, at_once
from journeys.person import refused
from journeys.stand import Stand
from journeys.users import users_of


def submit(stand: Stand, repository: str, ref: str = "main") -> Any:
    return stand.ana.api.post("/runs", json={"repository": repository, "ref": ref})


def test_what_is_not_committed_is_not_shipped(stand: Stand) -> None:
    app, good = stand.shipped("dirty", at_once)
    app.write("supabase/functions/score/index.ts", "this is no program\n")
    assert stand.ship(app)["status"] == "succeeded"
    assert (app.ask().release, app.ask().text) == (good, "good")


def test_a_folder_that_is_no_repository_is_refused(stand: Stand) -> None:
    plain = stand.folder / "apps" / "plain"
    plain.mkdir(parents=True)
    sentence = refused(submit(stand, str(plain)), 422)
    assert sentence.startswith(f"looking into {plain} failed: check the location (git: ")
    missing = refused(submit(stand, "/nowhere/at/all"), 422)
    assert missing.startswith("looking into /nowhere/at/all failed: check the location (git: ")
    assert refused(submit(stand, "relative/path"), 422) == (
        "'relative/path' is no place to fetch from: say an absolute folder, https://…, ssh://… "
        "or user@host:path"
    )


def test_an_unknown_commit_is_refused(stand: Stand) -> None:
    app = stand.app("unknown", at_once)
    app.commit("only one")
    branch = refused(submit(stand, str(app.folder), "releases/9"), 422)
    assert branch == (
        f"{app.folder} has no branch or tag 'releases/9': push it, or name a commit by all of its "
        "40 digits"
    )
    commit = refused(submit(stand, str(app.folder), "0" * 39 + "1"), 422)
    assert commit.startswith(f"fetching 000000000000 from {app.folder} failed: ")


def test_a_commit_without_a_configuration_is_refused(stand: Stand) -> None:
    app = stand.app("unconfigured", at_once)
    (app.folder / "fairlead.yaml").unlink()
    sha = app.commit("nothing says how")
    assert refused(stand.ana.submit(app), 422) == (
        f"commit {sha} has no file 'fairlead.yaml' of at most 8 MiB: commit it"
    )


def test_all_that_is_wrong_with_a_configuration_is_told_at_once(stand: Stand) -> None:
    app, good = stand.shipped("wrong", at_once)
    wrong = at_once("wrong", [int(app.address().rpartition(":")[2])], {"check": {"run": "true"}})
    wrong["environments"]["live"] |= {"drain": "soon", "colour": "blue"}
    wrong["pipeline"].append({"stage": "again", "deploy": "nowhere"})
    app.configure(wrong)
    app.commit("all wrong")
    answer = stand.ana.submit(app)
    refused(answer, 422)
    problems = "\n".join(answer.json()["problems"])
    for place in ("environments.live.drain", "environments.live.colour", "pipeline"):
        assert place in problems
    assert "fairlead.yaml:" in problems
    assert app.ask().release == good
    assert stand.ana.tell("/runs", app="wrong")[0]["release"] == good


def test_a_byte_changed_between_two_environments_is_refused(stand: Stand) -> None:
    app, good = stand.shipped("bytes", two_places)
    hold = {"run": f"until test -e {app.folder}/../bytes-go; do sleep 0.05; done; test -d ."}
    app.configure(app.configuration | {"gates": {"hold": hold}})
    app.configuration["pipeline"].insert(1, {"stage": "proof", "gates": ["hold"]})
    app.configure(app.configuration)
    with users_of(app, "second") as users:
        new = app.commit("new")
        run = stand.ana.deploy(app)
        stand.ana.wait(run, lambda it: bool(it["gates"]))
        built = [e for e in stand.ana.journal(run) if e["kind"] == "release.built"]
        digest = built[0]["data"]["digests"]["functions"]
        archive = stand.settings.home / "artifacts" / f"{digest}.tar"
        kept = archive.read_bytes()
        archive.chmod(0o600)
        archive.write_bytes(kept.replace(b"new", b"bad"))
        (app.folder.parent / "bytes-go").touch()
        ended = stand.ana.ended(run)
    assert ended["status"] == "failed"
    assert ended["because"].startswith(f"the bytes of functions {digest[:12]} have the digest ")
    assert ended["because"].endswith(
        "they were changed after the release was built and are refused; restore them, or release "
        "anew"
    )
    assert users.noticed_nothing()
    assert users.on(new) == 0
    assert app.ask("second").release == good
    assert stand.ana.place(app, "second")["live"] == good


def two_places(app: str, ports: list[int]) -> dict[str, Any]:
    """Return an app with two places, one after the other."""
    one = at_once(app, ports)
    usual = one["environments"].pop("live")
    policy = {key: value for key, value in usual.items() if key != "listen"}
    one["environments"] = {
        "first": at(ports[0], **policy),
        "second": at(ports[1], **policy),
    }
    one["pipeline"] = [
        {"stage": "one", "deploy": "first"},
        {"stage": "two", "deploy": "second"},
    ]
    return one


def test_a_port_that_another_process_has_is_told_and_nobody_else_is_touched(stand: Stand) -> None:
    neighbour, good = stand.shipped("neighbour", at_once)
    app = stand.app("portless", at_once)
    app.commit("new")
    address = app.configuration["environments"]["live"]["listen"]
    host, port = address.split(":")
    with socket.create_server((host, int(port))), users_of(neighbour) as users:
        ended = stand.ship(app)
    assert ended["status"] == "failed"
    assert ended["because"] == (
        f"{address} is taken by another process: stop it or change environments.live.listen"
    )
    assert users.noticed_nothing()
    assert neighbour.ask().release == good
    app.commit("once more")
    assert stand.ship(app)["status"] == "succeeded"


def test_a_port_that_another_app_has_is_refused_at_once(stand: Stand) -> None:
    owner, good = stand.shipped("owner", at_once)
    address = owner.configuration["environments"]["live"]["listen"]
    thief = App(
        stand.folder / "apps" / "thief", "thief", at_once("thief", [int(address.split(":")[1])])
    )
    thief.commit("mine")
    assert refused(stand.ana.submit(thief), 422) == (
        f"environments.live.listen: {address} belongs to live of owner: choose another port"
    )
    assert owner.ask().release == good


def test_a_commit_cannot_move_a_place_away_from_its_users(stand: Stand) -> None:
    app, good = stand.shipped("moved", at_once)
    address = app.configuration["environments"]["live"]["listen"]
    app.configure(stand.app("moved-to", at_once).configuration | {"app": "moved"})
    app.commit("elsewhere")
    assert refused(stand.ana.submit(app), 422) == (
        f"environments.live.listen: users find live at {address}, and moving it would cut them "
        "off: keep the address, or add another environment"
    )
    app.configure(at_once("moved", [int(address.rpartition(":")[2])]))
    assert app.ask().release == good
