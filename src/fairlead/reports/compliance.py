"""What can be proven of a deployment's personal data, and what is held of people where?"""

from dataclasses import asdict
from typing import Any, Literal

from fairlead.errors import NotFound
from fairlead.journal.event import Entry
from fairlead.privacy import compliance
from fairlead.privacy.compliance import APPROVED, LIVE, PASSED, SUBMITTED, Answer, Noted, Recorded
from fairlead.release.plan import StageKind
from fairlead.release.progress import Run
from fairlead.reports.privacy import privacy
from fairlead.reports.window import Window
from fairlead.store import environments, gate_results, journal, runs
from fairlead.store.database import Tx

Place = tuple[str, str]
Kind = Literal["deployment", "post_deployment"]
# So many runs are looked through for the newest that knows.
MOST_RUNS = 50


def report(window: Window, place: Place, kind: Kind) -> dict[str, Any]:
    """Return what is proven of a deployment, line by line, each with its entries of the journal.

    `deployment` is about the newest run on its way to an environment, with all that it deploys to
    before; `post_deployment` about the newest run that changed the environment, and that alone.
    """
    with window.database.begin() as tx:
        run = _meant(tx, place, kind)
        now_live = environments.get(tx, *place).live
        gates, entries = _gates(tx, run), _entries(tx, run)
        needs = any(s.planned.kind is StageKind.APPROVE for s in runs.stages(tx, run.id))
    told = privacy(window, run.id)["deployments"]
    if kind == "post_deployment":
        told = [one for one in told if one["report"]["environment"] == place[1]]
    noted = [Noted(e.seq, e.event.kind, e.event.effect, e.event.environment) for e in entries]
    known = Recorded(told, gates, noted, needs)
    lines = compliance.lines(known)
    if kind == "post_deployment":
        lines += (compliance.live(known, place[1], run.release, now_live),)
    return {
        "report_type": kind,
        "run": run.id,
        "release": run.release or None,
        "commit": run.sha,
        "compliance": compliance.verdict(lines).value,
        "lines": [asdict(line) for line in lines],
        "unknown": [one.because for one in lines if one.answer is Answer.UNKNOWN],
        "journal_head": entries[-1].digest if entries else None,
        "generated_at": window.clock(),
    }


def inventory(window: Window, place: Place) -> dict[str, Any]:
    """Return the newest inventory of an environment: None with why where nobody has looked."""
    with window.database.begin() as tx:
        newest = runs.newest(tx, place[0], MOST_RUNS)
    because = f"none of the newest {MOST_RUNS} runs was to deploy to {place[1]}"
    for run in newest:
        for one in privacy(window, run.id)["deployments"]:
            seen = one["report"]
            if seen["environment"] == place[1] and one["looked_at"] is not None:
                told = {name: seen[name] for name in ("database", "personal", "not_personal")}
                about = {"run": run.id, "release": seen["release"], "looked_at": one["looked_at"]}
                return about | told | {"unknown": seen["unknown"], "because": ""}
            if seen["environment"] == place[1]:
                because = "; ".join(seen["unknown"])
    nothing = dict.fromkeys(("run", "release", "looked_at", "database", "personal", "not_personal"))
    return nothing | {"unknown": [because], "because": because}


def _meant(tx: Tx, place: Place, kind: Kind) -> Run:
    if kind == "post_deployment":
        return runs.newest_of_environment(tx, *place)
    for run in runs.newest(tx, place[0], MOST_RUNS):
        stages = runs.stages(tx, run.id)
        if run.kind == "deploy" and any(s.planned.environment == place[1] for s in stages):
            return run
    raise NotFound(f"none of the newest {MOST_RUNS} runs is to deploy to {place[1]} of {place[0]}")


def _gates(tx: Tx, run: Run) -> dict[str, str]:
    """Return what each gate that looks at personal data said; the worst, where it ran often."""
    declared = run.spec.get("gates", {})
    names = {name for name, gate in declared.items() if gate.get("check") == "privacy"}
    said = dict.fromkeys(names, "not run yet")
    for result in gate_results.of_run(tx, run.id):
        if result.gate in names and said[result.gate] != "failed":
            said[result.gate] = result.status
    return said


def _entries(tx: Tx, run: Run) -> list[Entry]:
    kinds = (SUBMITTED, *PASSED, APPROVED, LIVE)
    found = [entry for kind in kinds for entry in journal.of_kind(tx, run.id, kind)]
    return sorted(found, key=lambda entry: entry.seq)
