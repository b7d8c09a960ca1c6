"""Is each request that OpenTelemetry tells about counted once, and nothing else at all?"""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from fairlead.api.ingest import otlp
from fairlead.commands import intake
from fairlead.store import rolling, rollups
from functions.stand import Functions
from ingest.otlp_stand import CUMULATIVE, DELTA, Sender, sender

# Ten answers of 10 to 25 milliseconds.
TEN = (0, 0, 10, 0, 0, 0, 0, 0, 0)


@pytest.fixture
def app(functions: Functions) -> Sender:
    return sender(functions)


@pytest.mark.parametrize("form", ["protobuf", "gzip", "json"])
def test_what_was_done_is_counted_in_every_form(app: Sender, form: str) -> None:
    assert app.sent(app.metrics(app.point(TEN), app.point(TEN, 503)), form) == (0, "")
    seen = app.seen()
    assert (seen.samples, seen.error_rate) == (20, 0.5)
    assert seen.mean_ms == pytest.approx(20, abs=0.01)
    assert seen.p50_ms is not None
    assert 10 < seen.p50_ms < 25


def test_what_comes_again_is_counted_once(app: Sender) -> None:
    message = app.metrics(app.point(TEN))
    for form in ("protobuf", "gzip", "protobuf"):
        assert app.sent(message, form) == (0, "")
    assert app.seen().samples == 10
    app.attributes["service.instance.id"] = "another"
    app.sent(app.metrics(app.point(TEN)))
    assert app.seen().samples == 20


def test_a_counter_that_grows_tells_what_it_has_grown_by(app: Sender) -> None:
    def told(*counts: int, status: int = 200, ago: float = 2) -> None:
        points = [
            app.point((0, 0, n, 0, 0, 0, 0, 0, 0), status, began=100, ago=ago) for n in counts
        ]
        assert app.sent(app.metrics(*points, temporality=CUMULATIVE)) == (0, "")

    # A process that is new has told everything there is; after that only what is more counts.
    told(10, ago=30)
    assert app.seen().samples == 10
    told(25, ago=20)
    assert app.seen().samples == 25
    told(25, ago=10)
    told(20, ago=15)
    assert app.seen().samples == 25
    # A series that is new in a process that is known counts from its beginning: the first errors.
    told(5, status=500, ago=5)
    seen = app.seen()
    assert (seen.samples, seen.error_rate) == (30, 5 / 30)
    assert seen.p50_ms is not None
    # A restart begins anew, from nothing.
    app.attributes["service.instance.id"] = "restarted"
    told(3)
    assert app.seen().samples == 33


def test_a_process_that_ran_long_before_it_was_heard_only_says_where_it_stands(app: Sender) -> None:
    for ago, count in ((30, 1_000_000), (20, 1_000_040)):
        counts = (0, 0, count, 0, 0, 0, 0, 0, 0)
        point = app.point(counts, began=7200, ago=ago)
        assert app.sent(app.metrics(point, temporality=CUMULATIVE)) == (0, "")
    assert app.seen().samples == 40


@pytest.mark.parametrize("temporality", [DELTA, CUMULATIVE])
def test_exponential_histograms_tell_their_times(app: Sender, temporality: int) -> None:
    # Scale 3: bucket i ends at 2 ** ((i + 1) / 8) seconds; -45 is about 20 milliseconds.
    times = {"offset": -45, "bucketCounts": [90, 0, 10]}
    point = app.point(TEN) | {"count": 101, "zeroCount": 1, "scale": 3, "positive": times}
    del point["explicitBounds"], point["bucketCounts"]
    kind = "exponentialHistogram"
    assert app.sent(app.metrics(point, kind=kind, temporality=temporality)) == (0, "")
    seen = app.seen()
    assert seen.samples == 101
    assert seen.p50_ms == pytest.approx(2 ** (-44.5 / 8) * 1000, rel=0.05)
    assert seen.p95_ms == pytest.approx(2 ** (-42.5 / 8) * 1000, rel=0.05)


@pytest.mark.parametrize(
    ("attributes", "changed", "sentence"),
    [
        ({"service.version": ""}, {}, "service.version is missing"),
        ({"service.name": ""}, {}, "service.name is missing"),
        ({"deployment.environment.name": ""}, {}, "deployment.environment.name is missing"),
        ({"deployment.environment.name": "nowhere"}, {}, "nothing was ever deployed to nowhere"),
        ({"fairlead.app": "nothing"}, {}, "nothing was ever deployed of nothing"),
        ({}, {"sum": "NaN"}, "its sum must be a number of 0 or more"),
        ({}, {"sum": -1}, "its sum must be a number of 0 or more"),
        ({}, {"count": 11}, "do not add up"),
        ({}, {"explicitBounds": [1, 0.5]}, "do not add up"),
        ({}, {"explicitBounds": [1, 0.5, 2, 3, 4, 5, 6, 7]}, "bounds of its buckets must grow"),
        ({}, {"timeUnixNano": 5}, "its time must lie within the last 60 minutes"),
        ({}, {"startTimeUnixNano": 5}, "longer than 5 minutes"),
    ],
)
def test_what_cannot_be_counted_is_refused_alone(
    app: Sender, attributes: dict[str, str], changed: dict[str, Any], sentence: str
) -> None:
    app.attributes |= attributes
    number, because = app.sent(app.metrics(app.point(TEN) | changed))
    assert number == 1
    assert sentence in because
    app.attributes.clear()
    number, _ = app.sent(app.metrics(app.point(TEN), app.point(TEN) | {"sum": -1}))
    assert (number, app.seen().samples) == (1, 10)


