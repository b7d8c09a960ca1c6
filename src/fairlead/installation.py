"""How does an installation come up, and go down again?"""

import json
import os
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

import psutil

from fairlead import places
from fairlead.errors import Refused, Temporary
from fairlead.providers import registry
from fairlead.providers.databases import app_database
from fairlead.rollout.process import Processes, Program
from fairlead.settings import Settings, keep_address
from fairlead.store.database import wait_until_ready

SERVER = "server"
HIGHEST_PORT = 65535
READY_S = 30.0
Say = Callable[[str], None]


def up(settings: Settings, say: Say) -> None:
    """Bring everything up, or find it up already: keeper, database, edge, server.

    Errors: `Refused` when it can never come up like this, `Temporary` when it may later.
    """
    _prepare_home(settings)
    if settings.database_url:
        wait_until_ready(settings.database_url, READY_S)
    keeper, outfit = places.keeper(settings), places.outfit(settings)
    if keeper.alive():
        _refuse_other_address(settings, keeper)
    else:
        _refuse_taken_port(settings)
        registry.local_target(outfit).begin_anew()
    keeper.up()
    say("keeper of processes: up")
    registry.edge(outfit).up()
    say("edge: up")
    # The server waits for its database, so that both can start at once.
    keeper.start(server_program(settings))
    if not settings.database_url:
        places.embedded_database(settings).up()
        say("database: up")
    _wait_for_server(settings, keeper)
    keep_address(settings)
    say("server: ready")


def down(settings: Settings, say: Say) -> None:
    """Stop everything; runs under way go on when it comes up again."""
    keeper = places.keeper(settings)
    if not keeper.alive():
        say("nothing is running")
        return
    keeper.stop(SERVER)
    say("server: stopped")
    keeper.down()
    say("edge, slots and database: stopped")


def server_program(settings: Settings) -> Program:
    """Return the server as a program that is kept up."""
    tools = os.path.dirname(sys.executable)  # noqa: PTH120 - a PATH entry is text
    return Program(
        name=SERVER,
        argv=(sys.executable, "-m", "fairlead.server"),
        folder=settings.home,
        log=settings.home / "logs" / f"{SERVER}.log",
        # With a heap for each thread, what was needed once by one of them stays taken.
        env=settings.environment()
        | {"PATH": f"{tools}:/usr/local/bin:/usr/bin:/bin", "MALLOC_ARENA_MAX": "2"},
        start_retries=1000,
    )


def _prepare_home(settings: Settings) -> None:
    if not 1 <= settings.port <= HIGHEST_PORT:
        raise Refused(f"{settings.port} is no port: choose one from 1 to {HIGHEST_PORT}")
    try:
        # Nothing of ours is for other accounts of the machine, whatever we or our children write.
        os.umask(0o077)
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.home.chmod(0o700)
        (settings.home / "logs").mkdir(exist_ok=True)
    except OSError as error:
        raise Refused(
            f"the home {settings.home} cannot be used: {error.strerror}: choose another folder "
            "with --home"
        ) from error


def _refuse_other_address(settings: Settings, keeper: Processes) -> None:
    running = SERVER in keeper.look()
    if running and settings.address.is_file():
        kept = ":".join(settings.address.read_text("utf-8").split())
        if kept != f"{settings.host}:{settings.port}":
            raise Refused(f"it runs at {kept} already: `fairlead down` first, then choose another")


def _refuse_taken_port(settings: Settings) -> None:
    found = _who_answers(settings)
    if found not in (None, settings.name):
        raise Refused(
            f"{settings.host}:{settings.port} is taken by another process: stop it, or choose "
            "another port with `fairlead up --port N`"
        )


def _wait_for_server(settings: Settings, keeper: Processes) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        if _who_answers(settings) == settings.name and _listens(keeper, settings.port):
            return
        time.sleep(0.05)
    log = settings.home / "logs" / f"{SERVER}.log"
    raise Temporary(
        f"the server was not ready within {READY_S:.0f} s: its last words are in {log}; where they "
        "tell of an upgrade of its tables, `fairlead up` waits for it once more"
    )


def _listens(keeper: Processes, port: int) -> bool:
    """Tell whether it is our own server that has the port: anybody could answer in its place."""
    server = keeper.look().get(SERVER)
    try:
        found = psutil.Process(server.pid).net_connections("tcp") if server and server.pid else []
    except psutil.Error:
        return False
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in found)


def _who_answers(settings: Settings) -> str | None:
    """Return the name of the installation at our address, `?` for a stranger, None for nobody."""
    asked = HTTPConnection(settings.host, settings.port, timeout=1)
    try:
        asked.request("GET", "/healthz")
        return str(json.load(asked.getresponse())["installation"])
    except ConnectionRefusedError:
        return None
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return "?"
    finally:
        asked.close()


def make_database(settings: Settings, name: str) -> None:
    """Make an empty database beside our own, and keep its address as the secret of that name.

    Errors: `Refused` when there is one of that name, or our own tables are on a PostgreSQL of
    somebody else's.
    """
    if settings.database_url:
        raise Refused(
            "this installation runs on a PostgreSQL of yours: make a database there, and keep its "
            f"address with `fairlead secret put {name}`"
        )
    secrets = places.secrets(settings)
    if name in secrets.names():
        raise Refused(f"there is a secret {name} already: choose another name")
    secrets.put(name, app_database.make(places.database_url(settings), name))
