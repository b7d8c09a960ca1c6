"""What starts slots, and what shifts traffic between them? The ports this room needs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from fairlead.analysis.verdict import Finding
from fairlead.rollout.slot import Edge, Endpoint, Slot


class Target(Protocol):
    """Where slots run. Slots outlive the controller; a new controller finds them running.

    Errors: `Temporary` when the keeper of processes does not answer; `Permanent` when a slot can
    never start (a missing file, a refused permission).
    """

    def start(self, wanted: Mapping[Slot, Path]) -> dict[Slot, tuple[Endpoint, ...]]:
        """Start each slot from its unpacked artifact, or adopt it when it already runs."""
        ...

    def health(self, *slots: Slot) -> Finding:
        """Say how slots are: UNKNOWN while one starts, UNHEALTHY when one crashed or answers badly.

        The worst decides, and none at all are UNKNOWN. A unit that crashed and was started anew is
        UNHEALTHY for a minute after: it came back, but requests were lost. A slot that nobody
        started is UNHEALTHY.
        """
        ...

    def await_listening(self, slots: Sequence[Slot], timeout_s: float) -> None:
        """Return once each of them may answer, or after `timeout_s`; it costs next to nothing.

        How they are is for `health` to say.
        """
        ...

    def stop(self, slot_id: str) -> None:
        """Let the slot of that id stop, without waiting for it; nothing happens when none runs."""
        ...

    def logs(self, slot: Slot) -> dict[str, Path]:
        """Return the file that holds what each unit prints; it is there once the unit started."""
        ...

    def running(self) -> frozenset[str]:
        """Return the ids of all slots that run now, known to the controller or not."""
        ...


class Router(Protocol):
    """What decides which release answers a request.

    Errors: `Temporary` when the edge does not answer or does not take the change in time;
    `Refused` when the listen address belongs to another process.
    """

    def route(self, edge: Edge) -> None:
        """Make the edge do exactly this, without losing a request, and read it back.

        Returns once every new request follows the new weights. Asking twice equals once.
        """
        ...

    def weights(self, app: str, environment: str) -> dict[str, int]:
        """Return what the edge does now, release to percent; empty when it routes nothing."""
        ...

    def busy(self, app: str, environment: str, release: str) -> int:
        """Return how many requests and streams are under way on a release."""
        ...

    def remove(self, app: str, environment: str) -> None:
        """Close the environment's listener; nothing happens when there is none."""
        ...
