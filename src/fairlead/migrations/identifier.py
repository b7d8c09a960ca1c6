r"""Which relations does a list of names mean? Names are read as SQL reads them.

`orders` and `Orders` are the same name, `"Orders"` is another; `a.b` is b in the schema a, `"a.b"`
is one name with a dot in it.
"""

import re

from fairlead.errors import Refused

Name = tuple[str, ...]

_PART = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^\s",.]+))\s*(.?)', re.DOTALL)


def names(written: str) -> tuple[Name, ...]:
    """Read names separated by commas; each becomes (name,) or (schema, name).

    Errors: `Refused` when the list is no list of names.
    """
    found: list[Name] = []
    parts: list[str] = []
    at = 0
    while True:
        match = _PART.match(written, at)
        if match is None or match[3] not in ("", ",", "."):
            raise Refused(
                f"--tables {written!r} is no list of names: write orders,app.orders or, for names "
                'with capitals, dots or commas, \'"Orders",app."a.b"\''
            )
        at = match.end()
        parts.append(match[1].replace('""', '"') if match[1] else _folded(match[2]))
        if match[3] == ".":
            continue
        found.append(_checked(parts, written))
        parts = []
        if not match[3]:
            return tuple(found)


def _folded(part: str) -> str:
    # PostgreSQL makes only A to Z small.
    return "".join(sign.lower() if sign.isascii() else sign for sign in part)


def _checked(parts: list[str], written: str) -> Name:
    if len(parts) > 2:
        raise Refused(f"--tables {written!r}: a name is TABLE or SCHEMA.TABLE, not {len(parts)}")
    return tuple(parts)
