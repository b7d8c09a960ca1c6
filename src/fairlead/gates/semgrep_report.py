"""How much of what it was given did semgrep read? What it left out is never healthy.

Its SARIF does not tell a file that it could not read from one that it read in part; its own JSON
does. Source: the output of semgrep 1.182, https://semgrep.dev/docs/semgrep-appsec-platform/json-and-sarif
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from fairlead.gates.finding import Finding, Place, Severity
from fairlead.gates.wording import one_line

PARTLY = "partly-read"
_PARTIAL = "PartialParsing"
_SHOWN = 3
_PATH_LETTERS = 50


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _At(_Shape):
    line: int


class _Span(_Shape):
    start: _At
    end: _At


class _Error(_Shape):
    """What went wrong, mostly with one file; `type` is a word, or a list that begins with it."""

    type: str | list[Any]
    path: str = ""
    spans: list[_Span] | None = None

    @property
    def word(self) -> str:
        word = self.type if isinstance(self.type, str) else next(iter(self.type), "")
        return one_line(str(word), 60) or "an error without a name"


class _Paths(_Shape):
    scanned: list[str]


class _Report(_Shape):
    results: list[Any]
    errors: list[_Error]
    paths: _Paths
    skipped_rules: list[Any] = []


@dataclass(frozen=True, slots=True)
class Given:
    """A file that semgrep had to read: its path in the project, and how many lines it has."""

    path: str
    lines: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How many results there are, which parts of files were not judged, and why not all was read.

    `unknown` is empty when every file was read, at least in part.
    """

    results: int = 0
    partly: tuple[Finding, ...] = ()
    unknown: str = ""


def read(data: bytes, given: Mapping[str, Given]) -> Reading:
    """Return what semgrep's JSON tells of its own run; nothing is raised, whatever the bytes are.

    `given` are the files that it had to read, by the names that it knows them by.
    """
    try:
        report = _Report.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return Reading(unknown=f"its report cannot be read: {one_line(first['msg'])}")
    if report.skipped_rules:
        return Reading(unknown=f"it left out {len(report.skipped_rules)} of its rules")
    if strange := [one.word for one in report.errors if one.path not in given]:
        return Reading(unknown=f"it reports an error of its own run: {strange[0]}")
    unread = dict.fromkeys(given.keys() - {*report.paths.scanned}, "left out")
    parts: dict[str, list[_Span]] = {}
    for one in report.errors:
        if one.word == _PARTIAL and one.spans:
            parts.setdefault(one.path, []).extend(one.spans)
        else:
            unread.setdefault(one.path, one.word)
    for name, spans in parts.items():
        if _covered(spans) >= given[name].lines:
            unread.setdefault(name, _PARTIAL)
    partly = (
        _partly(given[name].path, span)
        for name, spans in parts.items()
        if name not in unread
        for span in spans
    )
    return Reading(len(report.results), tuple(partly), _unread(unread, given))


def _covered(spans: Sequence[_Span]) -> int:
    return len({line for one in spans for line in range(one.start.line, one.end.line + 1)})


def _partly(path: str, span: _Span) -> Finding:
    start = max(1, span.start.line)
    return Finding(
        PARTLY,
        Severity.MODERATE,
        "semgrep does not understand this part of the file, so nothing was looked for in it",
        Place(path, start, 1, max(start, span.end.line), 1),
        help="Mend it, or write it so that other tools understand it, too.",
    )


def _unread(unread: Mapping[str, str], given: Mapping[str, Given]) -> str:
    if not unread:
        return ""
    every = sorted((given[name].path, why) for name, why in unread.items())
    told = ", ".join(f"{one_line(path, _PATH_LETTERS)} ({why})" for path, why in every[:_SHOWN])
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return f"{len(every)} of {len(given)} files not read: {told}{more}"
