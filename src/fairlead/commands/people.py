"""Who comes in: people, their roles and their tokens."""

from pathlib import Path

from fairlead.access import token
from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.commands.desk import Desk, require, told
from fairlead.errors import NotFound, Refused
from fairlead.store import journal, people
from fairlead.store.database import Tx


def authenticate(desk: Desk, bearer: str) -> Person | None:
    """Return whose token it is; None when it is nobody's."""
    if not token.looks_like_token(bearer):
        return None
    with desk.database.begin() as tx:
        return people.owner(tx, token.digest(bearer), desk.clock())


def save(desk: Desk, admin: Person, person: Person) -> str:
    """Add somebody, or change their role; return their new token, shown this once.

    Tokens they had before are worthless from then on.
    """
    require(admin, Role.ADMIN, "add people")
    with desk.database.begin() as tx:
        if person.role is not Role.ADMIN:
            _refuse_without_admins(tx, person.name)
        people.revoke_tokens(tx, person.name, desk.clock())
        if not people.email_is_free(tx, person):
            raise Refused(f"{person.email} belongs to somebody else: use another address")
        return _welcome(desk, tx, admin, person)


def remove(desk: Desk, admin: Person, name: str) -> None:
    """Keep somebody out from now on, with every token they have."""
    require(admin, Role.ADMIN, "remove people")
    with desk.database.begin() as tx:
        _refuse_without_admins(tx, name)
        if not people.remove(tx, name, desk.clock()):
            raise NotFound(f"nobody here is called {name}: `fairlead people list` tells who is")
        journal.append(tx, told(desk, admin, "person.removed", f"{admin.name} removed {name}"))


def _refuse_without_admins(tx: Tx, name: str) -> None:
    admins = [p.name for p in people.everybody(tx) if p.role is Role.ADMIN]
    if admins == [name]:
        raise Refused(f"{name} is the only admin: make somebody else one first")


def first_admin(desk: Desk, person: Person, keep_in: Path) -> None:
    """Let the person who starts a new installation in; their token is kept in a private file."""
    if keep_in.exists() and authenticate(desk, keep_in.read_text("utf-8").strip()):
        return
    with desk.database.begin() as tx:
        fresh = _welcome(desk, tx, person, person)
    # After the commit, and whole or not at all: a file whose token nobody knows would lock all out.
    draft = keep_in.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(fresh + "\n", "utf-8")
    draft.replace(keep_in)


def _welcome(desk: Desk, tx: Tx, by: Person, person: Person) -> str:
    people.save(tx, person, desk.clock())
    fresh = token.PREFIX + desk.secret()
    people.add_token(tx, person.name, token.digest(fresh), "made with the person", desk.clock())
    because = f"{by.name} let {person.name} in as {person.role}"
    journal.append(tx, told(desk, by, "person.saved", because, role=person.role.value))
    return fresh
