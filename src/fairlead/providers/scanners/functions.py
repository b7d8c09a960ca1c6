"""How do the functions of a running release answer callers, well-meaning and otherwise?

Every request names the release, so it reaches the release's own slot, whatever traffic it has. The
functions of a private slot are asked directly, each on its own socket.
"""

import ipaddress
import secrets
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import httpx

from fairlead.errors import Refused
from fairlead.gates.finding import Finding, Scan
from fairlead.gates.probing import health, judge
from fairlead.gates.probing.answer import Answer, End
from fairlead.gates.probing.declared import Declarations, Declared
from fairlead.gates.probing.health import Health
from fairlead.gates.probing.judge import Site
from fairlead.gates.probing.private_slot import ABOUT, PrivateSlot
from fairlead.gates.probing.probe import Probe, health_probe, probes
from fairlead.gates.probing.token import Kind, Tokens, tokens
from fairlead.providers.scanners.asking import Request, ask, client, client_of
from fairlead.providers.scanners.old_tls import HTTPS_PORT, speaks_old_tls
from fairlead.rollout.slot import RELEASE_HEADER

AT_ONCE = 4
LIMIT_S = 10.0
MOST_HANGS = 3
# RFC 7518, 3.2: a key of HS256 has at least as many bits as the hash.
LEAST_SECRET_BYTES = 32
_KEY_BYTES = 32

_Found = TypeVar("_Found")
_Send = Callable[[Probe], Answer]


@dataclass(frozen=True, slots=True)
class Running:
    """A release that answers at `url`, such as http://127.0.0.1:8082, and how it is asked.

    `secret` signs its tokens, None when it is not known; `limit_s` is for each request; `verify`
    says which certificates are trusted, True for those that the machine trusts. The functions of a
    `private` slot answer on its sockets, and `url` is only what they are told as their host.
    """

    url: str
    release: str
    secret: bytes | None = field(default=None, repr=False)
    limit_s: float = LIMIT_S
    verify: ssl.SSLContext | bool = True
    private: PrivateSlot | None = None

    def __post_init__(self) -> None:
        """Refuse an address that cannot be asked, and a release without a name."""
        try:
            asked = httpx.URL(self.url)
        except (httpx.InvalidURL, TypeError) as error:
            raise Refused("the address of the release is none: give http://host:port") from error
        if asked.scheme not in ("http", "https") or not asked.host or asked.userinfo:
            raise Refused("the address of the release must be http://host:port, without a password")
        if not self.release:
            raise Refused("no release is named: set FAIRLEAD_RELEASE")


def secret(file: Path) -> bytes:
    """Return the secret that a file holds, without the line's end.

    Errors: `Refused` when it cannot be read, or is too short for a secret.
    """
    try:
        found = file.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise Refused(f"the secret in {file} cannot be read: {error.strerror}") from error
    if len(found) < LEAST_SECRET_BYTES:
        raise Refused(
            f"the secret in {file} has {len(found)} bytes, and HS256 needs {LEAST_SECRET_BYTES}: "
            "put the secret in that signs the app's tokens"
        )
    return found


def validate(running: Running, declared: Declarations, now: datetime) -> Scan:
    """Call `health_check` of every function; return what is wrong with the answers."""
    alive, failed = _alive(running, declared)
    if failed and not alive.functions:
        return Scan(health.TOOL, "", ABOUT, failed)
    found = measure(running, alive, now)
    scan = health.judge(found, running.release, must_answer=running.private is not None)
    return replace(scan, findings=(*failed, *scan.findings))


def measure(running: Running, declared: Declarations, now: datetime) -> tuple[Health, ...]:
    """Call `health_check` of every function three times, one call after another.

    A function that gave no answer is not called again.
    """
    made = _tokens(running, declared, now)

    def called(one: Declared, send: _Send) -> Health:
        token = made.get(Kind.VALID, "") if one.every_call else ""
        asks = health_probe(token)
        answers: list[Answer] = []
        while len(answers) < health.CALLS and all(a.end is End.ANSWERED for a in answers):
            answers.append(send(asks))
        return Health(one, tuple(answers), signed_in=bool(token))

    return tuple(_side_by_side(running, declared, called))


