"""How does one speak HTTP to who listens on a unix socket?"""

import socket
from http.client import HTTPConnection
from pathlib import Path


class UnixLine(HTTPConnection):
    """A connection to the socket at `path`; each wait on it lasts at most `timeout` seconds.

    Errors of connecting: `OSError`, as the socket tells them.
    """

    def __init__(self, path: Path, host: str, timeout: float) -> None:
        super().__init__(host, timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(self.timeout)
        try:
            line.connect(str(self._path))
        except OSError:
            line.close()
            raise
        self.sock = line
