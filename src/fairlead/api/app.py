"""What can be asked over HTTP? The routes of every noun, behind one door."""

from fastapi import FastAPI
from starlette.types import ASGIApp

from fairlead import __version__
from fairlead.api import environments, errors, journal, people, problem, prometheus, runs
from fairlead.api.bounds import BoundedBodies
from fairlead.api.functions.door import Functions
from fairlead.api.guest import Doors
from fairlead.api.ingest.otlp import Otlp
from fairlead.api.sentry.door import Sentry


def create(doors: Doors, installation: str) -> ASGIApp:
    """Return the application.

    All but `/healthz`, the description and one health check needs a bearer token; errors may be
    reported with a key of their own.
    """
    app = FastAPI(title="Fairlead", version=__version__, redoc_url=None, docs_url=None)
    app.state.doors = doors
    problem.install(app)
    app.add_middleware(BoundedBodies)
    for noun in (runs, environments, errors, journal, people):
        app.include_router(noun.router, prefix="/api/v1")
    app.include_router(prometheus.router)

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "ready", "installation": installation}

    return Otlp(doors, Sentry(doors, Functions(doors, app)))
