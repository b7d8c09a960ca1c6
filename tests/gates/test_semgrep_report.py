"""Is everything that semgrep did not read told, and nothing of it taken for healthy?"""

import json
from typing import Any

import pytest

from fairlead.gates.semgrep_report import Given, Reading, read

GIVEN = {"0.ts": Given("src/a.ts", 9), "1.ts": Given("src/b.ts", 9)}
SYNTAX = {"type": "Syntax error", "path": "0.ts", "level": "warn"}


def partial(first: int, last: int, path: str = "0.ts") -> dict[str, Any]:
    span = {"start": {"line": first, "col": 1}, "end": {"line": last, "col": 1}, "file": path}
    return {"type": ["PartialParsing", [span]], "path": path, "spans": [span]}


def told(*errors: dict[str, Any], **more: Any) -> Reading:
    report = {"results": [], "errors": errors, "paths": {"scanned": [*GIVEN]}, **more}
    return read(json.dumps(report).encode(), GIVEN)


def test_a_run_that_read_every_file_is_known() -> None:
    assert told(results=[{}, {}]) == Reading(results=2)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (SYNTAX, "1 of 2 files not read: src/a.ts (Syntax error)"),
        (SYNTAX | {"type": "Timeout"}, "1 of 2 files not read: src/a.ts (Timeout)"),
        (SYNTAX | {"type": "Out of memory"}, "src/a.ts (Out of memory)"),
        (SYNTAX | {"type": ["PartialParsing", []]}, "src/a.ts (PartialParsing)"),
        (partial(1, 9), "src/a.ts (PartialParsing)"),
        (SYNTAX | {"path": "rules.yaml"}, "it reports an error of its own run: Syntax error"),
        ({"type": "Fatal error"}, "it reports an error of its own run: Fatal error"),
        ({"type": []}, "an error without a name"),
    ],
)
def test_a_file_that_was_not_read_is_unknown(error: dict[str, Any], why: str) -> None:
    assert why in told(error).unknown


def test_a_file_that_it_passed_over_in_silence_is_unknown() -> None:
    assert told(paths={"scanned": ["1.ts"]}).unknown == "1 of 2 files not read: src/a.ts (left out)"


def test_rules_that_did_not_run_are_unknown() -> None:
    assert "left out 1 of its rules" in told(skipped_rules=[{"rule_id": "a"}]).unknown


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"results": []}', b"\xff"])
def test_a_report_that_cannot_be_read_is_unknown(data: bytes) -> None:
    assert read(data, GIVEN).unknown.startswith("its report cannot be read: ")


def test_a_part_that_was_not_read_is_a_finding_at_its_lines() -> None:
    found = told(partial(3, 4), partial(7, 7))
    assert found.unknown == ""
    places = [
        (one.place.file, one.place.line, one.place.end_line) for one in found.partly if one.place
    ]
    assert places == [("src/a.ts", 3, 4), ("src/a.ts", 7, 7)]
    assert {(one.rule, one.severity.value) for one in found.partly} == {("partly-read", "moderate")}


def test_parts_that_make_up_the_whole_file_are_the_whole_file() -> None:
    found = told(partial(1, 5), partial(5, 9))
    assert (found.partly, "src/a.ts" in found.unknown) == ((), True)


def test_of_many_unread_files_three_are_named() -> None:
    given = {f"{n}.ts": Given(f"src/{n}.ts", 1) for n in range(5)}
    report = {"results": [], "errors": [], "paths": {"scanned": []}}
    why = read(json.dumps(report).encode(), given).unknown
    assert why.startswith("5 of 5 files not read: src/0.ts (left out)")
    assert why.endswith("and 2 more")
