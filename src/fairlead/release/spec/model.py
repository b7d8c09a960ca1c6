"""Which words may fairlead.yaml use, and what do they mean?"""

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from fairlead.release.component import ComponentKind
from fairlead.release.spec.gate import Command, Gate
from fairlead.release.spec.judgement import Judgement
from fairlead.release.spec.metrics import Metrics
from fairlead.release.spec.part import Name, Part, written
from fairlead.release.spec.quantity import Address, Duration, Share
from fairlead.release.spec.watching import Alert, Channel, Watch


def _whole(value: Any) -> Any:
    """Refuse `true` and `1.0`, which Python holds equal to 1."""
    if type(value) is not int:
        raise ValueError("a whole number is needed")
    return value


class StrategyKind(StrEnum):
    """How a new release takes over."""

    ALL_AT_ONCE = "all_at_once"
    BLUE_GREEN = "blue_green"
    CANARY = "canary"


class Component(Part):
    """One deployable part of the app."""

    kind: ComponentKind = Field(
        strict=False,
        description="`static` files, Supabase edge `functions`, or `postgres` migrations.",
    )
    path: str = Field(
        min_length=1, description="Folder that becomes the artifact, relative to the repository."
    )
    build: Command | None = Field(
        None, description="Run once in the clean checkout, before packing."
    )
    permissions: list[str] = Field(
        ["--allow-net", "--allow-env"],
        description="functions only: Deno permission flags each function runs with.",
    )


class Approval(Part):
    """Who must agree before the environment changes."""

    role: Literal["approver", "admin"] = Field(
        "approver", description="Who may agree; never the author of the change."
    )
    expires: Duration = written("1d", "An approval not given by then is refused.")


class Traffic(Part):
    """What usually arrives; used to say beforehand whether a canary can be judged."""

    requests_per_second: float = Field(
        gt=0, le=1e9, description="Requests to the whole environment in a quiet hour."
    )
    error_rate: Share = written("0.5%", "Share of requests that fails on a usual day.")


class Database(Part):
    """The PostgreSQL of an environment, to which a release's migrations are applied."""

    secret: Name = Field(
        description="Name of the secret that holds its address: `fairlead secret put NAME`."
    )
    budget: float = Field(
        5.0,
        gt=0,
        le=1e6,
        description="Seconds that clients may wait for a migration, added up over all of them.",
    )


class Environment(Part):
    """A place where releases run, with its policy."""

    listen: Address = Field(description="Where Envoy answers for this environment.")
    target: Literal["local"] = Field("local", description="Where its processes run.")
    router: Literal["envoy"] = Field("envoy", description="What shifts its traffic.")
    production: bool = Field(False, description="Needs staging before it, and an approval.")
    strategy: StrategyKind = Field(
        StrategyKind.ALL_AT_ONCE, strict=False, description="How a new release takes over."
    )
    steps: list[Annotated[int, Field(ge=1, le=100)]] = Field(
        [5, 25, 50, 100], description="canary only: weights of the new release in percent."
    )
    hold: Duration = written("0s", "How long each weight is held and judged.")
    database: Database | None = Field(
        None, description="Where `postgres` migrations go, before the release's slots start."
    )
    smoke: list[Name] = Field([], description="Gates run against the new slot before any traffic.")
    approval: Approval | None = Field(None, description="Who must agree before it changes.")
    metrics: Metrics | None = Field(None, description="Where its numbers come from; else Envoy.")
    judgement: Judgement | None = Field(None, description="How its measurements are judged.")
    monitor_for: Duration = written("10m", "How long a `monitor` stage watches.")
    alert: Alert = written({}, "What a `monitor` stage tells while it goes on.")
    watch: Watch = written({}, "What sends its live release back while no run changes it.")
    start_timeout: Duration = written("1m", "A slot not healthy by then never will be.")
    drain: Duration = written("30s", "How long requests under way may still take.")
    rollback_window: Duration = written("1h", "The previous release stays warm so long.")
    traffic: Traffic | None = Field(None, description="What usually arrives; a canary needs it.")


STAGE_KINDS = ("gates", "deploy", "approve", "canary", "promote", "monitor")


def kinds_sentence(written: Collection[str]) -> str:
    """Return what is wrong with the kinds `written` in one stage, or an empty string."""
    found = [kind for kind in STAGE_KINDS if kind in written]
    if len(found) == 1:
        return ""
    told = " and ".join(found) or "none"
    return f"exactly one of {', '.join(STAGE_KINDS)} is needed, found {told}"


class Stage(Part):
    """One step of the pipeline: exactly one of gates, deploy, approve, canary, promote, monitor."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [k]} for k in STAGE_KINDS]})

    stage: Name = Field(description="Its name on pages, in messages and in the journal.")
    gates: Annotated[list[Name], Field(min_length=1)] | None = Field(
        None, description="Gates run side by side; after a deployment, against that environment."
    )
    deploy: Name | None = Field(None, description="Environment the release is deployed to.")
    approve: Name | None = Field(None, description="Environment a person must agree to change.")
    canary: Name | None = Field(None, description="Environment whose traffic is shifted in steps.")
    promote: Name | None = Field(None, description="Environment that is given over completely.")
    monitor: Name | None = Field(None, description="Environment watched for `monitor_for`.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        # A stage of no kind would pass without having done anything.
        written = [kind for kind in STAGE_KINDS if getattr(self, kind) is not None]
        if sentence := kinds_sentence(written):
            raise ValueError(sentence)
        return self


class Spec(Part):
    """The whole file."""

    version: Annotated[Literal[1], BeforeValidator(_whole)] = Field(
        description="Version of this file's format."
    )
    app: Name = Field(description="Name of the app, the same for all its releases.")
    parallel: int = Field(4, ge=1, le=64, description="How many gates of a stage run side by side.")
    components: dict[Name, Component] = Field(
        min_length=1, description="What is deployed: the app's parts, by name."
    )
    gates: dict[Name, Gate] = Field({}, description="Commands that must pass, by name.")
    channels: dict[Name, Channel] = Field(
        {}, description="Where messages go: `emergency` and `deployments`."
    )
    environments: dict[Name, Environment] = Field(
        min_length=1, description="Where releases run, by name."
    )
    pipeline: list[Stage] = Field(
        min_length=1, description="Stages in order, after the implicit `commit` and `build`."
    )
