"""How does the API say no? One shape for every error: RFC 9457 problem details."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from fairlead.commands.intake import Full
from fairlead.errors import (
    Conflict,
    FairleadError,
    NotAllowed,
    NotFound,
    Permanent,
    Refused,
    Temporary,
)

_STATUS: list[tuple[type[FairleadError], int]] = [
    (NotAllowed, 403),
    (NotFound, 404),
    (Refused, 422),
    (Conflict, 409),
    (Full, 429),
    (Temporary, 503),
    (Permanent, 500),
]
_TITLE = {
    400: "Malformed request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Changed meanwhile",
    413: "Too large",
    422: "Refused",
    429: "Too much at once",
    500: "Failed",
    503: "Not now",
}


def install(app: FastAPI) -> None:
    """Answer every error of `app` as application/problem+json."""

    @app.exception_handler(FairleadError)
    def ours(_: Request, error: FairleadError) -> JSONResponse:
        problems = [*error.problems] if isinstance(error, Refused) else []
        return problem(status_of(error), str(error), problems)

    @app.exception_handler(HTTPException)
    def theirs(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail))

    @app.exception_handler(RequestValidationError)
    def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        return problem(400, "the request does not have the documented form", problems)

    @app.exception_handler(Exception)
    def unforeseen(_: Request, error: Exception) -> JSONResponse:
        told = f"Fairlead itself failed ({type(error).__name__}): see `fairlead logs server`"
        return problem(500, told)


def status_of(error: FairleadError) -> int:
    """Return the HTTP status that an error of ours is told with."""
    return next((code for kind, code in _STATUS if isinstance(error, kind)), 500)


def problem(status: int, detail: str, problems: list[str] | None = None) -> JSONResponse:
    """Return one problem; `problems` lists every reason when there are several."""
    body = {"type": "about:blank", "title": _TITLE.get(status, "Failed"), "status": status}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(
        body | {"detail": detail, "problems": problems or []},
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )
