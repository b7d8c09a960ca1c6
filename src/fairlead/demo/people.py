"""How do the demo's people talk to Fairlead? Over the API, each with a token of their own."""

import time
from typing import Any

import httpx

from fairlead.errors import Refused

PATIENCE_S = 120.0


class Somebody:
    """One person at the API; their token stays in memory."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=30)

    def let_in(self, name: str, email: str, role: str) -> str:
        """Let somebody in; return their token."""
        body = {"name": name, "email": email, "role": role}
        return str(self._post("/people", body)["token"])

    def deploy(self, repository: str, ref: str) -> str:
        """Submit a commit; return the run's name."""
        return str(self._post("/runs", {"repository": repository, "ref": ref})["id"])

    def run(self, run: str) -> dict[str, Any]:
        """Return everything about a run; a server that is just coming back is waited for."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._read(self._client.get(f"/runs/{run}"))
            except (httpx.TransportError, Refused):
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def approve(self, run: str, plan_hash: str) -> None:
        """Approve what a run asks."""
        body = {"answer": "approved", "plan_hash": plan_hash, "reason": "looks good in staging"}
        self._post(f"/runs/{run}/answer", body)

    def journal(self, run: str, after: int) -> list[dict[str, Any]]:
        """Return what a run has added to the record since; nothing while nobody answers."""
        try:
            answer = self._client.get("/journal", params={"run": run, "after": after})
        except httpx.TransportError:
            return []
        entries: list[dict[str, Any]] = answer.json() if answer.status_code == 200 else []
        return entries

    def chain(self) -> dict[str, Any]:
        """Return how many entries the record has, and its first fault or None."""
        return self._read(self._client.get("/journal/verification"))

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._client.post(path, json=body)
        return {} if answer.status_code == 204 else self._read(answer)

    @staticmethod
    def _read(answer: httpx.Response) -> dict[str, Any]:
        told: dict[str, Any] = answer.json()
        if answer.status_code >= 400:
            raise Refused(str(told.get("detail")), told.get("problems", ()))
        return told
