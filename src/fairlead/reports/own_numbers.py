"""How is Fairlead itself? Its runs, gates, takeovers, measurements, messages and its record."""

from dataclasses import dataclass

from fairlead.reports.window import Window
from fairlead.store import own_numbers as store
from fairlead.store.own_numbers import GATE_BOUNDS_S, Counted, Gate

__all__ = ["GATE_BOUNDS_S", "Counted", "Gate", "OwnNumbers", "Totals", "own_numbers", "totals"]


@dataclass(frozen=True, slots=True)
class OwnNumbers:
    """What is so now. `oldest_queued_s` and the ages are seconds.

    What was never measured has no age: it is left out of `sampling_ages_s`, never 0.
    """

    queued: int
    oldest_queued_s: float
    rollouts: list[Counted]
    weights: list[Counted]
    sampling_ages_s: list[Counted]
    journal: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What there ever was: to count it all rows are read, and they only become more."""

    runs: list[Counted]
    gates: list[Gate]
    outcomes: list[Counted]
    outbox: list[Counted]


def own_numbers(window: Window) -> OwnNumbers:
    """Return what is so now, read at one moment."""
    now = window.clock()
    with window.database.begin() as tx:
        queued, since = store.queue(tx)
        ages = [
            Counted((app, name), max(0.0, (now - at).total_seconds() - 1))
            for app, name, at in store.sampled(tx)
        ]
        return OwnNumbers(
            queued=queued,
            oldest_queued_s=(now - since).total_seconds() if since else 0.0,
            rollouts=store.rollouts(tx),
            weights=store.weights(tx),
            sampling_ages_s=ages,
            journal=store.journal(tx),
        )


def totals(window: Window) -> Totals:
    """Return what there ever was, read at one moment."""
    with window.database.begin() as tx:
        return Totals(store.runs(tx), store.gates(tx), store.outcomes(tx), store.outbox(tx))
