"""What runs where? A slot is one running copy of one component of a release."""

from dataclasses import dataclass
from pathlib import Path

RELEASE_HEADER = "x-fairlead-release"
STATIC, FUNCTIONS = "static", "functions"


@dataclass(frozen=True, slots=True)
class Slot:
    """One component of one release in one environment.

    `kind` is `static` or `functions`; `units` are its separately running processes; `permissions`
    the flags a function's process is confined by.
    """

    app: str
    environment: str
    release: str
    component: str
    kind: str
    units: tuple[str, ...]
    permissions: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the slot's name, unique on this machine."""
        return f"{self.app}.{self.environment}.{self.release}.{self.component}"


def secrets_of(home: Path, app: str, environment: str) -> Path:
    """Return the folder with the secrets that functions there are given: one file a variable."""
    return home / "secrets" / f"{app}.{environment}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one unit of a slot answers.

    `address` is `unix:/path` or `host:port`; requests whose path starts with `prefix` belong to it.
    """

    component: str
    unit: str
    address: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Arm:
    """One release at the edge, with its share of new users in percent (0: by header only)."""

    release: str
    weight: int
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """All that an environment's listener must do. Arms are ordered newest release first.

    The order matters: users are placed on a line from the first arm to the last, so a first arm
    that grows only ever gains users and nobody is thrown back. All weights zero: nobody is served,
    the edge answers 503 with a sentence.
    """

    app: str
    environment: str
    listen: str
    arms: tuple[Arm, ...]

    def weights(self) -> dict[str, int]:
        """Return the weight of every release, arms without traffic included."""
        return {arm.release: arm.weight for arm in self.arms}
