"""How are parts that were told together kept? As one row a release, component and second."""

from fairlead.analysis.rollup import Part, rolled
from fairlead.store import rollups
from fairlead.store.database import Tx
from fairlead.store.rollups import Place


def keep_parts(tx: Tx, told: list[tuple[Place, Part]]) -> None:
    """Keep what was told together, as one row a release, component and second."""
    places: dict[Place, list[Part]] = {}
    for place, part in told:
        places.setdefault(place, []).append(part)
    together = ((place, part) for place, many in places.items() for part in rolled(many, 1))
    rollups.add(tx, together)
