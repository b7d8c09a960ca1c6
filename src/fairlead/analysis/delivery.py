"""How often is there a deployment, how often does one go back, and how long does it take?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is on record of one deployment, or of one way back.

    `began`, `live`, `failed` and `back` are when it was; None when it was not, or nobody has said.
    A way back that a person asked for, or the watch, is one of its own: it has nothing but `back`,
    and `release` is the one that left. `external` ones were told by others.
    """

    app: str
    environment: str
    id: str
    release: str
    external: bool
    began: datetime | None
    live: datetime | None
    failed: datetime | None
    back: datetime | None

    @property
    def way_back(self) -> bool:
        """Tell whether it only takes something back."""
        return self.back is not None and not (self.began or self.live or self.failed)

    @property
    def ended(self) -> datetime | None:
        """Return when it first came to something: live, failed or back."""
        return min((at for at in (self.live, self.failed, self.back) if at), default=None)


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is on record of a time. `success_rate` is percent, `minutes` the average of those live.

    A number is None where there was nothing to make it of.
    """

    deployments: int
    succeeded: int
    rollbacks: int
    external: int
    success_rate: float | None
    minutes: float | None


def statistics(known: Sequence[Deployment], since: datetime) -> Statistics:
    """Count what came to something since then; `known` may hold more than that.

    A deployment succeeded when its release went live and was not taken back until now.
    """
    mine = [one for one in known if not one.way_back and one.ended and one.ended >= since]
    ways_back = [one for one in known if one.way_back]
    taken_back = {id(found) for way in ways_back if (found := _left(known, way)) is not None}
    well = [one for one in mine if one.live and not one.back and id(one) not in taken_back]
    took = [(one.live - one.began).total_seconds() / 60 for one in mine if one.live and one.began]
    return Statistics(
        deployments=len(mine),
        succeeded=len(well),
        rollbacks=sum(one.back is not None and one.back >= since for one in known),
        external=sum(one.external for one in mine),
        success_rate=100.0 * len(well) / len(mine) if mine else None,
        minutes=sum(took) / len(took) if took else None,
    )


def _left(known: Sequence[Deployment], way: Deployment) -> Deployment | None:
    """Return the deployment whose release a way back took away: the newest that brought it."""
    brought = [
        (one.live, one)
        for one in known
        if (one.app, one.environment, one.release) == (way.app, way.environment, way.release)
        and one.release
        and one.live
        and way.back
        and one.live <= way.back
    ]
    return max(brought, key=lambda pair: pair[0])[1] if brought else None
