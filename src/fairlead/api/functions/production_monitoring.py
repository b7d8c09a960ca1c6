"""The function `production-monitoring`: how is it going, and how has it been?"""

from typing import Any

from pydantic import Field

from fairlead.api.functions.call import Action, Actions, Asked, Call, Kept, read
from fairlead.api.functions.deployments import deployment_statistics, log_deployment
from fairlead.commands import recording
from fairlead.reports import health, performance, performance_report, status


class Windowed(Asked):
    """A question about a time that ends now."""

    time_window: str = Field("5m", max_length=10)
    release: str = Field("", max_length=100)


class Now(Asked):
    """A question about how it is now, which the shortest time tells that is long enough."""

    time_window: str = Field("", max_length=10)


class Reported(Asked):
    """A question about a time long enough to be compared with the one before."""

    time_window: str = Field("10m", max_length=10)


class Requests(Asked):
    """Requests that an application has counted itself."""

    release: str = Field(min_length=1, max_length=100)
    component: str = Field(min_length=1, max_length=100)
    requests: list[Any] = Field(min_length=1, max_length=10_000)


def health_check(call: Call) -> dict[str, Any]:
    """Tell that Fairlead itself answers, its database included."""
    with call.doors.window.database.begin() as tx:
        tx.execute("SELECT 1")
    return {"status": "healthy", "timestamp": call.doors.window.clock()}


def performance_metrics(call: Call) -> dict[str, Any]:
    """Tell how an environment performed over a time."""
    asked = read(Windowed, call)
    place = call.place(asked)
    seconds = performance.seconds_of(asked.time_window)
    seen = performance.measured(call.doors.window, place, seconds, asked.release)
    where = {"app": place[0], "environment": place[1], "time_window": asked.time_window}
    return where | performance.told(seen)


def performance_report_of(call: Call) -> dict[str, Any]:
    """Tell how an environment performed over a time, beside the time before."""
    asked = read(Reported, call)
    place = call.place(asked)
    seconds = performance.seconds_of(asked.time_window)
    return performance_report.report(call.doors.window, place, seconds, asked.time_window)


def system_status(call: Call) -> dict[str, Any]:
    """Tell what is live where, how its slots are, and which runs are open.

    Without an app it is that of every app, without an environment of all of them.
    """
    asked = read(Asked, call)
    app, environment = asked.app, asked.environment
    if environment:
        app, environment = call.place(asked)
    elif app:
        app = call.known.app(app)
    told = status.status(call.doors.window, app)
    if environment:
        told["environments"] = [one for one in told["environments"] if one["name"] == environment]
    return {"status": status.overall(told["environments"])} | told


def system_health_score(call: Call) -> dict[str, Any]:
    """Tell how well an environment is, in one number with its parts."""
    asked = read(Now, call)
    place = call.place(asked)
    seconds = performance.seconds_of(asked.time_window) if asked.time_window else None
    score = health.health(call.doors.window, place, seconds)
    where = {"app": place[0], "environment": place[1], "time_window": asked.time_window or None}
    return where | health.told(score)


def record_requests(call: Call) -> Kept:
    """Take requests that an application has counted itself."""
    asked = read(Requests, call)
    place = call.place(asked)
    samples = [recording.sample(told) for told in asked.requests]
    now = call.doors.window.clock()
    parts = recording.parts(asked.release, asked.component, samples, now)
    told = [(place, part) for part in parts]
    written = call.doors.intake.tell(recording.SAMPLES, told, call.size, place[0])
    return Kept(written, {"recorded": len(samples)})


ACTIONS: Actions = {
    "health_check": Action(health_check, open=True),
    "performance_metrics": Action(performance_metrics),
    "performance_report": Action(performance_report_of),
    "system_status": Action(system_status),
    "system_health_score": Action(system_health_score),
    "log_deployment": Action(log_deployment),
    "deployment_statistics": Action(deployment_statistics),
    "record_requests": Action(record_requests, quick=True),
}
