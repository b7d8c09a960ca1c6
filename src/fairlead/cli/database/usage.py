"""How is the database of an environment used, and how does it grow?"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from fairlead.cli import connection, monitoring, terminal
from fairlead.cli.harmless import line
from fairlead.cli.options import APP, JSON, Asked, takes

if TYPE_CHECKING:
    from rich.console import RenderableType

_TITLES = {
    "connections": "connections",
    "growth": "size",
    "slow_queries": "slow queries",
    "indexes": "indexes",
    "bloat": "bloat",
    "lock_waits": "lock waits",
}
SHOWN = 3


@takes(APP, JSON)
def usage(asked: Asked, environment: monitoring.Name = "") -> None:
    """Tell how an environment's database is used: connections, growth, queries, indexes, locks."""
    client = connection.connect(asked)
    told = client.get(f"{monitoring.place(client, asked, environment)}/database")
    if asked.as_json:
        terminal.tell_json(told)
    else:
        terminal.draw(picture(told))


def picture(told: Mapping[str, Any]) -> "RenderableType":
    """Draw a line or more for every part; what is not known is yellow, with why."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    for part, title in _TITLES.items():
        known = told[part]
        because = told["because"].get(part, "")
        if part == "growth":
            because = known["database"]["because"]
        for number, sentence in enumerate(_TELLS[part](known) if known else ()):
            table.add_row(Text("" if number else title, style="dim"), Text(line(sentence)))
        if because:
            what = "not all is known" if known and part != "growth" else "unknown"
            table.add_row(Text(title, style="dim"), Text(f"{what}: {line(because)}", "yellow"))
    head = f"{line(told['environment'])} of {line(told['app'])}"
    return Group(Text(head, style="bold"), table)


def _connections(told: Mapping[str, Any]) -> Iterator[str]:
    share = told["used_percent"]
    yield f"{told['used']} of {told['usable']} ({'unknown' if share is None else f'{share:.0f}%'})"
    longest = told["longest_transaction_s"]
    if longest is not None:
        yield f"the longest transaction is open for {longest:.0f} s"


def _growth(told: Mapping[str, Any]) -> Iterator[str]:
    from fairlead.migrations.preflight.words import size

    for one in ({"table": "the whole"} | told["database"], *told["tables"][:SHOWN]):
        if one["bytes"] is not None:
            a_day, sign = one["bytes_a_day"], "-" if (one["bytes_a_day"] or 0) < 0 else "+"
            grown = "" if a_day is None else f", {sign}{size(abs(round(a_day)))} a day"
            yield f"{one['table']}: {size(one['bytes'])}{grown}"


def _queries(told: Mapping[str, Any]) -> Iterator[str]:
    for one in told["queries"][:SHOWN]:
        took = f"{one['share']:.0%} in {one['calls']} calls of {one['mean_ms']:.1f} ms"
        yield f"{took}: {one['query']}"


def _indexes(told: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{one['index']} is invalid" for one in told["invalid"] if not one["building"])
    for one in told["unindexed_keys"]:
        yield f"foreign key {one['constraint']} of {one['table']} has no index"
    yield from (f"{one['index']} was never used" for one in told["unused"] or ())
    yield from (f"{one['table']} is read through often" for one in told["read_through"] or ())


def _bloat(told: Mapping[str, Any]) -> Iterator[str]:
    from fairlead.migrations.preflight.words import size

    for one in told["tables"][:SHOWN]:
        if one["wasted_bytes"]:
            yield f"{one['table']}: {size(one['wasted_bytes'])} of {size(one['bytes'])} are empty"


def _lock_waits(told: Mapping[str, Any]) -> Iterator[str]:
    if not told["waiting"]:
        yield "nobody waits"
    for one in told["waiting"][:SHOWN]:
        behind = ", ".join(map(str, one["blocked_by"]))
        where = one["table"] or one["lock"]
        yield f"process {one['pid']} waits {one['waited_s']:.0f} s for {where} behind {behind}"


_TELLS = {
    "connections": _connections,
    "growth": _growth,
    "slow_queries": _queries,
    "indexes": _indexes,
    "bloat": _bloat,
    "lock_waits": _lock_waits,
}
