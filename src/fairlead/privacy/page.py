"""How does a report read on one page, for whoever answers for personal data?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

_TITLES = ("what", "why, on what ground", "kept for", "export and erasure", "open to")
_PERIODS = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}
_UNKNOWN = "**not known whether it is there**"
_MEANS = (
    "Names, types, counts and settings were read; no value was kept. The report finds what is "
    "forgotten. Whether what is declared is right, a person must say."
)


def markdown(told: Mapping[str, Any]) -> str:
    """Write a report for people to read; `looked_at` says when it was made, if that is told."""
    where = told["environment"] or told["database"]
    parts = [f"# Personal data in {_text(where)}", ""]
    sentence = str(told["sentence"]).removeprefix("unknown: ")
    parts += [f"**{told['verdict'].capitalize()}**: {_text(sentence)}.", ""]
    parts += [*_about(told), *_failures(told)]
    if told["unknown"]:
        parts += ["## What is not known", "", *(f"* {_text(one)}" for one in told["unknown"]), ""]
    if told["personal"]:
        parts += ["## What is held of people", ""]
        parts += [*_table(_TITLES, _together(map(_row, told["personal"]))), ""]
    if told["logs"]:
        rows = ([_log_name(one), _looked(one), _holds(one)] for one in told["logs"])
        parts += ["## Logs", "", *_table(("log", "looked at", "holds"), rows), ""]
    if told["not_personal"]:
        others = ([_text(one["column"]), _text(one["reason"])] for one in told["not_personal"])
        parts += ["## Declared as not personal", "", *_table(("what", "why"), others), ""]
    # What other releases logged stands in the table of logs.
    if notes := [one for one in told["notes"] if one["rule"] != "logged"]:
        parts += ["## Notes", "", *map(_point, notes), ""]
    return "\n".join([*parts, f"*{_MEANS}*", ""])


def _about(told: Mapping[str, Any]) -> list[str]:
    named = {
        "Release": told["release"],
        "Database": told["database"],
        "Declared in": told["declared_in"],
        "Looked at": told.get("looked_at", ""),
    }
    lines = [f"* {name}: {_text(value)}" for name, value in named.items() if value]
    return [*lines, ""] if lines else []


def _failures(told: Mapping[str, Any]) -> Iterator[str]:
    counted = [one for one in told["failures"] if not one["left_out"]]
    if counted or told["expired"]:
        yield from ("## What is wrong", "", *map(_point, counted))
        yield from (*(f"* {_text(one)}" for one in told["expired"]), "")
    if left_out := [one for one in told["failures"] if one["left_out"]]:
        yield from ("## What is wrong, and left out for a while", "")
        for one in left_out:
            yield f"* {_text(one['sentence'])}. Left out: {_text(one['left_out'])}"
        yield ""


def _point(one: Mapping[str, Any]) -> str:
    return f"* {_text(one['sentence'])}. To do: {_text(one['remedy'])}"


def _row(one: Mapping[str, Any]) -> Sequence[str]:
    column, said = _text(one["column"]), one["declared"]
    if not said:
        kinds = ", ".join(dict.fromkeys(str(each["kind"]) for each in one["suspected"]))
        looks = f"**not declared**; it looks like {_text(kinds)}"
        return (column, looks, "", "", _open_to(one))
    why = f"{_text(said['purpose'])}: {_text(said['legal_basis'].replace('_', ' '))}"
    ways = f"{_way(said, 'export')}; {_way(said, 'erase')}"
    return (column, why, _kept(said), ways, _open_to(one))


def _together(rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Join what is held for the same reasons and guarded in the same way to one row."""
    same: dict[tuple[str, ...], list[str]] = {}
    for what, *rest in rows:
        same.setdefault(tuple(rest), []).append(what)
    return ((", ".join(what), *rest) for rest, what in same.items())


def _kept(said: Mapping[str, Any]) -> str:
    count, unit = said["retention"][:-1], _PERIODS[said["retention"][-1]]
    period = f"{count} {unit}" if count == "1" else f"{count} {unit}s"
    by = f"{period}, then removed by {_text(said['enforced_by'])}"
    if said["enforced"] is None:
        return f"{by}, **not known whether it runs**"
    if not said["enforced"]:
        return f"{by}, **which nothing runs**"
    callers = [one for one in said["called_by"] if one not in said["enforced_by"]]
    return f"{by}, run by {_text(', '.join(callers))}" if callers else by


def _way(said: Mapping[str, Any], name: str) -> str:
    word = {"export": "exported by", "erase": "erased by"}[name]
    there = {True: "", False: ", **which is not there**", None: f", {_UNKNOWN}"}
    return f"{word} {_text(said[name])}{there[said[f'{name}_there']]}"


def _open_to(one: Mapping[str, Any]) -> str:
    if "row_level_security" not in one:
        return "**not known**"
    if one["reachable"]:
        return f"**{_text(', '.join(one['reachable']))}**: every row of it"
    if not one["granted"]:
        return "no public role"
    names = ", ".join(each["name"] for each in one["policies"])
    return f"public roles within row level security ({_text(names) or 'no policy, so no row'})"


def _log_name(one: Mapping[str, Any]) -> str:
    of = one["other_release"]
    beside = f" of release {of}, which runs beside it and does not count" if of else ""
    return _text(f"{one['log']}{beside}")


def _looked(one: Mapping[str, Any]) -> str:
    if one["unknown"]:
        return f"**not known**: {_text(one['unknown'])}"
    if one["left_out"]:
        before = f"{one['left_out'] / 2**20:.1f} MB before them were not read"
        return f"the newest {one['lines']} lines; {before}"
    return f"all {one['lines']} lines"


def _holds(one: Mapping[str, Any]) -> str:
    if one["unknown"]:
        return "**not known**"
    told = ", ".join(f"{count} × {kind}" for kind, count in one["counts"].items())
    return f"**{told}**" if told else "nothing personal that was looked for"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table of cells that are Markdown already."""
    return [_cells(titles), _cells(["---"] * len(titles)), *map(_cells, rows)]


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(told: object) -> str:
    """Return text that can neither end its line nor be taken for Markdown."""
    plain = "".join(sign if sign.isprintable() else " " for sign in str(told))
    return "".join("\\" + sign if sign in "\\`*_[]<>|#" else sign for sign in plain)
