"""Can a release run on the database as another release left it?"""

from fairlead.release.release import Release
from fairlead.release.spec.model import ComponentKind


def misfit(target: Release, live: Release) -> str | None:
    """Return why `target` does not fit the database that `live` runs on; None when it does.

    Migrations only ever expand, so an older release fits a newer schema; a release that expects a
    migration which the live one does not carry does not.
    """
    missing = sorted(_migrations(target) - _migrations(live))
    if not missing:
        return None
    return (
        f"release {target.id} expects the migration {missing[0]}, which the live release {live.id} "
        "does not carry: choose a release that fits, or deploy the commit again"
    )


def _migrations(release: Release) -> set[str]:
    files: set[str] = set()
    for artifact in release.artifacts:
        if artifact.kind is ComponentKind.POSTGRES:
            files |= {f"{artifact.component}/{unit}" for unit in artifact.units}
    return files
