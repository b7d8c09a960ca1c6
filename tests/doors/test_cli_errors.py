"""How are errors told at the command line?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from doors.canned_fairlead import Answer, Canned, canned_fairlead, place_of, say, status_of

LIVE = "bbbbbbbbbbbb"
ERRORS = "GET apps/shop/environments/production/errors"


def error(**changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "fingerprint": "3f1c9a5b00000000",
        "component": "functions",
        "severity": "error",
        "title": "ValueError: order 23 has no price and nobody knows why it should not have one",
        "events": 12_412,
        "first_seen": "2026-01-30T12:00:00Z",
        "first_release": "aaaaaaaaaaaa",
        "last_seen": "2026-01-31T12:00:00Z",
        "last_release": LIVE,
        "resolved_at": None,
        "resolved_by": "",
        "reopened_at": None,
        "releases": {LIVE: 12_000, "aaaaaaaaaaaa": 412},
        "resolved": False,
        "new_in_release": False,
    }
    return told | changes


@pytest.fixture
def fairlead() -> Iterator[Canned]:
    with canned_fairlead() as canned:
        yield canned.on("GET status", status_of(place_of(), place_of(name="staging")))


def test_errors_are_one_line_each_and_new_ones_are_told(fairlead: Canned, tmp_path: Path) -> None:
    new = error(fingerprint="8d2e" * 4, title="\x1b[31mno tea", events=1, new_in_release=True)
    fairlead.on(ERRORS, Answer({"release": LIVE, "errors": [new, error()]}))
    result = say(tmp_path, fairlead.url, "errors")
    lines = result.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[1].split() == ["8d2e8d2e", "no", "tea", "1", "01-31", "12:00", "new"]
    assert lines[2].startswith("3f1c9a5b  ValueError: order 23 has no")
    assert lines[2].endswith("12,412  01-31 12:00  aaaaaaaaaaaa")
    assert lines[3] == f"1 of 2 began with release {LIVE}"
    assert "\x1b" not in result.output


def test_what_is_asked_is_passed_on_and_list_may_be_left_out(
    fairlead: Canned, tmp_path: Path
) -> None:
    where = ERRORS.replace("production", "staging")
    fairlead.on(where, Answer({"release": None, "errors": []}))
    words = ("--env", "staging", "--new", "--release", "abc", "--since", "2h", "--json")
    for command in (("errors",), ("errors", "list")):
        result = say(tmp_path, fairlead.url, *command, *words)
        assert json.loads(result.stdout) == {"release": None, "errors": []}
        asked = fairlead.asked[-1][1].partition("?")[2]
        assert asked == "release=abc&new=true&time_window=2h&resolved=false&limit=30"
    fairlead.on("GET status", status_of(place_of(name="a"), place_of(name="b")))
    unclear = say(tmp_path, fairlead.url, "errors")
    assert (unclear.exit_code, "--environment" in unclear.stderr) == (2, True)


def test_one_error_is_shown_with_its_stack(fairlead: Canned, tmp_path: Path) -> None:
    newest = {
        "at": "2026-01-31T12:00:00Z",
        "message": "order 23 has no price",
        "stack": 'Traceback\n  File "orders.py", line 7, in pay\x1b]0;x\x07',
        "metadata": {"order": 23},
    }
    told = error(newest=[newest], reopened_at="2026-01-31T12:00:00Z")
    fairlead.on(ERRORS + "/3f1c", Answer(told))
    result = say(tmp_path, fairlead.url, "errors", "show", "3f1c")
    assert "open: it was resolved and came back, 2026-01-31 12:00:00 UTC" in result.stdout
    assert f"{LIVE} 12,000, aaaaaaaaaaaa 412" in result.stdout
    assert '\n  File "orders.py", line 7, in pay\n' in result.stdout
    assert "\x1b" not in result.output


def test_resolving_and_making_a_dsn_tell_what_was_done(fairlead: Canned, tmp_path: Path) -> None:
    resolved = {"fingerprint": "3f1c9a5b00000000", "title": "no tea", "resolved": True}
    fairlead.on("POST" + ERRORS[3:] + "/3f1c/resolve", Answer(resolved))
    said = say(tmp_path, fairlead.url, "errors", "resolve", "3f1c")
    assert said.stdout == "resolved: no tea (3f1c9a5b)\n"
    keys = "apps/shop/environments/production/error-keys"
    fairlead.on(f"POST {keys}", Answer({"dsn": "http://ab@host/7", "project": 7}, 201))
    made = say(tmp_path, fairlead.url, "errors", "dsn", "shop", "production")
    assert (made.stdout, "shown once" in made.stderr) == ("http://ab@host/7\n", True)
    fairlead.on(f"DELETE {keys}/7", Answer(status=204))
    gone = say(tmp_path, fairlead.url, "errors", "dsn", "shop", "production", "--revoke", "7")
    assert gone.stdout == "DSN 7 of production reports nothing any more\n"
