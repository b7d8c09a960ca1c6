"""What is one entry of the record?"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, told once.

    `effect` names the effect (run, stage, step): the same effect is recorded at most once.
    `because` is the sentence that also goes to the page and the message.
    """

    at: datetime
    actor: str
    kind: str
    because: str
    effect: str
    app: str = ""
    run: str = ""
    environment: str = ""
    release: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in its place in the chain."""

    seq: int
    event: Event
    previous: str
    digest: str
