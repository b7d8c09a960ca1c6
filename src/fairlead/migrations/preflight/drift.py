"""Does the database hold what its ledger says? What is missing, and what should be gone."""

from collections.abc import Iterator, Sequence

from fairlead.migrations.finding import Finding, Severity
from fairlead.migrations.preflight.expected import kept
from fairlead.migrations.preflight.known import Kind, Thing
from fairlead.migrations.preflight.looked import Check, Held, Looked
from fairlead.migrations.preflight.words import some

_TABLES = "rpf"
_INDEXES = "iI"
_WITH_COLUMNS = "rpfvmc"
# IF NOT EXISTS is content with anything of that name, even a type.
_ANYTHING = "rpfvmciIS"


def findings(looked: Looked) -> Iterator[Finding]:
    """Tell every table, column and index in which ledger and catalog differ, and lost files."""
    # What the catalog holds was not seen, so nothing is missing for sure.
    if any(gap.check is Check.DRIFT for gap in looked.gaps):
        return
    held = _Catalog(looked)
    yield from _unknown(looked.expected.unknown)
    for file in looked.expected.lost:
        yield _finding(
            file,
            "the ledger says that it was applied, and the folder does not have it",
            "bring it back from version control, or name the folder of this database (--folder)",
        )
    for thing, file in looked.expected.there.items():
        if held.lacks(thing):
            yield _finding(
                str(thing.name),
                f"the {thing.kind} {thing.name} of {file} is not there, and no later file takes it "
                "away: somebody changed the database by hand, or restored an older one",
                "find out who did; then bring it back, or write a migration that drops it IF "
                "EXISTS, so that files and database say the same",
            )
    for thing, file in looked.expected.gone.items():
        if held.still_has(thing):
            yield _finding(
                str(thing.name),
                f"the {thing.kind} {thing.name} is there, though {file} took it away and no later "
                "file names it: somebody made it by hand, or the file did not run here",
                "find out who needs it; then drop it, or write a migration that makes it IF NOT "
                "EXISTS, so that files and database say the same",
            )


def _unknown(files: Sequence[str]) -> Iterator[Finding]:
    if files:
        yield Finding(
            Check.DRIFT,
            Severity.UNKNOWN,
            files[0],
            f"what was applied of {some([*files])} is not known: the ledger does not hold it "
            "readably, so nobody can tell what should be there of that and of what came before",
            "name the folder that has these files (--folder), or compare the tables by hand",
        )


def _finding(place: str, sentence: str, remedy: str) -> Finding:
    return Finding(Check.DRIFT, Severity.WARNING, place, sentence, remedy)


class _Catalog:
    """What the catalog holds, by name."""

    def __init__(self, looked: Looked) -> None:
        self._held: dict[str, list[Held]] = {}
        for one in looked.held:
            self._held.setdefault(one.name, []).append(one)
        self._public_first = looked.server.search_path[:1] == ("public",)

    def lacks(self, thing: Thing) -> bool:
        """Tell whether something is missing, and not just because its table is."""
        if thing.kind is not Kind.COLUMN:
            return not self._of(thing, _ANYTHING)
        found = self._of(thing, _WITH_COLUMNS)
        return bool(found) and not any(kept(thing.column) in one.columns for one in found)

    def still_has(self, thing: Thing) -> bool:
        """Tell whether something is there; without a schema in public, when that comes first."""
        schema = "" if len(thing.relation.parts) > 1 else "public"
        if schema and not self._public_first:
            return False
        found = self._of(thing, _INDEXES if thing.kind is Kind.INDEX else _TABLES, schema)
        if thing.kind is not Kind.COLUMN:
            return bool(found)
        return any(kept(thing.column) in one.columns for one in found)

    def _of(self, thing: Thing, kinds: str, schema: str = "") -> list[Held]:
        """Return what fits; a name without a schema may be in any, unless one is given."""
        *told, last = (kept(part) for part in thing.relation.parts)
        schema = told[-1] if told else schema
        return [
            one
            for one in self._held.get(last, ())
            if one.kind in kinds and schema in ("", one.schema)
        ]
