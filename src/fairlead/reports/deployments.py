"""How often is production deployed to, how often does it go back, and how long does it take?"""

from datetime import timedelta
from typing import Any

from fairlead.analysis.delivery import Statistics, statistics
from fairlead.reports.window import Window
from fairlead.store import audit


def deployments(window: Window, app: str, environment: str, seconds: int) -> dict[str, Any]:
    """Return the statistics of a time, in the words of the runbook.

    Of every app when none is named, and of production when no environment is.
    """
    since = window.clock() - timedelta(seconds=seconds)
    with window.database.begin() as tx:
        known = audit.deployments(tx, since, app, environment)
    told = statistics(known, since)
    return {
        "production_deployments": told.deployments,
        "rollbacks": told.rollbacks,
        "success_rate": told.success_rate,
        "avg_deployment_time": told.minutes,
        "external": told.external,
        "since": since,
        "because": _because(told),
    }


def _because(told: Statistics) -> str:
    if not told.deployments:
        return "no deployment came to an end in this time"
    return (
        f"{told.succeeded} of {told.deployments} went live and were not taken back; "
        f"{told.external} of them were told by others"
    )
