"""What could a canary find, before there is one? Needs no server."""

from math import isfinite
from typing import Annotated, Any

import typer

from fairlead.cli import terminal
from fairlead.cli.options import JSON, Asked, takes
from fairlead.cli.replaying import replay
from fairlead.errors import Refused

Rps = Annotated[float, typer.Option("--rps", help="Requests per second to the whole environment.")]
Weight = Annotated[str, typer.Option("--weight", help="The canary's share of the traffic.")]
Base = Annotated[str, typer.Option("--base", help="Share of requests that fails on a usual day.")]
Regression = Annotated[
    str, typer.Option("--regression", help="So many more of all requests fail in the new release.")
]


def join(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        help="Ask the judge what it could find or have found.", no_args_is_help=True
    )
    group.command("simulate")(simulate)
    group.command("replay")(replay)
    app.add_typer(group, name="analysis")


@takes(JSON)
def simulate(
    asked: Asked,
    rps: Rps = 100.0,
    weight: Weight = "5%",
    base: Base = "0.5%",
    regression: Regression = "2%",
) -> None:
    """Tell about how long a canary takes to find a regression, and what that costs.

    The settings are those that fairlead.yaml has by default.
    """
    told = foretold(
        rps, _share("--weight", weight), _share("--base", base), _share("--regression", regression)
    )
    if asked.as_json:
        terminal.tell_json(told)
        return
    for sentence in _sentences(told):
        terminal.say(sentence)


def foretold(rps: float, weight: float, base: float, regression: float) -> dict[str, Any]:
    """Return the forecast as plain data: shares from 0 to 1, times in seconds.

    What would never be found takes None seconds.
    """
    from fairlead.analysis.evidence import power
    from fairlead.release import judging
    from fairlead.release.spec.judgement import Evidence

    _sensible(rps, weight, base, regression)
    usual = Evidence()
    plan, rules = power.Plan(rps, weight, base, poll=usual.poll), judging.rules(usual)
    find, prove = power.to_find(plan, regression, rules), power.to_prove(plan, rules)
    worse = min(1.0, base + regression) - base
    found = isfinite(find)
    return {
        "requests_per_second": rps,
        "weight": weight,
        "base": base,
        "regression": regression,
        "horizon_seconds": rules.horizon_s,
        "requests_to_find": find if found else None,
        "seconds_to_find": plan.seconds(find) if found else None,
        "found_in_time": found and plan.seconds(find) <= rules.horizon_s,
        "bad_answers_until_found": find * worse if found else None,
        "requests_to_prove": prove,
        "seconds_to_prove": plan.seconds(prove),
        "sentences": power.sentences(plan, rules),
    }


def _sentences(told: dict[str, Any]) -> list[str]:
    from fairlead.analysis.evidence.power import minutes

    lines = []
    what = f"{_percent(told['regression'])} more errors on top of {_percent(told['base'])}"
    if told["seconds_to_find"] is None:
        lines.append(f"{what}: never found")
    else:
        late = "" if told["found_in_time"] else f", later than the {_horizon(told)} it has"
        lines.append(
            f"{what}: found in about {minutes(told['seconds_to_find'])}{late}, "
            f"after {told['requests_to_find']:,.0f} requests to the canary"
        )
        lines.append(
            f"cost until then: about {told['bad_answers_until_found']:,.0f} more bad answers than "
            "the release before would have given"
        )
    lines.append(
        f"a release that is as good: proven in about {minutes(told['seconds_to_prove'])}, "
        f"after {told['requests_to_prove']:,.0f} requests to the canary"
    )
    return [*lines, *told["sentences"]]


def _sensible(rps: float, weight: float, base: float, regression: float) -> None:
    if not (isfinite(rps) and rps > 0):
        raise Refused(f"--rps {rps:g} is no traffic: give requests per second above 0")
    if not 0 < weight < 1:
        raise Refused("--weight must leave traffic to both releases: above 0% and below 100%")
    if not 0 < base < 1:
        raise Refused("--base must be above 0% and below 100%")
    if regression <= 0:
        raise Refused("--regression must be above 0%: what is not worse is not looked for")


def _share(option: str, written: str) -> float:
    from fairlead.release.spec.quantity import share

    try:
        return share(written)
    except ValueError as error:
        raise Refused(f"{option} {written!r}: {error}") from error


def _percent(share: float) -> str:
    return f"{share * 100:g}%"


def _horizon(told: dict[str, Any]) -> str:
    from fairlead.analysis.evidence.power import minutes

    return minutes(told["horizon_seconds"])
