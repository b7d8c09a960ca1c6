"""Do the weights of a takeover follow its strategy?"""

import pytest

from fairlead.rollout.slot import Arm, Edge, Slot
from fairlead.rollout.strategy import Kind, Step, keeps_previous_warm, steps

WEIGHTS = (5, 25, 50, 100)


def test_a_canary_takes_every_weight_and_holds_each() -> None:
    found = steps("canary", WEIGHTS, 300.0, "0a1b2c3d4e5f")
    assert found == tuple(Step(weight, 300.0) for weight in WEIGHTS)


@pytest.mark.parametrize("kind", ["all_at_once", "blue_green"])
def test_the_other_strategies_take_all_traffic_in_one_step(kind: Kind) -> None:
    assert steps(kind, WEIGHTS, 30.0, "0a1b2c3d4e5f") == (Step(100, 30.0),)


@pytest.mark.parametrize("kind", ["all_at_once", "blue_green", "canary"])
def test_a_first_release_takes_all_at_once_and_is_not_held(kind: Kind) -> None:
    assert steps(kind, WEIGHTS, 30.0, "") == (Step(100, 0.0),)


def test_only_all_at_once_lets_the_release_before_go() -> None:
    assert [keeps_previous_warm(kind) for kind in ("canary", "blue_green", "all_at_once")] == [
        True,
        True,
        False,
    ]


def test_an_edge_tells_the_weight_of_every_arm_even_of_those_without_traffic() -> None:
    edge = Edge("agentic", "live", "127.0.0.1:8080", (Arm("new", 0, ()), Arm("old", 100, ())))
    assert edge.weights() == {"new": 0, "old": 100}


def test_an_edge_without_arms_has_no_weights() -> None:
    assert Edge("agentic", "live", "127.0.0.1:8080", ()).weights() == {}


def test_slots_of_one_machine_never_share_a_name() -> None:
    slot = Slot("agentic", "live", "0a1b2c3d4e5f", "frontend", "static", ("site",))
    assert slot.id == "agentic.live.0a1b2c3d4e5f.frontend"
