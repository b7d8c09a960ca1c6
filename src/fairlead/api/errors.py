"""Errors of an environment over HTTP: which there are, which are mended, and who may report."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from fairlead.api.guest import Guest, TheDesk, TheWindow
from fairlead.commands import error_keys, tracking
from fairlead.reports import errors as report
from fairlead.reports import places

router = APIRouter(tags=["errors"], prefix="/apps/{app}/environments/{environment}")

Project = Annotated[int, Path(ge=1, lt=10**18)]


class Which(BaseModel):
    """Which errors are asked for; `new` are those first seen in the release."""

    model_config = ConfigDict(extra="forbid")

    time_window: str = Field("", max_length=10)
    component: str = Field("", max_length=200)
    severity: Literal["", "debug", "info", "warning", "error", "critical"] = ""
    release: str = Field("", max_length=200)
    resolved: bool | None = None
    new: bool = False
    limit: int = Field(100, ge=1, le=1000)


def _there(app: str, environment: str, window: TheWindow) -> tuple[str, str]:
    return places.known(window, app, environment)


There = Annotated[tuple[str, str], Depends(_there)]


@router.get("/errors")
def errors(there: There, window: TheWindow, which: Annotated[Which, Query()]) -> dict[str, Any]:
    """Tell which faults there were, the one that happened last first."""
    return report.listed(window, there, report.Filter(**which.model_dump()))


@router.get("/errors/{fingerprint}")
def error(there: There, fingerprint: str, window: TheWindow) -> dict[str, Any]:
    """Tell one fault with its newest events."""
    return report.shown(window, there, fingerprint)


@router.post("/errors/{fingerprint}/resolve")
def resolve(there: There, fingerprint: str, person: Guest, desk: TheDesk) -> dict[str, Any]:
    """Say that a fault is mended."""
    return tracking.resolve(desk, person, there, fingerprint)


@router.post("/error-keys", status_code=201)
def make_key(there: There, request: Request, person: Guest, desk: TheDesk) -> dict[str, Any]:
    """Make a key that applications report their errors with; its address is shown this once."""
    project, key = error_keys.make(desk, person, there)
    here = request.base_url
    dsn = f"{here.scheme}://{key}@{here.netloc}/{project}"
    return {"app": there[0], "environment": there[1], "project": project, "dsn": dsn}


@router.delete("/error-keys/{project}", status_code=204)
def revoke_key(there: There, project: Project, person: Guest, desk: TheDesk) -> Response:
    """Make a key worthless."""
    error_keys.revoke(desk, person, there, project)
    return Response(status_code=204)
