"""Does a release fit the database that another one left?"""

from fairlead.release.compatibility import misfit, outgrown, still_running
from fairlead.release.component import ComponentKind
from fairlead.release.release import Artifact, Commit, Release

FIRST, SECOND, THIRD = "20260105_agents.sql", "20260206_trust.sql", "20260307_scores.sql"


def release(sha: str, *migrations: str, component: str = "database") -> Release:
    database = Artifact(component, ComponentKind.POSTGRES, sha * 4, 9, migrations)
    site = Artifact("frontend", ComponentKind.STATIC, sha * 4, 9, ("site",))
    return Release("agentic", Commit(sha, "main", "Ana", "a@b.c", ""), (site, database))


OLD, NEW = release("0" * 16, FIRST), release("1" * 16, FIRST, SECOND)


def test_an_older_release_fits_a_database_that_only_grew() -> None:
    assert misfit(target=OLD, live=NEW) is None


def test_a_release_fits_the_database_it_made_itself() -> None:
    assert misfit(target=NEW, live=NEW) is None


def test_a_release_that_expects_more_does_not_fit_and_says_what_to_do() -> None:
    assert misfit(target=NEW, live=OLD) == (
        f"release 111111111111 expects the migration database/{SECOND}, which the live release "
        "000000000000 does not carry: choose a release that fits, or deploy the commit again"
    )


def test_branches_that_grew_apart_do_not_fit_each_other() -> None:
    other = release("2" * 16, FIRST, THIRD)
    assert misfit(NEW, other) is not None
    assert misfit(other, NEW) is not None


def test_the_same_file_name_in_another_database_is_another_migration() -> None:
    assert misfit(OLD, release("3" * 16, FIRST, component="analytics")) is not None


def test_units_of_other_components_are_no_migrations() -> None:
    site = Artifact("frontend", ComponentKind.STATIC, "a" * 64, 9, ("site", "admin"))
    assert misfit(Release("agentic", NEW.commit, (site,)), OLD) is None


def test_a_release_with_all_that_took_something_away_can_be_returned_to() -> None:
    assert outgrown(NEW, [SECOND]) is None
    assert outgrown(OLD, []) is None


def test_a_release_from_before_something_was_taken_away_cannot() -> None:
    assert outgrown(OLD, [FIRST, SECOND]) == (
        f"release 000000000000 was built before the migration {SECOND} took away what it may need: "
        "choose a newer release, or deploy a commit that does without it"
    )


def test_only_other_releases_need_the_old_shape() -> None:
    assert still_running("b", {"b"}) == ""
    assert still_running("b", {"a", "b"}) == ("release a runs besides b and may need the old shape")
