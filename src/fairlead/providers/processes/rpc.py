"""How is a running supervisord asked?"""

import http.client
import xmlrpc.client
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from fairlead.errors import Permanent, Temporary
from fairlead.providers.unix_line import UnixLine

# supervisord answers in milliseconds; a machine that swaps may take seconds.
PATIENCE_S = 10.0

SHUTTING_DOWN, NO_SUCH_NAME, NOT_RUNNING, STILL_RUNNING, BAD_FILES = 6, 10, 70, 91, 92


class Unreachable(Temporary):
    """Nobody listens on the socket."""


class ShuttingDown(Temporary):
    """supervisord answers, but only to say that it is ending."""


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = UnixLine(self._path, "localhost", PATIENCE_S)
        self._connection = (host, connection)
        return connection


class Rpc:
    """Calls by XML-RPC over the unix socket at `path`, one connection a call.

    Errors: `Unreachable`, `ShuttingDown`, `Temporary` for every other silence; `Permanent` when
    supervisord cannot read its files.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, method: str, *arguments: Any, unless: tuple[int, ...] = ()) -> Any:
        """Call `supervisor.<method>`; a fault whose code is in `unless` answers None."""
        try:
            return self._call(f"supervisor.{method}", *arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode in unless:
                return None
            raise _error(method, fault) from fault

    def ask_all(self, *calls: tuple[str, *tuple[str, ...]]) -> None:
        """Make several calls at once, each a method and its arguments; the first fault counts."""
        told = [{"methodName": f"supervisor.{call[0]}", "params": [*call[1:]]} for call in calls]
        for call, answer in zip(calls, self._call("system.multicall", told), strict=True):
            if isinstance(answer, dict) and "faultCode" in answer:
                fault = xmlrpc.client.Fault(answer["faultCode"], answer["faultString"])
                raise _error(call[0], fault)

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = _Transport(self._path)
        proxy = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
        try:
            return getattr(proxy, method)(*arguments)
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise Unreachable(f"supervisord does not listen on {self._path}") from error
        except xmlrpc.client.Fault:
            raise
        except (OSError, http.client.HTTPException, xmlrpc.client.Error, ExpatError) as error:
            raise Temporary(f"supervisord did not answer {method}: {error!r}") from error
        finally:
            transport.close()


def _error(method: str, fault: xmlrpc.client.Fault) -> Temporary | Permanent:
    if fault.faultCode == SHUTTING_DOWN:
        return ShuttingDown("supervisord is shutting down")
    if fault.faultCode == BAD_FILES:
        return Permanent(f"supervisord cannot read its files: {fault.faultString}")
    return Temporary(f"supervisord refused {method}: {fault.faultString}")
