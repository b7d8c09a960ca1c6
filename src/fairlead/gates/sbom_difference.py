"""Which packages came, went or changed between two releases, as their bills of materials tell?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from fairlead.errors import Permanent
from fairlead.gates.packages.package import Shape, Word, first_of, one_line

_TOLD = 5
_BESIDE = "; what no lock file names was not compared"


class _Hash(Shape):
    content: str


class _Reference(Shape):
    hashes: list[_Hash] = Field(default_factory=list)


class _Component(Shape):
    purl: Word
    version: Word
    references: list[_Reference] = Field(default_factory=list, alias="externalReferences")


class _Composition(Shape):
    aggregate: str


class _Bill(Shape):
    components: list[_Component]
    compositions: list[_Composition] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed, each as a person would say it, sorted: `npm/lodash 4.17.15 → 4.17.21`.

    `replaced` are packages of the same version with none of the bytes that they had. `whole` is
    false when one of the documents calls itself incomplete: more may have changed.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    replaced: tuple[str, ...]
    whole: bool = True

    @property
    def sentence(self) -> str:
        """Return it in one line; of each kind of change at most five are named."""
        parts = (
            _told(self.added, "added"),
            _told(self.removed, "removed"),
            _told(self.changed, "changed"),
            _told(self.replaced, "of the same version but with other bytes"),
        )
        told = "; ".join(filter(None, parts)) or "the same packages as before"
        return one_line(told) + ("" if self.whole else _BESIDE)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Return what changed from one CycloneDX document to another.

    Errors: `Permanent` when one of them cannot be read.
    """
    bills = _read(before), _read(after)
    old, new = map(_packages, bills)
    both = sorted(old.keys() & new.keys())
    return Difference(
        tuple(_named(key, new[key]) for key in sorted(new.keys() - old.keys())),
        tuple(_named(key, old[key]) for key in sorted(old.keys() - new.keys())),
        tuple(
            f"{_named(key, old[key])} → {', '.join(sorted(new[key]))}"
            for key in both
            if old[key].keys() != new[key].keys()
        ),
        tuple(
            f"{_plain(key)} {version}"
            for key in both
            for version in sorted(old[key].keys() & new[key].keys())
            if _is_replaced(old[key][version], new[key][version])
        ),
        all(part.aggregate == "complete" for bill in bills for part in bill.compositions),
    )


def _read(told: Mapping[str, Any]) -> _Bill:
    try:
        return _Bill.model_validate(dict(told))
    except ValidationError as error:
        raise Permanent(f"the bill of materials cannot be read: {first_of(error)}") from error


def _packages(bill: _Bill) -> dict[str, dict[str, frozenset[str]]]:
    """Return the digests of every version, by the package URL without its version."""
    found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for one in bill.components:
        digests = {each.content for some in one.references for each in some.hashes}
        found[one.purl.rpartition("@")[0] or one.purl][one.version] = frozenset(digests)
    return dict(found)


def _is_replaced(old: frozenset[str], new: frozenset[str]) -> bool:
    return bool(old and new) and not old & new


def _named(key: str, versions: Mapping[str, object]) -> str:
    return f"{_plain(key)} {', '.join(sorted(versions))}"


def _plain(key: str) -> str:
    return key.removeprefix("pkg:").replace("%40", "@")


def _told(changes: Sequence[str], what: str) -> str:
    if not changes:
        return ""
    more = f" and {len(changes) - _TOLD} more" if len(changes) > _TOLD else ""
    packages = "1 package" if len(changes) == 1 else f"{len(changes)} packages"
    return f"{packages} {what}: {', '.join(changes[:_TOLD])}{more}"
