"""What is wrong with fairlead.yaml, where, and what would mend it?"""

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fairlead.errors import Refused

KeyPath = tuple[str | int, ...]
Lines = Mapping[KeyPath, int]

SHOWN_PROBLEMS = 100
_SHOWN_CHARACTERS = 60
_SHOWN_WORDS, _COMPARED = 20, 200
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason to refuse the file. `line` only when it is another than the path's own."""

    path: KeyPath
    sentence: str
    line: int | None = None


def dotted(path: KeyPath) -> str:
    """Write a path as in `environments.staging.smoke[0]`."""
    told = ""
    for element in path:
        if isinstance(element, int):
            told += f"[{element}]"
        else:
            told += f".{_word(element)}" if told else _word(element)
    return told


def quoted(value: object) -> str:
    """Write a value from the file so that it can neither break a line nor steer a terminal."""
    told = json.dumps(value, ensure_ascii=False, default=str)
    if len(told) > _SHOWN_CHARACTERS:
        told = told[: _SHOWN_CHARACTERS - 1] + "…"
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in told)


def did_you_mean(word: object, allowed: Sequence[str]) -> str:
    """Return ` (did you mean canary?)` when one of the allowed words is near, else nothing."""
    # Comparing with every one of thousands would take minutes.
    near = difflib.get_close_matches(str(word)[:_SHOWN_CHARACTERS], allowed[:_COMPARED], n=1)
    return f" (did you mean {_word(near[0])}?)" if near else ""


def not_one_of(value: object, allowed: Sequence[str]) -> str:
    """Say that `value` is not among the allowed words, and which are."""
    if not allowed:
        return f"{quoted(value)} is not declared, and nothing else is"
    words = ", ".join(_word(word) for word in allowed[:_SHOWN_WORDS])
    more = f" and {len(allowed) - _SHOWN_WORDS} more" if len(allowed) > _SHOWN_WORDS else ""
    told = f"one of {words}{more}" if len(allowed) > 1 else f"{words}, which alone is allowed"
    return f"{quoted(value)} is not {told}{did_you_mean(value, allowed)}"


def located(name: str, lines: Lines, problems: Iterable[Problem]) -> tuple[str, ...]:
    """Write each problem as `name:line: path: sentence`, in the order of the lines."""
    found = {(_line(lines, problem), problem.path, problem.sentence): None for problem in problems}
    ordered = sorted(found, key=lambda place: (place[0], dotted(place[1])))
    return tuple(
        ": ".join(part for part in (f"{name}:{line}", dotted(path), sentence) if part)
        for line, path, sentence in ordered
    )


def refusal(name: str, lines: Lines, problems: Iterable[Problem]) -> Refused:
    """Return the error that tells all problems at once."""
    told = located(name, lines, problems)
    if len(told) == 1:
        return Refused(told[0], told)
    sentence = f"{name} has {len(told)} problems, the first: {told[0]}"
    if len(told) > SHOWN_PROBLEMS:
        more = f"{name}: and {len(told) - SHOWN_PROBLEMS} problems more"
        told = (*told[:SHOWN_PROBLEMS], more)
    return Refused(sentence, told)


def _word(text: str) -> str:
    return text if _PLAIN_KEY.fullmatch(text) else quoted(text)


def _line(lines: Lines, problem: Problem) -> int:
    if problem.line is not None:
        return problem.line
    # A missing key has no line of its own; the block it is missing from has.
    for length in range(len(problem.path), 0, -1):
        if found := lines.get(problem.path[:length]):
            return found
    return 1
