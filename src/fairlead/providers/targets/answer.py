"""Does a unit answer on its socket, and with which status?"""

import http.client
import socket
from pathlib import Path

from fairlead.errors import Temporary

TIMEOUT_S = 1.0


class _Line(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(TIMEOUT_S)
        try:
            line.connect(str(self._path))
        except OSError:
            line.close()
            raise
        self.sock = line


def status(place: Path, path: str) -> int:
    """Return the status with which the unit at the socket `place` answers a GET of `path`.

    Errors: `Temporary` with the kind of silence when it does not answer.
    """
    line = _Line(place)
    try:
        line.request("GET", path, headers={"user-agent": "fairlead-health/1"})
        return line.getresponse().status
    except TimeoutError as error:
        raise Temporary(f"nothing within {TIMEOUT_S:.0f} s") from error
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise Temporary("nobody listens on its socket") from error
    except (OSError, http.client.HTTPException) as error:
        raise Temporary(f"the connection broke ({type(error).__name__})") from error
    finally:
        line.close()
