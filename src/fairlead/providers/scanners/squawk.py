"""What does squawk, the linter of PostgreSQL migrations, say of migration files? It is advice.

The files are given to it under names of ours: in its own words a path is a pattern. The project's
own `.squawk.toml` counts, in the folder of the migrations or above it.
"""

import shutil
import sysconfig
import tempfile
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fairlead.errors import FairleadError, Permanent
from fairlead.gates.finding import Finding, Place, Scan, Severity
from fairlead.gates.wording import one_line
from fairlead.migrations.change import classify
from fairlead.migrations.file import MigrationFile
from fairlead.providers.scanners.calling import Answer, ask

TOOL, RULES = "squawk", "https://squawkhq.com/docs/rules"
LIMIT_S = 60.0
_FOUND_SOMETHING = 1
_SEVERITIES = {"Error": Severity.HIGH, "Warning": Severity.MODERATE}
# Remarks on what Fairlead does by itself for every statement that it applies.
_ANSWERED = {"require-lock-timeout": "`fairlead db migrate` sets lock_timeout for every statement"}


class _Remark(BaseModel):
    """One of squawk's remarks: lines and columns count from 0, columns in bytes of UTF-8."""

    model_config = ConfigDict(strict=True, extra="forbid")

    file: str
    line: int = Field(ge=0)
    column: int = Field(ge=0)
    line_end: int = Field(ge=0)
    column_end: int = Field(ge=0)
    level: Literal["Error", "Warning"]
    message: str = Field(min_length=1)
    help: str | None
    rule_name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")


_REMARKS = TypeAdapter(list[_Remark])


def scan(files: Sequence[MigrationFile], folder: Path, major: int | None = None) -> Scan:
    """Return what squawk says of migrations of `folder`; `major` is the target's PostgreSQL.

    Whatever keeps squawk from judging is in the scan's `unknown`; nothing is raised.
    """
    found: list[Finding] = []
    try:
        program = _program()
        for transactional in (True, False):
            if some := [file for file in files if _is_transactional(file) is transactional]:
                found += _Asked(program, folder, major, transactional=transactional).about(some)
    except FairleadError as error:
        return Scan(TOOL, _version(), RULES, unknown=f"squawk could not judge: {error}")
    found.sort(key=_order)
    return Scan(TOOL, _version(), RULES, tuple(found))


def _order(one: Finding) -> tuple[str, int, int, str]:
    assert one.place is not None  # squawk names one for everything that it says
    return one.place.file, one.place.line, one.place.column, one.rule


def _program() -> str:
    # The one that was installed with Fairlead, not just any of that name.
    if (found := shutil.which(TOOL, path=sysconfig.get_path("scripts"))) is None:
        raise Permanent("it is not installed beside Fairlead: pip install squawk-cli")
    return found


def _version() -> str:
    try:
        return metadata.version("squawk-cli")
    except metadata.PackageNotFoundError:
        return ""


def _is_transactional(file: MigrationFile) -> bool:
    return not any(classify(statement).needs_autocommit for statement in file.statements)


class _Asked:
    """One call of squawk, about files that are each one transaction, or none of which is."""

    def __init__(
        self, program: str, folder: Path, major: int | None, *, transactional: bool
    ) -> None:
        self._folder = folder
        self._argv = [program, "--reporter", "json"]
        self._argv += ["--assume-in-transaction"] if transactional else []
        self._argv += ["--pg-version", f"{major}.0"] if major else []

    def about(self, files: Iterable[MigrationFile]) -> list[Finding]:
        """Return what it says. Errors: `Permanent` and `Temporary` when it cannot judge."""
        with tempfile.TemporaryDirectory(prefix="fairlead-lint-") as place:
            given = {f"{place}/{number:06}.sql": file for number, file in enumerate(files)}
            try:
                for path, file in given.items():
                    Path(path).write_bytes(_text(file).encode())
            except OSError as error:
                raise Permanent(f"no file can be written for it: {error.strerror}") from error
            remarks = _read(ask([*self._argv, "--", *given], self._folder, LIMIT_S))
        lines = {path: _text(file).encode().split(b"\n") for path, file in given.items()}
        for one in remarks:
            if one.file not in given or not _is_inside(one, lines[one.file]):
                raise Permanent("its output names a place that it was not given")
        return [
            _finding(one, str(self._folder / given[one.file].path), lines[one.file])
            for one in remarks
        ]


def _text(file: MigrationFile) -> str:
    return "".join(statement.source for statement in file.statements)


def _read(answer: Answer) -> list[_Remark]:
    if answer.status not in (0, _FOUND_SOMETHING) or not answer.output.strip():
        raise Permanent(f"it ended with status {answer.status}: {_why(answer)}")
    try:
        remarks = _REMARKS.validate_json(answer.output)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Permanent(f"its output cannot be read: {one_line(first['msg'])}") from error
    if answer.status == _FOUND_SOMETHING and not remarks:
        raise Permanent(f"it ended with status 1 and without a remark: {_why(answer)}")
    return remarks


def _why(answer: Answer) -> str:
    told = one_line(answer.told.decode("utf-8", "replace").strip().partition("\n")[0])
    return told or "it did not say why"


def _is_inside(one: _Remark, lines: Sequence[bytes]) -> bool:
    start, end = (one.line, one.column), (one.line_end, one.column_end)
    return (
        start <= end
        and end[0] < len(lines)
        and all(at <= len(lines[line]) + 1 for line, at in (start, end))
    )


def _finding(one: _Remark, path: str, lines: Sequence[bytes]) -> Finding:
    def column(line: int, at: int) -> int:
        return len(lines[line][:at].decode("utf-8", "ignore")) + 1

    return Finding(
        one.rule_name,
        _SEVERITIES[one.level],
        one_line(one.message),
        Place(
            path,
            one.line + 1,
            column(one.line, one.column),
            one.line_end + 1,
            column(one.line_end, one.column_end),
        ),
        help=one_line(one.help or ""),
        link=f"{RULES}/{one.rule_name}",
        dismissed=_ANSWERED.get(one.rule_name, ""),
    )
