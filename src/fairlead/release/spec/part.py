"""What is every part of fairlead.yaml made of?"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.fields import FieldInfo

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class Part(BaseModel):
    """A part of the file: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=True)


def keys_of(part: type[Part]) -> dict[str, FieldInfo]:
    """Return the keys of a part as the file writes them; Python cannot call one `from`."""
    return {field.alias or name: field for name, field in part.model_fields.items()}


def written(default: Any, means: str) -> Any:
    """Declare a default in the words of the file; it is read like any other value."""
    return Field(default, description=means)
