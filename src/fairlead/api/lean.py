"""How is a request read and answered where thousands come a second? With as little as there is."""

import asyncio
import concurrent.futures
import json
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from starlette.types import Receive, Send

from fairlead.commands.intake import RETRY_AFTER_S, Full

# So many bytes of bodies that came in parts are held while the rest is on its way.
MOST_READ_AT_ONCE = 8 * 1024 * 1024
Header = tuple[bytes, bytes]
_Answer = TypeVar("_Answer")


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


# Made once: `json.dumps` makes one for each call.
_JSON = json.JSONEncoder(ensure_ascii=False, default=_written)


class Bodies:
    """Reads bodies, and not more at once than there is room for."""

    def __init__(self, longest: int) -> None:
        """Take bodies of at most `longest` bytes."""
        self._longest = longest
        self._held = 0

    async def read(self, receive: Receive) -> bytes | None:
        """Return the body; None when it is too long.

        Errors: `Full` when too many long ones are being read.
        """
        message = await receive()
        if not message.get("more_body"):
            raw = bytes(message.get("body", b""))
            return raw if len(raw) <= self._longest else None
        whole, held = bytearray(message.get("body", b"")), 0
        try:
            while len(whole) <= self._longest:
                self._held += len(whole) - held
                held = len(whole)
                if self._held > MOST_READ_AT_ONCE:
                    raise Full
                message = await receive()
                whole += message.get("body", b"")
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return bytes(whole) if len(whole) <= self._longest else None
        finally:
            self._held -= held
        return None


class Shared:
    """Asks a slow question in a thread, once at a time: who asks meanwhile shares the answer."""

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self._asked: dict[str, asyncio.Future[Any]] = {}

    async def ask(self, name: str, question: Callable[[], _Answer]) -> _Answer:
        """Return the answer to the question of that name; its errors are everybody's."""
        asked = self._asked.get(name)
        if asked is None:
            asked = asyncio.ensure_future(asyncio.to_thread(question))
            asked.add_done_callback(lambda _: self._asked.pop(name, None))
            self._asked[name] = asked
        answer: _Answer = await asyncio.shield(asked)
        return answer


async def answer(
    send: Send, status: int, told: dict[str, Any], more: Iterable[Header] = ()
) -> None:
    """Send plain data as JSON, with the headers that its status calls for."""
    raw = _JSON.encode(told).encode("utf-8", "replace")
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(raw)).encode()),
        *more,
    ]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status == 429:
        headers.append((b"retry-after", str(RETRY_AFTER_S).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


class Waiting:
    """Lets requests wait for what a thread does; of many that are done at once it is told once."""

    def __init__(self) -> None:
        """Wait for nothing yet."""
        self._done: deque[tuple[asyncio.Future[None], BaseException | None]] = deque()
        self._is_told = False

    async def until(self, written: "concurrent.futures.Future[None]") -> None:
        """Return when it is done; fail as it fails."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[None] = loop.create_future()

        def tell(done: "concurrent.futures.Future[None]") -> None:
            self._done.append((mine, done.exception()))
            if not self._is_told:
                self._is_told = True
                loop.call_soon_threadsafe(self._wake)

        written.add_done_callback(tell)
        await mine

    def _wake(self) -> None:
        # Told again from here on: what is done while these wake is not forgotten.
        self._is_told = False
        while self._done:
            waiting, error = self._done.popleft()
            if waiting.done():
                continue
            if error is None:
                waiting.set_result(None)
            else:
                waiting.set_exception(error)
