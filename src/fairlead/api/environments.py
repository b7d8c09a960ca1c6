"""Environments over HTTP: what is live, what arrives, and the way back."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response

from fairlead.analysis.database_use import Part
from fairlead.api.guest import Guest, TheDesk, TheWindow
from fairlead.api.shapes import WayBack
from fairlead.commands import rollback as command
from fairlead.gates.sbom import MEDIA_TYPE
from fairlead.reports import databases, logs, performance, places, sboms
from fairlead.reports import health as scored
from fairlead.reports import status as report
from fairlead.reports import traffic as measured

router = APIRouter(tags=["environments"])
TimeWindow = Annotated[str, Query(max_length=10)]
Line = Annotated[str, Query(max_length=100)]


@router.get("/status")
def status(window: TheWindow, app: str = "") -> dict[str, Any]:
    """Tell what is live where, and what is going on."""
    return report.status(window, app)


@router.get("/apps/{app}/traffic")
def traffic(app: str, window: TheWindow) -> dict[str, Any]:
    """Tell what usually arrives in each environment, as it was measured."""
    return measured.traffic(window, app)


@router.get("/apps/{app}/environments/{environment}/metrics")
def metrics(
    app: str,
    environment: str,
    window: TheWindow,
    time_window: TimeWindow = "5m",
    release: Line = "",
) -> dict[str, Any]:
    """Tell how an environment, or one release there, performed until now, and how that went."""
    place, seconds = (app, environment), performance.seconds_of(time_window)
    told = performance.told(performance.measured(window, place, seconds, release))
    where = {"app": app, "environment": environment, "release": release}
    course = performance.course(window, place, seconds, release)
    return where | {"time_window": time_window} | told | {"course": course}


@router.get("/apps/{app}/environments/{environment}/health")
def health(
    app: str, environment: str, window: TheWindow, time_window: TimeWindow = ""
) -> dict[str, Any]:
    """Tell how well an environment is, in one number with its parts."""
    seconds = performance.seconds_of(time_window) if time_window else None
    score = scored.health(window, (app, environment), seconds)
    where = {"app": app, "environment": environment, "time_window": time_window or None}
    return where | scored.told(score)


@router.get("/apps/{app}/environments/{environment}/database")
def database(
    app: str, environment: str, window: TheWindow, time_window: TimeWindow = "30d"
) -> dict[str, Any]:
    """Tell how an environment's database is used, and how it grows."""
    place = places.known(window, app, environment)
    used = databases.used(window, place, [part for part in Part if part is not Part.SIZES])
    growth = databases.grown(window, place, time_window, most=10)
    return {"app": app, "environment": environment} | used | {"growth": growth}


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
