"""The promises of `Target`, kept by processes of this machine."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fairlead.analysis.verdict import Verdict
from fairlead.errors import Permanent, Temporary
from fairlead.providers.processes.supervisor import Supervisor
from fairlead.providers.targets.local import LocalTarget
from fairlead.rollout.slot import Slot
from providers.processes_stand import a_home, a_keeper
from providers.targets_stand import HELLO, SLOT, Stand, ask
from room import ROOM


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    os.environ["FAIRLEAD_TEST_SECRET"] = "do not tell"
    with a_home() as home, a_keeper(home) as keeper:
        del os.environ["FAIRLEAD_TEST_SECRET"]
        yield Stand(home, keeper)


@pytest.fixture
def slot(stand: Stand, request: pytest.FixtureRequest) -> Iterator[Slot]:
    made = replace(SLOT, release=f"r{abs(hash(request.node.name)) % 10**10}")
    yield made
    stand.target().stop(made.id)


def test_a_static_site_is_served_at_the_root(stand: Stand, slot: Slot) -> None:
    site = replace(slot, component="frontend", kind="static", units=("site",))
    (stand.home / "site").mkdir()
    (stand.home / "site" / "index.html").write_text("<h1>hello</h1>")
    (place,) = stand.start(site, stand.home / "site")
    stand.settled(site, Verdict.HEALTHY)
    assert place.prefix == "/"
    assert ask(place) == "<h1>hello</h1>"
    stand.target().stop(site.id)


def test_another_controller_adopts_what_runs(stand: Stand, slot: Slot) -> None:
    files = stand.files(hello=HELLO)
    places = stand.start(slot, files)
    pid = stand.pid(slot)
    assert stand.start(slot, files) == places
    assert stand.pid(slot) == pid
    assert slot.id in stand.target().running()


def test_stopping_twice_is_stopping_once_and_leaves_no_socket(stand: Stand, slot: Slot) -> None:
    (place,) = stand.start(slot, stand.files(hello=HELLO))
    stand.settled(slot, Verdict.HEALTHY)
    stand.target().stop(slot.id)
    stand.target().stop(slot.id)
    assert slot.id not in stand.target().running()
    assert not Path(place.address.removeprefix("unix:")).exists()


def test_a_stopped_slot_that_is_started_again_begins_with_a_clean_record(
    stand: Stand, slot: Slot
) -> None:
    for _ in range(2):
        stand.start(slot, stand.files(hello=HELLO))
        assert stand.target().health(slot).verdict is Verdict.UNKNOWN
        stand.settled(slot, Verdict.HEALTHY)
        stand.target().stop(slot.id)


def test_stopping_a_slot_leaves_one_with_a_longer_name_alone(stand: Stand, slot: Slot) -> None:
    longer = replace(slot, component="functions.more")
    stand.start(longer, stand.files(hello=HELLO))
    stand.target().stop(slot.id)
    assert longer.id in stand.target().running()
    stand.target().stop(longer.id)


def test_a_function_sees_what_it_is_told_and_nothing_of_ours(stand: Stand, slot: Slot) -> None:
    env = "Deno.serve(() => Response.json(Deno.env.toObject()));"
    (place,) = stand.start(slot, stand.files(hello=env))
    stand.settled(slot, Verdict.HEALTHY)
    told = json.loads(ask(place))
    assert "do not tell" not in json.dumps(told)
    assert (told["FAIRLEAD_APP"], told["FAIRLEAD_ENVIRONMENT"]) == ("shop", "production")
    assert told["FAIRLEAD_RELEASE"] == slot.release


@pytest.mark.parametrize("permissions", [(), ("--allow-net",), ("-N", "--allow-read=/etc")])
def test_a_function_can_reach_its_own_socket_but_not_its_keeper_s(
    stand: Stand, slot: Slot, permissions: tuple[str, ...]
) -> None:
    prying = """
    Deno.serve(async () => {
      const path = PATH;
      const tries = [() => Deno.connect({ transport: "unix", path }), () => Deno.remove(path)];
      const told = [];
      for (const one of tries) {
        try { await one(); told.push("done"); } catch (error) { told.push(error.name); }
      }
      return Response.json(told);
    });
    """.replace("PATH", json.dumps(str(stand.home / "run" / "supervisor.sock")))
    confined = replace(slot, permissions=permissions)
    (place,) = stand.start(confined, stand.files(hello=prying))
    stand.settled(confined, Verdict.HEALTHY)
    assert json.loads(ask(place)) == ["NotCapable", "NotCapable"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"units": ("absent",)}, "index.ts"),
        ({"units": ("../hello",)}, "no name for a unit"),
        ({"permissions": ("--inspect=0.0.0.0:9229",)}, "no permission flag"),
        ({"kind": "static", "units": ("site",)}, "index.html"),
        ({"kind": "service"}, "cannot run"),
    ],
)
def test_what_can_never_start_is_refused_for_good(
    stand: Stand, slot: Slot, change: dict[str, str | tuple[str, ...]], why: str
) -> None:
    with pytest.raises(Permanent, match=why):
        stand.start(replace(slot, **change), stand.files(hello=HELLO))  # type: ignore[arg-type]
    assert slot.id not in stand.target().running()


def test_a_home_too_deep_for_a_socket_is_refused_for_good(stand: Stand, slot: Slot) -> None:
    deep = LocalTarget(stand.keeper, ROOM / ("d" * 90), stand.home, Path("d"), Path("p"))
    with pytest.raises(Permanent, match="too long"):
        deep.start({slot: stand.files(hello=HELLO)})


def test_without_a_keeper_every_question_is_temporary(slot: Slot) -> None:
    with a_home() as home:
        target = Stand(home, Supervisor(home / "processes", home / "run")).target()
        with pytest.raises(Temporary):
            target.running()
        with pytest.raises(Temporary):
            target.health(slot)
