"""What do users notice when traffic moves? Nothing may fail, and it must move at once.

Two releases run in real slots behind the real edge, under steady requests, slow requests of three
seconds, event streams and WebSockets. Traffic is switched blue-green, back, and by canary steps up
to a promotion. For every switch that leaves a release without traffic: how long after the decision
was the last new request sent that this release still answered?
"""

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fairlead import places
from fairlead.analysis.verdict import Verdict
from fairlead.demo.sample import free_ports
from fairlead.providers import registry
from fairlead.rollout.slot import FUNCTIONS, STATIC, Arm, Edge, Slot
from fairlead.settings import Settings
from load import Flow, Load, Request
from stand import APPS, finish, folder_of_its_own, limit, say, say_load, wait_until
from streams import Held

BLUE, GREEN = "b" * 12, "a" * 12
ROUNDS = 34
REQUESTS_A_SECOND = 1150.0
SLOW_A_SECOND = 5.0
BETWEEN_S = 0.3
STEPS = (5, 25, 50)
FUNCTION = "/functions/v1/edge"
PAIRS = 4


@dataclass(frozen=True, slots=True)
class Switch:
    """From `decided` (nanoseconds, monotonic) on, `old` should get no new request."""

    what: str
    decided: int
    old: str


class Street:
    """Both releases in their slots, and the edge before them."""

    def __init__(self, folder: Path) -> None:
        self.port, api = free_ports(2)
        outfit = places.outfit(Settings(folder / "home", "127.0.0.1", api, ""))
        self._keeper = places.keeper(Settings(folder / "home", "127.0.0.1", api, ""))
        outfit.home.mkdir(mode=0o700)
        self._keeper.up()
        self._router, target = registry.edge(outfit), registry.local_target(outfit)
        self._router.up()
        slots = {release: _slots(release) for release in (GREEN, BLUE)}
        files = {STATIC: APPS / "edge" / "frontend", FUNCTIONS: APPS / "edge/supabase/functions"}
        self._endpoints = {
            release: tuple(e for slot in both for e in target.start({slot: files[slot.kind]})[slot])
            for release, both in slots.items()
        }
        every = [slot for both in slots.values() for slot in both]
        healthy = lambda: all(target.health(s).verdict is Verdict.HEALTHY for s in every)  # noqa: E731
        wait_until(healthy, 30, "healthy slots")

    def give(self, new: str, weight: int) -> int:
        """Give `new` this share and the other one the rest; return when it was decided."""
        old = BLUE if new == GREEN else GREEN
        arms = (
            Arm(new, weight, self._endpoints[new]),
            Arm(old, 100 - weight, self._endpoints[old]),
        )
        decided = time.monotonic_ns()
        self._router.route(Edge("edge", "bench", f"127.0.0.1:{self.port}", arms))
        return decided

    def close(self) -> None:
        """Stop everything."""
        self._keeper.down()


def _slots(release: str) -> tuple[Slot, Slot]:
    site = Slot("edge", "bench", release, "frontend", STATIC, ("site",))
    functions = Slot("edge", "bench", release, "functions", FUNCTIONS, ("edge",), ("--allow-net",))
    return site, functions


def move(street: Street) -> tuple[list[Switch], int]:
    """Switch to and fro under held streams; return the switches and how many streams were cut."""
    switches: list[Switch] = []
    held: list[Held] = []
    cut = 0
    for number in range(ROUNDS):
        held.append(Held(street.port, FUNCTION))
        switches.append(_switch(street, "blue-green", GREEN))
        switches.append(_switch(street, "rollback", BLUE))
        for weight in STEPS:
            street.give(GREEN, weight)
            time.sleep(BETWEEN_S / 2)
        switches.append(_switch(street, "promote", GREEN))
        street.give(BLUE, 100)
        time.sleep(BETWEEN_S)
        if len(held) > PAIRS:
            cut += held.pop(0).close()
        if number % 10 == 9:
            say(f"{len(switches)} switches")
    return switches, cut + sum(pair.close() for pair in held)


def _switch(street: Street, what: str, new: str) -> Switch:
    decided = street.give(new, 100)
    time.sleep(BETWEEN_S)
    return Switch(what, decided, BLUE if new == GREEN else GREEN)


def late_ms(switch: Switch, requests: Sequence[Request], sent: Sequence[int]) -> float:
    """Return how long after the decision the last new request went that `old` answered."""
    first = bisect_left(sent, switch.decided)
    until = switch.decided + int(BETWEEN_S * 1e9)
    last = switch.decided
    for request in requests[first : bisect_left(sent, until)]:
        if request.release == switch.old:
            last = request.sent
    return (last - switch.decided) / 1e6


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Run the bench."""
    limit(240)
    say_load()
    with folder_of_its_own() as folder:
        street = Street(folder)
        try:
            street.give(BLUE, 100)
            flows = (
                Flow("quick", FUNCTION, REQUESTS_A_SECOND * 0.9),
                Flow("page", "/", REQUESTS_A_SECOND * 0.1),
                Flow("slow", f"{FUNCTION}/slow", SLOW_A_SECOND),
            )
            load = Load(street.port, flows, folder)
            time.sleep(2)
            began = time.monotonic()
            switches, cut = move(street)
            seconds = time.monotonic() - began
            requests = load.stop()
        finally:
            street.close()
    tell(switches, cut, requests, seconds)


def tell(switches: list[Switch], cut: int, requests: list[Request], seconds: float) -> None:
    """Tell people the figures, then machines."""
    sent = [request.sent for request in requests]
    late = [late_ms(switch, requests, sent) for switch in switches]
    failed = [request for request in requests if request.failed]
    for kind in ("blue-green", "rollback", "promote"):
        mine = [ms for ms, s in zip(late, switches, strict=True) if s.what == kind]
        median, worst = percentile(mine, 0.5), max(mine)
        say(f"{kind:<10} {len(mine)} switches, median {median:.1f} ms, worst {worst:.1f} ms")
    say(f"{len(requests) / (seconds + 2):.0f} requests a second, {len(failed)} failed")
    for request in failed[:5]:
        say(f"failed: {request}")
    say_load()
    finish(
        {
            "switches": len(switches),
            "requests": len(requests),
            "failed": len(failed),
            "cut_streams": cut,
            "switch_p99_ms": round(percentile(late, 0.99), 2),
        }
    )


if __name__ == "__main__":
    main()
