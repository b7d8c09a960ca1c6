"""Is what must not be kept hidden, and what is harmless left as it is?"""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.privacy import masking

SECRET = "hunter2hunter2XYZ"


@pytest.mark.parametrize(
    "said",
    [
        f"postgres://ana:{SECRET}@db.example.org/shop is away",
        f"https://ana:{SECRET}@example.org",
        f"Authorization: Bearer {SECRET}",
        f"header 'authorization': 'Basic {SECRET}'",
        f"password={SECRET}&x=1",
        f'{{"api_key": "{SECRET}"}}',
        f"DB_PASSWORD: {SECRET}",
        f"?token={SECRET}",
        f"called with fl_{SECRET}abcdef",
        f"called with ghp_{SECRET}abcdef",
        f"called with sk-{SECRET}abcdef",
        f"called with eyJ{SECRET}.eyJzdWIiOiIxIn0.{SECRET}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}",
        f"mail to {SECRET}@example.org bounced",
    ],
)
def test_secrets_and_addresses_are_hidden(said: str) -> None:
    told = masking.text(f"before {said} after", 4_000)
    assert SECRET not in told
    assert masking.HIDDEN in told
    assert told.startswith("before ")


LINES = ["first()", "then() at 7", "KeyError: 7", "password:", "  hunter2", "mail ana@example.org",
         "-----BEGIN PRIVATE KEY-----", "MIIE", "Authorization: Bearer", "hunter2hunter2",
         ""]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=6), st.sampled_from(LINES))
def test_what_is_remembered_of_a_text_hides_no_less(above: list[str], last: str) -> None:
    told = "\n".join([*above, last])
    # Nothing is remembered of a text with so much before its last line.
    long = "x\n" * 2_500
    assert masking.masked(long + told) == long + masking.masked(told)


@pytest.mark.parametrize(
    "said",
    [
        "order 17 of 23 was refused after 3.5 s",
        "Unexpected token } in JSON at position 4",
        "at pay (file:///srv/shop/orders.ts:17:3)",
        "GET https://example.org:8080/orders?page=2 answered 500",
        "no monkey, no keyboard, no cookies",
    ],
)
def test_what_is_harmless_stays(said: str) -> None:
    assert masking.text(said, 4_000) == said


def test_a_secret_is_not_cut_into_a_rest_that_nobody_knows() -> None:
    said = "a" * 50 + f" password={SECRET} " + "b" * 50
    for longest in range(20, 120, 3):
        told = masking.text(said, longest)
        assert len(told) <= longest
        assert SECRET[3:9] not in told


def test_data_under_a_secrets_name_is_hidden_at_any_depth() -> None:
    told = masking.data({"a": [{"Set-Cookie": {"x": SECRET}, "clientSecret": SECRET, "pwd": ""}]})
    assert told == {
        "a": [{"Set-Cookie": masking.HIDDEN, "clientSecret": masking.HIDDEN, "pwd": ""}]
    }


plain: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(plain)
def test_data_is_always_json_that_a_database_takes(value: Any) -> None:
    written = json.dumps(masking.data(value), allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in written.replace("\\\\", "")
    written.encode("utf-8")


PIECES = [
    "a@", "a:b@", "://", "password", "password=", "bearer ", "eyJ", "eyJa.", "-----BEGIN ", "fl_",
    "\x00", "'", 'token:"',
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_no_text_takes_long(piece: str) -> None:
    began = time.process_time()
    masking.text(piece * (200_000 // len(piece)), 4_000)
    assert time.process_time() - began < 2.0
