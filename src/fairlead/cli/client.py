"""How is the HTTP API asked, and what does its answer mean?"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from fairlead.errors import Conflict, FairleadError, NotAllowed, NotFound, Permanent, Refused
from fairlead.errors import Temporary as NotNow

CONNECT_S = 3.0
# Taking a commit in copies its history; that may take a while.
ANSWER_S = 60.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")

_ERRORS: dict[int, type[FairleadError]] = {
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    503: NotNow,
}


class NotRunning(NotNow):
    """Nothing answers at the address."""


class Client:
    """The API of one Fairlead. Errors: the four families, as the API's status tells them."""

    def __init__(self, url: str, token: str) -> None:
        """Remember where and as whom to ask; nothing is sent yet."""
        self.url = url
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            # A proxy from the environment must not see what stays on this machine.
            outside = httpx.URL(url).host not in LOOPBACK
            self._http = httpx.Client(
                base_url=url,
                headers=headers | {"Accept": "application/json, text/plain"},
                timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
                trust_env=outside,
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise Refused(f"{url} is no address: give one such as http://127.0.0.1:8700") from error

    def get(self, path: str, **query: str | int) -> Any:
        """Return what the API tells, as plain data."""
        return self._data(self._send("GET", path, query=query))

    def text(self, path: str, **query: str | int) -> bytes:
        """Return the bytes of a log; they may be anything."""
        return self._send("GET", path, query=query).content

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask for something to be done; return the answer, None when there is none."""
        response = self._send("POST", path, body=body)
        return None if response.status_code == 204 else self._data(response)

    def delete(self, path: str) -> None:
        """Ask for something to be removed."""
        self._send("DELETE", path)

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        try:
            address = f"/api/v1/{path}"
            response = self._http.request(method, address, params=query, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotRunning(
                f"Fairlead is not running: `fairlead up` starts it (nothing answers at {self.url})"
            ) from error
        except httpx.UnsupportedProtocol as error:
            raise Refused(
                f"{self.url} is no address: it begins with http:// or https://"
            ) from error
        except httpx.HTTPError as error:
            unsure = "; whether it was done, `fairlead status` tells" if method == "POST" else ""
            raise NotNow(
                f"Fairlead at {self.url} broke off without an answer ({type(error).__name__})"
                f"{unsure}; `fairlead logs server` may tell why"
            ) from error
        if not response.is_success:
            raise self._error(response)
        return response

    def _data(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError as error:
            raise self._stranger(response) from error

    def _error(self, response: httpx.Response) -> FairleadError:
        try:
            told = response.json()
        except ValueError:
            return self._stranger(response)
        if not isinstance(told, dict) or not isinstance(told.get("detail"), str):
            return self._stranger(response)
        status, detail, more = response.status_code, told["detail"], told.get("problems")
        problems = [str(problem) for problem in more] if isinstance(more, list) else []
        if status == 401:
            problems.append("give your token in FAIRLEAD_TOKEN or with --token-file PATH")
        family = _ERRORS.get(status, Permanent if status >= 500 else Refused)
        return family(detail, problems) if issubclass(family, Refused) else family(detail)

    def _stranger(self, response: httpx.Response) -> NotNow:
        return NotNow(
            f"something answers at {self.url}, but not as Fairlead does (status "
            f"{response.status_code}): check --url, or FAIRLEAD_HOST and FAIRLEAD_PORT"
        )


def named(name: str) -> str:
    """Return a name as one element of a path."""
    return quote(name, safe="")
