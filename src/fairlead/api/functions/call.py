"""What is asked of a function, and how does an action answer?"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fairlead.access.person import Person
from fairlead.api.functions.known import Known
from fairlead.api.guest import Doors
from fairlead.errors import Refused


class Asked(BaseModel):
    """What every action may be told: where it looks. Left out, it is the only app, and production.

    Words that an action does not know are let pass, as the runbook's functions did.
    """

    model_config = ConfigDict(extra="ignore")

    app: str = Field("", max_length=100)
    environment: str = Field("", max_length=100)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: who asks (nobody, where a function is open), and the whole body, `size` bytes."""

    doors: Doors
    known: Known
    person: Person | None
    body: Mapping[str, Any]
    size: int

    @property
    def by(self) -> Person:
        """Return who asks; the door lets nobody in without one where an action needs it."""
        if self.person is None:
            raise Refused("this action needs somebody who asks: send a bearer token")
        return self.person

    def place(self, asked: Asked) -> tuple[str, str]:
        """Return the app and environment that are meant; `Refused` where that is not clear."""
        return self.known.place(asked.app, asked.environment)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that is true once the intake has written what was told."""

    written: "Future[None]"
    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """How an action is done. A `quick` one neither waits nor asks the database anything."""

    do: Callable[[Call], dict[str, Any] | Kept]
    open: bool = False
    quick: bool = False


Actions = Mapping[str, Action]
_Shape = TypeVar("_Shape", bound=BaseModel)


def read(shape: type[_Shape], call: Call) -> _Shape:
    """Return the body as an action's own words; `Refused` with every fault, never with a value."""
    try:
        return shape.model_validate(call.body)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise Refused("; ".join(faults[:5]), faults) from None
