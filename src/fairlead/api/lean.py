"""How is a request read and answered where thousands come a second? With as little as there is."""

import asyncio
import concurrent.futures
import json
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from starlette.types import Receive, Send

from fairlead.commands.intake import RETRY_AFTER_S

Header = tuple[bytes, bytes]


async def body(receive: Receive, longest: int) -> bytes | None:
    """Return the body; None when it is too long."""
    message = await receive()
    if not message.get("more_body"):
        raw = bytes(message.get("body", b""))
        return raw if len(raw) <= longest else None
    whole = bytearray(message.get("body", b""))
    while len(whole) <= longest:
        message = await receive()
        whole += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return bytes(whole) if len(whole) <= longest else None
    return None


async def answer(
    send: Send, status: int, told: dict[str, Any], more: Iterable[Header] = ()
) -> None:
    """Send plain data as JSON, with the headers that its status calls for."""
    raw = json.dumps(told, ensure_ascii=False, default=_written).encode("utf-8", "replace")
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


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
