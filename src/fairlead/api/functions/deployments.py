"""Which deployments are on record? Those of Fairlead, and those that others tell about."""

import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from fairlead.api.functions.call import Asked, Call, read
from fairlead.commands import deployment_log
from fairlead.reports import deployments, performance

_UTC = re.compile(r"(.*\d)\s*UTC")


def _moment(written: Any) -> Any:
    """Read `2026-11-23 03:00:00 UTC`, as the runbook writes it, or ISO 8601; empty is now."""
    if written in (None, ""):
        return None
    found = _UTC.fullmatch(str(written).strip())
    try:
        at = datetime.fromisoformat(found[1] if found else str(written).strip())
    except ValueError:
        raise ValueError("a moment is written as 2026-11-23 03:00:00 UTC") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _one_line(written: str) -> str:
    if not written.isprintable():
        raise ValueError("it may only hold signs that can be printed")
    return written


Line = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_one_line)]


class Deployment(BaseModel):
    """What the runbook's script tells of a deployment; unknown words are let pass."""

    model_config = ConfigDict(extra="ignore")

    deployment_id: Annotated[Line, Field(min_length=1, max_length=255)]
    environment: Annotated[Line, Field(min_length=1, max_length=50)]
    status: str = Field(max_length=50)
    timestamp: Annotated[datetime | None, BeforeValidator(_moment)] = None
    error_message: str | None = Field(None, max_length=10_000)
    deployment_type: str = Field("external", max_length=50)
    git_commit_hash: Annotated[Line, Field(max_length=40)] = ""
    git_branch: Annotated[Line, Field(max_length=255)] = ""


class Logging(Asked):
    """A deployment that others have done."""

    deployment: Deployment


class Window(Asked):
    """A question about a time that ends now."""

    time_window: str = Field("30d", max_length=10)


def log_deployment(call: Call) -> dict[str, Any]:
    """Put a deployment on record that others have done."""
    asked = read(Logging, call)
    one = asked.deployment
    told = deployment_log.Told(
        app=call.known.app(asked.app),
        environment=one.environment,
        deployment=one.deployment_id,
        type=one.deployment_type,
        status=one.status,
        at=one.timestamp,
        error=one.error_message or "",
        sha=one.git_commit_hash,
        branch=one.git_branch,
    )
    logged = deployment_log.log_deployment(call.doors.desk, call.by, told)
    return {"app": told.app, "deployment_id": told.deployment} | asdict(logged)


def deployment_statistics(call: Call) -> dict[str, Any]:
    """Tell how often production was deployed to and went back, and how long it took."""
    asked = read(Window, call)
    app = call.known.app(asked.app) if asked.app else ""
    seconds = performance.seconds_of(asked.time_window)
    where = {"time_window": asked.time_window, "app": app, "environment": asked.environment}
    return where | deployments.deployments(call.doors.window, app, asked.environment, seconds)
