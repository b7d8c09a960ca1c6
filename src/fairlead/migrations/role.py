"""What does a statement of `pg_dumpall --roles-only` say of a role, whoever runs it?"""

from fairlead.migrations.statement import Statement

_GRANTOR = ("GRANTED", "BY")


def made(statement: Statement) -> str:
    """Return the name, as it is written, of the role that a statement makes; else nothing."""
    return statement.tokens[2].text if statement.words[:2] == ("CREATE", "ROLE") else ""


def plain(name: str) -> str:
    """Return a name without its quotes."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def without_grantor(statement: Statement) -> str:
    """Return the statement so that who runs it grants: another server began with another role."""
    if statement.words[0] != "GRANT" or statement.words[-3:-1] != _GRANTOR:
        return statement.text
    return statement.source[: statement.tokens[-3].at - statement.offset].strip()


def meaning(statement: Statement, *, options: bool) -> tuple[str, ...]:
    """Return what is the same on two servers when they agree; the grantor is none of that.

    Without `options` memberships are compared by ADMIN alone: before 16 there was nothing else.
    """
    words = statement.words
    if words[0] != "GRANT":
        return (statement.normal,)
    if words[-3:-1] == _GRANTOR:
        words = words[:-3]
    if options or "WITH" not in words:
        return words
    return (*words[: words.index("WITH")], *(["ADMIN"] if "ADMIN" in words else []))


def told(statement: Statement) -> str:
    """Return the statement for people: of a setting its name, since its value may be a secret."""
    words = statement.words
    if "SET" not in words:
        return statement.opening
    ends = [words.index(sign) for sign in ("TO", "=") if sign in words]
    return " ".join(token.text for token in statement.tokens[: min(ends, default=len(words))])
