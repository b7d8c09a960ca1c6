"""What of the samples waits for the watch, also while it cannot look? The last few rounds."""

from contextlib import suppress
from queue import Empty, Full, Queue

from fairlead.analysis.watch import Second

# What is older would be no news of now to the watch, and would keep it busy when it looks again.
MOST = 10


class Rounds:
    """Rounds of samples on their way; several may hand them on, in threads of their own."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: Queue[list[Second]] = Queue(MOST)

    def put(self, seconds: list[Second]) -> None:
        """Hand on one round, in the place of the oldest where there is no other."""
        while True:
            with suppress(Full):
                return self._waiting.put_nowait(seconds)
            with suppress(Empty):
                self._waiting.get_nowait()

    def next(self, within_s: float) -> list[Second]:
        """Return the oldest round, waited for; an empty one when none comes in time."""
        with suppress(Empty):
            return self._waiting.get(timeout=within_s)
        return []
