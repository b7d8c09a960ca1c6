"""What does `db usage` show of a database, and what when nothing is known?"""

import json
from pathlib import Path
from typing import Any

from doors.canned_fairlead import Answer, canned_fairlead, place_of, say, status_of

PATH = "GET apps/shop/environments/production/database"
PARTS = ("connections", "slow_queries", "indexes", "bloat", "lock_waits")
SIZE: dict[str, Any] = {"bytes": 2**30, "bytes_a_day": 3.0 * 2**20, "because": ""}
WAIT = {"pid": 7, "waited_s": 4.2, "lock": "relation", "table": "public.t", "blocked_by": [9]}
TOLD: dict[str, Any] = {
    "app": "shop",
    "environment": "production",
    "because": {},
    "connections": {"used": 20, "usable": 80, "used_percent": 25.0, "longest_transaction_s": 61.0},
    "growth": {"database": SIZE, "tables": [SIZE | {"table": "public.t", "bytes_a_day": None}]},
    "slow_queries": {"queries": [{"share": 0.5, "calls": 9, "mean_ms": 8.0, "query": "SELECT $1"}]},
    "indexes": {
        "invalid": [{"index": "public.i", "building": False}],
        "unindexed_keys": [{"constraint": "k", "table": "public.t"}],
        "unused": [{"index": "public.j"}],
        "read_through": None,
    },
    "bloat": {"tables": [{"table": "public.t", "wasted_bytes": 2**20, "bytes": 2**22}]},
    "lock_waits": {"waiting": [WAIT]},
}


def shown(folder: Path, told: dict[str, Any], *more: str) -> str:
    with canned_fairlead() as canned:
        canned.on("GET status", status_of(place_of(production=True))).on(PATH, Answer(told))
        return say(folder, canned.url, "db", "usage", "--app", "shop", *more).stdout


def test_every_part_is_shown_in_short(tmp_path: Path) -> None:
    told = shown(tmp_path, TOLD)
    for seen in ("production of shop", "20 of 80 (25%)", "open for 61 s", "the whole: 1.0 GB",
                 "+3 MB a day", "50% in 9 calls of 8.0 ms: SELECT $1", "public.i is invalid",
                 "foreign key k of public.t has no index", "public.j was never used",
                 "public.t: 1 MB of 4 MB are empty",
                 "process 7 waits 4 s for public.t behind 9"):  # fmt: skip
        assert seen in told, told
    assert "unknown" not in told
    assert json.loads(shown(tmp_path, TOLD, "--json")) == TOLD


def test_what_is_unknown_says_why_and_shows_no_number(tmp_path: Path) -> None:
    size = {"bytes": None, "bytes_a_day": None, "because": "its size was never seen"}
    why = dict.fromkeys(PARTS, "it does not answer")
    nothing = dict.fromkeys(PARTS) | {"because": why, "growth": {"database": size, "tables": []}}
    told = shown(tmp_path, TOLD | nothing)
    assert told.count("unknown: it does not answer") == 5
    assert "unknown: its size was never seen" in told
    assert "%" not in told