def test_other_metrics_are_let_pass(app: Sender) -> None:
    assert app.sent(app.metrics(app.point(TEN), name="http.client.request.duration")) == (0, "")
    gauge = app.metrics({"asInt": "5", "timeUnixNano": app.nanoseconds(2)}, kind="gauge")
    assert app.sent(gauge) == (1, "http.server.request.duration must be a histogram")
    assert app.seen().samples == 0


def test_spans_count_only_where_they_are_asked_for(
    app: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad: dict[str, Any] = {
        "attributes": [{"key": "http.response.status_code", "value": {"intValue": "500"}}]
    }
    message = app.spans(app.span(), app.span(status={"code": 2}), app.span(**bad), app.span(kind=3))
    number, because = app.sent(message)
    assert (number, app.seen("spans").samples) == (0, 0)
    assert "are not counted: fairlead.yaml says metrics.from envoy" in because
    monkeypatch.setattr("fairlead.reports.performance.source", lambda *_: "spans")
    for form in ("protobuf", "json"):
        assert app.sent(message, form) == (0, "")
        app.sent(message, form)
    seen = app.seen("spans")
    # JSON is another message to us, and a sender keeps to one form.
    assert (seen.samples, seen.error_rate) == (6, 4 / 6)
    assert seen.p50_ms == pytest.approx(20, rel=0.02)
    app.sent(app.metrics(app.point(TEN)))
    assert (app.seen("spans").samples, app.seen().samples) == (6, 10)
    assert app.sent(app.spans(app.span(ms=-5))) == (1, "a span: it ends before it begins")


def test_who_may_not_or_speaks_otherwise_is_told_so(app: Sender) -> None:
    raw = app.metrics(app.point(TEN)).SerializeToString()
    for headers, status in (
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer fl_wrong"}, 401),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Encoding": "br"}, 415),
        ({"Content-Encoding": "gzip"}, 400),
    ):
        assert app.send(raw, headers=headers).status_code == status
    assert app.send(b"\xff\xff").status_code == 400
    assert app.send(b"[" * 50_000, "json").status_code == 400
    assert app.send(b"x" * (otlp.LARGEST + 1)).status_code == 413
    # A small message may not become a large one.
    bomb = gzip.compress(b"\0" * (otlp.LARGEST_UNPACKED + 1))
    assert app.send(bomb, headers={"Content-Encoding": "gzip"}).status_code == 413
    cut = gzip.compress(raw)[:-4]
    assert app.send(cut, headers={"Content-Encoding": "gzip"}).status_code == 400
    answer = app.send(b"{", "json")
    assert json.loads(answer.content) == {"message": "this is no message of OTLP"}
    assert app.send(b"\xff").content == b"\x12\x1athis is no message of OTLP"
    assert app.functions.request("GET", "/v1/metrics").status_code == 405
    assert app.seen().samples == 0


def test_when_too_much_waits_it_says_when_to_come_again(
    app: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 0)
    answer = app.send(app.metrics(app.point(TEN)))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


def test_a_message_of_very_many_series_is_taken_where_nothing_else_waits(app: Sender) -> None:
    more = [{"key": "http.route", "value": {"stringValue": f"/{n}"}} for n in range(9_000)]
    points = [app.point((1,) + 8 * (0,), attributes=[route]) for route in more]
    assert app.sent(app.metrics(*points)) == (0, "")
    assert app.seen().samples == 9_000


def test_what_was_told_reads_as_totals(app: Sender) -> None:
    app.sent(app.metrics(app.point(TEN), app.point(TEN, 500)))
    place = (app.functions.loop.app.name, "live")
    with app.functions.loop.house.database.begin() as tx:
        rolling.roll(tx, app.now + timedelta(hours=2))
        rolling.roll(tx, app.now + timedelta(days=2))
        wanted = [("abc", "functions"), ("other", "functions")]
        (told,) = rollups.totals(tx, place, "fairlead", wanted)
    assert (told.requests, told.errors, sum(told.buckets)) == (20, 10, 20)
