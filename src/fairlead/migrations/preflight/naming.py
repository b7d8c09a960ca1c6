"""Which relations do the names on the command line mean, with everything that is part of them?"""

from collections.abc import Mapping, Sequence

from fairlead.errors import NotFound, Refused
from fairlead.migrations.identifier import Name
from fairlead.migrations.preflight.looked import Relation


def named(
    names: Sequence[Name], relations: Mapping[int, Relation], search_path: Sequence[str]
) -> frozenset[int]:
    """Return the relations' oids, and those of all their partitions.

    A name without a schema means the first match in `search_path`, else the only one anywhere.
    Errors: `NotFound` for a name that means nothing, `Refused` for one that means several.
    """
    found = {_one(name, relations, search_path).oid for name in names}
    while more := {
        one.oid for one in relations.values() if one.parent in found and one.oid not in found
    }:
        found |= more
    return frozenset(found)


def _one(name: Name, relations: Mapping[int, Relation], search_path: Sequence[str]) -> Relation:
    fits = [one for one in relations.values() if (one.schema, one.name)[-len(name) :] == name]
    for schema in search_path:
        for one in fits:
            if one.schema == schema:
                return one
    if len(fits) > 1:
        places = ", ".join(sorted(one.place for one in fits))
        raise Refused(f"--tables: {'.'.join(name)} may mean {places}: name the schema, too")
    if not fits:
        raise NotFound(f"--tables: {_said(name)} is no table here{_meant(name, relations)}")
    return fits[0]


def _said(name: Name) -> str:
    return ".".join(name)


def _meant(name: Name, relations: Mapping[int, Relation]) -> str:
    """Suggest what differs in capitals, or in where the dot belongs."""
    told = ".".join(name).lower()
    near = sorted(
        one.place
        for one in relations.values()
        if told in (one.name.lower(), f"{one.schema}.{one.name}".lower())
    )
    return f"; did you mean {' or '.join(near[:3])}? Quote it as it stands here" if near else ""
