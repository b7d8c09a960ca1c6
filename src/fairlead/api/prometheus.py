"""How is Fairlead itself, for Prometheus? Its text format, at `/metrics`, behind a token.

No run, release or person is a label: there are as many series as places, gates and words.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from fairlead import __version__
from fairlead.api.guest import Doors, TheWindow, doors
from fairlead.commands.intake import Counts
from fairlead.reports.own_numbers import (
    GATE_BOUNDS_S,
    Counted,
    Gate,
    OwnNumbers,
    Totals,
    own_numbers,
    totals,
)

router = APIRouter(include_in_schema=False)
_PLACE = ("app", "environment")
_process = ProcessCollector(registry=None)


@router.get("/metrics")
def metrics(window: TheWindow, inside: Annotated[Doors, Depends(doors)]) -> Response:
    """Tell everything as it is now; what all rows have to be read for, as it was a moment ago."""
    registry = CollectorRegistry()
    ever = inside.totals.ask(lambda: totals(window))
    registry.register(_Told(own_numbers(window), ever, inside.intake.counts()))
    registry.register(_process)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Told(Collector):
    """Numbers as Prometheus names them."""

    def __init__(self, numbers: OwnNumbers, ever: Totals, intake: Counts) -> None:
        self._numbers, self._ever, self._intake = numbers, ever, intake

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        yield _gauge("build_info", "Always 1.", ("version",), [Counted((__version__,), 1)])
        yield from _runs(self._numbers, self._ever)
        yield from _places(self._numbers)
        yield from _intake(self._intake)
        name, told = "outbox_messages", "Messages by channel: sent, waiting, failing or given up."
        yield _gauge(name, told, ("channel", "state"), self._ever.outbox)
        told = "Entries in the record."
        yield CounterMetricFamily("fairlead_journal_entries", told, value=self._numbers.journal)


def _runs(numbers: OwnNumbers, ever: Totals) -> Iterator[Metric]:
    yield _gauge("runs", "Runs by kind and status.", ("kind", "status"), ever.runs)
    yield _one("queue_runs", "Runs that have not begun yet.", numbers.queued)
    told = "How long the oldest of them has waited."
    yield _one("queue_oldest_seconds", told, numbers.oldest_queued_s)
    yield _gauge("gates", "Results of gates by status.", ("status",), ever.outcomes)
    yield _durations(ever.gates)


def _places(numbers: OwnNumbers) -> Iterator[Metric]:
    labels = (*_PLACE, "phase")
    yield _gauge("rollouts_open", "Takeovers that go on, by phase.", labels, numbers.rollouts)
    told = "Share that the live, the previous and a new release should have."
    yield _gauge("weight_percent", told, (*_PLACE, "role"), numbers.weights)
    told = "Age of the newest measurement; none where nothing was measured."
    yield _gauge("sampling_age_seconds", told, _PLACE, numbers.sampling_ages_s)


def _intake(counts: Counts) -> Iterator[Metric]:
    yield _one("intake_waiting", "Things told that wait to be written.", counts.waiting)
    told = "What those came as; they are refused beyond 8 MiB."
    yield _one("intake_waiting_bytes", told, counts.waiting_bytes)
    told = "Things told since the start, by what became of them."
    family = CounterMetricFamily("fairlead_intake_things", told, labels=("outcome",))
    family.add_metric(("written",), counts.written)
    family.add_metric(("refused",), counts.refused)
    family.add_metric(("failed",), counts.failed)
    yield family


def _durations(gates: Iterable[Gate]) -> Metric:
    told = "How long gates took."
    family = HistogramMetricFamily("fairlead_gate_duration_seconds", told, labels=("gate",))
    bounds = [*(str(bound) for bound in GATE_BOUNDS_S), "+Inf"]
    for gate in gates:
        buckets = zip(bounds, accumulate(gate.counts), strict=True)
        family.add_metric((gate.name,), [*buckets], gate.total_s)
    return family


def _gauge(name: str, told: str, labels: tuple[str, ...], values: Iterable[Counted]) -> Metric:
    family = GaugeMetricFamily(f"fairlead_{name}", told, labels=labels)
    for one in values:
        family.add_metric(one.labels, one.value)
    return family


def _one(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"fairlead_{name}", told, value=value)
