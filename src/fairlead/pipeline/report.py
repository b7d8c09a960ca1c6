"""What did a command that changes a database have to tell? Its report, a file of JSON."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LONGEST = 256 * 1024
_SENTENCE = 2000


@dataclass(frozen=True, slots=True)
class Report:
    """`whole` says that the report was read; `because` is its sentence, `data` the rest of it."""

    whole: bool
    because: str
    data: dict[str, Any] = field(default_factory=dict)


def read(file: Path) -> Report:
    """Return a command's report; what cannot be read is never taken for good."""
    try:
        with file.open("rb") as opened:
            text = opened.read(LONGEST + 1)
    except OSError:
        return Report(whole=False, because="")
    try:
        told = json.loads(text) if len(text) <= LONGEST else None
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("because"), str):
        return Report(whole=False, because="its report cannot be read")
    because = str(told.pop("because"))[:_SENTENCE]
    return Report(whole=True, because=because, data=told)
