"""What do people hear about the packages of a release, beside the one that runs?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fairlead.gates.sbom_difference import Difference, difference

# Of each kind of change; the documents themselves have them all.
MOST_NAMED = 100
Bill = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Since:
    """What changed, in one sentence, and as data.

    `counts` are packages by kind of change, `named` the first hundred of each; both are empty where
    there is nothing to compare with, or it is not known.
    """

    because: str
    counts: dict[str, int] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)


def since(live: str, before: Bill | None, after: Bill | None) -> Since:
    """Return what changed from the SBOM of the release `live` to that of the next one.

    None stands for a release that has none, an empty name for a place where nothing runs. Errors:
    `Permanent` when a document cannot be read.
    """
    if after is None:
        return Since("what changed is not known: this release has no SBOM")
    if not live:
        return Since(f"the first release here, with {packages(len(after['components']))}")
    if before is None:
        return Since(f"what changed since release {live} is not known: it has no SBOM")
    found = difference(before, after)
    kinds = _kinds(found)
    return Since(
        f"since release {live}: {found.sentence}",
        {kind: len(names) for kind, names in kinds.items()},
        {kind: [*names[:MOST_NAMED]] for kind, names in kinds.items()},
    )


def told(bill: Bill) -> str:
    """Say in one sentence what an SBOM holds, and what is missing in it."""
    components, release = bill["components"], bill["metadata"]["component"]
    names = {one["name"] + one["value"] for part in components for one in part["properties"]}
    gaps = [one["value"] for one in release["properties"] if one["name"] == "fairlead:gap"]
    files = "1 lock file" if len(names) == 1 else f"{len(names)} lock files"
    more = f" and {len(gaps) - 1} more" if len(gaps) > 1 else ""
    missing = f"; it is not complete: {gaps[0]}{more}" if gaps else ""
    of = f"{packages(len(components))} of {files}" if components else packages(0)
    return f"its SBOM names {of}{missing}"


def packages(number: int) -> str:
    """Say how many packages."""
    return "1 package" if number == 1 else f"{number} packages"


def _kinds(found: Difference) -> dict[str, tuple[str, ...]]:
    return {
        "added": found.added,
        "removed": found.removed,
        "changed": found.changed,
        "replaced": found.replaced,
    }
