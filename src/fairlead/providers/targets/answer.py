"""Does a unit answer on its socket, and with which status?"""

import http.client
from pathlib import Path

from fairlead.errors import Temporary
from fairlead.providers.unix_line import UnixLine

TIMEOUT_S = 1.0


def status(place: Path, path: str) -> int:
    """Return the status with which the unit at the socket `place` answers a GET of `path`.

    Errors: `Temporary` with the kind of silence when it does not answer.
    """
    line = UnixLine(place, "localhost", TIMEOUT_S)
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
