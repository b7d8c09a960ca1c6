"""How do roles and an empty database come to the scratch server, and copies of what is in it?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
from psycopg import sql

from fairlead.providers.databases.rehearsal.target import Target
from fairlead.providers.databases.scratch import Scratch

NAME, EMPTY = "restored", "template0"


def make_database(target: Target, server: Scratch) -> list[str]:
    """Make roles and database as they are at the target, but without passwords."""
    notes = []
    with psycopg.connect(server.url, autocommit=True) as made:
        for role in target.roles:
            if role.name != "postgres":
                login = "LOGIN" if role.name == target.user else "NOLOGIN"
                _do(made, f"CREATE ROLE {{}} {login} {role.rights}", role.name)
        known = {name for (name,) in made.execute("SELECT rolname FROM pg_roles").fetchall()}
        for role in target.roles:
            for group in role.groups:
                if role.name != "postgres" and group in known:
                    _do(made, "GRANT {} TO {}", group, role.name)
        try:
            _do(made, f"CREATE DATABASE {{}} TEMPLATE template0 {_sorted(target)}", NAME)
        except psycopg.Error:
            _do(made, "CREATE DATABASE {} TEMPLATE template0", NAME)
            notes.append(
                f"texts are sorted as in C, which is faster than at the target ({target.collation})"
            )
        _give(made, NAME, target)
        # Copies of a database keep no settings of their own; those of a role hold in all of them.
        made.execute(
            "INSERT INTO pg_db_role_setting SELECT 0, oid, %s FROM pg_roles WHERE rolname = %s "
            "AND cardinality(%s::text[]) > 0",
            [list(target.defaults), target.user, list(target.defaults)],
        )
        is_super = any(r.name == target.user and "SUPERUSER" in r.rights for r in target.roles)
        if target.user == "postgres" and not is_super:
            notes.append(
                "on the scratch server postgres may do everything, at the target it may not"
            )
    return notes


def _give(made: psycopg.Connection[tuple[object, ...]], name: str, target: Target) -> None:
    _do(made, "ALTER DATABASE {} OWNER TO {}", name, target.owner)
    if target.may_create:
        _do(made, "GRANT CREATE ON DATABASE {} TO {}", name, target.user)


@dataclass(frozen=True, slots=True)
class Trial:
    """A copy of the copy: `url` leads there as who migrates, `everything` as superuser."""

    url: str
    everything: str


@contextmanager
def trial(server: Scratch, target: Target, name: str, template: str = NAME) -> Iterator[Trial]:
    """Give a copy, or an empty one, that may be changed; it is gone when the block ends."""
    with psycopg.connect(server.url, autocommit=True) as made:
        _do(made, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        _give(made, name, target)
    everything = server.at(name)
    user = quote(target.user, safe="")
    try:
        yield Trial(everything.replace("//postgres@", f"//{user}@", 1), everything)
    finally:
        with psycopg.connect(server.url, autocommit=True) as made:
            _do(made, "DROP DATABASE {} WITH (FORCE)", name)


def _do(made: psycopg.Connection[tuple[object, ...]], words: str, *names: str) -> None:
    made.execute(sql.SQL(words).format(*map(sql.Identifier, names)))


def _sorted(target: Target) -> str:
    """Return how texts are encoded and sorted at the target, as CREATE DATABASE is told it."""
    words = {
        "ENCODING": target.encoding,
        "LOCALE_PROVIDER": target.provider,
        "LC_COLLATE": target.collation,
        "LC_CTYPE": target.ctype,
    }
    if target.provider != "libc":
        words[f"{target.provider.upper()}_LOCALE"] = target.locale
    return " ".join(f"{name} {_text(value)}" for name, value in words.items())


def _text(value: str) -> str:
    return sql.Literal(value).as_string(None)
