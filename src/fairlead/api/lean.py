"""How is a request read and answered where thousands come a second? With as little as there is."""

import json
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


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
