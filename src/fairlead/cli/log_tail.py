"""What is new in a log, and which of a run's gates is meant?"""

from collections.abc import Mapping, Sequence
from typing import Any

from fairlead.errors import Refused


def fresh(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return the lines of `after` that follow where `before` ended.

    Both are the newest lines of one log. When they do not meet, all of `after` is new.
    """
    for start in range(len(before)):
        rest = before[start:]
        if [*after[: len(rest)]] == [*rest]:
            return [*after[len(rest) :]]
    return [*after]


def whole_lines(data: bytes, *, ended: bool) -> tuple[str, bytes]:
    """Cut bytes after the last line break; when nothing more comes, all of them are told.

    A sign of several bytes, or an escape, that is cut in two could not be told for what it is.
    """
    end = len(data) if ended else data.rfind(b"\n") + 1
    return data[:end].decode("utf-8", "replace").removesuffix("\n"), data[end:]


def gate_result(run: Mapping[str, Any], gate: str) -> Mapping[str, Any]:
    """Return what is known of a gate, of its newest stage; refused with the gates there are."""
    gates: Sequence[Mapping[str, Any]] = run["gates"]
    mine = [result for result in gates if result["gate"] == gate]
    if mine:
        return max(mine, key=lambda result: int(result["stage"]))
    known = ", ".join(dict.fromkeys(str(result["gate"]) for result in gates)) or "none yet"
    raise Refused(f"gate {gate} did not run in run {run['id']}; these did: {known}")
