"""What does a person, or a script, read of the personal data of a deployment?

The same input always gives the same report. It holds names and counts, never a value.
"""

from dataclasses import asdict, dataclass
from typing import Any

from fairlead.privacy import duties
from fairlead.privacy.declaration import Declaration, Entry
from fairlead.privacy.failing import Beside, Failing, Rule
from fairlead.privacy.inventory import Column, Inventory, Table, suspicions
from fairlead.privacy.logged import LogSeen
from fairlead.privacy.reach import reached
from fairlead.privacy.rules import Judged, is_personal

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Deployment:
    """Of what the report tells: all may be empty.

    `declared_in` says which privacy.yaml counted. `left_out` are failures that do not count for a
    while, each with its reason, owner and last day; `expired` tells of those that do again.
    """

    environment: str = ""
    release: str = ""
    declared_in: str = ""
    left_out: tuple[tuple[Failing, str], ...] = ()
    expired: tuple[str, ...] = ()


NOWHERE = Deployment()


def report(
    inventory: Inventory,
    declaration: Declaration,
    beside: Beside,
    judged: Judged,
    of: Deployment = NOWHERE,
) -> dict[str, Any]:
    """Return the report as plain data: the inventory, what is declared of it, and the findings."""
    left_out = dict(of.left_out)
    failures = [asdict(one) | {"left_out": left_out.get(one, "")} for one in judged.failures]
    counted = sum(not one["left_out"] for one in failures)
    personal = columns(inventory, declaration, beside)
    return {
        "format": FORMAT,
        "environment": of.environment,
        "release": of.release,
        "database": inventory.database,
        "declared_in": of.declared_in,
        "verdict": "failed" if counted else "unknown" if judged.unknown else "passed",
        "sentence": _sentence(judged, inventory, len(personal), counted),
        "failures": failures,
        "expired": [*of.expired],
        "notes": [asdict(one) for one in judged.notes],
        "unknown": [*judged.unknown],
        "personal": personal,
        "not_personal": [
            {"column": str(one.columns), "reason": one.reason} for one in declaration.not_personal
        ],
        "logs": [_log(one) for one in beside.logs],
    }


def nothing_seen(of: Deployment, why: str) -> dict[str, Any]:
    """Return the report of a deployment of which nothing is known, and why."""
    nothing = Inventory("", (), gaps=(why,), is_read=False)
    return report(nothing, Declaration(), Beside(), Judged((), (), (why,)), of)


def columns(
    inventory: Inventory,
    declaration: Declaration,
    beside: Beside = Beside(),  # noqa: B008
) -> list[dict[str, Any]]:
    """Return every column that holds or may hold personal data, by its name.

    Of a database that could not be read it is what is declared.
    """
    if not inventory.is_read:
        return [
            {"column": str(one.columns), "declared": _entry(one, inventory, beside)}
            for one in declaration.data
        ]
    found = []
    for table, column in inventory.columns():
        if is_personal(table, column, declaration):
            said = declaration.of(table.declared_at(column.name)) or declaration.of(
                table.place(column.name)
            )
            declared = _entry(said, inventory, beside) if isinstance(said, Entry) else None
            found.append(_column(table, column) | {"declared": declared})
    return sorted(found, key=lambda one: str(one["column"]))


def _sentence(judged: Judged, inventory: Inventory, count: int, counted: int) -> str:
    held = f"{many(count, 'personal column')} in {inventory.database}"
    if counted:
        return f"{many(counted, 'failure')} of privacy, {held}"
    if judged.unknown:
        return f"unknown: {judged.unknown[0]}"
    if left_out := len(judged.failures):
        return f"no failure counts, {left_out} left out for a while; {held}"
    if not count:
        return f"nothing in {inventory.database} is declared personal or looks like it"
    return f"{held}: declared, guarded, and removed, exported and erased by what is there"


def _column(table: Table, column: Column) -> dict[str, Any]:
    sample = column.sample
    return {
        "column": str(table.place(column.name)),
        "type": column.type,
        "comment": column.comment,
        "suspected": [asdict(one) for one in suspicions(table, column)],
        "shape": {str(kind): count for kind, count in sample.counts} if sample else None,
        "values_looked_at": sample.looked if sample else None,
        "row_level_security": table.rls,
        "policies": [
            {
                "name": one.name,
                "verbs": sorted(one.verbs),
                "roles": sorted(one.roles),
                "permissive": one.permissive,
                "plainly_true": one.is_open,
            }
            for one in sorted(table.policies, key=lambda one: one.name)
        ],
        "granted": [f"{role} {verb}" for role, verb in sorted(column.granted)],
        "reachable": [f"{role} {verb}" for role, verb in reached(table, column)],
    }


def _entry(entry: Entry, inventory: Inventory, beside: Beside) -> dict[str, Any]:
    """Tell what is declared; `enforced`, `export_there` and `erase_there` are None if unknown."""
    seen = inventory.is_read
    return {
        "purpose": entry.purpose,
        "legal_basis": f"{entry.legal_basis} ({entry.legal_basis.article})",
        "retention": entry.retention,
        "enforced_by": str(entry.enforced_by),
        "enforced": _is(duties.retention(entry, inventory)) if seen else None,
        "called_by": [*duties.callers(entry, inventory)],
        "subject": entry.subject,
        "export": str(entry.export),
        "export_there": _way(Rule.EXPORT, entry, inventory, beside),
        "erase": str(entry.erase),
        "erase_there": _way(Rule.ERASURE, entry, inventory, beside),
    }


def _way(rule: Rule, entry: Entry, inventory: Inventory, beside: Beside) -> bool | None:
    return _is(duties.way_out(rule, entry, inventory, beside)) if inventory.is_read else None


def _is(found: Failing | str | None) -> bool | None:
    """Return whether a duty is met; a sentence instead of a failure says why that is not known."""
    return None if isinstance(found, str) else found is None


def _log(log: LogSeen) -> dict[str, Any]:
    return {
        "log": log.name,
        "other_release": log.other_release,
        "lines": log.lines,
        "left_out": log.left_out,
        "counts": {str(kind): count for kind, count in log.counts},
        "unknown": log.unknown,
    }


def many(count: int, what: str) -> str:
    """Return a count and what is counted."""
    return f"1 {what}" if count == 1 else f"{count or 'no'} {what}s"
