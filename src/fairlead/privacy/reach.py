"""Which public roles can reach personal data, because nothing narrows what their grants let do?

Source: PostgreSQL's manual, "Row Security Policies" and "Rules and Privileges".
"""

from collections.abc import Iterable, Mapping

from fairlead.privacy.inventory import Column, Holding, Table, Verb
from fairlead.privacy.place import Place

Reach = tuple[tuple[str, Verb], ...]


def reached(table: Table, column: Column) -> Reach:
    """Return who can do what with a column, on every row of it, by grants alone.

    Row level security stops a role unless it is exempt or a policy for it is plainly true.
    """
    order = [*Verb]
    found = ((role, verb) for role, verb in column.granted if not _is_guarded(table, role, verb))
    return tuple(sorted(found, key=lambda one: (one[0], order.index(one[1]))))


def _is_guarded(table: Table, role: str, verb: Verb) -> bool:
    if not table.rls or role in table.exempt:
        return False
    mine = [one for one in table.policies if verb in one.verbs and role in one.roles]
    if any(not one.permissive and not one.is_open for one in mine):
        return True
    return not any(one.permissive and one.is_open for one in mine)


def views_of(tables: Iterable[Table], personal: Iterable[Place]) -> tuple[Table, ...]:
    """Return the views that read personal columns, also through other views, by their owner.

    Row level security of the tables does not bind them for who asks. A view that reads with the
    rights of its caller is none of them.
    """
    shown = {one for one in tables if one.holding in (Holding.VIEW, Holding.MATERIALISED)}
    reading = {(place.schema, place.table, place.column) for place in personal}
    by_name: Mapping[tuple[str, str], Table] = {(one.schema, one.name): one for one in shown}
    found: set[Table] = set()
    while True:
        names = {(one.schema, one.name) for one in found}
        more = {
            one
            for one in by_name.values()
            if one not in found
            and any(
                (at.schema, at.table, at.column) in reading or (at.schema, at.table) in names
                for at in one.reads
            )
        }
        if not more:
            break
        found |= more
    told = (one for one in found if not one.as_caller)
    return tuple(sorted(told, key=lambda one: (one.schema, one.name)))
