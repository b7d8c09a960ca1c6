"""How is a server that counts asked, so that it can neither hang nor flood us?"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from fairlead.errors import FairleadError, Temporary
from fairlead.release.spec.metrics import Metrics

# One reading may take so long, however many questions it needs.
LIMIT_S = 5.0
LARGEST = 1024 * 1024
Secret = Callable[[str], str]
"""Returns the value of a secret by its name."""


def client() -> httpx.Client:
    """Return a client that trusts nothing of our surroundings: no proxy, no .netrc, no redirect."""
    return httpx.Client(trust_env=False, follow_redirects=False)


@dataclass(frozen=True, slots=True)
class Remote:
    """One server, asked within what is left of one reading's time."""

    client: httpx.Client
    metrics: Metrics
    secret: Secret
    until: float

    def ask(self, method: str, url: str, form: Mapping[str, str] | None = None) -> Any:
        """Return an answer's JSON. Errors: `Temporary` for every other answer, and for none."""
        who = f"{self.metrics.from_} does not answer"
        try:
            status, body = self._answer(method, url, form)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Temporary(f"{who}: {type(error).__name__}") from None
        if body is None:
            raise Temporary(f"{self.metrics.from_} tells more than {LARGEST // 1024} KiB")
        return self._read(status, body)

    def _answer(
        self, method: str, url: str, form: Mapping[str, str] | None
    ) -> tuple[int, bytes | None]:
        left = self.until - time.monotonic()
        if left <= 0:
            raise Temporary(f"{self.metrics.from_} takes longer than {LIMIT_S:.0f} s to answer")
        asking = self.client.stream(
            method, url, data=form, headers=self._headers(), timeout=min(left, LIMIT_S)
        )
        with asking as answer:
            body = bytearray()
            for piece in answer.iter_bytes(64 * 1024):
                body += piece
                if len(body) > LARGEST:
                    return answer.status_code, None
                if time.monotonic() > self.until:
                    told = f"takes longer than {LIMIT_S:.0f} s to answer"
                    raise Temporary(f"{self.metrics.from_} {told}")
            return answer.status_code, bytes(body)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if self.metrics.secret:
            try:
                token = self.secret(self.metrics.secret)
            except FairleadError as error:
                raise Temporary(f"{self.metrics.from_} cannot be asked: {error}") from None
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def _read(self, status: int, body: bytes) -> Any:
        # What is wrong with a query comes with a status of its own and is told in JSON as well.
        if status != 200:
            raise Temporary(f"{self.metrics.from_} answers {status}{_because(body)}")
        return json_of(body, self.metrics.from_)


def json_of(body: bytes, who: str) -> Any:
    """Return what a body says. Errors: `Temporary` when it is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Temporary(f"{who} answers with something that is no JSON") from None


def _because(body: bytes) -> str:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    error = told.get("error") if isinstance(told, dict) else None
    return f": {' '.join(error.split())[:200]}" if isinstance(error, str) else ""
