"""What does suppressions.yaml say? Suppressions, or everything that is wrong with it."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from fairlead.gates.file_glob import is_glob
from fairlead.gates.suppression import Suppression
from fairlead.release.spec.document import document
from fairlead.release.spec.problem import KeyPath, Problem, did_you_mean, quoted, refusal
from fairlead.release.spec.reading import decoded

FILE_NAME = "suppressions.yaml"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EMPTY = 'it holds nothing; write "version: 1" and "suppressions: []", or remove the file'
_NEEDS = {
    "string_type": "text is needed",
    "list_type": "a list of entries is needed",
    "model_type": "a block of keys is needed",
    "literal_error": "1 is needed, the only version there is",
    "string_too_long": "a shorter text is needed",
}


def _told(text: str) -> str:
    if not text.strip():
        raise ValueError("some words are needed")
    return text.strip()


def _day(text: str) -> str:
    try:
        if _DAY.fullmatch(text):
            date.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise ValueError("a day such as 2027-01-31 is needed")


def _fingerprint(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{16}", text):
        raise ValueError("a fingerprint of 16 digits and letters a to f is needed")
    return text


def _glob(text: str) -> str:
    if not is_glob(text):
        raise ValueError("a file is needed in which `**` stands between slashes, as in src/**/*.ts")
    return text


_Words = Annotated[str, Field(max_length=1000), AfterValidator(_told)]


class _Entry(BaseModel):
    """One entry of the file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    finding: Annotated[str, AfterValidator(_fingerprint)] | None = None
    rule: _Words | None = None
    file: Annotated[str, Field(max_length=500), AfterValidator(_glob)] | None = None
    reason: _Words
    owner: _Words
    until: Annotated[str, AfterValidator(_day)]

    @model_validator(mode="after")
    def _names_one_thing(self) -> "_Entry":
        if (self.finding is None) == (self.rule is None):
            raise ValueError("either finding or rule is needed, and not both")
        if self.file is not None and self.rule is None:
            raise ValueError("file narrows a rule; a finding already names its file")
        return self


class _File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    version: Literal[1]
    suppressions: list[_Entry]


def read(data: bytes, name: str = FILE_NAME) -> tuple[Suppression, ...]:
    """Return what the file suppresses; `Refused` with every problem, its line and its remedy."""
    text = decoded(data, name)
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        raise refusal(name, {}, [Problem((), _EMPTY, 1)])
    written = document(text)
    problems = [*written.problems]
    if not isinstance(written.tree, dict):
        raise refusal(name, written.lines, problems)
    try:
        file = _File.model_validate(written.tree)
    except ValidationError as error:
        told = {(problem.path, problem.line) for problem in problems}
        found = map(_problem, error.errors(include_url=False))
        problems += [one for one in found if (one.path, one.line) not in told]
    else:
        if not problems:
            return tuple(map(_suppression, file.suppressions))
    raise refusal(name, written.lines, problems)


def _suppression(entry: _Entry) -> Suppression:
    return Suppression(
        entry.reason,
        entry.owner,
        date.fromisoformat(entry.until),
        entry.finding or "",
        entry.rule or "",
        entry.file or "",
    )


def _problem(found: ErrorDetails) -> Problem:
    path: KeyPath = found["loc"]
    if found["type"] == "missing":
        return Problem(path, "this key is missing")
    if found["type"] == "extra_forbidden":
        return Problem(path, _unknown(path))
    told = _NEEDS.get(found["type"], found["msg"])
    if found["type"] == "value_error":
        told = str(found["ctx"]["error"])
        if isinstance(found["input"], Mapping):
            return Problem(path, told)
    remedy = '; put "…" around it' if found["type"] == "string_type" else ""
    return Problem(path, f"{told}, not {quoted(found['input'])}{remedy}")


def _unknown(path: KeyPath) -> str:
    shape: type[BaseModel] = _Entry if len(path) > 1 else _File
    allowed: list[Any] = [*shape.model_fields]
    return f"unknown key; allowed: {', '.join(allowed)}{did_you_mean(path[-1], allowed)}"
