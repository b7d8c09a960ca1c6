"""What does a command leave for who asked it by another program? A report, whole or not at all."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fairlead.errors import FairleadError, Refused


def write(report: Path | None, told: Mapping[str, Any], because: str) -> None:
    """Write a report, whole or not at all, where one was asked for."""
    if report is None:
        return
    draft = report.with_suffix(".part")
    draft.write_text(json.dumps({**told, "because": because}, default=str), "utf-8")
    draft.replace(report)


@contextmanager
def reporting(report: Path | None) -> Iterator[None]:
    """Write into the report, where one was asked for, why nothing came of the block."""
    try:
        yield
    except FairleadError as error:
        problems = error.problems if isinstance(error, Refused) else ()
        write(report, {"problems": [*problems]}, "; ".join((str(error), *problems)))
        raise
