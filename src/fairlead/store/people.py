"""People and their tokens."""

from datetime import datetime

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.store.database import Tx, many, one


def save(tx: Tx, person: Person, now: datetime) -> None:
    """Add a person, or change their address and role."""
    tx.execute(
        "INSERT INTO people (name, email, role, created_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (name) DO UPDATE SET email = EXCLUDED.email, role = EXCLUDED.role, "
        "disabled_at = NULL",
        (person.name, person.email, person.role, now),
    )


def email_is_free(tx: Tx, person: Person) -> bool:
    """Tell whether nobody else has this person's address."""
    statement = "SELECT 1 AS found FROM people WHERE lower(email) = lower(%s) AND name <> %s"
    return one(tx, statement, person.email, person.name) is None


def everybody(tx: Tx) -> list[Person]:
    """Return all people who may still come in."""
    rows = many(tx, "SELECT name, email, role FROM people WHERE disabled_at IS NULL ORDER BY name")
    return [Person(row["name"], row["email"], Role(row["role"])) for row in rows]


def remove(tx: Tx, name: str, now: datetime) -> bool:
    """Keep somebody out from now on, all their tokens with them; False when nobody is called so."""
    revoke_tokens(tx, name, now)
    cursor = tx.execute(
        "UPDATE people SET disabled_at = %s WHERE name = %s AND disabled_at IS NULL", (now, name)
    )
    return cursor.rowcount == 1


def revoke_tokens(tx: Tx, name: str, now: datetime) -> None:
    """Make all of somebody's tokens worthless."""
    tx.execute(
        "UPDATE tokens SET revoked_at = %s WHERE person = %s AND revoked_at IS NULL", (now, name)
    )


def add_token(tx: Tx, person: str, token_digest: str, label: str, now: datetime) -> None:
    """Keep a token's digest for a person."""
    tx.execute(
        "INSERT INTO tokens (digest, person, label, created_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (digest) DO NOTHING",
        (token_digest, person, label, now),
    )


def owner(tx: Tx, token_digest: str, now: datetime) -> Person | None:
    """Return whose token it is; None when it is unknown, revoked or expired."""
    row = one(
        tx,
        "SELECT p.name, p.email, p.role FROM tokens t JOIN people p ON p.name = t.person "
        "WHERE t.digest = %s AND t.revoked_at IS NULL AND p.disabled_at IS NULL "
        "AND (t.expires_at IS NULL OR t.expires_at > %s)",
        token_digest,
        now,
    )
    return Person(row["name"], row["email"], Role(row["role"])) if row else None
