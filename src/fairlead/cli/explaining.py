"""Why was a release promoted or rolled back? The judge's looks, told afterwards."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli import connection, terminal
from fairlead.cli.options import JSON, Asked, takes
from fairlead.errors import Refused

if TYPE_CHECKING:
    from rich.console import RenderableType

    from fairlead.cli.looks import Judged, Look

ROWS = 20

RunId = Annotated[str, typer.Argument(help="Name of the run.", metavar="RUN")]
SvgTo = Annotated[
    Path | None,
    typer.Option("--svg", help="Write the plot to this file.", show_default=False),
]


def join(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(explain)


@takes(JSON)
def explain(asked: Asked, run: RunId, svg: SvgTo = None) -> None:
    """Tell why a release was promoted or rolled back, look by look."""
    every = looked_at(asked, run)
    if svg:
        _write(svg, run, every)
    if asked.as_json:
        terminal.tell_json({"run": run, "environments": [_plain(one) for one in every]})
        return
    for judged in every:
        _tell(judged)
    if svg:
        terminal.say(f"the plot is in {svg}")


def looked_at(asked: Asked, run: str) -> "list[Judged]":
    """Return what the judge saw in a run; `Refused` when it never looked."""
    from fairlead.cli.looks import judged
    from fairlead.cli.watch.following import entries

    every = judged(entries(connection.connect(asked), run, 0))
    if not every:
        raise Refused(
            f"run {run} was never judged by evidence: `fairlead journal --run {run}` tells its "
            "record"
        )
    return every


def _tell(judged: "Judged") -> None:
    from fairlead.cli.evidence_plot import drawn
    from fairlead.cli.looks import by_limits, thinned

    terminal.say(f"{judged.environment}: {judged.outcome}: {judged.because}")
    terminal.draw(_table(thinned(judged.looks, ROWS), judged.alpha))
    enough = f"{1 / judged.alpha:,.0f}"
    terminal.say(f"evidence that the release is worse; {enough} to 1 is enough:")
    for row in drawn(judged):
        # Not as a sentence: the spaces at its beginning belong to the picture.
        typer.echo(row)
    terminal.say(_limits(judged, by_limits(judged.looks)))


def _table(looks: "Sequence[Look]", alpha: float) -> "RenderableType":
    from rich.table import Table
    from rich.text import Text

    from fairlead.cli.looks import together

    table = Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False)
    table.add_column("when, UTC", no_wrap=True)
    enough = f"{1 / alpha:,.0f}"
    for title in ("canary bad", "stable bad", f"evidence of {enough}", "proof as good"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for look in looks:
        table.add_row(
            Text(f"{look.at:%H:%M:%S}"),
            Text(_of(together(look.canary))),
            Text(_of(together(look.stable))),
            Text(number(look.value)),
            Text(f"{look.proof:.0%}"),
            Text(look.verdict),
        )
    return table


def _limits(judged: "Judged", broken: "Look | None") -> str:
    from fairlead.cli.clock_face import duration
    from fairlead.cli.looks import RUNBOOK_RATE, RUNBOOK_REQUESTS, WINDOW_S

    limit = (
        f"the runbook's fixed limit (over {RUNBOOK_RATE:.0%} errors in {WINDOW_S:.0f} s with at "
        f"least {RUNBOOK_REQUESTS} requests)"
    )
    if broken is None:
        return f"{limit} would never have been broken by the same counts"
    after = duration((broken.at - judged.looks[0].at).total_seconds())
    worst = max(broken.canary.items(), key=lambda one: one[1][1] / max(1, one[1][0]))
    return (
        f"{limit} would have been broken at {broken.at:%H:%M:%S} UTC, {after} after the first "
        f"look: {worst[0]} {_of(worst[1])} bad"
    )


def _plain(judged: "Judged") -> dict[str, Any]:
    from fairlead.cli.looks import RUNBOOK_RATE, RUNBOOK_REQUESTS, WINDOW_S, by_limits

    broken = by_limits(judged.looks)
    return {
        "environment": judged.environment,
        "outcome": judged.outcome,
        "because": judged.because,
        "enough": 1 / judged.alpha,
        "looks": [_plain_look(look) for look in judged.looks],
        "fixed_limits": {
            "error_rate": RUNBOOK_RATE,
            "min_requests": RUNBOOK_REQUESTS,
            "window_seconds": WINDOW_S,
            "broken_at": broken.at.isoformat() if broken else None,
            "counts": dict(broken.canary) if broken else None,
        },
    }


def _plain_look(look: "Look") -> dict[str, Any]:
    return {
        "at": look.at.isoformat(),
        "verdict": look.verdict,
        "because": look.because,
        "value": look.value,
        "proof": look.proof,
        "canary": dict(look.canary),
        "stable": dict(look.stable),
    }


def _write(path: Path, run: str, every: "Sequence[Judged]") -> None:
    from fairlead.cli.evidence_plot import svg

    try:
        path.write_text(svg(run, every), encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from error


def _of(counts: tuple[int, int]) -> str:
    requests, errors = counts
    return f"{errors:,} of {requests:,}"


def number(value: float) -> str:
    """Write an e-value with as many digits as it deserves."""
    if value >= 1e6:
        return f"{value:.0e}"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
