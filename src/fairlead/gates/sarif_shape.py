"""Which parts of a SARIF 2.1.0 run do we read, and what must they look like?

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", section 3.
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

MOST_RESULTS = 50_000
_MOST_NAMES = 10_000
_LONGEST_ADDRESS = 16_384
# Some tools write 0 where they do not know.
_Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
_Index = Annotated[int, Field(ge=-1)]
_Address = Annotated[str, Field(max_length=_LONGEST_ADDRESS)]
_T = TypeVar("_T")
# The first thing that is wrong is enough: collecting millions of them would take all memory.
_Some = Annotated[list[_T], Field(fail_fast=True, max_length=MOST_RESULTS)]


def _few(written: Any) -> Any:
    if isinstance(written, dict) and len(written) > _MOST_NAMES:
        raise ValueError(f"it has more than {_MOST_NAMES} entries")
    return written


_Named = Annotated[dict[str, _T], BeforeValidator(_few)]
LevelWord = Literal["none", "note", "warning", "error"]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, alias_generator=to_camel)


class Message(_Shape):
    """What a tool says: a text, or the `id` of one among the rule's and its arguments."""

    text: str | None = None
    markdown: str | None = None
    id: str | None = None
    arguments: _Some[str] = []


class Artifact(_Shape):
    """A file's address, perhaps below a base of the run, or its number among the run's files."""

    uri: _Address | None = None
    uri_base_id: str | None = None
    index: _Index = -1


class Region(_Shape):
    """A part of a file, counted from 1; each count but the first may be missing."""

    start_line: _Count = 1
    start_column: _Count = 1
    end_line: _Count = 0
    end_column: _Count = 0


class Physical(_Shape):
    """A file and a part of it."""

    artifact_location: Artifact | None = None
    region: Region = Region()


class Logical(_Shape):
    """What a finding is about, by name."""

    name: str = ""
    fully_qualified_name: str = ""


class Location(_Shape):
    """Where a finding is."""

    physical_location: Physical | None = None
    logical_locations: _Some[Logical] = []


class Suppression(_Shape):
    """Why a result does not count; only an accepted one does (the default)."""

    status: Literal["accepted", "underReview", "rejected"] = "accepted"
    justification: str = ""


class Configuration(_Shape):
    """What a rule is set to."""

    level: LevelWord = "warning"


class Rule(_Shape):
    """One of a tool's rules."""

    id: str
    help_uri: str = ""
    short_description: Message | None = None
    message_strings: _Named[Message] = {}
    default_configuration: Configuration = Configuration()
    properties: dict[str, Any] = {}


class Component(_Shape):
    """A tool, or an extension of it, and its rules."""

    name: str
    version: str | None = None
    semantic_version: str | None = None
    information_uri: str = ""
    rules: _Some[Rule] = []
    global_message_strings: _Named[Message] = {}


class Tool(_Shape):
    """A tool and its extensions."""

    driver: Component
    extensions: _Some[Component] = []


class WhichComponent(_Shape):
    """The number of an extension; -1 is the tool itself."""

    index: _Index = -1


class WhichRule(_Shape):
    """The name of a rule, or its number in a component."""

    id: str | None = None
    index: _Index = -1
    tool_component: WhichComponent = WhichComponent()


class Result(_Shape):
    """One thing that the tool says."""

    rule_id: str | None = None
    rule_index: _Index = -1
    rule: WhichRule = WhichRule()
    kind: Literal["pass", "open", "informational", "notApplicable", "review", "fail"] = "fail"
    level: LevelWord | None = None
    message: Message
    locations: _Some[Location] = []
    baseline_state: Literal["new", "unchanged", "updated", "absent"] | None = None
    suppressions: _Some[Suppression] | None = None
    hosted_viewer_uri: str = ""
    properties: dict[str, Any] = {}


class Notification(_Shape):
    """What the tool says about its own run."""

    level: LevelWord = "warning"
    message: Message


class Invocation(_Shape):
    """How the tool ran."""

    execution_successful: bool
    tool_execution_notifications: _Some[Notification] = []
    tool_configuration_notifications: _Some[Notification] = []


class File(_Shape):
    """One of the files that the run names."""

    location: Artifact | None = None


class Run(_Shape):
    """One run of a tool. `results` is missing when it did not get as far as looking."""

    tool: Tool
    results: _Some[Result] | None = None
    invocations: _Some[Invocation] = []
    original_uri_base_ids: _Named[Artifact] = {}
    artifacts: _Some[File] = []
    external_property_file_references: dict[str, Any] = {}


class Log(_Shape):
    """The document; each run is looked at by itself, so that a broken one breaks no other."""

    version: str
    runs: _Some[Any]
