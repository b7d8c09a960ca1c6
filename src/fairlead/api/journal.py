"""The record over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from fairlead.api.guest import TheWindow
from fairlead.reports import record

router = APIRouter(tags=["record"])
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/journal")
def entries(
    window: TheWindow, after: int = 0, run: str = "", limit: Limit = 200
) -> list[dict[str, Any]]:
    """Tell journal entries in order, after a number."""
    return record.entries(window, after, run, limit)


@router.get("/journal/newest")
def newest(
    window: TheWindow, app: str = "", environment: str = "", limit: Limit = 50
) -> list[dict[str, Any]]:
    """Tell the newest entries first."""
    return record.newest(window, app, environment, limit)


@router.get("/journal/verification")
def verify(window: TheWindow) -> dict[str, Any]:
    """Walk the whole chain and tell the first fault, or null."""
    return record.verify(window)


@router.get("/audit")
def audit(
    window: TheWindow, app: str = "", environment: str = "", limit: Limit = 100
) -> list[dict[str, Any]]:
    """Tell the newest rows of deployment_audit first."""
    return record.audit_log(window, app, environment, limit)
