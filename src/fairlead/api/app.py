"""What can be asked over HTTP? The routes of every noun, behind one door."""

from fastapi import FastAPI

from fairlead import __version__
from fairlead.api import environments, journal, people, problem, runs
from fairlead.api.bounds import BoundedBodies
from fairlead.api.guest import Doors
from fairlead.commands.desk import Desk
from fairlead.reports.window import Window


def create(desk: Desk, window: Window, installation: str) -> FastAPI:
    """Return the application; all but `/healthz` and the description needs a bearer token."""
    app = FastAPI(title="Fairlead", version=__version__, redoc_url=None, docs_url=None)
    app.state.doors = Doors(desk, window)
    problem.install(app)
    app.add_middleware(BoundedBodies)
    for noun in (runs, environments, journal, people):
        app.include_router(noun.router, prefix="/api/v1")

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"status": "ready", "installation": installation}

    return app
