"""Does Envoy do exactly what the edge says, and does it say so itself?"""

import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from fairlead.errors import Refused, Temporary
from fairlead.providers.traffic.envoy import Envoy
from fairlead.rollout.ports import Router
from fairlead.rollout.slot import Arm, Edge, Endpoint
from providers.envoy_stand import COOKIE, Stand, Upstream, arm, ask, eventually, free_port, standing


@pytest.fixture
def stand() -> Iterator[Stand]:
    with standing() as found:
        yield found


def test_envoy_is_a_router_and_reads_its_weights_back(stand: Stand) -> None:
    router: Router = stand.router
    assert router.weights("shop", "production") == {}
    for weight in (0, 5, 100):
        router.route(stand.edge(weight))
        assert router.weights("shop", "production") == {"new": weight, "old": 100 - weight}


def test_every_request_after_a_switch_follows_it(stand: Stand) -> None:
    for turn in range(20):
        stand.router.route(stand.edge(100 * (turn % 2)))
        assert ask(stand.listen)[1] == ("new" if turn % 2 else "old")


def test_asking_twice_equals_once(stand: Stand) -> None:
    stand.router.route(stand.edge(25))
    before = {p: p.stat().st_mtime_ns for p in stand.home.rglob("*.json")}
    stand.router.route(stand.edge(25))
    assert {p: p.stat().st_mtime_ns for p in stand.home.rglob("*.json")} == before
    assert stand.router.weights("shop", "production") == {"new": 25, "old": 75}


def test_a_tester_reaches_a_release_without_traffic(stand: Stand) -> None:
    stand.router.route(stand.edge(0))
    status, body, headers = ask(stand.listen, "/", {"x-fairlead-release": "new"})
    assert (status, body, headers["x-fairlead-release"]) == (200, "new", "new")
    assert "set-cookie" not in headers
    assert ask(stand.listen)[1] == "old"


def test_an_unknown_release_is_never_answered_by_another(stand: Stand) -> None:
    stand.router.route(stand.edge(50))
    for name in ("newer", "NEW", "new,old", ""):
        status, body, _ = ask(stand.listen, "/", {"x-fairlead-release": name})
        assert status == 404
        assert body == "the release in x-fairlead-release is not in production\n"


def test_without_a_healthy_release_the_answer_is_a_sentence(stand: Stand) -> None:
    nobody = "no healthy release of shop is deployed in production\n"
    stand.router.route(Edge("shop", "production", stand.listen, ()))
    assert ask(stand.listen)[:2] == (503, nobody)
    assert stand.router.weights("shop", "production") == {}
    stand.router.route(stand.edge(0, old_weight=0))
    assert ask(stand.listen)[:2] == (503, nobody)
    assert ask(stand.listen, "/", {"x-fairlead-release": "old"})[1] == "old"
    assert stand.router.weights("shop", "production") == {"new": 0, "old": 0}


def test_every_user_sees_one_release_as_if_it_stood_alone(stand: Stand) -> None:
    trust, fresh = Upstream(stand.run, "trust"), Upstream(stand.run, "fresh")
    prefix = "/functions/v1/trust"
    new = arm("new", 100, stand.new)
    new = replace(
        new,
        endpoints=(
            *new.endpoints,
            Endpoint("functions", "trust", trust.address, prefix),
            Endpoint("functions", "trust-score", fresh.address, f"{prefix}-score"),
        ),
    )
    old = Arm("old", 0, (Endpoint("functions", "trust", trust.address, prefix),))

    def answers(release: str) -> list[tuple[int, str]]:
        paths = ("/", prefix, f"{prefix}/a?b=c", f"{prefix}-score", f"{prefix}s")
        named = [ask(stand.listen, path, {"x-fairlead-release": release})[:2] for path in paths]
        assert [ask(stand.listen, path)[0] for path in paths] == [status for status, _ in named]
        return named

    edge = Edge("shop", "production", stand.listen, (new, old))
    stand.router.route(edge)
    assert [body for _, body in answers("new")] == ["new", "trust", "trust", "fresh", "new"]
    stand.router.route(replace(edge, arms=(replace(new, weight=0), replace(old, weight=100))))
    assert [status for status, _ in answers("old")] == [404, 200, 200, 404, 404]
    said = ask(stand.listen, f"{prefix}-score")[1]
    assert said == "this release has nothing at this path\n"
    trust.close()
    fresh.close()


