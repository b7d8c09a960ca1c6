"""Do people hear what changed in the packages, and what is not known of it?"""

from datetime import UTC, datetime
from typing import Any

from fairlead.gates.packages.package import Kind, Package
from fairlead.gates.sbom import Shipped, sbom
from fairlead.gates.sbom_since import MOST_NAMED, Since, since, told

SHIPPED = Shipped("r7", "c" * 40, datetime(2026, 1, 2, tzinfo=UTC), {})
OLD = Package(Kind.NPM, "lodash", "4.17.15")
NEW = Package(Kind.NPM, "lodash", "4.17.21")
LEFT = Package(Kind.NPM, "left-pad", "1.3.0")


def bill(*packages: Package, gaps: tuple[str, ...] = ()) -> dict[str, Any]:
    return sbom("shop", SHIPPED, {"package-lock.json": packages}, gaps)


def test_what_changed_is_told_with_its_figures() -> None:
    found = since("aaaa", bill(OLD), bill(NEW, LEFT))
    assert found.because == (
        "since release aaaa: 1 package added: npm/left-pad 1.3.0; "
        "1 package changed: npm/lodash 4.17.15 → 4.17.21"
    )
    assert found.counts == {"added": 1, "removed": 0, "changed": 1, "replaced": 0}
    assert found.named["changed"] == ["npm/lodash 4.17.15 → 4.17.21"]


def test_of_very_many_changes_the_number_is_still_right() -> None:
    many = [Package(Kind.NPM, f"p{number}", "1") for number in range(MOST_NAMED + 1)]
    found = since("aaaa", bill(), bill(*many))
    assert (found.counts["added"], len(found.named["added"])) == (MOST_NAMED + 1, MOST_NAMED)


def test_what_is_not_known_is_never_told_as_no_change() -> None:
    gap = since("aaaa", bill(OLD), bill(OLD, gaps=("yarn.lock has no auditor",)))
    assert gap.because == (
        "since release aaaa: the same packages as before; what no lock file names was not compared"
    )
    assert since("aaaa", None, bill(OLD)) == Since(
        "what changed since release aaaa is not known: it has no SBOM"
    )
    for live in ("aaaa", ""):
        assert since(live, None, None).because == (
            "what changed is not known: this release has no SBOM"
        )
    assert since("", None, bill(OLD)).because == "the first release here, with 1 package"


def test_an_sbom_says_what_it_holds_and_what_it_lacks() -> None:
    assert told(bill(OLD, LEFT)) == "its SBOM names 2 packages of 1 lock file"
    assert told(bill(gaps=("there is no lock file", "a.ts imports more"))) == (
        "its SBOM names 0 packages; it is not complete: there is no lock file and 1 more"
    )
