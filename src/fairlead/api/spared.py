"""What if an answer costs more the longer Fairlead runs? Then it is looked for more seldom."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

# An answer is kept for so many times as long as it took to find: who asks all the time keeps no
# more than a twentieth of one core busy with it.
TIMES = 20.0
_Answer = TypeVar("_Answer")


class Spared(Generic[_Answer]):
    """One answer, found again when it is old; who asks meanwhile waits and shares it."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: tuple[float, _Answer] | None = None
        self._finding = threading.Lock()

    def ask(self, question: Callable[[], _Answer]) -> _Answer:
        """Return the answer; its error is told and not kept."""
        with self._finding:
            if self._known is None or time.monotonic() >= self._known[0]:
                began = time.monotonic()
                answer = question()
                now = time.monotonic()
                self._known = now + TIMES * (now - began), answer
            return self._known[1]
