"""Does a token open the door for its living owner alone? Are releases written once?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.release.component import ComponentKind
from fairlead.release.release import Artifact, Commit, Release
from fairlead.store import people, releases
from fairlead.store.database import Tx

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
ANA = Person("ana", "Ana@example.org", Role.DEPLOYER)
COMMIT = Commit("0a1b2c3d4e5f" + "0" * 28, "main", "Ana", "ana@example.org", "quicker\n\nü")
RELEASE = Release(
    "agentic", COMMIT, (Artifact("frontend", ComponentKind.STATIC, "a" * 64, 9, ("site",)),)
)


@pytest.fixture
def door(tx: Tx) -> Tx:
    people.save(tx, ANA, NOW)
    people.add_token(tx, "ana", "d1", "laptop", NOW)
    return tx


def test_a_token_is_its_owners(door: Tx) -> None:
    assert people.owner(door, "d1", LATER) == ANA


def test_a_token_nobody_made_opens_nothing(door: Tx) -> None:
    assert people.owner(door, "d2", LATER) is None
    assert people.owner(door, "", LATER) is None
    assert people.owner(door, "d1\x00", LATER) is None


def test_a_revoked_token_opens_nothing(door: Tx) -> None:
    door.execute("UPDATE tokens SET revoked_at = %s", (NOW,))
    assert people.owner(door, "d1", LATER) is None


def test_a_token_expires_at_its_very_moment(door: Tx) -> None:
    door.execute("UPDATE tokens SET expires_at = %s", (LATER,))
    assert people.owner(door, "d1", LATER - timedelta(microseconds=1)) == ANA
    assert people.owner(door, "d1", LATER) is None


def test_a_disabled_persons_token_opens_nothing(door: Tx) -> None:
    door.execute("UPDATE people SET disabled_at = %s", (NOW,))
    assert people.owner(door, "d1", LATER) is None
    assert people.everybody(door) == []


def test_a_removed_person_comes_back_by_being_added_again_but_not_with_an_old_token(
    door: Tx,
) -> None:
    assert people.remove(door, ANA.name, NOW)
    assert not people.remove(door, ANA.name, NOW)
    people.save(door, ANA, LATER)
    people.add_token(door, ANA.name, "d2", "made anew", LATER)
    assert people.owner(door, "d1", LATER) is None
    assert people.owner(door, "d2", LATER) == ANA


def test_a_changed_role_counts_for_tokens_made_before(door: Tx) -> None:
    people.save(door, replace(ANA, role=Role.VIEWER), LATER)
    assert people.owner(door, "d1", LATER) == replace(ANA, role=Role.VIEWER)


def test_a_token_never_changes_its_owner(door: Tx) -> None:
    people.save(door, Person("bo", "bo@example.org", Role.ADMIN), NOW)
    people.add_token(door, "bo", "d1", "theft", LATER)
    assert people.owner(door, "d1", LATER) == ANA


def test_an_address_belongs_to_one_person_however_it_is_written(door: Tx) -> None:
    assert people.email_is_free(door, ANA)
    bo = Person("bo", "ANA@EXAMPLE.ORG", Role.ADMIN)
    assert not people.email_is_free(door, bo)
    with pytest.raises(psycopg.errors.UniqueViolation):
        people.save(door, bo, NOW)


def test_people_are_told_in_the_order_of_their_names(door: Tx) -> None:
    people.save(door, Person("zoe", "z@example.org", Role.ADMIN), NOW)
    people.save(door, Person("bo", "b@example.org", Role.VIEWER), NOW)
    assert [person.name for person in people.everybody(door)] == ["ana", "bo", "zoe"]


def test_a_release_comes_back_byte_for_byte(tx: Tx) -> None:
    assert releases.find(tx, "agentic", RELEASE.id) is None
    releases.save(tx, RELEASE, NOW)
    found = releases.find(tx, "agentic", RELEASE.id)
    assert found == RELEASE
    assert found.digest == RELEASE.digest
    assert releases.find(tx, "other", RELEASE.id) is None


def test_the_first_release_built_from_a_commit_stays(tx: Tx) -> None:
    releases.save(tx, RELEASE, NOW)
    rebuilt = replace(RELEASE, artifacts=(replace(RELEASE.artifacts[0], digest="b" * 64),))
    releases.save(tx, rebuilt, LATER)
    assert releases.find(tx, "agentic", RELEASE.id) == RELEASE
