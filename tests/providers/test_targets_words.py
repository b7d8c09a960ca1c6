"""What a person reads of a crash."""

import unicodedata
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.providers.targets.last_words import last_words

DENO = b"""\
Listening on /run/x.sock
error: Uncaught (in promise) Error: boom
    at file:///app/index.ts:1:7
"""


def test_the_line_that_names_the_error_is_told(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(DENO)
    assert last_words(log) == "error: Uncaught (in promise) Error: boom"


def test_without_an_error_the_last_line_is_told(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"one\nKilled\n\n")
    assert last_words(log) == "Killed"


def test_a_missing_log_says_nothing(tmp_path: Path) -> None:
    assert last_words(tmp_path / "x.log") == ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=600))
def test_no_output_can_harm_a_terminal_or_flood_a_message(tmp_path: Path, output: bytes) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(output)
    words = last_words(log)
    assert len(words) <= 200
    assert not any(unicodedata.category(sign) == "Cc" for sign in words)
