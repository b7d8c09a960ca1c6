"""With which status does a command end, and what does it say when it could not do its work?"""

from enum import IntEnum

import typer

from fairlead.cli.harmless import line
from fairlead.errors import Conflict, FairleadError, Refused, Temporary


class Exit(IntEnum):
    """What a script may rely on; `fairlead --help` and docs/cli.md tell the same."""

    DONE = 0
    RUN_FAILED = 1
    REFUSED = 2
    CHANGED = 3
    NO_ANSWER = 4
    INTERRUPTED = 130


EXPLAINED = """\b
Exit codes:
  0    done
  1    the run failed, was rolled back, stopped or superseded;
       the journal was tampered with; a migration or its rehearsal failed, or
       something is in its way; a backup is not proven; a gate or privacy failed;
       an environment is unhealthy
  2    refused: bad input, not allowed, usage
  3    somebody changed it meanwhile: look again, try again
  4    Fairlead is not running, does not answer, or failed itself; it is not
       known how healthy an environment is
  130  interrupted

\b
--home, --url and --token-file may stand before or after the command. The token
comes from --token-file, else FAIRLEAD_TOKEN, else HOME/admin.token."""


def explain(error: FairleadError) -> Exit:
    """Tell on stderr why nothing came of it, every reason on its own line; return the status."""
    code, opening = _kind(error)
    sentence = str(error)
    typer.echo(line(f"{opening}{sentence}"), err=True)
    problems = error.problems if isinstance(error, Refused) else ()
    if problems != (sentence,):
        for problem in problems:
            typer.echo(f"  {line(problem)}", err=True)
    return code


def _kind(error: FairleadError) -> tuple[Exit, str]:
    if isinstance(error, Refused):
        return Exit.REFUSED, "refused: "
    if isinstance(error, Conflict):
        return Exit.CHANGED, "changed meanwhile: "
    if isinstance(error, Temporary):
        return Exit.NO_ANSWER, ""
    return Exit.NO_ANSWER, "failed: "
