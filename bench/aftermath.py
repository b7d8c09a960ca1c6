"""What is left when a release has ended? Compared with the same story when nobody was killed."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from fairlead.journal.chain import first_break
from fairlead.journal.event import Entry
from fairlead.store import journal
from fairlead.store.database import Database

SPAWNED = re.compile(r"spawned: '(slot\.[^']+)'")
# Of a release the record tells the name, which is another one in each story.
NAMED = re.compile(r"\b[0-9a-f]{12}\b")
# How often it is judged, and whether there is a whole window to report, is as long as it took.
OF_THE_TIME = ("release.judged", "performance.told")
# What people do carries a random number instead of a place in the run.
OF_PEOPLE = ("approval.approved",)
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Story:
    """One run and how it ended: `live` is each environment's release then, `wanted` what it should.

    Times are seconds of the wall clock.
    """

    kind: str
    run: str
    release: str
    began: float
    ended: float
    status: str
    wanted_status: str
    live: dict[str, str]
    wanted: dict[str, str]

    @property
    def ended_wrong(self) -> bool:
        """Tell whether it ended otherwise than such a release must."""
        is_live = all(self.live.get(name) == release for name, release in self.wanted.items())
        return self.status != self.wanted_status or not is_live


@dataclass(frozen=True, slots=True)
class Faults:
    """Sentences about everything that is not as it should be."""

    wrong_end: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Where the traces are: the database, the commands' own notes, routes, supervisord's log."""

    url: str
    effects: Path
    routes: Path
    keeper: Path

    def live(self) -> dict[str, str]:
        """Return which release is live in each environment."""
        rows = self._rows("SELECT name, live FROM fairlead.environments")
        return {row["name"]: row["live"] for row in rows}

    def judge(self, stories: Sequence[Story], references: Sequence[Story]) -> Faults:
        """Compare every story with the reference of its kind, and look at the whole record."""
        faults = Faults()
        shapes = {story.kind: self._shape(story) for story in references}
        for story in stories:
            if story.ended_wrong:
                told = f"{story.kind} run {story.run} {story.status}, live {story.live}"
                faults.wrong_end.append(f"{told}, wanted {story.wanted_status} {story.wanted}")
            found, wanted = self._shape(story), shapes[story.kind]
            faults.gaps.extend(f"{story.run} lacks {name}" for name in (wanted - found).elements())
            faults.repeated.extend(f"{story.run} has {n}" for n in (found - wanted).elements())
            faults.repeated.extend(self._steps_back(story))
        if (broken := self._chain()) is not None:
            faults.gaps.append(broken)
        faults.repeated.extend(self._twice())
        return faults

    def _shape(self, story: Story) -> Counter[str]:
        """Return what the record and the commands tell of a run, without names and times."""
        entries = self._rows(
            "SELECT kind, effect FROM fairlead.journal WHERE run = %s AND kind <> ALL(%s)",
            story.run,
            [*OF_THE_TIME],
        )
        audit = self._rows(
            "SELECT environment, deployment_type AS type, deployment_status AS status "
            "FROM fairlead.deployment_audit WHERE run = %s",
            story.run,
        )
        stages = self._rows("SELECT name, status FROM fairlead.stages WHERE run = %s", story.run)
        told = [f"{e['kind']} {_place(e, story.run)}" for e in entries]
        told += [f"audit {row['environment']} {row['type']} {row['status']}" for row in audit]
        told += [f"stage {row['name']} {row['status']}" for row in stages]
        told += [
            f"command {' '.join(words[:1] + words[2:])}"
            for words in map(str.split, self._lines(self.effects))
            if f"/{story.run}/" in words[1]
        ]
        return Counter(told)

    def _steps_back(self, story: Story) -> Iterable[str]:
        """Find traffic that moved away from where the story had brought it."""
        rolled_back = story.wanted_status == "rolled_back"
        for environment in story.wanted:
            weights = [
                change["weights"][story.release]
                for change in map(json.loads, self._lines(self.routes))
                if story.began <= change["at"] <= story.ended
                and change["environment"] == environment
                and story.release in change["weights"]
            ]
            falls = sum(after < before for before, after in pairwise(weights))
            top = weights.index(max(weights, default=0)) if weights else 0
            rises_late = any(a < b for a, b in pairwise(weights[top:]))
            went_back = rolled_back and environment == "production"
            if rises_late or falls > int(went_back):
                yield f"{story.run} moved traffic of {environment} to and fro: {weights}"

    def _twice(self) -> Iterable[str]:
        """Find commands and slots that were started more than once."""
        notes = Counter(self._lines(self.effects))
        yield from (f"command ran {n} times: {line}" for line, n in notes.items() if n > 1)
        logs = sorted(self.keeper.glob("supervisord.log*"))
        spawned = Counter(
            found[1] for log in logs for line in self._lines(log) if (found := SPAWNED.search(line))
        )
        yield from (f"{name} was started {n} times" for name, n in spawned.items() if n > 1)

    def _chain(self) -> str | None:
        database = Database(self.url, size=1)
        try:
            with database.begin() as tx:
                entries: list[Entry] = [*journal.whole_chain(tx)]
        finally:
            database.close()
        return first_break(entries)

    def _rows(self, statement: str, *values: object) -> Rows:
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            return connection.execute(statement, values).fetchall()

    @staticmethod
    def _lines(file: Path) -> list[str]:
        return file.read_text("utf-8", errors="replace").splitlines() if file.exists() else []


def _place(entry: dict[str, Any], run: str) -> str:
    place = NAMED.sub("RELEASE", str(entry["effect"]).removeprefix(f"{run}/"))
    return "" if entry["kind"] in OF_PEOPLE else place
