"""Which shapes do requests have?"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]


class Shape(BaseModel):
    """Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class Submission(Shape):
    """A commit to deploy: `repository` is a path or address that the server's git can read."""

    repository: Text
    ref: Text = "HEAD"


class Reply(Shape):
    """An answer to an approval, bound to the plan that was looked at."""

    answer: Literal["approved", "rejected"]
    plan_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reason: Text = ""


class Reason(Shape):
    """Why somebody wants something."""

    reason: Text


class WayBack(Shape):
    """An environment that should go back; `to` empty means the release before."""

    to: Text = ""
    reason: Text


class Newcomer(Shape):
    """Somebody who should come in."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9._-]{0,39}$")]
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s\x00]+@[^@\s\x00]+$", max_length=200)]
    role: Literal["viewer", "deployer", "approver", "admin"]
