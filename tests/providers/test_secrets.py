"""Is a secret kept where only its name leads to it, and told to nobody?"""

from pathlib import Path

import pytest

from fairlead.errors import NotFound, Refused
from fairlead.providers.secrets.files import LONGEST, SecretFiles


@pytest.fixture
def secrets(tmp_path: Path) -> SecretFiles:
    return SecretFiles(tmp_path / "secrets")


def test_what_was_put_is_there_for_this_account_alone(secrets: SecretFiles) -> None:
    secrets.put("shop-live", "postgresql://ana:hidden@db/shop")
    file = secrets.file("shop-live")
    assert file.read_text() == "postgresql://ana:hidden@db/shop"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert secrets.names() == ["shop-live"]


def test_the_newest_value_counts(secrets: SecretFiles) -> None:
    secrets.put("shop", "old")
    secrets.put("shop", "new")
    assert secrets.file("shop").read_text() == "new"
    assert secrets.names() == ["shop"]


def test_what_is_not_there_is_told_with_the_remedy(secrets: SecretFiles) -> None:
    assert secrets.names() == []
    for ask in (secrets.file, secrets.remove):
        with pytest.raises(NotFound, match="`fairlead secret put shop`"):
            ask("shop")


@pytest.mark.parametrize("name", ["", "../x", "A", "a/b", ".hidden", "a" * 41, "1a"])
def test_a_name_that_leads_elsewhere_is_refused(secrets: SecretFiles, name: str) -> None:
    for use in (lambda: secrets.put(name, "x"), lambda: secrets.file(name)):
        with pytest.raises(Refused, match="is no name for a secret"):
            use()


@pytest.mark.parametrize("value", ["", " \n", "x" * (LONGEST + 1)])
def test_a_value_that_cannot_be_one_is_refused_without_being_told(
    secrets: SecretFiles, value: str
) -> None:
    with pytest.raises(Refused, match="the secret shop is empty or longer"):
        secrets.put("shop", value)


def test_those_of_functions_are_variables_of_one_app_and_environment(secrets: SecretFiles) -> None:
    live = secrets.of_functions("shop", "live")
    live.put("JWT_SECRET", "hidden")
    file = live.file("JWT_SECRET")
    modes = [path.stat().st_mode & 0o777 for path in (file, file.parent, file.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
    assert (live.names(), secrets.names()) == (["JWT_SECRET"], [])
    assert secrets.of_functions("shop", "staging").names() == []
    with pytest.raises(NotFound, match="`fairlead secret put KEY --env live`"):
        live.file("KEY")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("../KEY", "x", "no name for a variable"),
        ("a-b", "x", "no name for a variable"),
        ("PATH", "x", "set by Fairlead itself"),
        ("LD_PRELOAD", "x", "set by Fairlead itself"),
        ("FAIRLEAD_RELEASE", "x", "set by Fairlead itself"),
        ("KEY", "a\0b", "holds a zero byte"),
    ],
)
def test_what_no_function_can_be_given_is_refused(
    secrets: SecretFiles, name: str, value: str, why: str
) -> None:
    live = secrets.of_functions("shop", "live")
    with pytest.raises(Refused, match=why):
        live.put(name, value)
    assert live.names() == []


@pytest.mark.parametrize(("app", "environment"), [("../shop", "live"), ("shop", "a/b")])
def test_only_an_app_and_an_environment_have_functions(
    secrets: SecretFiles, app: str, environment: str
) -> None:
    with pytest.raises(Refused, match="no name for an"):
        secrets.of_functions(app, environment)
