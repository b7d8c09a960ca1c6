"""Can the migrations of the app reach the databases that its environments name?"""

from collections.abc import Iterator

from fairlead.release.component import ComponentKind
from fairlead.release.spec.model import Spec
from fairlead.release.spec.problem import Problem


def unsound_databases(spec: Spec) -> Iterator[Problem]:
    """Find databases that nothing migrates, that two places share, or two components change."""
    migrated = [n for n, c in spec.components.items() if c.kind is ComponentKind.POSTGRES]
    by_secret: dict[str, str] = {}
    for name, there in spec.environments.items():
        if there.database is None:
            continue
        here = ("environments", name, "database")
        if not migrated:
            sentence = "no component is of kind postgres, so nothing would ever change it"
            yield Problem(here, f"{sentence}; add one, or remove the database")
        if len(migrated) > 1:
            told = " and ".join(migrated)
            yield Problem(here, f"{told} would both change it; put their files into one component")
        other = by_secret.setdefault(there.database.secret, name)
        if other != name:
            sentence = f"{other} has the same database, so what is tried in one changes the other"
            yield Problem((*here, "secret"), f"{sentence}; give each environment its own")
