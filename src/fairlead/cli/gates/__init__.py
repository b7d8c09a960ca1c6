"""What must be true before a release goes on, tried here and now? Needs no running Fairlead."""

import typer

from fairlead.cli.gates.explain import explain
from fairlead.cli.gates.judge import judge
from fairlead.cli.gates.run import run
from fairlead.cli.gates.sbom import sbom


def join(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        help="Run the gates of fairlead.yaml on the working tree; needs no running Fairlead.",
        no_args_is_help=True,
    )
    for command in (run, explain, judge, sbom):
        group.command(command.__name__)(command)
    app.add_typer(group, name="gates")
