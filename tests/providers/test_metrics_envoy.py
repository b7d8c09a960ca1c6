"""Does Envoy's source count what happened, as the users saw it, and nothing else?"""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import IncompleteRead
from pathlib import Path

import pytest

from fairlead.analysis.histogram import BOUNDS_MS, BUCKETS, WIDTH
from fairlead.analysis.measurement import Counters, Reading
from fairlead.analysis.ports import Source
from fairlead.clock import utc_now
from fairlead.errors import Temporary
from fairlead.providers.metrics.envoy import EnvoySource, EnvoyTogether
from fairlead.rollout.slot import Edge
from providers.envoy_stand import Stand, Upstream, ask, asking, eventually, standing


@pytest.fixture
def stand() -> Iterator[Stand]:
    with standing() as found:
        yield found


def counted(stand: Stand, release: str, requests: int) -> Counters:
    """Return the release's totals once so many requests have ended: they are counted just after."""
    source: Source = EnvoySource(stand.run, utc_now)

    def now() -> Counters:
        return source.read("shop", "production").of(release)["frontend"]

    eventually(lambda: now().requests >= requests)
    # Times are added up once a second: they have a test of their own.
    return replace(now(), buckets=())


def test_users_are_counted_once_and_who_names_a_release_is_not(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    for path in ["/"] * 20 + ["/status/404"] * 3 + ["/status/500"] * 4 + ["/status/503"]:
        ask(stand.listen, path)
    ask(stand.listen, "/", {"x-fairlead-release": "old"})
    ask(stand.listen, "/", {"x-fairlead-release": "unknown"})
    new, old = counted(stand, "new", 28), counted(stand, "old", 0)
    assert (new.requests, new.errors) == (28, 5)
    assert (old.requests, old.errors) == (0, 0)


def test_a_release_nobody_asked_has_true_zeros(stand: Stand) -> None:
    stand.router.route(stand.edge(0))
    assert counted(stand, "new", 0) == Counters("new", "frontend", 0, 0, 0.0)


def test_a_release_that_does_not_answer_or_breaks_off_has_errors(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    assert ask(stand.listen, "/die")[0] == 503
    with asking(stand.listen, "/half") as answer, pytest.raises(IncompleteRead):
        answer.read()
    assert counted(stand, "new", 2).errors == 2
    stand.new.close()
    assert ask(stand.listen)[0] == 503
    found = counted(stand, "new", 3)
    assert (found.requests, found.errors) == (3, 3)


def test_the_mean_is_the_time_to_the_first_byte(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    for _ in range(5):
        ask(stand.listen, "/sleep/0.1")
    slow = counted(stand, "new", 5)
    assert 500 <= slow.total_ms < 650
    ask(stand.listen, "/stream/6")
    streamed = counted(stand, "new", 6)
    assert (streamed.requests, streamed.errors) == (6, 0)
    assert streamed.total_ms - slow.total_ms < 100


def test_waiting_that_a_user_gave_up_counts_as_slow(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    host, _, port = stand.listen.partition(":")
    with socket.create_connection((host, int(port))) as person:
        person.sendall(b"GET /sleep/1 HTTP/1.1\r\nhost: shop\r\n\r\n")
        assert eventually(lambda: stand.router.busy("shop", "production", "new") == 1)
        time.sleep(0.2)
    found = counted(stand, "new", 1)
    assert (found.requests, found.errors) == (1, 0)
    assert 200 <= found.total_ms < 900


def test_units_are_summed_and_components_are_apart(stand: Stand) -> None:
    units = [Upstream(stand.run, name) for name in ("one", "two")]
    new = stand.edge(100).arms[0]
    functions = [
        replace(new.endpoints[0], component="functions", unit=u.name, address=u.address, prefix=p)
        for u, p in zip(units, ("/one", "/two"), strict=True)
    ]
    arms = (replace(new, endpoints=(*new.endpoints, *functions)),)
    stand.router.route(Edge("shop", "production", stand.listen, arms))
    for path in ("/", "/one", "/one", "/two", "/two/three"):
        ask(stand.listen, path)
    read = EnvoySource(stand.run, utc_now).read
    assert eventually(
        lambda: (
            {c.component: c.requests for c in read("shop", "production").counters}
            == {"frontend": 1, "functions": 4}
        )
    )
    for unit in units:
        unit.close()


def test_a_restart_begins_another_epoch(stand: Stand) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    ticking = iter(now + timedelta(seconds=n) for n in range(1000))
    source = EnvoySource(stand.run, lambda: next(ticking))
    stand.router.route(stand.edge(100))
    ask(stand.listen)
    first, second = (source.read("shop", "production") for _ in range(2))
    assert (first.taken_at, second.taken_at) == (now, now + timedelta(seconds=1))
    assert first.epoch == second.epoch
    stand.processes.kill("envoy")
    stand.router.route(stand.edge(100))
    third = source.read("shop", "production")
    assert third.epoch != first.epoch
    assert third.of("new")["frontend"].requests == 0


def test_what_envoy_does_not_know_is_temporary_and_never_zero(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    source = EnvoySource(stand.run, utc_now)
    for app, environment in (("shop", "staging"), ("sho", "production"), (".*", "production")):
        with pytest.raises(Temporary, match="nothing to read"):
            source.read(app, environment)
    stand.processes.stop_all()
    with pytest.raises(Temporary, match="Envoy does not answer"):
        source.read("shop", "production")


def test_an_answer_that_is_nonsense_is_temporary(tmp_path: Path) -> None:
    impostor = Upstream(tmp_path, "envoy")
    with pytest.raises(Temporary):
        EnvoySource(tmp_path, utc_now).read("shop", "production")
    impostor.close()


def test_two_readings_make_a_measurement(stand: Stand) -> None:
    stand.router.route(stand.edge(0))
    source = EnvoySource(stand.run, utc_now)
    before: Reading = source.read("shop", "production")
    ask(stand.listen)
    assert counted(stand, "old", 1).requests == 1
    after = source.read("shop", "production")
    assert after.of("old")["frontend"].requests - before.of("old")["frontend"].requests == 1


def test_answers_are_counted_by_their_time_within_nine_percent(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    for _ in range(20):
        ask(stand.listen, "/sleep/0.04")
    source: Source = EnvoySource(stand.run, utc_now)

    def buckets() -> tuple[int, ...]:
        return source.read("shop", "production").of("new")["frontend"].buckets

    eventually(lambda: sum(buckets()) == 20)
    found = source.read("shop", "production").of("new")["frontend"]
    counted_ms = sum(
        count * BOUNDS_MS[number] for number, count in enumerate(found.buckets) if count
    )
    assert len(found.buckets) == BUCKETS
    assert found.total_ms <= counted_ms <= found.total_ms * (1 + WIDTH) ** 2


def test_read_together_every_environment_is_told_as_by_itself(stand: Stand) -> None:
    stand.router.route(stand.edge(100))
    for _ in range(5):
        ask(stand.listen, "/")
    alone = counted(stand, "new", 5)
    together = EnvoyTogether(stand.run, utc_now)
    first = together.read("shop", "production")
    assert replace(first.of("new")["frontend"], buckets=()) == alone
    assert together.read("shop", "production").taken_at == first.taken_at
    with pytest.raises(Temporary, match="no release of shop in nowhere"):
        together.read("shop", "nowhere")
    time.sleep(0.6)
    assert together.read("shop", "production").taken_at > first.taken_at
