"""How long do users meet a bad release? A canary on real traffic, judged by the evidence.

Every request is a new user, and one in twenty of them gets the new release. In turn, a release
fails every call, and one fails a tenth of them. How long lies between the first request it answered
and the last one, and how many bad answers did users get? Of some releases the median counts.

Beside it the runbook's own loop: every 30 s it asks for the error rate of the whole service over
the last five minutes. It cannot see a canary that is already gone, so what it would have met is
drawn: the traffic of the same run, going on as if nobody had acted.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairlead.demo.sample import free_ports
from load import Flow, Load, Request
from runbook import Pace, environments
from stand import App, Stand, finish, follow, limit, say, say_load, standing, wait_for_answer

RATE = 100.0
WEIGHT = 5
ROUNDS = 5
PATH = "/functions/v1/edge/quick"
# So long the release before is seen on its own; the way to production adds to it.
BEFORE_S = 15.0
# A hold must fit the window of the fixed limits; what the evidence must show is the default.
JUDGEMENT = {"window": "5s", "min_samples": 20, "deadline": "30s"}
RUNBOOK_RATE, RUNBOOK_LOOK_S, RUNBOOK_LOOKS = 0.02, 30.0, 10
RUNBOOK_WINDOW_S = 300.0
CONTINUED = 1000
EVERY_CALL, A_TENTH = "fails every call", "fails a tenth of its calls"
BAD = {EVERY_CALL: 1.0, A_TENTH: 0.1}


@dataclass(frozen=True, slots=True)
class Trial:
    """One bad release: when it was submitted, and when its run had ended (monotonic ns)."""

    what: str
    began: int
    ended: int


@dataclass(frozen=True, slots=True)
class Met:
    """What users met: for how many seconds, in how many answers of the release, how many bad."""

    seconds: float
    answers: int
    failed: int
    bad: int


def configuration(listen: list[int]) -> dict[str, Any]:
    """Return the shortest pipeline that leads to a canary in production."""
    passes = "test -f fairlead.yaml"
    return {
        "version": 1,
        "app": "edge",
        "components": {
            "frontend": {"kind": "static", "path": "frontend", "build": passes},
            "functions": {"kind": "functions", "path": "supabase/functions"},
        },
        "gates": {"check": {"run": passes}, "smoke": {"run": passes}},
        "environments": environments(listen, Pace("5s", (WEIGHT, 100), RATE, JUDGEMENT)),
        "pipeline": [
            {"stage": "check", "gates": ["check"]},
            {"stage": "deploy-development", "deploy": "development"},
            {"stage": "deploy-staging", "deploy": "staging"},
            {"stage": "approval", "approve": "production"},
            {"stage": "production-canary", "canary": "production"},
            {"stage": "full-production", "promote": "production"},
            {"stage": "post-deploy-monitoring", "monitor": "production"},
        ],
    }


def release(stand: Stand, app: App) -> dict[str, Any]:
    """Take what is committed as far as it gets, and return the run."""
    return follow(stand, stand.ana.deploy(str(app.folder), "main"))


def try_out(stand: Stand, app: App, what: str, number: int) -> Trial:
    """Release what is bad in this way once more; it must go back by itself."""
    app.commit(f"{what}, {number}", failing=BAD[what])
    began = time.monotonic_ns()
    run = release(stand, app)
    if run["status"] == "succeeded":
        raise SystemExit(f"{what}: nobody stopped it")
    say(f"{what}: {run['status']}: {run['because']}")
    return Trial(what, began, time.monotonic_ns())


def met(trial: Trial, requests: Sequence[Request]) -> Met:
    """Return what users met of a trial; every bad answer counts, whoever gave it."""
    stable = requests[0].release
    during = [r for r in requests if trial.began <= r.sent <= trial.ended]
    mine = [r for r in during if r.release not in ("", stable)]
    if not mine:
        raise SystemExit(f"{trial.what}: it never answered a request")
    seconds = (max(r.sent + r.took for r in mine) - mine[0].sent) / 1e9
    failed = sum(r.failed for r in mine)
    found = Met(seconds, len(mine), failed, sum(r.failed for r in during))
    say(
        f"{trial.what}: {found.seconds:.2f} s from its first answer to its last, "
        f"{found.answers} answers of it, {found.failed} failed; {found.bad} bad answers in all"
    )
    return found


def by_runbook(before: float, failing: float) -> float | None:
    """Return the seconds until the runbook's loop goes back; None if its ten looks all pass.

    The service had been up for its whole window, and failed the share `before` of its calls; since
    then one user in twenty meets a release that fails the share `failing`. Who meets it is drawn
    anew many times, and the mean counts: it may go back at either of two looks.
    """
    draw = np.random.default_rng(1)
    each = round(RATE * RUNBOOK_LOOK_S)
    share = WEIGHT / 100 * failing + (1 - WEIGHT / 100) * before
    blocks = round(RUNBOOK_WINDOW_S / RUNBOOK_LOOK_S)
    old = draw.binomial(each, before, (CONTINUED, blocks))
    new = draw.binomial(each, share, (CONTINUED, RUNBOOK_LOOKS))
    both = np.concatenate([old, new], axis=1)
    ends = range(blocks + 1, blocks + RUNBOOK_LOOKS + 1)
    rates = np.stack([both[:, end - blocks : end].sum(axis=1) for end in ends], axis=1)
    over = rates / (each * blocks) > RUNBOOK_RATE
    looks = np.where(over.any(axis=1), over.argmax(axis=1) + 1, np.inf)
    say(f"runbook, {failing:.0%} of the canary's calls fail:")
    for look, times in zip(*np.unique(looks, return_counts=True), strict=True):
        when = f"back after {look * RUNBOOK_LOOK_S:.0f} s" if np.isfinite(look) else "promoted"
        say(f"    {when} in {times / CONTINUED:.1%} of all draws")
    mean = float(looks.mean()) * RUNBOOK_LOOK_S
    return mean if np.isfinite(mean) else None


def tell(trials: Sequence[Trial], requests: Sequence[Request]) -> None:
    """Tell people the figures, then machines."""
    every = [(trial.what, met(trial, requests)) for trial in trials]
    everything = [found for what, found in every if what == EVERY_CALL]
    tenth = [found for what, found in every if what == A_TENTH]
    for what, found in ((EVERY_CALL, everything), (A_TENTH, tenth)):
        longest, most = max(f.seconds for f in found), max(f.bad for f in found)
        say(f"{what}: at worst {longest:.2f} s and {most} bad answers, of {len(found)} releases")
    quiet = [r for r in requests if r.sent < trials[0].began]
    before = sum(r.failed for r in quiet) / len(quiet)
    # By what the releases were made to do: those that were stopped early had failed by chance.
    runbook = by_runbook(before, BAD[EVERY_CALL])
    by_runbook(before, BAD[A_TENTH])
    seconds = (requests[-1].sent - requests[0].sent) / 1e9
    say(f"{len(requests) / seconds:.0f} requests a second, each a new user")
    say_load()
    finish(
        {
            "all_fail_s": round(statistics.median(f.seconds for f in everything), 2),
            "all_fail_bad": statistics.median(f.bad for f in everything),
            "ten_pct_s": round(statistics.median(f.seconds for f in tenth), 2),
            "runbook_all_fail_s": runbook if runbook is None else round(runbook, 1),
        }
    )


def main() -> None:
    """Run the bench."""
    limit(400)
    say_load()
    with standing() as stand:
        listen = free_ports(3)
        app = App(stand.folder / "app", configuration(listen))
        app.commit("the first release")
        first = release(stand, app)
        if first["status"] != "succeeded":
            raise SystemExit(f"the first release {first['status']}: {first['because']}")
        wait_for_answer(f"http://127.0.0.1:{listen[-1]}{PATH}")
        load = Load(listen[-1], (Flow("quick", PATH, RATE, new_users=True),), stand.folder)
        try:
            time.sleep(BEFORE_S)
            trials = [
                try_out(stand, app, what, number + 1) for number in range(ROUNDS) for what in BAD
            ]
        finally:
            requests = load.stop()
    tell(trials, requests)


if __name__ == "__main__":
    main()
