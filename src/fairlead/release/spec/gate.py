"""What is a gate: which command or check of ours decides, and what else is read of it?"""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from fairlead.gates.finding import Severity
from fairlead.release.spec.part import Part, written
from fairlead.release.spec.quantity import Duration

Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]


def _command(value: Any) -> Any:
    """Refuse other shapes here, so that one mistake is told once and not once a shape."""
    words = value if isinstance(value, list) else [value]
    if not words or not all(isinstance(word, str) and word.strip() for word in words):
        raise ValueError("a command is needed: a list of words, or one line for the shell")
    return value


Command = Annotated[
    Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
    | Annotated[str, Field(min_length=1)],
    BeforeValidator(_command),
]


class Check(StrEnum):
    """What Fairlead looks for by itself."""

    SECRETS = "secrets"
    DEPENDENCIES = "dependencies"
    CODE = "code"
    FUNCTIONS = "functions"
    API = "api"
    PRIVACY = "privacy"


_DECIDES = ("run", "check")
Globs = list[Annotated[str, Field(min_length=1)]]


class Gate(Part):
    """What must pass: a command that has to end with status 0, or a check of Fairlead's own."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [k]} for k in _DECIDES]})

    run: Command | None = Field(
        None, description="A command. A list is run as it is; a string by `sh -c`."
    )
    check: Check | None = Field(
        None,
        strict=False,
        description="Instead of a command: leaked `secrets`, `dependencies` with known "
        "vulnerabilities, mistakes in the `code`, `functions` that answer, `api` security, or "
        "`privacy` of a database.",
    )
    timeout: Duration = written("5m", "Longer than this is a failure.")
    inputs: list[str] = Field(
        [],
        description="Globs of tracked files; while they are unchanged a recorded pass is reused.",
    )
    reuse_for: Duration = written("1d", "How old a reused pass may be.")
    env: dict[Variable, str] = Field({}, description="More environment variables; never secrets.")
    junit: Globs = Field(
        [], description="JUnit XML that the command writes. That no test ran is no pass."
    )
    sarif: Globs = Field(
        [], description="SARIF 2.1.0 that the command writes; its findings decide, too."
    )
    osv: Globs = Field([], description="Results in OSV format that the command writes.")
    fail_at: Severity = Field(
        Severity.HIGH, strict=False, description="A finding as bad as this, or worse, is a failure."
    )
    new_only: bool = Field(
        False, description="Only findings that the live release does not have are failures."
    )
    retries: int = Field(0, ge=0, le=3, description="How often a command that failed is run again.")

    @property
    def is_judged(self) -> bool:
        """Tell whether more than the exit status of a command decides."""
        return bool(self.check or self.junit or self.sarif or self.osv or self.retries)

    @model_validator(mode="after")
    def _one_decides(self) -> Self:
        if (self.run is None) == (self.check is None):
            raise ValueError("exactly one of run, check is needed")
        return self
