"""Do two databases have the same shape? Their schemas as `pg_dump` writes them, compared.

`pg_dump` sorts by kind and name, so equal schemas give equal texts; every object that it writes
counts: tables with the order of their columns, constraints with whether they are validated,
functions, policies, owners, grants, comments.
"""

import hashlib
import re
from dataclasses import dataclass
from difflib import unified_diff

# Lines that tell who wrote the dump, and settings of the session that will read it. A line in the
# body of a function can begin like them, and counts.
_ABOUT_THE_DUMP = re.compile(
    r"--$|-- (Name: |PostgreSQL database |Dumped (from|by) )|\\(un)?restrict "
    r"|SET (\w+_timeout|client_\w+|standard_conforming_strings|check_function_bodies|xmloption"
    r"|row_security|default_tablespace) = |SELECT pg_catalog\.set_config\('search_path'"
)
_SHOWN_LINES = 12
# The mapping of a user to a foreign server can hold one.
_PASSWORD = re.compile(r"(\bpassword )'(?:[^']|'')*'", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema, one line of its definition after the other."""

    lines: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the definition, in hexadecimal."""
        return hashlib.sha256(self.text).hexdigest()

    @property
    def text(self) -> bytes:
        """Return the definition in UTF-8; `read` reads it again."""
        return "\n".join(self.lines).encode()


def read(dump: str) -> Schema:
    """Return the schema that a plain `pg_dump --schema-only` tells."""
    # Only what ends a line there ends one here: a text may hold other signs of that kind.
    lines = dump.split("\n")
    return Schema(tuple(line for line in lines if line and not _ABOUT_THE_DUMP.match(line)))


def difference(before: Schema, after: Schema) -> tuple[str, ...]:
    """Return the first lines that differ, each with - or + in front; empty when none does.

    Passwords in them are left out.
    """
    if before == after:
        return ()
    found = unified_diff(before.lines, after.lines, lineterm="", n=0)
    changed = [
        _PASSWORD.sub(r"\1'…'", line)
        for line in found
        if not line.startswith(("--- ", "+++ ", "@@ "))
    ]
    more = len(changed) - _SHOWN_LINES
    return (*changed[:_SHOWN_LINES], *((f"and {more} lines more",) if more > 0 else ()))