def test_users_cannot_take_another_place_on_the_line(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    headers = {"x-request-id": "mine", "x-forwarded-for": "9.9.9.9"}
    _, _, answer = ask(stand.listen, "/", headers)
    assert "mine" not in answer["set-cookie"]
    assert answer["set-cookie"].startswith(f"{COOKIE}={stand.new.asked[-1]['x-request-id']};")
    assert stand.new.asked[-1]["x-forwarded-for"].startswith("9.9.9.9,")
    assert "server" not in answer
    assert not [name for name in answer if name.startswith("x-envoy")]


def test_a_taken_port_is_refused_and_other_environments_go_on(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    with standing() as other:
        other.router.route(other.edge(0))
        taken = replace(stand.edge(100), environment="development", listen=other.listen)
        with pytest.raises(Refused) as refusal:
            stand.router.route(taken)
        moved = replace(stand.edge(0), listen=other.listen)
        with pytest.raises(Refused):
            stand.router.route(moved)
        assert ask(other.listen)[1] == "old"
    assert str(refusal.value) == (
        f"{other.listen} is taken by another process: stop it or"
        " change environments.development.listen"
    )
    assert stand.router.weights("shop", "development") == {}
    assert stand.router.weights("shop", "production") == {"new": 100, "old": 0}
    assert ask(stand.listen)[1] == "new"
    stand.router.route(taken)
    assert ask(other.listen)[1] == "new"


def test_a_port_that_was_taken_while_envoy_was_down_can_be_had_back(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    stand.processes.stop("envoy")
    host, _, port = stand.listen.partition(":")
    with socket.create_server((host, int(port))):
        stand.router.up()
        assert stand.router.weights("shop", "production") == {}
        with pytest.raises(Refused, match="is taken by another process"):
            stand.router.route(stand.edge(100))
    stand.router.route(stand.edge(100))
    assert ask(stand.listen)[1] == "new"


def test_two_environments_cannot_share_an_address(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    with pytest.raises(Refused, match="is another environment's already"):
        stand.router.route(replace(stand.edge(0), environment="development"))
    assert ask(stand.listen)[1] == "new"


def test_an_environment_can_move_to_another_address(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    moved = replace(stand.edge(0), listen=f"127.0.0.1:{free_port()}")
    stand.router.route(moved)
    assert ask(moved.listen)[1] == "old"
    with pytest.raises(ConnectionError):
        ask(stand.listen)


def test_a_removed_environment_is_closed_and_can_come_back(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    for _ in range(2):
        stand.router.remove("shop", "production")
        assert stand.router.weights("shop", "production") == {}
        with pytest.raises(ConnectionError):
            ask(stand.listen)
    stand.router.route(stand.edge(0))
    assert ask(stand.listen)[1] == "old"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"listen": "8080"}, "8080 is not an address to listen at"),
        ({"arms": (Arm("new", 100, ()),)}, "release new answers nowhere"),
        ({"arms": (Arm("new", 5, (Endpoint("f", "u", "h:1", "x"),)),)}, "must add up to 100"),
        ({"arms": (Arm("new", 0, (Endpoint("f", "u", "h:1", "x"),)),)}, "is not a path prefix"),
    ],
)
def test_an_edge_that_cannot_be_is_refused(
    stand: Stand, change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(Refused, match=problem):
        stand.router.route(replace(stand.edge(0), **change))
    assert stand.router.weights("shop", "production") == {}


def test_an_envoy_that_does_not_answer_is_temporary(stand: Stand) -> None:
    stand.processes.stop_all()
    router = Envoy(stand.home, stand.run, stand.processes, patience_s=0.2)
    with pytest.raises(Temporary, match="Envoy does not answer"):
        router.weights("shop", "production")
    with pytest.raises(Temporary, match=r"within 0.2 s .* see .*envoy.log"):
        router.route(stand.edge(0))
    assert eventually(lambda: not stand.processes.look())
