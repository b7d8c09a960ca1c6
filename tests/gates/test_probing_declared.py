"""Is a function taken to need a token unless somebody wrote that it does not?"""

import pytest

from fairlead.errors import Refused
from fairlead.gates.probing.declared import HEALTH_CHECK, Declared, read

OWN = '[functions.desk]\nneeds_token = { action = "list" }\n'


def one(config: str | None, security: str | None = None) -> Declared:
    (found,) = read(["desk"], config, security).functions
    return found


def test_without_a_config_every_function_needs_a_token_and_the_remedy_is_told() -> None:
    found = read(["desk", "shop"], None, None)
    assert [each.needs_token and each.every_call for each in found.functions] == [True, True]
    assert "write one, with verify_jwt = false" in found.told


@pytest.mark.parametrize(
    "config", ["", "[functions.other]\nverify_jwt = false", "[functions.desk]\n[auth]\nsite = 1"]
)
def test_a_function_that_nobody_named_needs_a_token(config: str) -> None:
    assert one(config).needs_token
    assert read(["desk"], config, None).told == ""


def test_only_a_written_false_makes_a_function_public() -> None:
    found = one("[functions.desk]\nverify_jwt = false\nimport_map = './map.json'")
    assert (found.needs_token, found.every_call, found.call) == (False, False, HEALTH_CHECK)


def test_a_function_that_verifies_tokens_itself_names_the_call_that_needs_one() -> None:
    found = one("[functions.desk]\nverify_jwt = false", OWN)
    assert (found.needs_token, found.every_call, found.call) == (True, False, {"action": "list"})


def test_the_own_file_takes_no_protection_away() -> None:
    found = one("", '[functions.desk]\nmethods = ["DELETE"]')
    assert found.needs_token
    assert found.every_call
    assert "DELETE" in found.methods


def test_the_variable_with_the_secret_may_have_another_name() -> None:
    assert read([], "", None).secret_variable == "JWT_SECRET"
    assert read([], "", 'secret_variable = "KEY"').secret_variable == "KEY"
    with pytest.raises(Refused, match="secret_variable does not fit"):
        read([], "", 'secret_variable = "NO NAME"')


def test_claims_are_carried_for_every_token() -> None:
    assert read([], "", '[claims]\niss = "https://auth.example.org"').claims == {
        "iss": "https://auth.example.org"
    }


@pytest.mark.parametrize(
    ("config", "security", "told"),
    [
        ("[functions.desk]\nverify_jwt = 'no'", "", "functions.desk.verify_jwt does not fit"),
        ("functions = 7", "", "functions does not fit"),
        ("[functions", "", "is no TOML"),
        ("", "[functions.dsek]", "names 'dsek', which is no function here"),
        ("", "[functions.desk]\npublic = true", "functions.desk.public does not fit"),
        ("", "[functions.desk]\nneeds_token = {}", "functions.desk.needs_token does not fit"),
        ("", "[functions.desk]\nneeds_token = { at = 1979-05-27 }", "does not fit"),
        ("", '[functions.desk]\nmethods = ["delete"]', "methods.0 does not fit"),
        (
            "[functions.desk]\nverify_jwt = false",
            "[functions.desk]\nneeds_owner = { a = 1 }",
            "add needs_token",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(
    config: str, security: str, told: str
) -> None:
    with pytest.raises(Refused) as refused:
        one(config, security)
    assert told in str(refused.value)
    assert "supabase/config.toml" in str(refused.value) or "security.toml" in str(refused.value)
