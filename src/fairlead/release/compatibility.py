"""Can a release run on the database as another release left it?"""

from collections.abc import Collection, Sequence

from fairlead.release.component import ComponentKind
from fairlead.release.release import Release


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


def outgrown(target: Release, contracted: Sequence[str]) -> str | None:
    """Return why the database has lost what `target` may need; None when it has not.

    `contracted` are the migration files that took something away: a release that was built without
    one of them may still use it.
    """
    carried = target.migrations.units if target.migrations else ()
    missing = sorted(set(contracted) - set(carried))
    if not missing:
        return None
    return (
        f"release {target.id} was built before the migration {missing[0]} took away what it may "
        "need: choose a newer release, or deploy a commit that does without it"
    )


def ripe(live: Release, waiting: Sequence[str]) -> tuple[str, ...]:
    """Return what waits and the live release carries: the files of one that went back do not go."""
    carried = live.migrations.units if live.migrations else ()
    return tuple(file for file in waiting if file in carried)


def still_running(live: str, running: Collection[str]) -> str:
    """Return that releases besides `live` run, which may need the old shape; empty if none do."""
    others = sorted(set(running) - {live})
    return f"release {others[0]} runs besides {live} and may need the old shape" if others else ""


def _migrations(release: Release) -> set[str]:
    files: set[str] = set()
    for artifact in release.artifacts:
        if artifact.kind is ComponentKind.POSTGRES:
            files |= {f"{artifact.component}/{unit}" for unit in artifact.units}
    return files
