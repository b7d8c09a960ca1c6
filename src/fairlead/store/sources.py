"""By which file is an environment measured, and what runs there?"""

from fairlead.release.component import ComponentKind
from fairlead.release.release import Release
from fairlead.release.sources import Asked
from fairlead.release.spec.metrics import Metrics
from fairlead.store.database import Tx, many


def asked(tx: Tx, app: str, environment: str) -> Asked:
    """Return how an environment is measured: Envoy, where nothing else is written.

    The file of a run that has begun to change it counts from then on, also while its canary is
    under way.
    """
    rows = many(
        tx,
        "SELECT newest.metrics, l.manifest FROM environments e "
        "LEFT JOIN LATERAL ("
        "SELECT r.spec -> 'environments' -> e.name -> 'metrics' AS metrics FROM rollouts o "
        "JOIN runs r ON r.id = o.run WHERE r.app = e.app AND o.environment = e.name "
        "ORDER BY r.created_at DESC LIMIT 1) newest ON true "
        "LEFT JOIN releases l ON l.app = e.app AND (l.id IN (e.live, e.previous) "
        "OR e.weights ? l.id) WHERE e.app = %s AND e.name = %s",
        app,
        environment,
    )
    written = rows[0]["metrics"] if rows else None
    wanted = [
        (release.id, artifact.component)
        for release in (Release.from_manifest(r["manifest"]) for r in rows if r["manifest"])
        for artifact in release.artifacts
        if artifact.kind is not ComponentKind.POSTGRES
    ]
    return Asked(Metrics.model_validate(written or {}), tuple(sorted(wanted)))
