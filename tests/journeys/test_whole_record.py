"""After all stories: is the record whole, does all stand as it says, and are secrets kept?"""

import hashlib
import subprocess

import psycopg

from fairlead import places
from fairlead.providers.databases.cluster import BINARIES
from journeys.configurations import at_once
from journeys.stand import Stand, until


def test_the_record_of_all_stories_is_as_it_was_written(stand: Stand) -> None:
    stand.shipped("last", at_once)
    told = stand.vic.tell("/journal/verification")
    assert told["fault"] is None
    assert told["entries"] >= 10
    newest = stand.vic.tell("/journal/newest", limit=1)[0]
    assert newest["seq"] == told["entries"]


def test_every_place_does_what_the_record_says(stand: Stand) -> None:
    told = stand.vic.tell("/status")
    held = {run["id"] for run in told["runs"]}
    for place in told["environments"]:
        assert place["held_by"] in held | {""}
        wanted = {release: share for release, share in place["wanted_weights"].items() if share}
        found = {release: share for release, share in (place["weights"] or {}).items() if share}
        assert found == wanted, place["app"]


def test_nothing_runs_that_nobody_needs(stand: Stand) -> None:
    def slots() -> set[str]:
        return {name.rpartition(".")[0] for name in stand.programs() if name.startswith("slot.")}

    def kept() -> set[str]:
        return {
            f"slot.{place['app']}.{place['name']}.{release}.{slot['component']}"
            for place in stand.vic.tell("/status")["environments"]
            for release, slots in place["releases"].items()
            for slot in slots["slots"]
        }

    until(lambda: slots() == kept(), "every running slot is on record")


def test_tokens_are_kept_as_digests_only_and_nowhere_told(stand: Stand) -> None:
    people = (stand.admin, stand.ana, stand.bob, stand.cleo, stand.vic)
    tokens = [person.token.encode() for person in people]
    url = places.database_url(stand.settings)
    with psycopg.connect(url) as connection:
        kept = {digest for (digest,) in connection.execute("SELECT digest FROM fairlead.tokens")}
    assert {hashlib.sha256(token).hexdigest() for token in tokens} <= kept
    dump = subprocess.run(
        [str(BINARIES / "pg_dump"), "--data-only", url], check=True, capture_output=True
    ).stdout
    assert b"fairlead.journal" in dump
    assert not any(token in dump for token in tokens)
    own = stand.settings.admin_token
    files = [f for f in stand.settings.home.rglob("*") if f.is_file() and f != own]
    telling = [f for f in files if any(token in f.read_bytes() for token in tokens)]
    assert telling == []
    assert own.stat().st_mode & 0o077 == 0
