"""What would a good secrets scanner find in a repository, and what not? The same one every time.

Every candidate lies on lines of its own. Its family is either one on which the rules were tuned,
or one that was written before and held out: both are told, the whole counts.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import secrets_false
import secrets_held_out
import secrets_true
from fairlead.gates.finding import Scan

SEED = 20261123
BETWEEN = "\n"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Lines `first` to `last` (from 1) of `file`; `value` is the secret, or its look-alike."""

    family: str
    tuned: bool
    is_secret: bool
    file: str
    first: int
    last: int
    text: str
    value: str


def candidates() -> list[Candidate]:
    """Return every candidate, the same at each call."""
    told: list[Candidate] = []
    for is_secret, families in (
        (True, secrets_true.TUNED + secrets_true.HELD_OUT),
        (False, secrets_false.TUNED + secrets_held_out.HELD_OUT),
    ):
        for number, family in enumerate(families):
            told += _of(family, number, is_secret=is_secret)
    return told


def write(folder: Path) -> list[Candidate]:
    """Write the files of every candidate into `folder` and return the candidates."""
    told = candidates()
    texts: dict[str, list[str]] = {}
    for one in told:
        texts.setdefault(one.file, []).append(one.text)
    for file, parts in texts.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{part}\n{BETWEEN}" for part in parts), "utf-8")
    return told


def shares(told: Sequence[Candidate], found: Scan) -> tuple[float, float]:
    """Return recall and precision: a candidate is found when a finding lies on one of its lines."""
    places = [one.place for one in found.findings if one.place]
    lines = {(it.file, line) for it in places for line in range(it.line, it.end_line + 1)}

    def is_found(one: Candidate) -> bool:
        return any((one.file, line) in lines for line in range(one.first, one.last + 1))

    right = sum(is_found(one) for one in told if one.is_secret)
    wrong = sum(is_found(one) for one in told if not one.is_secret)
    return right / sum(one.is_secret for one in told), right / max(1, right + wrong)


def _of(family: secrets_true.Family, number: int, *, is_secret: bool) -> Iterator[Candidate]:
    chance = random.Random(f"{SEED} {family.name}")
    folder = f"{'a' if is_secret else 'b'}{number:02}"
    file = str(PurePosixPath(folder) / family.file)
    line = 1
    for at in range(family.many):
        value = family.value(chance)
        text = family.shapes[at % len(family.shapes)].format(value)
        last = line + text.count("\n")
        yield Candidate(family.name, family.tuned, is_secret, file, line, last, text, value)
        line = last + 1 + BETWEEN.count("\n")
