"""With which key may an application report its errors, and nothing else?"""

from dataclasses import replace

from fairlead.access import token
from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.commands.desk import Desk, require, told
from fairlead.errors import NotFound
from fairlead.store import error_keys, journal
from fairlead.store.error_keys import Place

# Sentry's SDKs take letters and digits alone; these are 128 bits.
_DIGITS = 32


def make(desk: Desk, person: Person, place: Place) -> tuple[int, str]:
    """Make a key for an environment; return its project and the key, which is shown this once."""
    require(person, Role.DEPLOYER, "make keys for errors")
    fresh = token.digest(desk.secret())[:_DIGITS]
    with desk.database.begin() as tx:
        project = error_keys.add(tx, place, token.digest(fresh), person.name, desk.clock())
        because = f"{person.name} made key {project} for errors of {place[1]}"
        made = told(desk, person, "error_key.made", because, project=project)
        journal.append(tx, replace(made, app=place[0], environment=place[1]))
    return project, fresh


def revoke(desk: Desk, person: Person, place: Place, project: int) -> None:
    """Make a key worthless; `NotFound` when the environment has none of that number."""
    require(person, Role.DEPLOYER, "revoke keys for errors")
    with desk.database.begin() as tx:
        if not error_keys.revoke(tx, place, project, desk.clock()):
            raise NotFound(f"{place[1]} of {place[0]} has no key {project} that is valid")
        because = f"{person.name} revoked key {project} for errors of {place[1]}"
        gone = told(desk, person, "error_key.revoked", because, project=project)
        journal.append(tx, replace(gone, app=place[0], environment=place[1]))


def place(desk: Desk, project: int, key: str) -> Place | None:
    """Return which environment's errors a key may report; None when it may none."""
    with desk.database.begin() as tx:
        return error_keys.place(tx, project, token.digest(key))
