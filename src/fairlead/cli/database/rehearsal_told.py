"""How is a rehearsal told, to a script and to a person?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fairlead.cli.harmless import line

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from fairlead.migrations.rehearsal.observed import Observed
    from fairlead.migrations.rehearsal.prediction import Held
    from fairlead.migrations.rehearsal.rehearsal import Rehearsal
    from fairlead.migrations.rehearsal.verdict import Verdict

_STYLE = {"within": "green", "unknown": "magenta", "over": "bold red", "failed": "bold red"}


def as_data(rehearsal: "Rehearsal", verdict: "Verdict") -> dict[str, Any]:
    """Return everything as plain data; times in seconds."""
    return {
        "database": rehearsal.database,
        "verdict": verdict.judged.value,
        "because": verdict.because,
        "blocked_client_s": asdict(verdict.blocked_client_s),
        "budget_client_s": verdict.budget_client_s,
        "target_major": rehearsal.target_major,
        "major": rehearsal.major,
        "bytes": rehearsal.bytes,
        "sampled": dict(rehearsal.factors),
        "pending": rehearsal.pending,
        "statements": [_statement(rehearsal, one) for one in rehearsal.statements],
        "locks": [_held(held) for held in rehearsal.locks],
        "queries_counted": rehearsal.traffic.because,
        "kills": rehearsal.kills.count,
        "wrong_after_kills": [*rehearsal.kills.wrong],
        "ways_back": [asdict(way) for way in rehearsal.ways_back],
        "failed": rehearsal.failed,
        "gaps": [*rehearsal.gaps],
        "notes": [*rehearsal.notes],
        "fingerprint": rehearsal.fingerprint,
        "seconds": rehearsal.seconds,
    }


def _statement(rehearsal: "Rehearsal", one: "Observed") -> dict[str, Any]:
    return {
        "where": one.where,
        "number": one.number,
        "opening": one.opening,
        "in_transaction": one.in_transaction,
        "seconds": one.seconds,
        "predicted_s": asdict(rehearsal.time(one)),
        "locks": [{**asdict(lock), "blocks": lock.blocks.words} for lock in one.locks],
        "rewritten": [*one.rewritten],
        "scanned": [asdict(scan) for scan in one.scanned],
        "invalid": [*one.invalid],
    }


def _held(held: "Held") -> dict[str, Any]:
    return {**asdict(held), "blocks": held.blocks.words}


def picture(told: Mapping[str, Any]) -> "RenderableType":
    """Draw the verdict, the statements, the locks that keep people waiting, and the ways back."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [
        Text(line(f"{told['verdict']}: {told['because']}"), style=_STYLE[told["verdict"]])
    ]
    if told["statements"]:
        parts += [Text(), _statements(told["statements"])]
    if told["locks"]:
        parts += [Text(), _locks(told["locks"])]
    sentences = [Text(line(sentence)) for sentence in _sentences(told)]
    return Group(*parts, Text(), *sentences) if sentences else Group(*parts)


def _statements(statements: Sequence[Mapping[str, Any]]) -> "Table":
    from rich.text import Text

    from fairlead.migrations.rehearsal.words import seconds

    table = _table("where", "took", "at the target", "what, and what it did")
    for one in statements:
        what = Text(line(one["opening"]))
        for sentence in _did(one):
            what.append(f"\n{line(sentence)}", "dim")
        predicted = one["predicted_s"]
        table.add_row(Text(line(one["where"])), seconds(one["seconds"]), _between(predicted), what)
    return table


def _did(one: Mapping[str, Any]) -> Iterator[str]:
    blocked = {lock["table"]: lock["blocks"] for lock in reversed(one["locks"]) if _blocks(lock)}
    for table, blocks in blocked.items():
        yield f"locks {table} against {blocks}"
    if one["rewritten"]:
        yield f"rewrites {', '.join(one['rewritten'])}"
    for scan in one["scanned"]:
        by = ", because of a foreign key: has it an index?" if scan["by_key"] else ""
        yield f"reads {scan['rows']:,} rows of {scan['table']}{by}"
    if one["invalid"]:
        yield f"leaves not valid: {', '.join(one['invalid'])}"


def _blocks(lock: Mapping[str, Any]) -> bool:
    return bool(lock["blocks"] != "nobody")


def _locks(locks: Sequence[Mapping[str, Any]]) -> "Table":
    from rich.text import Text

    from fairlead.migrations.rehearsal.words import figure

    table = _table("from", "locks", "against", "for", "blocked client-seconds")
    for held in locks:
        waited = held["blocked_client_s"]
        unknown = "" if held["rate_known"] else " (queries not known)"
        table.add_row(
            Text(line(held["where"])),
            Text(line(held["table"])),
            held["blocks"],
            _between(held["seconds"]),
            f"{figure(waited['low'])} to {figure(waited['high'])}{unknown}",
        )
    return table


def _sentences(told: Mapping[str, Any]) -> Iterator[str]:
    if told["kills"]:
        end = "; ".join(told["wrong_after_kills"]) or "it ends in the same database"
        yield f"Killed {told['kills']} times and let go on: {end}."
    for way in told["ways_back"]:
        yield f"{way['path']}: {'' if way['proven'] else 'not '}proven: {way['because']}."
        yield from (f"  {each}" for each in way["difference"])
        if way["lost"]:
            yield f"  It takes away {', '.join(way['lost'])}."
    yield from (f"Not rehearsed: {gap}." for gap in told["gaps"])
    yield from (f"Note: {note}." for note in told["notes"])
    if told["queries_counted"]:
        yield f"Queries: {told['queries_counted']}."
    if told["fingerprint"]:
        yield f"Fingerprint of the schema then: {told['fingerprint']}."


def _between(interval: Mapping[str, float]) -> str:
    from fairlead.migrations.rehearsal.words import seconds

    return f"{seconds(interval['low'])} to {seconds(interval['high'])}"


def _table(*titles: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    return table
