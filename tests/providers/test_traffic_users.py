"""What do the people who use an app notice of a switch? Nothing."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection

import pytest

from fairlead.providers.traffic.envoy import Envoy
from providers.envoy_stand import COOKIE, Stand, ask, asking, eventually, free_port, standing


@pytest.fixture
def stand() -> Iterator[Stand]:
    with standing() as found:
        yield found


class Person:
    """Somebody with a browser: keeps a connection open and the cookie they were given."""

    def __init__(self, listen: str) -> None:
        self._connection = HTTPConnection(listen, timeout=10)
        self._cookie = ""

    def sees(self, path: str = "/") -> str:
        headers = {"cookie": f"a=b; {self._cookie}; c=d"} if self._cookie else {}
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        seen = answer.read().decode()
        given = answer.headers.get("set-cookie", "")
        assert answer.status == 200
        assert bool(given) is not bool(self._cookie), "a cookie is given once"
        self._cookie = self._cookie or given.partition(";")[0]
        return seen

    def leaves(self) -> None:
        self._connection.close()


def _crowd(stand: Stand, count: int) -> list[Person]:
    return [Person(stand.listen) for _ in range(count)]


def _all_see(people: list[Person]) -> list[str]:
    found = []
    for person in people:
        found.append(person.sees())
        person.leaves()
    return found


def test_a_growing_release_only_gains_users_and_each_keeps_theirs(stand: Stand) -> None:
    people = _crowd(stand, 400)
    stand.router.route(stand.edge(5))
    before = _all_see(people)
    assert _all_see(people) == before
    for weight in (25, 50, 100):
        stand.router.route(stand.edge(weight))
        now = _all_see(people)
        assert all(n == "new" for b, n in zip(before, now, strict=True) if b == "new")
        assert abs(now.count("new") - 4 * weight) < 45
        before = now
    assert before == ["new"] * 400


def test_going_back_and_forth_places_everybody_where_they_were(stand: Stand) -> None:
    people = _crowd(stand, 40)
    stand.router.route(stand.edge(50))
    before = _all_see(people)
    stand.router.route(stand.edge(0))
    assert set(_all_see(people)) == {"old"}
    stand.router.route(stand.edge(50))
    assert _all_see(people) == before


def test_no_request_is_lost_while_weights_move(stand: Stand) -> None:
    stand.router.route(stand.edge(0))
    over = threading.Event()

    def ask_all_the_time() -> int:
        answered, kept = 0, HTTPConnection(stand.listen, timeout=10)
        while not over.is_set():
            for method, body in (("GET", None), ("POST", b"something")):
                kept.request(method, "/", body)
                answer = kept.getresponse()
                assert (answer.status, answer.read()) in ((200, b"new"), (200, b"old"))
                answered += 1
        kept.close()
        return answered

    with ThreadPoolExecutor(4) as pool:
        asking_now = [pool.submit(ask_all_the_time) for _ in range(4)]
        for turn in range(30):
            stand.router.route(stand.edge((5, 25, 50, 100, 0)[turn % 5]))
            time.sleep(0.02)
        over.set()
        assert sum(found.result() for found in asking_now) > 200
    assert {ask(stand.listen)[1] for _ in range(5)} == {"old"}


def test_a_stream_survives_switches_and_keeps_its_release_until_it_ends(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    with asking(stand.listen, "/stream/6") as stream:
        assert stream.status == 200
        assert eventually(lambda: stand.router.busy("shop", "production", "new") == 1)
        stand.router.route(replace(stand.edge(0), arms=(stand.edge(0).arms[1],)))
        assert ask(stand.listen)[1] == "old"
        assert stand.router.weights("shop", "production") == {"old": 100}
        assert stand.router.busy("shop", "production", "new") == 1
        assert stream.read().decode() == "".join(f"data: new {n}\n\n" for n in range(6))
    assert eventually(lambda: stand.router.busy("shop", "production", "new") == 0)
    known = stand.home / "clusters" / "clusters.json"
    assert "shop/production/new/frontend/site" in known.read_text()
    stand.router.route(stand.edge(0, old_weight=100))
    stand.router.route(replace(stand.edge(0), arms=(stand.edge(0).arms[1],)))
    assert "shop/production/new/frontend/site" not in known.read_text()


def test_a_websocket_survives_a_switch(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    person = HTTPConnection(stand.listen, timeout=5)
    person.connect()
    said = b"GET /echo HTTP/1.1\r\nhost: shop\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    person.sock.sendall(said)
    assert person.sock.recv(1000).startswith(b"HTTP/1.1 101")
    stand.router.route(stand.edge(0))
    person.sock.sendall(b"still there?")
    assert person.sock.recv(1000) == b"new: still there?"
    person.close()


def test_a_killed_envoy_comes_back_with_the_same_weights(stand: Stand) -> None:
    stand.router.route(stand.edge(25))
    stand.processes.kill("envoy")
    again = Envoy(stand.home, stand.run, stand.processes)
    again.up()
    assert eventually(lambda: again.weights("shop", "production") == {"new": 25, "old": 75})
    assert ask(stand.listen)[0] == 200
    stand.processes.kill("envoy")
    again.route(stand.edge(100))
    assert ask(stand.listen)[1] == "new"


def test_environments_change_at_the_same_time_without_disturbing_each_other(stand: Stand) -> None:
    def change(number: int) -> tuple[str, dict[str, int]]:
        edge = replace(stand.edge(0), environment=f"e{number}", listen=f"127.0.0.1:{ports[number]}")
        router = Envoy(stand.home, stand.run, stand.processes)
        for weight in (0, 50, 100 - number):
            arms = replace(stand.edge(weight), environment=edge.environment).arms
            router.route(replace(edge, arms=arms))
        return edge.listen, router.weights("shop", edge.environment)

    ports = [free_port() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for number, (listen, weights) in enumerate(pool.map(change, range(4))):
            assert weights == {"new": 100 - number, "old": number}
            cookie = ask(listen)[2]["set-cookie"]
            assert cookie.startswith(f"{COOKIE.removesuffix('production')}e{number}=")
