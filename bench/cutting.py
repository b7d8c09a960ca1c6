"""How is a connection cut between a COMMIT and its answer? By who passes on what is said."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"


@dataclass(slots=True)
class Cut:
    """The COMMIT, counted from 0, whose answer is lost; `happened` once it was."""

    number: int
    seen: int = 0
    happened: bool = False


@contextmanager
def cutting(url: str, cut: Cut) -> Iterator[str]:
    """Give a URL that leads to the same database through a door that cuts once."""
    parts = urlsplit(url)
    target = parse_qs(parts.query)["host"][0] + "/.s.PGSQL.5432"
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_open, args=(door, target, cut), daemon=True).start()
        port = door.getsockname()[1]
        yield (
            f"postgresql://postgres@127.0.0.1:{port}{parts.path}?sslmode=disable&gssencmode=disable"
        )


def _open(door: socket.socket, target: str, cut: Cut) -> None:
    with suppress(OSError):
        while True:
            client, _ = door.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(target)
            for work in (_asks, _answers):
                threading.Thread(target=work, args=(client, server, cut), daemon=True).start()


def _asks(client: socket.socket, server: socket.socket, cut: Cut) -> None:
    with suppress(OSError):
        while said := client.recv(65536):
            if COMMIT in said:
                if cut.seen == cut.number:
                    cut.happened = True
                cut.seen += 1
            server.sendall(said)
        server.shutdown(socket.SHUT_WR)


def _answers(client: socket.socket, server: socket.socket, cut: Cut) -> None:
    with suppress(OSError):
        while said := server.recv(65536):
            if cut.happened:
                # The server has done it, and nobody hears of it.
                break
            client.sendall(said)
    for side in (client, server):
        with suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
            side.close()
