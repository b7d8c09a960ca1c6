"""Which packages does a checkout bring in, by the lock file that names them?"""

from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import FairleadError
from fairlead.gates.packages import manifests, requirements
from fairlead.gates.packages.manifests import Manifest
from fairlead.gates.packages.package import Package
from fairlead.providers.scanners.dependencies.checkout import look
from fairlead.providers.scanners.dependencies.unlocked import left_open


@dataclass(frozen=True, slots=True)
class Inventory:
    """The packages by the path of their lock file; `gaps` say what is brought in beside them."""

    locks: dict[str, tuple[Package, ...]]
    gaps: tuple[str, ...]


def inventory(folder: Path) -> Inventory:
    """Return what the lock files of a checkout name; what cannot be read is a gap."""
    locks: dict[str, tuple[Package, ...]] = {}
    gaps: list[str] = []
    try:
        checkout = look(folder)
        gaps += left_open(checkout, ())
    except FairleadError as error:
        return Inventory({}, (str(error),))
    for path in checkout.manifests:
        try:
            told = checkout.read(path)
            found = manifests.packages(path, told)
        except FairleadError as error:
            gaps.append(f"{path}: {error}")
            continue
        if found:
            locks[path] = found
        if manifests.kind(path) is Manifest.REQUIREMENTS:
            gaps.append(requirements.left_open(requirements.read(told), path, checkout.manifests))
    if not any(manifests.is_lock(path) for path in checkout.manifests):
        gaps.append("there is no lock file, so no package is known")
    return Inventory(locks, tuple(filter(None, gaps)))
