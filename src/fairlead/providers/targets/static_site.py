"""What does a static site answer? A release's file for its path, and nothing else.

A program of its own: `python -m fairlead.providers.targets.static_site FOLDER SOCKET`. A release's
files never change, so the whole site is read once; no path a request names is looked up on disk.
"""

import hashlib
import re
import stat
import sys
from mimetypes import MimeTypes
from pathlib import Path

import uvicorn
from starlette.datastructures import Headers
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

_HELD_FILE_BYTES = 256 * 1024
_HELD_SITE_BYTES = 32 * 1024 * 1024
_GRACE_S = 5
_REVALIDATE = "no-cache"
_FOR_EVER = "public, max-age=31536000, immutable"

# The machine's own list of types differs from machine to machine; a release must not.
_TYPES = MimeTypes(filenames=())
for _ending, _type in {
    ".avif": "image/avif",
    ".js": "text/javascript",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}.items():
    _TYPES.add_type(_type, _ending)


class Site:
    """An ASGI application that answers GET and HEAD with the files under `folder`."""

    def __init__(self, folder: Path) -> None:
        self._pages: dict[str, _Page] = {}
        root = folder.resolve()
        room = _HELD_SITE_BYTES
        for path in sorted(root.rglob("*")):
            real = path.resolve()
            if not real.is_file() or not real.is_relative_to(root):
                continue
            page = _Page(real, path.name, room)
            room -= len(page.held or b"")
            address = "/" + path.relative_to(root).as_posix()
            self._pages[address] = page
            if path.name == "index.html":
                self._pages[address.removesuffix("index.html")] = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = self._response(scope["method"], scope["path"], Headers(scope=scope))
        await response(scope, receive, send)

    def _response(self, method: str, path: str, headers: Headers) -> Response:
        if method not in ("GET", "HEAD"):
            return PlainTextResponse("Method Not Allowed", 405, {"allow": "GET, HEAD"})
        page = self._pages.get(path)
        if page is not None:
            return page.response(headers)
        if f"{path}/" in self._pages:
            # Relative, for we do not know by which name the visitor reached the edge.
            return RedirectResponse(f"{path.rpartition('/')[2]}/", 308)
        missing = self._pages.get("/404.html")
        if missing is not None:
            return missing.response(Headers(), 404)
        return PlainTextResponse("Not Found", 404, {"cache-control": _REVALIDATE})


class _Page:
    """One file; `held` is its content when it is small enough to be kept in memory."""

    def __init__(self, path: Path, name: str, room: int) -> None:
        self._path = path
        self._stat = path.stat()
        size = self._stat.st_size
        self.held = path.read_bytes() if size <= min(room, _HELD_FILE_BYTES) else None
        self._type = _TYPES.guess_type(name)[0] or "application/octet-stream"
        # By content: files of two releases may well share their time and size.
        self._etag = f'"{_digest(path, self.held)}"'
        self._headers = {
            "etag": self._etag,
            "cache-control": _FOR_EVER if names_its_content(name) else _REVALIDATE,
            "x-content-type-options": "nosniff",
        }

    def response(self, asked: Headers, status: int = 200) -> Response:
        known = [
            tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")
        ]
        if self._etag in known or known == ["*"]:
            return Response(None, 304, self._headers)
        if self.held is not None:
            return Response(self.held, status, self._headers, self._type)
        return FileResponse(self._path, status, self._headers, self._type, stat_result=self._stat)


def names_its_content(name: str) -> bool:
    """Tell whether a file's name holds a hash of its content, as bundlers write them.

    A word of eight signs or more between dots or dashes that has a digit and a letter and is
    hexadecimal, or has a digit and letters of both cases. In doubt no: visitors then ask once more.
    """
    for word in re.findall(r"(?<=[.-])[0-9A-Za-z_]{8,}(?=\.)", name):
        if not re.search(r"\d", word) or not re.search(r"[A-Za-z]", word):
            continue
        if re.fullmatch(r"[0-9a-f]+", word) or (
            re.search("[a-z]", word) and re.search("[A-Z]", word)
        ):
            return True
    return False


def serve(folder: Path, socket: Path) -> None:
    """Serve the site on a unix socket until SIGTERM; a socket left by a dead server is replaced."""
    if socket.exists() and stat.S_ISSOCK(socket.stat().st_mode):
        socket.unlink()
    uvicorn.run(
        Site(folder),
        uds=str(socket),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
    )


def _digest(path: Path, held: bytes | None) -> str:
    if held is not None:
        return hashlib.sha256(held).hexdigest()[:32]
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
