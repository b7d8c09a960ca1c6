"""What would today's judge have said of the looks that a past run left in the journal?"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from doors.canned_fairlead import Answer, Canned, canned_fairlead, say
from doors.test_cli_explaining import WORSE, bad, look, serve
from fairlead.cli.looks import judged
from fairlead.cli.replaying import replayed
from fairlead.release.spec.judgement import Evidence

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "agentic" / "fairlead.yaml"


@pytest.fixture
def fairlead() -> Iterator[Canned]:
    with canned_fairlead() as canned:
        yield canned


def test_a_bad_release_would_have_gone_back_again(fairlead: Canned, tmp_path: Path) -> None:
    serve(fairlead, bad(200, 0.08))
    words = ("analysis", "replay", "r1", "--file", str(EXAMPLE))
    result = say(tmp_path, fairlead.url, *words)
    assert result.exit_code == 0, result.stderr
    then, today, left_out = result.stdout.splitlines()
    assert then == f"production: then: rolled back: {WORSE}"
    assert today.startswith("production: today's judge would have sent it back at 2026-01-31 12:0")
    assert left_out.startswith("(errors only")
    serve(fairlead, bad(200, 0.08))
    told = json.loads(say(tmp_path, fairlead.url, *words, "--json").stdout)
    assert told["today"]["verdict"] == "UNHEALTHY"
    assert told["today"]["seconds"] < 200


def test_a_good_release_would_have_been_proven() -> None:
    (one,) = judged([look(s, [100 * s, s // 4], 1.0) for s in range(1, 200)])
    assert replayed(one, Evidence())["today"]["verdict"] == "HEALTHY"


def test_too_little_traffic_is_not_known() -> None:
    (one,) = judged([look(s, [s, 0], 1.0) for s in range(1, 20)])
    assert replayed(one, Evidence())["today"]["verdict"] == "UNKNOWN"


def test_a_run_that_was_not_judged_there_is_refused(fairlead: Canned, tmp_path: Path) -> None:
    fairlead.on("GET journal", Answer([look(1, [5, 0], 1.0, environment="qa")]), Answer([]))
    result = say(tmp_path, fairlead.url, "analysis", "replay", "r1", "--file", str(EXAMPLE))
    assert result.exit_code == 2
    assert "never judged by evidence in production" in result.stderr
