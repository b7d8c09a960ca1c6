"""Environments over HTTP: what is live, what arrives, and the way back."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from fairlead.api.guest import Guest, TheDesk, TheWindow
from fairlead.api.shapes import WayBack
from fairlead.commands import rollback as command
from fairlead.gates.sbom import MEDIA_TYPE
from fairlead.reports import logs, sboms
from fairlead.reports import status as report
from fairlead.reports import traffic as measured

router = APIRouter(tags=["environments"])


@router.get("/status")
def status(window: TheWindow, app: str = "") -> dict[str, Any]:
    """Tell what is live where, and what is going on."""
    return report.status(window, app)


@router.get("/apps/{app}/traffic")
def traffic(app: str, window: TheWindow) -> dict[str, Any]:
    """Tell what usually arrives in each environment, as it was measured."""
    return measured.traffic(window, app)


@router.get("/apps/{app}/releases/{release}/sbom")
def sbom(app: str, release: str, window: TheWindow) -> Response:
    """Tell what a release is made of, as CycloneDX 1.6."""
    return Response(sboms.sbom(window, app, release), media_type=MEDIA_TYPE)


@router.post("/apps/{app}/environments/{environment}/rollback", status_code=202)
def rollback(
    app: str, environment: str, asked: WayBack, person: Guest, desk: TheDesk
) -> dict[str, str]:
    """Send an environment back; the run that carries it is named."""
    wish = command.Wish(app, environment, asked.to, asked.reason)
    return {"run": command.rollback(desk, person, wish)}


@router.get("/logs")
def names(window: TheWindow) -> list[str]:
    """Tell what has a log."""
    return logs.names(window)


@router.get("/logs/{name}")
def log(
    name: str, window: TheWindow, lines: Annotated[int, Query(ge=1, le=5000)] = 100
) -> Response:
    """Give the newest lines that something has printed."""
    return Response(logs.newest(window, name, lines), media_type="text/plain; charset=utf-8")
