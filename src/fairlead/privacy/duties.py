"""Is what a declaration promises there: who removes old data, and how a person's data is found?"""

import re
from collections.abc import Iterator, Mapping, Sequence

from fairlead.privacy.declaration import EdgeAction, Entry, Job, SqlFunction, Way
from fairlead.privacy.failing import Beside, Failing, Rule
from fairlead.privacy.inventory import PG_CRON, Inventory, Table
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


def retention(entry: Entry, inventory: Inventory) -> Failing | str | None:
    by = entry.enforced_by
    if isinstance(by, Job):
        known = any(one.by == PG_CRON and one.name == by.name for one in inventory.schedules)
        why = f"{by} does not run"
    elif (by.schema, by.name) not in inventory.functions:
        known, why = False, f"{by} does not exist"
    else:
        known = _is_called(by, inventory)
        why = f"no pg_cron job and no trigger calls {by}"
    if known:
        return None
    at = str(entry.columns)
    if not inventory.jobs_known:
        return f"retention of {at} is not known: the pg_cron jobs could not all be read"
    return Failing(
        Rule.RETENTION,
        at,
        f"retention of {at} ({entry.retention}) is not enforced: {why}",
        "schedule what deletes it, and name that under enforced_by",
    )


def _is_called(function: SqlFunction, inventory: Inventory) -> bool:
    mine = (function.schema, function.name)
    name = rf'(?<!\w)"?{re.escape(function.name)}"?\s*\('
    called = re.compile(name, re.IGNORECASE if function.name.islower() else 0)
    return any(one.function == mine or called.search(one.calls) for one in inventory.schedules)


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
