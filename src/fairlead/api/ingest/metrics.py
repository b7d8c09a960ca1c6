"""Which requests do OpenTelemetry's metrics tell about?

Histograms of `http.server.request.duration` (OTLP 1.x, semantic conventions for HTTP metrics) do.
Everything else that is sent is let pass unread.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    DataPointFlags,
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
)

from fairlead.analysis import buckets
from fairlead.analysis.rollup import Part, floored
from fairlead.analysis.sketch import Sketch
from fairlead.analysis.telling import LONGEST, Total
from fairlead.api.functions.known import Known
from fairlead.api.ingest.attributes import Owner, Unusable, digest, failed, owner, plain
from fairlead.api.ingest.taken import Taken, moment
from fairlead.commands.recording import SOURCE, exact_ms
from fairlead.commands.telling import Told

# Seconds, and milliseconds as they were before the conventions were stable.
NAMES = {"http.server.request.duration": "s", "http.server.duration": "ms"}
_TO_MS = {"s": 1000.0, "ms": 1.0, "us": 0.001}
_MOST = 2**53
_MOST_BUCKETS, _SCALES = 1000, range(-10, 21)
Point = HistogramDataPoint | ExponentialHistogramDataPoint


def taken(sent: ExportMetricsServiceRequest, known: Known, now: datetime) -> Taken:
    """Return what is told about requests, and what cannot be counted."""
    found = Taken()
    for of_resource in sent.resource_metrics:
        metrics = [
            (scope.scope.name, metric)
            for scope in of_resource.scope_metrics
            for metric in scope.metrics
            if metric.name in NAMES
        ]
        if not metrics:
            continue
        try:
            whose = owner(known, of_resource.resource)
        except Unusable as error:
            found.refuse(sum(len([*_points(metric)]) for _, metric in metrics), str(error))
            continue
        for scope, metric in metrics:
            _take(found, (whose, digest(scope, metric.name)), metric, now)
    return found


def _take(found: Taken, whose: tuple[Owner, bytes], metric: Metric, now: datetime) -> None:
    if metric.WhichOneof("data") not in ("histogram", "exponential_histogram"):
        found.refuse(1, f"{metric.name} must be a histogram")
        return
    for point in _points(metric):
        try:
            told = _told(whose, metric, point, now)
        except Unusable as error:
            found.refuse(1, f"{metric.name}: {error}")
        else:
            found.told += [told] if told else []


def _points(metric: Metric) -> Iterator[Point]:
    yield from metric.histogram.data_points
    yield from metric.exponential_histogram.data_points


def _told(whose: tuple[Owner, bytes], metric: Metric, point: Point, now: datetime) -> Told | None:
    nothing = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
    if point.flags & nothing or point.count == 0:
        return None
    to_ms = _TO_MS.get(metric.unit or NAMES[metric.name])
    if to_ms is None:
        raise Unusable(f"its unit must be s, ms or us, not {metric.unit[:20]}")
    at = moment(point.time_unix_nano, now)
    began = datetime.fromtimestamp(point.start_time_unix_nano / 1e9, UTC)
    total_ms = _total_ms(point, to_ms)
    times = _times(point, to_ms)
    attributes = plain(point.attributes)
    errors = failed(attributes)
    owned, instrument = whose
    match metric.histogram.aggregation_temporality or (
        metric.exponential_histogram.aggregation_temporality
    ):
        case AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA:
            if point.start_time_unix_nano and at - began > LONGEST:
                raise Unusable(f"it tells of a time longer than {LONGEST.seconds // 60} minutes")
            part = Part(
                owned.release, owned.component, SOURCE, 1, floored(at, 1), 1.0,
                point.count, point.count if errors else 0, total_ms, times,
            )  # fmt: skip
            return Told(owned.place, part)
        case AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE:
            counted = sorted(attributes.items(), key=repr)
            series = digest(
                owned.process.hex(),
                instrument.hex(),
                str(point.start_time_unix_nano),
                repr(counted),
            )
            total = Total(
                series, owned.process, owned.release, owned.component, SOURCE,
                began, at, point.count, total_ms, errors, times,
            )  # fmt: skip
            return Told(owned.place, total)
        case _:
            raise Unusable("it does not say whether it is delta or cumulative")


def _total_ms(point: Point, to_ms: float) -> float:
    if point.count > _MOST:
        raise Unusable("it counts more than there can be")
    if not point.HasField("sum") or not math.isfinite(point.sum) or point.sum < 0:
        raise Unusable("its sum must be a number of 0 or more")
    return exact_ms(min(point.sum * to_ms, float(_MOST)))


def _times(point: Point, to_ms: float) -> Sketch:
    """Return the answer times of a point; none when it tells only their sum."""
    if isinstance(point, ExponentialHistogramDataPoint):
        positive = point.positive
        if point.scale not in _SCALES or len(positive.bucket_counts) > _MOST_BUCKETS:
            raise Unusable("its scale lies from -10 to 20, and it has 1000 buckets at most")
        if sum(positive.bucket_counts) + point.zero_count != point.count:
            raise Unusable("its buckets do not add up to its count")
        return buckets.exponential(
            point.scale, positive.offset, positive.bucket_counts, point.zero_count, to_ms
        )
    bounds, counts = [bound * to_ms for bound in point.explicit_bounds], point.bucket_counts
    if len(bounds) > _MOST_BUCKETS:
        raise Unusable("it has more than 1000 buckets")
    if not bounds:
        return {}
    if len(counts) != len(bounds) + 1 or sum(counts) != point.count:
        raise Unusable("its buckets do not add up to its count")
    if not all(math.isfinite(b) for b in bounds) or bounds != sorted(set(bounds)):
        raise Unusable("the bounds of its buckets must grow")
    return buckets.explicit(bounds, counts)