def probe(running: Running, declared: Declarations, now: datetime) -> Scan:
    """Ask every function what an attacker would; return what is wrong with the answers."""
    alive, failed = _alive(running, declared)
    if failed and not alive.functions:
        return Scan(judge.TOOL, "", ABOUT, failed)
    scan = judge.judge(alive, _asked(running, alive, now), _site(running))
    return replace(scan, findings=(*failed, *scan.findings))


def _alive(running: Running, declared: Declarations) -> tuple[Declarations, tuple[Finding, ...]]:
    """Return the functions that can be asked, and what is to be said of the others."""
    if running.private is None:
        return declared, ()
    sockets = running.private.sockets
    alive = tuple(one for one in declared.functions if one.name in sockets)
    return replace(declared, functions=alive), tuple(running.private.findings())


def _asked(running: Running, declared: Declarations, now: datetime) -> dict[str, judge.Asked]:
    made = _tokens(running, declared, now)

    def asked(one: Declared, send: _Send) -> judge.Asked:
        pairs: list[tuple[Probe, Answer]] = []
        for each in probes(one, made):
            hangs = sum(answer.end is End.HUNG for _, answer in pairs)
            answer = send(each) if hangs < MOST_HANGS else Answer(End.NOT_ASKED, 0)
            pairs.append((each, answer))
            if pairs[0][1].end is End.UNREACHED:
                break
        return pairs

    names = [one.name for one in declared.functions]
    return dict(zip(names, _side_by_side(running, declared, asked), strict=True))


def _tokens(running: Running, declared: Declarations, now: datetime) -> Tokens:
    return tokens(now, secrets.token_bytes(_KEY_BYTES), running.secret, declared.claims)


def _side_by_side(
    running: Running, declared: Declarations, about: Callable[[Declared, _Send], _Found]
) -> list[_Found]:
    """Return what is found about each function; those of one function are asked in order."""

    def one(function: Declared) -> _Found:
        url = f"{running.url.rstrip('/')}/functions/v1/{function.name}"
        return about(function, lambda each: _send(lines[function.name], running, url, each))

    with _lines(running, declared) as lines, ThreadPoolExecutor(AT_ONCE) as asking:
        return list(asking.map(one, declared.functions))


@contextmanager
def _lines(running: Running, declared: Declarations) -> Iterator[dict[str, httpx.Client]]:
    """Lend the client by which each function is asked."""
    names = [one.name for one in declared.functions]
    with ExitStack() as ends:
        if running.private is None:
            yield dict.fromkeys(names, ends.enter_context(client(running.verify)))
        else:
            sockets = running.private.sockets
            yield {name: ends.enter_context(client_of(sockets[name])) for name in names}


def _send(http: httpx.Client, running: Running, url: str, asks: Probe) -> Answer:
    headers = {
        "content-type": "application/json",
        RELEASE_HEADER: running.release,
        **asks.headers,
    }
    request = Request(asks.method, url, headers, asks.body, asks.padding)
    answer = ask(http, request, running.limit_s)
    if running.private is None:
        return answer
    # Nothing stands between us: who answers is the release, and who cannot be reached has ended.
    end = End.BROKE_OFF if answer.end is End.UNREACHED else answer.end
    return replace(answer, end=end, release=running.release)


def _site(running: Running) -> Site:
    url = httpx.URL(running.url)
    is_tls = url.scheme == "https"
    old = is_tls and speaks_old_tls(url.host, url.port or HTTPS_PORT, running.limit_s)
    return Site(url.host, running.release, is_tls, _is_local(url.host), old)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
