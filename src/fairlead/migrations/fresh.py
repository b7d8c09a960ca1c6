"""Does a pending change take something from a running release, or from the files themselves?"""

from collections.abc import Iterable, Sequence, Set

from fairlead.migrations.change import Act, Change, Mark, Phase, phase_of
from fairlead.migrations.relation import Name

_RELATIONS = {"table", "view", "sequence", "index"}
_OF_A_TABLE = {"column", "default", "policy", "trigger", "rule"}
# Dropped and made again in the same files, they are replaced; a table would lose its rows.
_REPLACED = {"policy", "trigger", "rule", "view", "function", "procedure", "aggregate"}


class Fresh:
    """What the pending files make: it is not in the database yet, so no release can need it."""

    def __init__(self, live: Set[Name], files: Iterable[Sequence[Change]]) -> None:
        """Take the relations that are there, and all changes in their order."""
        acts = [act for changes in files for change in changes for act in change.acts]
        self._live = live
        self._replaced = {
            (act.what, act.name) for act in acts if act.mark is Mark.MADE and act.what in _REPLACED
        }
        self._made: set[tuple[str, Name | None]] = set()

    def phase(self, change: Change) -> Phase | None:
        """Return the phase of the next change; asked in the order in which they are applied."""
        phases = {self._phase(act) for act in change.acts}
        self._made |= {(act.what, act.name) for act in change.acts if act.mark is Mark.MADE}
        if Phase.CONTRACT in phases:
            return Phase.CONTRACT
        return Phase.EXPAND if Phase.EXPAND in phases else None

    def _phase(self, act: Act) -> Phase | None:
        if act.mark is not Mark.MADE and act.name and self._nobody_has(act.what, act.name):
            return None
        return phase_of(act)

    def _nobody_has(self, what: str, name: Name) -> bool:
        relation = Name(name.parts[:-1]) if what in _OF_A_TABLE else name
        if what in _RELATIONS | _OF_A_TABLE and relation not in self._live:
            return True
        kind = "column" if what == "default" else what
        made = (kind, name) in self._made and kind not in _RELATIONS
        return made or (kind, name) in self._replaced
