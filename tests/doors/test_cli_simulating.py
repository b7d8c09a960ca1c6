"""What does `analysis simulate` foretell, without any server?"""

import json
from pathlib import Path

import pytest

from doors.canned_fairlead import NOBODY_ANSWERS, say
from fairlead.cli.simulating import foretold


def test_the_forecast_is_told_in_sentences(tmp_path: Path) -> None:
    words = ("--rps", "100", "--weight", "5%", "--base", "0.5%", "--regression", "2%")
    result = say(tmp_path, NOBODY_ANSWERS, "analysis", "simulate", *words)
    assert result.exit_code == 0
    told = result.stdout.splitlines()
    assert told[0].startswith("2% more errors on top of 0.5%: found in about ")
    assert told[1].startswith("cost until then: about ")
    assert told[2].startswith("a release that is as good: proven in about ")
    assert told[3].startswith("at 100 requests/s and 5% it takes about ")


def test_the_forecast_is_told_as_json_too(tmp_path: Path) -> None:
    told = json.loads(say(tmp_path, NOBODY_ANSWERS, "analysis", "simulate", "--json").stdout)
    assert told["seconds_to_find"] == pytest.approx(told["requests_to_find"] / 5)
    cost = told["requests_to_find"] * told["regression"]
    assert told["bad_answers_until_found"] == pytest.approx(cost)
    assert told["sentences"]


def test_what_is_found_too_late_is_said(tmp_path: Path) -> None:
    words = ("--rps", "0.5", "--regression", "0.5%")
    result = say(tmp_path, NOBODY_ANSWERS, "analysis", "simulate", *words)
    assert "later than the 30 minutes it has" in result.stdout


def test_more_traffic_and_a_larger_regression_are_found_sooner() -> None:
    usual = foretold(100, 0.05, 0.005, 0.02)["seconds_to_find"]
    assert foretold(200, 0.05, 0.005, 0.02)["seconds_to_find"] == pytest.approx(usual / 2)
    assert foretold(100, 0.05, 0.005, 0.1)["seconds_to_find"] < usual


def test_no_more_can_fail_than_everything() -> None:
    told = foretold(100, 0.05, 0.5, 1.0)
    assert told["bad_answers_until_found"] == pytest.approx(told["requests_to_find"] / 2)


@pytest.mark.parametrize(
    "words",
    [
        ["--rps", "0"],
        ["--rps", "nan"],
        ["--weight", "0%"],
        ["--weight", "100%"],
        ["--weight", "5"],
        ["--base", "0%"],
        ["--base", "101%"],
        ["--regression", "0%"],
    ],
)
def test_what_is_no_canary_is_refused(tmp_path: Path, words: list[str]) -> None:
    result = say(tmp_path, NOBODY_ANSWERS, "analysis", "simulate", *words)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"refused: {words[0]} ")
