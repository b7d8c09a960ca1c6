"""Does `explain` tell why a release went back or went on, from the looks in the journal?"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from doors.canned_fairlead import Answer, Canned, canned_fairlead, entry, say
from fairlead.cli.looks import by_limits, judged, thinned

BEGAN = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
WORSE = "api: more errors than in the release before, 40 of 500 answers bad"
EVIL = "</text><script>x</script>\x1b]0;owned\x07"


@pytest.fixture
def fairlead() -> Iterator[Canned]:
    with canned_fairlead() as canned:
        yield canned


def look(second: int, canary: list[int], value: float, **changes: Any) -> dict[str, Any]:
    """Return one look as the journal tells it."""
    verdict = changes.pop("verdict", "UNKNOWN")
    one = {
        "canary": canary,
        "stable": [canary[0] * 19, canary[0] // 10],
        "worse": {"errors": value, "latency": 1.0},
        "as_good": [changes.pop("as_good", 0.3), 2.0, 2.0, 2.0],
        "detector": 0.0,
        "phi": 1.0,
    }
    data = {"verdict": verdict, "value": value, "alpha": 0.001, "beta": 0.05}
    at = (BEGAN + timedelta(seconds=second)).isoformat()
    because = changes.pop("because", "not known yet")
    data["evidence"] = {"api": one}
    return entry(second + 1, "release.judged", because, at=at, data=data, **changes)


def bad(seconds: int, share: float) -> list[dict[str, Any]]:
    """Return looks, one a second, at a canary of 5 requests/s that fails by `share`."""
    told = [
        look(s, [5 * s, round(5 * s * share)], 10 ** (s * 3.2 / seconds)) for s in range(1, seconds)
    ]
    last = look(seconds, [5 * seconds, round(5 * seconds * share)], 2000.0)
    last |= {"because": WORSE, "data": last["data"] | {"verdict": "UNHEALTHY"}}
    return [*told, last, entry(seconds + 2, "rollback.decided", "the release is worse")]


def serve(fairlead: Canned, entries: list[dict[str, Any]]) -> None:
    fairlead.on("GET journal", Answer(entries), Answer([]))


def test_a_rollback_is_explained_within_eighty_columns(fairlead: Canned, tmp_path: Path) -> None:
    serve(fairlead, bad(100, 0.08))
    result = say(tmp_path, fairlead.url, "explain", "r1")
    assert result.exit_code == 0
    told = result.stdout.splitlines()
    assert told[0] == f"production: rolled back: {WORSE}"
    table = [line for line in told if line.endswith(("UNKNOWN", "UNHEALTHY"))]
    assert len(table) <= 20
    assert "12:01:40" in table[-1]
    assert "40 of 500" in table[-1]
    assert max(map(len, told[1:-1])) <= 80
    assert "    1,000 │" in result.stdout
    assert "┄" in result.stdout
    assert "would have been broken at 12:00:31 UTC, 30 s after the first look" in told[-1]


def test_a_promotion_is_explained_and_the_fixed_limit_was_kept(
    fairlead: Canned, tmp_path: Path
) -> None:
    good = "as good as the release before: api 10 of 2,000 answers bad"
    looks = [look(s, [20 * s, s // 10], 0.5) for s in range(1, 100)]
    looks.append(look(100, [2000, 10], 0.4, verdict="HEALTHY", because=good, as_good=3.1))
    serve(fairlead, [*looks, entry(900, "release.live", "it serves all")])
    told = say(tmp_path, fairlead.url, "explain", "r1").stdout
    assert told.startswith(f"production: promoted: {good}\n")
    assert "would never have been broken" in told


def test_it_is_told_as_json_too(fairlead: Canned, tmp_path: Path) -> None:
    serve(fairlead, bad(100, 0.08))
    told = json.loads(say(tmp_path, fairlead.url, "explain", "r1", "--json").stdout)
    (place,) = told["environments"]
    assert len(place["looks"]) == 100
    assert place["enough"] == pytest.approx(1000)
    assert place["fixed_limits"]["broken_at"] == "2026-01-31T12:00:31+00:00"


def test_the_plot_is_sound_xml_whatever_the_names_are(fairlead: Canned, tmp_path: Path) -> None:
    entries = [one | {"environment": EVIL} for one in bad(50, 0.1)]
    serve(fairlead, entries)
    path = tmp_path / "plot.svg"
    assert say(tmp_path, fairlead.url, "explain", "r1", "--svg", str(path)).exit_code == 0
    root = ET.fromstring(path.read_text("utf-8"))
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert "script" not in names
    assert "polyline" in names
    dashed = [e for e in root.iter() if e.get("stroke-dasharray")]
    assert len(dashed) == 1


def test_a_plot_that_cannot_be_written_is_refused(fairlead: Canned, tmp_path: Path) -> None:
    serve(fairlead, bad(50, 0.1))
    result = say(tmp_path, fairlead.url, "explain", "r1", "--svg", str(tmp_path))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_a_run_that_was_never_judged_by_evidence_is_refused(
    fairlead: Canned, tmp_path: Path
) -> None:
    serve(fairlead, [entry(1, "release.judged", "within its limits", data={"verdict": "HEALTHY"})])
    result = say(tmp_path, fairlead.url, "explain", "r1")
    assert result.exit_code == 2
    assert result.stderr.startswith("refused: run r1 was never judged by evidence")
    assert len(result.stderr.splitlines()) == 1


def test_each_environment_is_told_by_itself() -> None:
    other = [one | {"environment": "staging"} for one in bad(5, 0.1)]
    told = judged([*other, look(1, [5, 0], 1.0)])
    assert [(one.environment, one.outcome) for one in told] == [
        ("staging", "rolled back"),
        ("production", "not decided"),
    ]


def test_too_few_requests_in_a_window_break_no_fixed_limit() -> None:
    (seldom,) = judged([look(s, [s // 2, s // 2], 1.0) for s in range(1, 90)])
    assert by_limits(seldom.looks) is None


def test_counts_that_began_anew_are_not_subtracted() -> None:
    (anew,) = judged([look(1, [900, 0], 1.0), look(40, [100, 50], 1.0)])
    found = by_limits(anew.looks)
    assert found is not None
    assert found.canary == {"api": (1000, 50)}


@pytest.mark.parametrize("many", [1, 2, 19, 20, 21, 500])
def test_the_table_keeps_both_ends_and_the_first_worse_look(many: int) -> None:
    entries = [look(s, [s, 0], 1.0) for s in range(many)]
    at = many * 2 // 3
    entries[at] = look(at, [at, 0], 2000.0, verdict="UNHEALTHY")
    (one,) = judged(entries)
    kept = thinned(one.looks, 20)
    assert len(kept) == min(many, 20) or len(kept) == 19
    assert one.looks[0] in kept
    assert one.looks[-1] in kept
    assert one.looks[at] in kept
