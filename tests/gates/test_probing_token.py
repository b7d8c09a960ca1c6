"""Is every token that is tried bad in one way only, and is everything asked that should be?"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from fairlead.gates.probing.declared import Declared
from fairlead.gates.probing.probe import OVERSIZED_BYTES, Question, probes
from fairlead.gates.probing.token import Kind, tokens

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
OTHER, SECRET = b"o" * 32, b"s" * 32
MADE = tokens(NOW, OTHER, SECRET, {"iss": "here"})


def part(token: str, place: int) -> dict[str, Any]:
    text = token.split(".")[place]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def is_signed(token: str, key: bytes) -> bool:
    told, _, signature = token.rpartition(".")
    made = hmac.digest(key, told.encode(), hashlib.sha256)
    return urlsafe_b64encode(made).rstrip(b"=").decode() == signature


def test_every_token_is_what_its_name_says() -> None:
    signed = {kind for kind, token in MADE.items() if is_signed(token, SECRET)}
    assert signed == {Kind.VALID, Kind.EXPIRED}
    by_another = {kind for kind, token in MADE.items() if is_signed(token, OTHER)}
    assert by_another == {Kind.FOREIGN, Kind.FOREIGN_EXPIRED}
    readable = MADE.keys() - {Kind.GARBAGE}
    stale = {kind for kind in readable if part(MADE[kind], 1)["exp"] <= NOW.timestamp()}
    assert stale == {Kind.EXPIRED, Kind.FOREIGN_EXPIRED}
    assert {part(MADE[kind], 1)["iss"] for kind in readable} == {"here"}
    assert part(MADE[Kind.TAMPERED], 1)["role"] == "service_role"


def test_an_unsigned_token_says_that_it_needs_no_signature() -> None:
    token = MADE[Kind.UNSIGNED]
    assert part(token, 0) == {"alg": "none", "typ": "JWT"}
    assert token.endswith(".")


def test_without_the_secret_no_token_is_signed_properly() -> None:
    found = tokens(NOW, OTHER, None, {})
    assert found.keys() == MADE.keys() - {Kind.VALID, Kind.EXPIRED, Kind.TAMPERED}


def test_every_function_is_asked_with_every_method_body_and_origin() -> None:
    sent = probes(Declared("f"), MADE)
    assert {one.method for one in sent if one.question is Question.METHOD} == {
        "PUT",
        "PATCH",
        "DELETE",
    }
    origins = [(one.method, one.headers["origin"]) for one in sent if "origin" in one.headers]
    foreign = "https://foreign-origin.invalid"
    assert sorted(origins) == sorted(
        (method, origin) for method in ("POST", "OPTIONS") for origin in (foreign, "null")
    )
    assert [one.padding for one in sent if one.padding] == [OVERSIZED_BYTES]
    assert sent[-1].question is Question.STILL_THERE


def test_bodies_come_past_the_door_where_a_valid_token_is_known() -> None:
    bodies = (Question.METHOD, Question.MALFORMED, Question.ODD, Question.OVERSIZED)
    sent = [one for one in probes(Declared("f"), MADE) if one.question in bodies]
    assert {one.headers["authorization"] for one in sent} == {f"Bearer {MADE[Kind.VALID]}"}
