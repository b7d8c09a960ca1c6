"""How much may a stranger send? No more than any request of ours needs, before it is read."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fairlead.api.problem import problem

LARGEST_BODY = 64 * 1024


class BoundedBodies:
    """Refuses bodies over 64 KiB before anything is kept of them, with or without a token."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, its body read here and bounded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > LARGEST_BODY:
                await problem(413, "a request may be 64 KiB long at most")(scope, receive, send)
                return
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        pending: list[Message] = [{"type": "http.request", "body": bytes(body)}]

        async def read() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, read, send)
