"""How is Fairlead itself? Its runs, gates, takeovers, measurements, messages and its record."""

from dataclasses import dataclass

from fairlead.reports.window import Window
from fairlead.store import own_numbers as store
from fairlead.store.own_numbers import GATE_BOUNDS_S, Counted, Gate

__all__ = ["GATE_BOUNDS_S", "Counted", "Gate", "OwnNumbers", "own_numbers"]


@dataclass(frozen=True, slots=True)
class OwnNumbers:
    """What a scrape is told. `oldest_queued_s` and the ages are seconds.

    What was never measured has no age: it is left out of `sampling_ages_s`, never 0.
    """

    runs: list[Counted]
    queued: int
    oldest_queued_s: float
    gates: list[Gate]
    outcomes: list[Counted]
    rollouts: list[Counted]
    weights: list[Counted]
    sampling_ages_s: list[Counted]
    outbox: list[Counted]
    journal: int


def own_numbers(window: Window) -> OwnNumbers:
    """Return everything, read at one moment."""
    now = window.clock()
    with window.database.begin() as tx:
        queued, since = store.queue(tx)
        ages = [
            Counted((app, name), max(0.0, (now - at).total_seconds() - 1))
            for app, name, at in store.sampled(tx)
        ]
        return OwnNumbers(
            runs=store.runs(tx),
            queued=queued,
            oldest_queued_s=(now - since).total_seconds() if since else 0.0,
            gates=store.gates(tx),
            outcomes=store.outcomes(tx),
            rollouts=store.rollouts(tx),
            weights=store.weights(tx),
            sampling_ages_s=ages,
            outbox=store.outbox(tx),
            journal=store.journal(tx),
        )
