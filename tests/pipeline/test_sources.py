"""Is a canary judged by what its own file names, with the judge as it is?"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from fairlead.analysis.measurement import Counters
from fairlead.commands import recording
from fairlead.commands.parts import keep_parts
from fairlead.commands.recording import Sample
from fairlead.pipeline.sources import ByFile
from fairlead.providers.registry import AllSources, Outfit
from fairlead.rollout.process import Processes
from fairlead.store import rolling, rollups
from journeys.configurations import canary
from pipeline.loop import Loop

Make = Callable[..., Loop]


def telling(loop: Loop) -> Loop:
    """Return the loop with the sources of a server; its edge counts nothing that anybody asks."""
    opened = loop.house.database

    def totals(
        place: tuple[str, str], source: str, wanted: tuple[tuple[str, str], ...]
    ) -> tuple[Counters, ...]:
        with opened.begin() as tx:
            return rollups.totals(tx, place, source, wanted)

    nowhere = Path("/nowhere")
    outfit = Outfit(nowhere, nowhere, cast(Processes, None), loop.clock)
    source = ByFile(opened, AllSources(outfit, totals))
    return replace(loop, house=replace(loop.house, source=source))


def ship(loop: Loop, fails: bool) -> str:
    """Ship while each release that has traffic is asked and tells of it; return how it ended."""
    loop.app.commit("another")
    run = loop.submit()
    place = (loop.app.name, "live")

    def told() -> bool:
        now = loop.clock.now
        for release, weight in loop.edges.weights(*place).items():
            bad = fails and release == loop.run(run.id).release
            samples = [Sample(now.timestamp(), 5.0, bad)] * (weight and 50)
            parts = recording.parts(release, "functions", samples, now)
            with loop.house.database.begin() as tx:
                keep_parts(tx, [(place, part) for part in parts])
                rolling.roll(tx, now)
        return False

    loop.carry(run.id, until=told)
    return loop.run(run.id).status


def test_what_the_application_told_sends_a_bad_release_back(loop_of: Make) -> None:
    loop = telling(loop_of(canary, metrics={"from": "fairlead"}))
    assert ship(loop, fails=False) == "succeeded"
    first = loop.live().live
    assert ship(loop, fails=False) == "succeeded"
    assert loop.live().live != first
    good = loop.live().live
    assert ship(loop, fails=True) == "rolled_back"
    assert loop.live().live == good


def test_a_release_that_nobody_tells_about_is_unknown_and_goes_back(loop_of: Make) -> None:
    loop = telling(loop_of(canary, metrics={"from": "fairlead"}))
    assert ship(loop, fails=False) == "succeeded"
    first = loop.live().live
    loop.app.commit("silent")
    run = loop.ship()
    assert run.status == "rolled_back"
    assert "no application has told anything" in run.because or "no counters" in run.because
    assert loop.live().live == first
