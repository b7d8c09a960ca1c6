"""What does a person, or a script, read of the personal data of a deployment?

The same input always gives the same report. It holds names and counts, never a value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from fairlead.privacy.declaration import Declaration, Entry
from fairlead.privacy.failing import Beside
from fairlead.privacy.inventory import Column, Inventory, Table, suspicions
from fairlead.privacy.logged import LogSeen
from fairlead.privacy.reach import reached
from fairlead.privacy.rules import Judged, is_personal

FORMAT = 1


def report(
    inventory: Inventory, declaration: Declaration, beside: Beside, judged: Judged
) -> dict[str, Any]:
    """Return the report as plain data: the inventory, what is declared of it, and the findings."""
    return {
        "format": FORMAT,
        "database": inventory.database,
        "verdict": _verdict(judged),
        "sentence": sentence(judged, inventory, declaration),
        "failures": [asdict(one) for one in judged.failures],
        "notes": [asdict(one) for one in judged.notes],
        "unknown": [*judged.unknown],
        "personal": columns(inventory, declaration),
        "not_personal": [
            {"column": str(one.columns), "reason": one.reason} for one in declaration.not_personal
        ],
        "logs": [_log(one) for one in beside.logs],
    }


def columns(inventory: Inventory, declaration: Declaration) -> list[dict[str, Any]]:
    """Return every column that holds or may hold personal data, by its name."""
    found = [
        _column(table, column, declaration)
        for table, column in inventory.columns()
        if is_personal(table, column, declaration)
    ]
    return sorted(found, key=lambda one: str(one["column"]))


def sentence(judged: Judged, inventory: Inventory, declaration: Declaration) -> str:
    """Return in one sentence what came of it."""
    count = len(columns(inventory, declaration))
    held = f"{_many(count, 'personal column')} in {inventory.database}"
    if judged.failures:
        return f"{_many(len(judged.failures), 'failure')} of privacy, {held}"
    if judged.unknown:
        return f"unknown: {judged.unknown[0]}"
    if not count:
        return f"nothing in {inventory.database} is declared personal or looks like it"
    return f"{held}: declared, guarded, and removed, exported and erased by what is there"


def _verdict(judged: Judged) -> str:
    if judged.failures:
        return "failed"
    return "unknown" if judged.unknown else "passed"


def _column(table: Table, column: Column, declaration: Declaration) -> dict[str, Any]:
    said = declaration.of(table.declared_at(column.name)) or declaration.of(
        table.place(column.name)
    )
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
        "declared": _entry(said) if isinstance(said, Entry) else None,
    }


def _entry(entry: Entry) -> dict[str, str]:
    return {
        "purpose": entry.purpose,
        "legal_basis": f"{entry.legal_basis} ({entry.legal_basis.article})",
        "retention": entry.retention,
        "enforced_by": str(entry.enforced_by),
        "subject": entry.subject,
        "export": str(entry.export),
        "erase": str(entry.erase),
    }


def _log(log: LogSeen) -> dict[str, Any]:
    counts = {str(kind): count for kind, count in log.counts}
    return {"file": log.file, "lines": log.lines, "left_out": log.left_out, "counts": counts}


def markdown(told: Mapping[str, Any]) -> str:
    """Write a report for people to read."""
    parts = [f"# Personal data in {_text(told['database'])}", "", _text(told["sentence"]), ""]
    for title, key in (("Failures", "failures"), ("Notes", "notes")):
        if told[key]:
            parts += [f"## {title}", ""]
            parts += [f"* {_text(one['sentence'])}: {_text(one['remedy'])}" for one in told[key]]
            parts.append("")
    if told["unknown"]:
        parts += ["## Not known", "", *(f"* {_text(one)}" for one in told["unknown"]), ""]
    parts += ["## Personal data", "", *_table(_TITLES, map(_row, told["personal"])), ""]
    if told["not_personal"]:
        rows = ([one["column"], one["reason"]] for one in told["not_personal"])
        parts += ["## Not personal", "", *_table(("column", "why"), rows), ""]
    if told["logs"]:
        rows = ([one["file"], str(one["lines"]), _counts(one["counts"])] for one in told["logs"])
        parts += ["## Logs", "", *_table(("file", "lines", "holds"), rows), ""]
    return "\n".join(parts)


_TITLES = ("column", "purpose", "legal basis", "kept", "removed by", "export, erasure", "guarded")


def _row(one: Mapping[str, Any]) -> Sequence[str]:
    told = one["declared"]
    guarded = "row level security" if one["row_level_security"] else "no row level security"
    reach = ", ".join(one["reachable"])
    guard = f"{guarded}; reachable: {reach}" if reach else guarded
    if not told:
        return (one["column"], "not declared", "", "", "", "", guard)
    ways = f"{told['export']}, {told['erase']}"
    return (
        one["column"],
        told["purpose"],
        told["legal_basis"],
        told["retention"],
        told["enforced_by"],
        ways,
        guard,
    )


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [_cells(titles), _cells(["---"] * len(titles))]
    return lines + [_cells([_text(cell) for cell in row]) for row in rows]


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} × {kind}" for kind, count in counts.items()) or "nothing personal"


def _text(told: object) -> str:
    """Return text that can neither end its line nor be taken for Markdown."""
    plain = "".join(sign if sign.isprintable() else " " for sign in str(told))
    return "".join("\\" + sign if sign in "\\`*_[]<>|#" else sign for sign in plain)


def _many(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count or 'no'} {what}s"
