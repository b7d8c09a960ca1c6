"""Does every role hold all that the ones before it may do, and no more?"""

from itertools import combinations

import pytest

from fairlead.access.role import Role, includes
from fairlead.access.token import PREFIX, digest, looks_like_token

ORDER = [Role.VIEWER, Role.DEPLOYER, Role.APPROVER, Role.ADMIN]


def test_roles_are_ordered_from_viewer_to_admin() -> None:
    assert list(Role) == ORDER


@pytest.mark.parametrize(("less", "more"), [*combinations(ORDER, 2)])
def test_a_higher_role_includes_a_lower_one_and_never_the_reverse(less: Role, more: Role) -> None:
    assert includes(more, less)
    assert not includes(less, more)


@pytest.mark.parametrize("role", ORDER)
def test_every_role_includes_itself(role: Role) -> None:
    assert includes(role, role)


def test_a_token_of_ours_has_our_form() -> None:
    assert looks_like_token(PREFIX + "k" * 43)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PREFIX,
        "fl_short",
        PREFIX + "k" * 17,
        PREFIX + "k" * 200,
        "gh_" + "k" * 43,
        "FL_" + "k" * 43,
        " " + PREFIX + "k" * 43,
        PREFIX + "ü" * 43,
    ],
)
def test_other_text_is_never_looked_up(text: str) -> None:
    assert not looks_like_token(text)


def test_only_a_tokens_digest_would_be_kept() -> None:
    token = PREFIX + "k" * 43
    assert digest(token) == digest(token)
    assert len(digest(token)) == 64
    assert token not in digest(token)
    assert digest(token) != digest(token + "k")
