"""What is known of people's data where a release is deployed, and what keeps a release out?"""

from collections.abc import Iterator
from typing import Any

import pytest

from fairlead import places
from journeys.configurations import at_once
from journeys.stand import Stand
from providers.postgres_stand import a_postgres, database

SECRET = "shop-people"
PEOPLE = """\
create table people (email text);
alter table people enable row level security;
create function erase_one() returns void language sql as $$ select $$;
create function forget() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger t after insert on people execute function forget();
insert into people values ('zoe@secret.example');
"""
DECLARED = """\
version: 1
data:
  - column: public.people.email
    purpose: to write to them
    legal_basis: consent
    retention: 30d
    enforced_by: {sql: forget}
    subject: email
    export: {sql: erase_one}
    erase: {sql: erase_one}
"""
PRINTS = 'console.log("mail to zoe@secret.example"); Deno.serve(() => new Response("hello"));'


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with a_postgres() as url:
        yield url


def looked_at(app: str, ports: list[int]) -> dict[str, Any]:
    """Return an app that is looked at before it has traffic, after somebody changed its files."""
    meddles = {"run": "echo 'version: 1' > privacy.yaml && test -f fairlead.yaml"}
    gates = {"privacy": {"check": "privacy"}, "meddles": meddles}
    place: dict[str, Any] = {"database": {"secret": SECRET}, "smoke": ["privacy"]}
    told = at_once(app, ports, gates, ["meddles"], **place)
    postgres = {"database": {"kind": "postgres", "path": "supabase/migrations"}}
    return told | {"components": told["components"] | postgres}


def test_a_log_with_personal_data_keeps_a_release_out_and_each_deployment_is_told_of(
    stand: Stand, server: str
) -> None:
    places.secrets(stand.settings).put(SECRET, database(server, "people"))
    app = stand.app("people", looked_at)
    app.write("supabase/migrations/20260101000000_people.sql", PEOPLE)
    app.write("privacy.yaml", DECLARED)
    good = app.commit("good")
    run = stand.ship(app)
    assert run["status"] == "succeeded", run["because"]
    told, page = reports(stand, run["id"])
    assert (told["gate"], told["report"]["verdict"]) == ("privacy.report", "passed")
    assert [log["log"] for log in told["report"]["logs"]] == ["functions/score"]
    assert f"privacy.yaml of commit {good}" in told["report"]["declared_in"]
    assert page.startswith("# Personal data in live\n\n**Passed**: 1 personal column in ")
    assert "| public.people.email | to write to them: consent (Art. 6(1)(a)) | 30 days" in page

    app.commit("prints", code=PRINTS)
    run = stand.ship(app)
    assert run["status"] == "failed"
    assert "the log functions/score holds an e-mail address, once" in run["because"]
    told, page = reports(stand, run["id"])
    assert (told["gate"], told["report"]["verdict"]) == ("privacy", "failed")
    assert "secret.example" not in f"{told} {page} {run} {stand.ana.journal(run['id'])}"
    assert app.ask().release == good


def reports(stand: Stand, run: str) -> tuple[dict[str, Any], str]:
    """Return the report of a run's one deployment, and the same to read."""
    path = f"/runs/{run}/privacy"
    (told,) = stand.ana.tell(path)["deployments"]
    page = stand.ana.api.get(path, headers={"accept": "text/markdown"})
    assert page.headers["content-type"].startswith("text/markdown")
    assert page.text == stand.ana.api.get(f"{path}?format=markdown").text
    return told, page.text
