"""What is not as the GDPR asks? One sentence for each failure, with what would mend it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fairlead.privacy.declaration import FILE_NAME, Declaration, Entry, NotPersonal
from fairlead.privacy.duties import retention, subject, way_out
from fairlead.privacy.failing import Beside, Failing, Rule
from fairlead.privacy.inventory import Column, Holding, Inventory, Table, suspicions
from fairlead.privacy.logged import LogSeen
from fairlead.privacy.place import Pattern, quoted
from fairlead.privacy.reach import Reach, reached, views_of


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of judging: `failures` stop, `notes` do not.

    `unknown` says in sentences what could not be judged; then no failures mean nothing.
    """

    failures: tuple[Failing, ...]
    notes: tuple[Failing, ...]
    unknown: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Tell whether everything was judged and nothing failed."""
        return not self.failures and not self.unknown


def judge(inventory: Inventory, declaration: Declaration, beside: Beside) -> Judged:
    """Hold what is declared against what was found."""
    unknown = [*inventory.gaps, *(one.unknown for one in beside.logs if one.unknown)]
    logged = [one for log in beside.logs if not log.other_release for one in _logged(log)]
    old = [one for log in beside.logs if log.other_release for one in _logged(log)]
    if not inventory.is_read:
        return Judged(_once(logged), _once(old), tuple(dict.fromkeys(unknown)))
    if not any(inventory.columns()):
        unknown.append(f"{inventory.database} holds no table at all: is it the right one?")
    failures = [*_undeclared(inventory, declaration), *_reachable(inventory, declaration)]
    failures += logged
    notes = old
    for entry in declaration.data:
        tables = _tables(inventory, entry.columns)
        if not tables:
            notes.append(_gone(entry.columns))
            continue
        failures += subject(entry, tables)
        for found in (
            retention(entry, inventory),
            way_out(Rule.EXPORT, entry, inventory, beside),
            way_out(Rule.ERASURE, entry, inventory, beside),
        ):
            if isinstance(found, str):
                unknown.append(found)
            elif found:
                failures.append(found)
    others = (one.columns for one in declaration.not_personal)
    notes += [_gone(columns) for columns in others if not _tables(inventory, columns)]
    return Judged(_once(failures), _once(notes), tuple(dict.fromkeys(unknown)))


def is_personal(table: Table, column: Column, declaration: Declaration) -> bool:
    """Tell whether a column holds personal data, as declared or as far as one must suspect."""
    said = declaration.of(table.declared_at(column.name))
    if said is None and table.root:
        said = declaration.of(table.place(column.name))
    return isinstance(said, Entry) or (said is None and bool(suspicions(table, column)))


def _undeclared(inventory: Inventory, declaration: Declaration) -> Iterator[Failing]:
    for table, column in inventory.columns():
        at = table.declared_at(column.name)
        said = declaration.of(at) or declaration.of(table.place(column.name))
        why = "; ".join(f"{one.kind}: {one.reason}" for one in suspicions(table, column))
        if why and said is None:
            yield Failing(
                Rule.UNDECLARED,
                str(at),
                f"{at} looks like personal data ({why}), and {FILE_NAME} does not tell of it",
                "declare it under data, or under not_personal with the reason",
            )


def _reachable(inventory: Inventory, declaration: Declaration) -> Iterator[Failing]:
    personal = []
    for table, column in inventory.columns():
        if not is_personal(table, column, declaration):
            continue
        personal.append(table.place(column.name))
        if table.holding is Holding.MATERIALISED:
            continue
        if reach := reached(table, column):
            at = str(table.place(column.name))
            yield Failing(Rule.REACHABLE, at, _who(at, reach, _unguarded(table)), _guard(table))
    for view in views_of(inventory.tables, personal):
        every = {
            one
            for column in view.columns
            if not isinstance(declaration.of(view.place(column.name)), NotPersonal)
            for one in column.granted
        }
        if every:
            at = f"{quoted(view.schema)}.{quoted(view.name)}"
            why = f"the {view.holding} reads personal data past row level security"
            yield Failing(Rule.REACHABLE, at, _who(at, tuple(sorted(every)), why), _remedy(view))


def _who(at: str, reach: Reach, why: str) -> str:
    by_role: dict[str, list[str]] = {}
    for role, verb in reach:
        by_role.setdefault(role, []).append(verb)
    told = "; ".join(f"{role} can {', '.join(verbs)}" for role, verbs in by_role.items())
    return f"{at} is reachable by public roles ({told}): {why}"


def _unguarded(table: Table) -> str:
    if not table.rls:
        return "the table has no row level security"
    return "a policy is plainly true for them, or they are exempt from row level security"


def _guard(table: Table) -> str:
    at = f"{quoted(table.schema)}.{quoted(table.name)}"
    if table.rls:
        return f"narrow the policies of {at} to each person's own rows, or revoke the grants"
    if table.holding is Holding.FOREIGN:
        return f"revoke the grants on {at}: a foreign table has no row level security"
    return f"ALTER TABLE {at} ENABLE ROW LEVEL SECURITY, or revoke the grants"


def _remedy(view: Table) -> str:
    at = f"{quoted(view.schema)}.{quoted(view.name)}"
    if view.holding is Holding.VIEW:
        return f"ALTER VIEW {at} SET (security_invoker = true), or revoke the grants"
    return f"revoke the grants on {at}: a materialised view has no row level security"


def _logged(log: LogSeen) -> Iterator[Failing]:
    first = dict(log.first)
    by = f" of release {log.other_release}" if log.other_release else ""
    for kind, count in log.counts:
        times = "once" if count == 1 else f"{count} times"
        where = f"{times} in its last {log.lines} lines, first in line {first[kind]} of them"
        yield Failing(
            Rule.LOGGED,
            f"{log.name}{by}: {kind}",
            f"the log {log.name}{by} holds {kind}, {where}",
            "leave it out where it is logged, and remove the log",
        )


def _gone(columns: Pattern) -> Failing:
    told = f"{FILE_NAME} tells of {columns}, which the database does not have"
    return Failing(Rule.GONE, str(columns), told, "remove the entry, or mend its name")


def _tables(inventory: Inventory, columns: Pattern) -> tuple[Table, ...]:
    return tuple(
        table
        for table in inventory.tables
        if any(columns.covers(table.place(column.name)) for column in table.columns)
    )


def _once(found: Iterable[Failing]) -> tuple[Failing, ...]:
    order = [*Rule]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (order.index(one.rule), one.place)))
