"""Do two databases have the same shape? Their schemas as `pg_dump` writes them, compared.

`pg_dump` sorts by kind and name, so equal schemas give equal texts; every object that it writes
counts: tables with the order of their columns, constraints with whether they are validated,
functions, policies, owners, grants, comments.
"""

import hashlib
from dataclasses import dataclass
from difflib import unified_diff

# Lines that tell who wrote the dump, and settings of the session that will read it.
_ABOUT_THE_DUMP = ("--", "SET ", "SELECT pg_catalog.set_config(", "\\")
_SHOWN_LINES = 12


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema, one line of its definition after the other."""

    lines: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the definition, in hexadecimal."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()


def read(dump: str) -> Schema:
    """Return the schema that a plain `pg_dump --schema-only` tells."""
    return Schema(
        tuple(line for line in dump.splitlines() if line and not line.startswith(_ABOUT_THE_DUMP))
    )


def difference(before: Schema, after: Schema) -> tuple[str, ...]:
    """Return the first lines that differ, each with - or + in front; empty when none does."""
    if before == after:
        return ()
    found = unified_diff(before.lines, after.lines, lineterm="", n=0)
    changed = [line for line in found if not line.startswith(("---", "+++", "@@"))]
    more = len(changed) - _SHOWN_LINES
    return (*changed[:_SHOWN_LINES], *((f"and {more} lines more",) if more > 0 else ()))
