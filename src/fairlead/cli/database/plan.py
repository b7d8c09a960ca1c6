"""What would be done to a database, statement by statement?"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fairlead.cli import terminal
from fairlead.cli.database import asked
from fairlead.cli.database.lint import advice
from fairlead.cli.harmless import line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from fairlead.migrations.order import Pending, Plan


def plan(
    url: asked.Url = "", folder: asked.Folder = asked.FOLDER, as_json: asked.Json = False
) -> None:
    """Tell what `migrate` would do, statement by statement; refuse what it would refuse."""
    from fairlead.migrations import order

    files, database = asked.migrations(folder), asked.database(url)
    todo = order.plan(files, database.ledger())
    told = as_data(todo, advice(todo, folder, database))
    if as_json:
        terminal.tell_json(told)
    else:
        terminal.draw(picture(told))
    order.unhindered(todo)


def as_data(todo: "Plan", linted: str) -> dict[str, Any]:
    """Return the pending files, their statements and a linter's advice as plain data."""
    return {
        "pending": [_file(one) for one in todo.pending],
        "problems": [*todo.problems],
        "notes": [*_notes(todo)],
        "unknown": [*todo.unknown],
        "lint": linted,
    }


def _file(pending: "Pending") -> dict[str, Any]:
    return {
        "file": pending.file.path,
        "phase": pending.phase.value,
        "transactional": pending.transactional,
        "checksum": pending.file.checksum,
        "statements_done": pending.done,
        "statements": [
            {
                "number": change.statement.number,
                "line": change.statement.line,
                "does": [act.does.value for act in change.acts],
                "phase": phase.value if phase else None,
                "relations": [str(name) for name in change.relations],
                "needs_autocommit": change.needs_autocommit,
                "checksum": change.statement.checksum,
                "opening": change.statement.opening,
            }
            for change, phase in zip(pending.changes, pending.phases, strict=True)
        ],
    }


def _notes(todo: "Plan") -> Iterator[str]:
    for one in todo.pending:
        if one.file.down is not None:
            yield (
                f"{one.file.path} has a file that takes it back: `supabase db push` takes that for "
                "a migration, runs it first, and after us wants this one once more: use only "
                "`fairlead db migrate` here"
            )


def picture(told: Mapping[str, Any]) -> "RenderableType":
    """Draw the pending files with their statements, and what one should know of them."""
    from rich.console import Group
    from rich.text import Text

    unknown = [Text(line(sentence), style="yellow") for sentence in told["unknown"]]
    if not told["pending"]:
        return Group(Text("nothing is pending"), *unknown)
    lines: list[Text] = []
    for file in told["pending"]:
        way = "one transaction" if file["transactional"] else "statement by statement"
        when = "" if file["phase"] == "expand" else ", only with --contract"
        lines.append(Text(line(f"{file['file']}: {file['phase']}{when}, {way}"), style="bold"))
        lines.extend(_statement(statement) for statement in file["statements"])
    lines.extend(unknown)
    lines.extend(Text(f"Note: {line(note)}.") for note in told["notes"])
    if told["lint"]:
        lines.append(Text(line(told["lint"]), style="dim"))
    return Group(*lines)


def _statement(told: Mapping[str, Any]) -> "Text":
    from rich.text import Text

    of = f" ({', '.join(told['relations'])})" if told["relations"] else ""
    style = "yellow" if told["phase"] == "contract" else ""
    does = ", ".join(dict.fromkeys(told["does"]))
    return Text(line(f"  {told['line']}: {does}{of}: {told['opening']}"), style=style)
