"""The function `database-scalability`: does an environment's database keep up, and how long yet?"""

from collections.abc import Callable
from typing import Any

from pydantic import Field

from fairlead.analysis.database_use import Part
from fairlead.api.functions.call import Action, Actions, Asked, Call, read
from fairlead.reports import databases


class Grown(Asked):
    """How far to look back, at how many tables, and what there is room for."""

    time_window: str = Field("30d", max_length=10)
    limit: int = Field(20, ge=1, le=100)
    limit_bytes: int | None = Field(None, ge=1, le=10**18)


def health_check(call: Call) -> dict[str, Any]:
    """Tell that Fairlead can tell of databases: it asks its own."""
    with call.doors.window.database.begin() as tx:
        tx.execute("SELECT 1")
    return {"status": "healthy", "timestamp": call.doors.window.clock()}


def table_growth(call: Call) -> dict[str, Any]:
    """Tell how the database and its largest tables grew, and how large they would be."""
    asked = read(Grown, call)
    place = call.place(asked)
    window = call.doors.window
    told = databases.grown(window, place, asked.time_window, asked.limit, asked.limit_bytes)
    where = {"app": place[0], "environment": place[1], "time_window": asked.time_window}
    return where | told


def _looking_at(part: Part) -> Callable[[Call], dict[str, Any]]:
    def look(call: Call) -> dict[str, Any]:
        place = call.place(read(Asked, call))
        told = databases.used(call.doors.window, place, (part,))
        because = told["because"].get(part.value, "")
        return {"app": place[0], "environment": place[1]} | told | {"because": because}

    return look


ACTIONS: Actions = {
    "health_check": Action(health_check),
    "connection_usage": Action(_looking_at(Part.CONNECTIONS)),
    "table_growth": Action(table_growth),
    "slow_queries": Action(_looking_at(Part.QUERIES)),
    "index_usage": Action(_looking_at(Part.INDEXES)),
    "bloat_estimate": Action(_looking_at(Part.BLOAT)),
    "lock_waits": Action(_looking_at(Part.LOCKS)),
}
