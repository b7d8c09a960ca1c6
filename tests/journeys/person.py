"""How do people talk to Fairlead in the stories? Over its API, and they read what it answers."""

import time
from collections.abc import Callable
from typing import Any

import httpx

from journeys.app import App

PATIENCE_S = 90.0
LOOK_S = 0.05
NOT_NOW = 503


class Person:
    """Somebody with a token at the API."""

    def __init__(self, url: str, token: str) -> None:
        self.token = token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.api = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=60)

    def leave(self) -> None:
        """Hang up."""
        self.api.close()

    def let_in(self, name: str, email: str, role: str) -> str:
        """Let somebody in; return their token."""
        answer = self.api.post("/people", json={"name": name, "email": email, "role": role})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def submit(self, app: App, ref: str = "main") -> httpx.Response:
        """Ask for a deployment, and return what was answered."""
        return self.api.post("/runs", json={"repository": str(app.folder), "ref": ref})

    def deploy(self, app: App, ref: str = "main") -> str:
        """Submit what is committed; return the run."""
        answer = self.submit(app, ref)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def answer(
        self, run: str, plan_hash: str, answer: str = "approved", reason: str = ""
    ) -> httpx.Response:
        """Approve or reject, and return what was answered."""
        body = {"answer": answer, "plan_hash": plan_hash, "reason": reason}
        return self.api.post(f"/runs/{run}/answer", json=body)

    def stop(self, run: str, reason: str) -> httpx.Response:
        """Ask a run to stop."""
        return self.api.post(f"/runs/{run}/stop", json={"reason": reason})

    def roll_back(self, app: App, reason: str, to: str = "", place: str = "live") -> httpx.Response:
        """Ask a place to go back."""
        path = f"/apps/{app.name}/environments/{place}/rollback"
        return self.api.post(path, json={"to": to, "reason": reason})

    def tell(self, path: str, **query: Any) -> Any:
        """Return what a report tells; a server that is just coming back is waited for."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = self.api.get(path, params=query)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code != NOT_NOW:
                assert answer.status_code == 200, answer.text
                return answer.json()
            assert time.monotonic() < end, f"nobody answers at {path}"
            time.sleep(LOOK_S)

    def run(self, run: str) -> dict[str, Any]:
        """Return everything about a run."""
        told: dict[str, Any] = self.tell(f"/runs/{run}")
        return told

    def wait(
        self, run: str, seen: Callable[[dict[str, Any]], bool], patience_s: float = PATIENCE_S
    ) -> dict[str, Any]:
        """Return the run as soon as `seen` is true of it."""
        end = time.monotonic() + patience_s
        while not seen(state := self.run(run)):
            assert time.monotonic() < end, f"{state['status']}, {state['because']}"[:500]
            assert not state["finished_at"], f"{state['status']}: {state['because']}"[:500]
            time.sleep(LOOK_S)
        return state

    def ended(self, run: str) -> dict[str, Any]:
        """Return the run when it has ended."""
        return self.wait(run, lambda it: bool(it["finished_at"]))

    def journal(self, run: str) -> list[dict[str, Any]]:
        """Return all that the record holds about a run."""
        told: list[dict[str, Any]] = self.tell("/journal", run=run, limit=1000)
        return told

    def audit(self, app: App, place: str = "live") -> list[dict[str, Any]]:
        """Return the rows of deployment_audit about a place, oldest first."""
        told: list[dict[str, Any]] = self.tell("/audit", app=app.name, environment=place)
        return told[::-1]

    def place(self, app: App, name: str = "live") -> dict[str, Any]:
        """Return one environment's state."""
        places = self.tell("/status", app=app.name)["environments"]
        found: dict[str, Any] = next(it for it in places if it["name"] == name)
        return found


def refused(answer: httpx.Response, status: int) -> str:
    """Return the sentence of a refusal, which has the one shape that all of them have."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert set(told) == {"type", "title", "status", "detail", "problems"}
    return str(told["detail"])


def weights(state: dict[str, Any], place: str = "live") -> list[dict[str, int]]:
    """Return what was decided about a place's traffic, from the journal entries of a run."""
    return [
        entry["data"]["weights"]
        for entry in state["journal"]
        if entry["kind"] == "traffic.shifted" and entry["environment"] == place
    ]
