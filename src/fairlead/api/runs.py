"""Runs over HTTP: submit, look, answer, send on, stop."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response

from fairlead.api.guest import Guest, TheDesk, TheWindow
from fairlead.api.shapes import Reason, Reply, Submission
from fairlead.commands import approve, deploy
from fairlead.commands import promote as command
from fairlead.release.approval import Answer
from fairlead.reports import findings as found
from fairlead.reports import measured
from fairlead.reports import privacy as personal_data
from fairlead.reports import run as report

router = APIRouter(tags=["runs"])


@router.post("/runs", status_code=201)
def submit(asked: Submission, person: Guest, desk: TheDesk) -> dict[str, Any]:
    """Take a commit into the pipeline."""
    run = deploy.submit(desk, person, asked.repository, asked.ref)
    return {"id": run.id, "app": run.app, "commit": run.commit.sha}


@router.get("/runs")
def history(
    window: TheWindow, app: str = "", limit: Annotated[int, Query(ge=1, le=500)] = 20
) -> list[dict[str, Any]]:
    """Tell the newest runs first."""
    return report.history(window, app, limit)


@router.get("/runs/{run_id}")
def show(run_id: str, window: TheWindow) -> dict[str, Any]:
    """Tell everything about one run."""
    return report.run(window, run_id)


@router.get("/runs/{run_id}/measurements")
def measurements(run_id: str, window: TheWindow) -> dict[str, Any]:
    """Tell what was measured of both releases while the run took over, window by window."""
    return measured.measured(window, run_id)


@router.get("/runs/{run_id}/findings")
def findings(run_id: str, window: TheWindow) -> dict[str, Any]:
    """Tell what the gates of a run have found, as SARIF 2.1.0."""
    return found.findings(window, run_id)


@router.get("/runs/{run_id}/privacy", response_model=None)
def privacy(
    run_id: str,
    window: TheWindow,
    accept: Annotated[str, Header()] = "",
    format: Literal["json", "markdown"] | None = None,
) -> dict[str, Any] | Response:
    """Tell what is known of personal data where a run deployed, as JSON or to read."""
    told = personal_data.privacy(window, run_id)
    if format == "markdown" or (format is None and accept.startswith("text/markdown")):
        return Response(personal_data.page(told), media_type="text/markdown; charset=utf-8")
    return told


@router.post("/runs/{run_id}/answer", status_code=204)
def answer(run_id: str, asked: Reply, person: Guest, desk: TheDesk) -> Response:
    """Approve or reject what the run asks."""
    said = approve.Reply(run_id, Answer(asked.answer), asked.plan_hash, asked.reason)
    approve.answer(desk, person, said)
    return Response(status_code=204)


@router.post("/runs/{run_id}/stop", status_code=204)
def stop(run_id: str, asked: Reason, person: Guest, desk: TheDesk) -> Response:
    """Ask an open run to stop; an environment it has changed goes back."""
    deploy.stop(desk, person, run_id, asked.reason)
    return Response(status_code=204)


@router.post("/runs/{run_id}/promote", status_code=204)
def promote(run_id: str, asked: Reason, person: Guest, desk: TheDesk) -> Response:
    """Send a canary on that waits for a person at its horizon."""
    command.promote(desk, person, run_id, asked.reason)
    return Response(status_code=204)


@router.get("/runs/{run_id}/stages/{stage}/gates/{gate}/log")
def gate_log(run_id: str, stage: int, gate: str, window: TheWindow, after: int = 0) -> Response:
    """Give what a gate has printed so far, from byte `after` on."""
    return Response(
        report.gate_log(window, run_id, stage, gate)[max(0, after) :], media_type="text/plain"
    )
