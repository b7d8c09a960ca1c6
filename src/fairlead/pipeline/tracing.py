"""How do runs become traces elsewhere? Once each has ended, from the record: a kill loses none."""

from datetime import timedelta

from fairlead.pipeline.house import House
from fairlead.release import trace
from fairlead.release.trace import Ran, Traces
from fairlead.store import gate_results, runs, traces

# Who asks for traces today wants none of last year's.
TOLD_FOR = timedelta(days=1)
MOST_AT_ONCE = 20


def send(house: House, to: Traces) -> int:
    """Tell runs that have ended and were not told; return how many.

    A run whose telling was cut is told again, under the same names. Errors: `Temporary`.
    """
    now = house.clock()
    with house.database.begin() as tx:
        waiting = traces.untold(tx, now - TOLD_FOR, MOST_AT_ONCE)
    for run in waiting:
        to.send(run, _spans(house, run))
        with house.database.begin() as tx:
            traces.told(tx, run, now)
    return len(waiting)


def _spans(house: House, run_id: str) -> list[trace.Span]:
    with house.database.begin() as tx:
        run, stages = runs.get(tx, run_id), runs.stages(tx, run_id)
        results = gate_results.of_run(tx, run_id)
    gates = [
        Ran(r.stage, r.gate, r.status, r.because, r.started_at, r.finished_at) for r in results
    ]
    return trace.spans(run, stages, gates)
