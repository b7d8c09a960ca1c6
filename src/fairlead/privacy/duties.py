"""Is what a declaration promises there: who removes old data, and how a person's data is found?"""

import re
from collections.abc import Iterator, Mapping, Sequence

from fairlead.privacy.declaration import EdgeAction, Entry, Job, SqlFunction, Way
from fairlead.privacy.failing import Beside, Failing, Rule
from fairlead.privacy.inventory import PG_CRON, Inventory, Schedule, Table
from fairlead.privacy.place import quoted

_COMMENTS = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)


def subject(entry: Entry, tables: Sequence[Table]) -> Iterator[Failing]:
    for table in tables:
        if entry.subject not in {column.name for column in table.columns}:
            at = f"{quoted(table.schema)}.{quoted(table.name)}"
            yield Failing(
                Rule.SUBJECT,
                str(entry.columns),
                f"one person cannot be found in {at}: it has no column {quoted(entry.subject)}",
                "name the column under subject that tells whose row it is",
            )


def callers(entry: Entry, inventory: Inventory) -> tuple[str, ...]:
    """Return what runs by itself and removes what is too old, by its name; may be empty."""
    by = entry.enforced_by
    if isinstance(by, Job):
        mine = (one for one in inventory.schedules if one.by == PG_CRON and one.name == by.name)
    elif (by.schema, by.name) in inventory.functions:
        mine = (one for one in inventory.schedules if _calls(one, by))
    else:
        return ()
    return tuple(sorted({f"the {one.by} {quoted(one.name)}" for one in mine}))


def retention(entry: Entry, inventory: Inventory) -> Failing | str | None:
    by = entry.enforced_by
    if callers(entry, inventory):
        return None
    if isinstance(by, Job):
        why = f"{by} does not run"
    elif (by.schema, by.name) not in inventory.functions:
        why = f"{by} does not exist"
    else:
        why = f"no pg_cron job and no trigger calls {by}"
    at = str(entry.columns)
    if not inventory.jobs_known:
        return f"retention of {at} is not known: the pg_cron jobs could not all be read"
    return Failing(
        Rule.RETENTION,
        at,
        f"retention of {at} ({entry.retention}) is not enforced: {why}",
        "schedule what deletes it, and name that under enforced_by",
    )


def _calls(one: Schedule, function: SqlFunction) -> bool:
    name = rf'(?<!\w)"?{re.escape(function.name)}"?\s*\('
    called = re.compile(name, re.IGNORECASE if function.name.islower() else 0)
    fired = one.function == (function.schema, function.name)
    return fired or bool(called.search(one.calls))


def way_out(rule: Rule, entry: Entry, inventory: Inventory, beside: Beside) -> Failing | str | None:
    way: Way = entry.export if rule is Rule.EXPORT else entry.erase
    if isinstance(way, EdgeAction) and beside.edge is None:
        return f"{rule} of {entry.columns} is not known: nobody said where the functions lie"
    if _exists(way, inventory, beside.edge or {}):
        return None
    return Failing(
        rule,
        str(entry.columns),
        f"there is no {rule} of {entry.columns}: {way} does not exist",
        f"write it, and name it under {'export' if rule is Rule.EXPORT else 'erase'}",
    )


def _exists(way: Way, inventory: Inventory, edge: Mapping[str, str]) -> bool:
    if isinstance(way, SqlFunction):
        return (way.schema, way.name) in inventory.functions
    source = _COMMENTS.sub("", edge.get(way.function, ""))
    return bool(re.search(rf"(?<![\w-]){re.escape(way.action)}(?![\w-])", source))
