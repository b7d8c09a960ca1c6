"""Do two databases have the same shape? Their schemas as `pg_dump` writes them, compared.

`pg_dump` sorts by kind and name, so equal schemas give equal texts; every object that it writes
counts: tables with the order of their columns, constraints with whether they are validated,
functions, policies, owners, grants, comments.
"""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from difflib import unified_diff

# Before the first object stand who wrote the dump and settings of the session that reads it. From
# there on every line counts: one that begins with SET may be of a function's body.
_FIRST_OBJECT = "-- Name: "
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
    objects = [at for at, line in enumerate(lines) if line.startswith(_FIRST_OBJECT)]
    return Schema(tuple(lines[objects[0] :]) if objects else ())


def other_change(one: tuple[Schema, Schema], other: tuple[Schema, Schema]) -> tuple[str, ...]:
    """Return the lines that only one of two changes (before, after) adds or takes away.

    What both schemas of a change have does not count, so the two may be of different databases.
    """
    first, second = _changed(one), _changed(other)
    lines = sorted(line for line in first.keys() | second.keys() if first[line] != second[line])
    return tuple(_PASSWORD.sub(r"\1'…'", line) for line in lines[:_SHOWN_LINES])


def _changed(change: tuple[Schema, Schema]) -> Counter[str]:
    before, after = change
    found = Counter(after.lines)
    found.subtract(before.lines)
    return found


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
        if not line.startswith(("--- ", "+++ ", "@@ ")) and line[1:].strip() not in ("", "--")
    ]
    more = len(changed) - _SHOWN_LINES
    return (*changed[:_SHOWN_LINES], *((f"and {more} lines more",) if more > 0 else ()))
