"""Which words of fairlead.yaml say how a live release is watched, and who is told?"""

from typing import Literal

from pydantic import Field

from fairlead.release.spec.part import Name, Part, written
from fairlead.release.spec.quantity import Duration, Share


class Watch(Part):
    """What sends a live release back while no run changes its environment."""

    errors: Share = written("5%", "A component that fails more of its requests is unhealthy.")
    mean_latency: Duration = written("2s", "So is one whose answers take longer on average.")
    health: int = Field(85, ge=1, le=100, description="So is a health score below this.")
    min_samples: int = Field(50, ge=1, description="Fewer requests in a window are UNKNOWN.")
    window: Duration = written("3s", "Length of one window; windows never overlap.")
    windows: int = Field(2, ge=1, description="So many running must be unhealthy.")
    longest: Duration = written("5m", "A window with too few requests stays open so long.")
    cooldown: Duration = written("10m", "So long after a rollback there is no other.")
    blind: Duration = written("10m", "UNKNOWN for so long is told, once.")
    unhealthy: Literal["back", "tell"] = Field(
        "back", description="What happens then: the release goes back, or it is only told."
    )


class Alert(Part):
    """What a `monitor` stage tells about how a release performs, while it goes on."""

    errors: Share = written("3%", "More failed requests in a window are told.")
    mean_latency: Duration = written("1500ms", "So are answers that take longer on average.")
    window: Duration = written("30s", "Length of one window; windows never overlap.")
    windows: int = Field(3, ge=1, description="So many running must be beyond.")


class Channel(Part):
    """Where messages go."""

    webhook: Name = Field(
        description="Name of the secret that holds its address, Slack's or one that takes the same "
        "JSON: `fairlead secret put NAME`."
    )
