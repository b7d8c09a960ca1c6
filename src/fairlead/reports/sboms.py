"""What is a release made of, and what do runs say has changed in it?"""

from typing import Any

from fairlead.errors import NotFound
from fairlead.reports.window import Window
from fairlead.store import journal, releases, sboms
from fairlead.store.database import Tx


def sbom(window: Window, app: str, release: str) -> str:
    """Return the CycloneDX document of a release as it was written."""
    with window.database.begin() as tx:
        found = sboms.text(tx, app, release)
        known = found is not None or releases.find(tx, app, release) is not None
    if not known:
        raise NotFound(f"there is no release {release} of {app}: `fairlead history` lists them")
    if found is None:
        raise NotFound(
            f"release {release} of {app} has no SBOM: the journal of its run tells why if it was "
            "built after Fairlead began to keep them; deploy its commit again to have one made"
        )
    return found


def changes(tx: Tx, run: str) -> list[dict[str, Any]]:
    """Return what changed in each environment that a run came to, as it was told then."""
    told = [entry.event for entry in journal.of_kind(tx, run, "packages.compared")]
    return [
        {
            "environment": event.environment,
            "because": event.because.removeprefix("packages: "),
            **{key: event.data[key] for key in ("since", "counts", "named")},
        }
        for event in told
    ]
